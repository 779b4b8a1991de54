"""What a condition is: a frozen value from config.toml that says yes or no to facts, with one sentence.

Conditions are pure and never name a participant's address: their sentences are shown to people.
"""

from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar

from pydantic import ConfigDict, RootModel

from router.facts import Facts

Root = TypeVar("Root")


@dataclass(frozen=True, kw_only=True)
class Match:
    """Whether a condition holds, and the sentence for the trail."""

    passed: bool
    sentence: str


class Condition(Protocol):
    """One key of a condition table."""

    name: ClassVar[str]  # the key in config.toml

    def matches(self, facts: Facts) -> Match:
        """Whether it holds for a thread; never raises."""


class ValueCondition(RootModel[Root], Generic[Root]):
    """Base of conditions written as a bare value (`kind = "question"`) and not as a table."""

    model_config = ConfigDict(frozen=True)
