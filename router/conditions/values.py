"""The kinds of value that conditions take: one word or many, ranges, durations.

The input types that editors are shown stand beside the code that accepts them.
"""

import re
from datetime import timedelta
from typing import Annotated, Self, TypeVar

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints, model_validator

from domain.options import Options

Item = TypeVar("Item")

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_DURATION = re.compile(r"(\d{1,6})\s*([smhdw])")


def _listed(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


def _parse_duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("write a duration as a number and s, m, h, d or w, for example 30m, 4h or 2d")
    return int(found[1]) * _UNITS[found[2]]


def _write_duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    for unit in ("w", "d", "h", "m"):
        size = int(_UNITS[unit].total_seconds())
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
OneOrMore = Annotated[
    tuple[Item, ...], Field(min_length=1), BeforeValidator(_listed, json_schema_input_type=Item | list[Item])
]
Words = Annotated[
    tuple[Word, ...], Field(min_length=1), BeforeValidator(_listed, json_schema_input_type=Word | list[Word])
]
Share = Annotated[float, Field(ge=0, le=1)]
Duration = Annotated[
    timedelta, BeforeValidator(_parse_duration, json_schema_input_type=str), PlainSerializer(_write_duration)
]


class Span(Options):
    """A range of whole numbers; both ends count."""

    min: int | None = Field(default=None, ge=0, description="At least so many.")
    max: int | None = Field(default=None, ge=0, description="At most so many.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_ends(self.min, self.max)
        return self

    def holds(self, number: int) -> bool:
        """Whether a number lies in the range."""
        return (self.min is None or number >= self.min) and (self.max is None or number <= self.max)

    @property
    def wanted(self) -> str:
        """The range in words."""
        return _wanted(self.min, self.max)


class Period(Options):
    """A range of durations; both ends count."""

    min: Duration | None = Field(default=None, description="At least so long, for example 4h or 2d.")
    max: Duration | None = Field(default=None, description="At most so long, for example 30d.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _check_ends(self.min, self.max)
        return self

    def holds(self, elapsed: timedelta) -> bool:
        """Whether a length of time lies in the range."""
        return (self.min is None or elapsed >= self.min) and (self.max is None or elapsed <= self.max)

    @property
    def wanted(self) -> str:
        """The range in words."""
        low = None if self.min is None else _write_duration(self.min)
        high = None if self.max is None else _write_duration(self.max)
        return _wanted(low, high)


def _check_ends(low: object, high: object) -> None:
    if low is None and high is None:
        raise ValueError("write min, max or both")
    if low is not None and high is not None and low > high:  # type: ignore[operator]  # two of one type
        raise ValueError("min is greater than max")


def _wanted(low: object, high: object) -> str:
    if high is None:
        return f"at least {low}"
    return f"at most {high}" if low is None else f"from {low} to {high}"
