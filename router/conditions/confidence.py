"""Condition on how sure the classifier is of the kind."""

from typing import ClassVar

from router.conditions.base import Match, ValueCondition
from router.conditions.values import Share
from router.facts import Facts


class ConfidenceCondition(ValueCondition[Share]):
    """The classifier is at least so sure of the kind, from 0 to 1, for example 0.8."""

    name: ClassVar[str] = "confidence"

    def matches(self, facts: Facts) -> Match:
        """Whether the winning kind's probability reaches it; 0 where the classifier abstained."""
        confidence = facts.classification.confidence
        passed = confidence >= self.root
        comparison = "at least" if passed else "less than the wanted"
        return Match(
            passed=passed, sentence=f"The classifier is {confidence:.2f} sure, {comparison} {self.root:.2f}."
        )
