"""Condition on the classifier's opinion whether colleagues would be better served in a shared space."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, StrictBool

from router.conditions.base import Match, ValueCondition
from router.facts import Facts


def _check_opinion(value: object) -> object:
    if isinstance(value, bool) or (isinstance(value, int | float) and 0 <= value <= 1):
        return value
    raise ValueError("write true, false or a number from 0 to 1")


Opinion = Annotated[
    StrictBool | float,
    BeforeValidator(_check_opinion, json_schema_input_type=bool | Annotated[float, Field(ge=0, le=1)]),
]


class MovesCondition(ValueCondition[Opinion]):
    """true: colleagues would be better served in a shared space; or the least score for that, from 0 to 1."""

    name: ClassVar[str] = "moves"

    def matches(self, facts: Facts) -> Match:
        """Whether the classifier's opinion is the wanted one, or its score reaches the wanted one."""
        said = facts.classification
        if isinstance(self.root, bool):
            opinion = "would" if said.moves else "would not"
            return Match(
                passed=said.moves == self.root,
                sentence=f"Colleagues {opinion} be better served in a shared space.",
            )
        passed = said.moves_score >= self.root
        comparison = "at least" if passed else "less than the wanted"
        return Match(
            passed=passed,
            sentence=f"Its use for colleagues is {said.moves_score:.2f}, {comparison} {self.root:.2f}.",
        )
