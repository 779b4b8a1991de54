"""Condition on the mailing list that a thread goes through."""

from typing import ClassVar

from router.conditions.base import Match, ValueCondition
from router.conditions.values import Words
from router.facts import Facts
from router.wording import fits, one_of


class ListCondition(ValueCondition[Words]):
    """The thread goes to one of these lists: the list's address or its List-Id; * and ? stand for letters."""

    name: ClassVar[str] = "list"

    def matches(self, facts: Facts) -> Match:
        """Whether a List-Id (RFC 2919), a List-Post address, a group's address or a recipient fits."""
        for address in sorted(facts.lists | facts.recipients):
            for form in (address, address.replace("@", ".")):
                if (pattern := fits(form, self._forms())) is not None:
                    return Match(passed=True, sentence=f"It goes to the list {pattern}.")
        return Match(passed=False, sentence=f"It does not go to the list {one_of(self.root)}.")

    def _forms(self) -> tuple[str, ...]:
        return (*self.root, *(value.replace("@", ".") for value in self.root))
