"""Condition on how long ago a thread began."""

from typing import ClassVar

from router.conditions.base import Match
from router.conditions.values import Period
from router.facts import Facts
from router.wording import spell


class AgeCondition(Period):
    """The thread began so long ago: { min = "2d" }, { max = "30d" }."""

    name: ClassVar[str] = "age"

    def matches(self, facts: Facts) -> Match:
        """Whether the time since the earliest message lies in the range; never without messages."""
        if not facts.messages:
            return Match(passed=False, sentence="It has no messages.")
        elapsed = facts.now - min(message.date for message in facts.messages)
        return Match(
            passed=self.holds(elapsed), sentence=f"It began {spell(elapsed)} ago; wanted {self.wanted}."
        )
