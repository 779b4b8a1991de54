"""Condition on the subject of a thread."""

from typing import ClassVar

from router.conditions.base import Match, ValueCondition
from router.conditions.text import TextValue
from router.facts import Facts


class SubjectCondition(ValueCondition[TextValue]):
    """A subject of the thread holds this: "budget", ["budget", "forecast"] or { regex = "^Q[1-4]" }."""

    name: ClassVar[str] = "subject"

    def matches(self, facts: Facts) -> Match:
        """Whether the thread's subject or that of any of its messages holds them."""
        for subject in facts.subjects:
            if (found := self.root.found_in(subject)) is not None:
                return Match(passed=True, sentence=f"The subject holds “{found}”.")
        return Match(passed=False, sentence=f"No subject holds {self.root.wanted}.")
