"""Condition on who writes in a thread."""

from typing import ClassVar

from router.conditions.base import Match, ValueCondition
from router.conditions.values import Words
from router.facts import Facts
from router.wording import fits, one_of


class SenderCondition(ValueCondition[Words]):
    """One of these addresses wrote in the thread; * and ? stand for letters: hr-*@example.com."""

    name: ClassVar[str] = "sender"

    def matches(self, facts: Facts) -> Match:
        """Whether any author's address fits a pattern."""
        for author in facts.authors:
            if (pattern := fits(author, self.root)) is not None:
                return Match(passed=True, sentence=f"A sender fits {pattern}.")
        return Match(passed=False, sentence=f"No sender fits {one_of(self.root)}.")
