"""Condition on the number of messages."""

from typing import ClassVar

from router.conditions.base import Match
from router.conditions.values import Span
from router.facts import Facts
from router.wording import count


class MessagesCondition(Span):
    """The thread has so many messages, our own not counted: { min = 2 }, { min = 2, max = 20 }."""

    name: ClassVar[str] = "messages"

    def matches(self, facts: Facts) -> Match:
        """Whether the number of messages lies in the range."""
        number = len(facts.messages)
        return Match(
            passed=self.holds(number), sentence=f"It has {count(number, 'message')}; wanted {self.wanted}."
        )
