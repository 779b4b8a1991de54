"""Condition on what the people in a thread are doing."""

from typing import ClassVar

from domain.classification import Kind
from router.conditions.base import Match, ValueCondition
from router.conditions.values import OneOrMore
from router.facts import Facts
from router.wording import one_of


class KindCondition(ValueCondition[OneOrMore[Kind]]):
    """The thread is of one of these kinds: discussion, question, announcement, update, knowledge …"""

    name: ClassVar[str] = "kind"

    def matches(self, facts: Facts) -> Match:
        """Whether the classifier's kind is among them; never where it abstained."""
        if facts.classification.abstained:
            return Match(passed=False, sentence="The classifier could not tell the kind.")
        kind = facts.classification.kind
        passed = kind in self.root
        wanted = "" if passed else f", not {one_of(self.root)}"
        return Match(passed=passed, sentence=f"The kind is {kind}{wanted}.")
