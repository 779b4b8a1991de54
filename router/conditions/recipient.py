"""Condition on who a thread is addressed to."""

from typing import ClassVar

from router.conditions.base import Match, ValueCondition
from router.conditions.values import Words
from router.facts import Facts
from router.wording import fits, one_of


class RecipientCondition(ValueCondition[Words]):
    """One of these addresses stands in To or Cc of a message; * and ? stand for letters."""

    name: ClassVar[str] = "recipient"

    def matches(self, facts: Facts) -> Match:
        """Whether any visible recipient's address fits a pattern; blind copies never count."""
        for recipient in sorted(facts.recipients):
            if (pattern := fits(recipient, self.root)) is not None:
                return Match(passed=True, sentence=f"A recipient fits {pattern}.")
        return Match(passed=False, sentence=f"No recipient fits {one_of(self.root)}.")
