"""Condition on when a thread was started."""

import datetime
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import ConfigDict, Field, model_validator

from domain.options import Options
from router.conditions.base import Match
from router.conditions.values import OneOrMore, without_nulls
from router.facts import Facts


class Day(StrEnum):
    """A day of the week, in the order of datetime.weekday()."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


_DAYS = tuple(Day)


class TimeCondition(Options):
    """The first mail was written on these days, hours or dates, by its writer's clock."""

    model_config = ConfigDict(json_schema_extra=without_nulls)

    name: ClassVar[str] = "time"

    days: OneOrMore[Day] | None = Field(default=None, description="Days of the week: mon, tue, wed …")
    begin: datetime.time | None = Field(default=None, description="From this time of day on: 08:00:00.")
    end: datetime.time | None = Field(
        default=None,
        description="Until before this time of day: 18:00:00; earlier than begin means overnight.",
    )
    since: datetime.date | None = Field(default=None, description="From this day on: 2026-01-31.")
    until: datetime.date | None = Field(default=None, description="Up to and with this day: 2026-12-31.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("write days, begin, end, since or until")
        return self

    def matches(self, facts: Facts) -> Match:
        """Whether the first message's own date fits all that is given; never without messages."""
        if not facts.messages:
            return Match(passed=False, sentence="It has no messages.")
        started = facts.messages[0].date
        passed = self._on_day(started) and self._at_hour(started.time())
        fitting = "fits" if passed else "does not fit"
        day = _DAYS[started.weekday()].name.capitalize()
        return Match(passed=passed, sentence=f"It began on {day} {started:%Y-%m-%d %H:%M}, which {fitting}.")

    def _on_day(self, started: datetime.datetime) -> bool:
        day = started.date()
        return (
            (self.days is None or _DAYS[started.weekday()] in self.days)
            and (self.since is None or day >= self.since)
            and (self.until is None or day <= self.until)
        )

    def _at_hour(self, clock: datetime.time) -> bool:
        begin = self.begin.replace(tzinfo=None) if self.begin else datetime.time.min
        if self.end is None:
            return clock >= begin
        end = self.end.replace(tzinfo=None)
        return begin <= clock < end if begin <= end else clock >= begin or clock < end
