"""The kinds of value that conditions take: one word or many, ranges, durations.

The input types that editors are shown stand beside the code that accepts them.
"""

import re
from datetime import timedelta
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

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


class _OneOrMore:
    """Lets a list of one be written without brackets, and shows editors both ways."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._listed, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}

    @staticmethod
    def _listed(value: object) -> object:
        return value if isinstance(value, list | tuple) else (value,)


def _check_not_empty(value: tuple[Item, ...]) -> tuple[Item, ...]:
    if not value:
        raise ValueError("the list is empty; write at least one")
    return value


def without_nulls(schema: dict[str, Any]) -> None:  # JSON of any shape
    """Take null out of a section's JSON schema: TOML has none, so editors must not offer it."""
    for key, shown in schema.get("properties", {}).items():
        if "default" in shown and shown["default"] is None:
            del shown["default"]
        kinds = [kind for kind in shown.pop("anyOf", ()) if kind != {"type": "null"}]
        schema["properties"][key] = (
            (kinds[0] if len(kinds) == 1 else {"anyOf": kinds}) | shown if kinds else shown
        )


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
# A bound on the length would complain a second time about lists that hold a wrong item.
NotEmpty = Annotated[
    tuple[Item, ...], AfterValidator(_check_not_empty), Field(json_schema_extra={"minItems": 1})
]
OneOrMore = Annotated[NotEmpty[Item], _OneOrMore()]
Words = OneOrMore[Word]
Share = Annotated[float, Field(ge=0, le=1)]
Duration = Annotated[
    timedelta, BeforeValidator(_parse_duration, json_schema_input_type=str), PlainSerializer(_write_duration)
]


class Span(Options):
    """A range of whole numbers; both ends count."""

    model_config = ConfigDict(json_schema_extra=without_nulls)

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

    model_config = ConfigDict(json_schema_extra=without_nulls)

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
