"""Condition on the attached files."""

from typing import ClassVar

from router.conditions.base import Match
from router.conditions.values import Span
from router.facts import Facts
from router.wording import count


class AttachmentsCondition(Span):
    """So many attached files in all, images within the text not counted: { max = 0 } for none."""

    name: ClassVar[str] = "attachments"

    def matches(self, facts: Facts) -> Match:
        """Whether the number of attached files lies in the range."""
        number = sum(not attached.inline for message in facts.messages for attached in message.attachments)
        return Match(
            passed=self.holds(number), sentence=f"It has {count(number, 'attachment')}; wanted {self.wanted}."
        )
