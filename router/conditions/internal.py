"""Condition on whether outsiders take part."""

from typing import ClassVar

from pydantic import StrictBool

from router.conditions.base import Match, ValueCondition
from router.facts import Facts


class InternalCondition(ValueCondition[StrictBool]):
    """true: only people of the organisation's domains take part; false: somebody else does."""

    name: ClassVar[str] = "internal"

    def matches(self, facts: Facts) -> Match:
        """Whether all who wrote or received are internal, or not, as wanted."""
        said = "Only internal people take part." if facts.internal else "Somebody from outside takes part."
        return Match(passed=facts.internal == self.root, sentence=said)
