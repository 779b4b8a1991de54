"""Condition on a header field of the messages."""

from typing import ClassVar

from pydantic import Field

from router.conditions.base import Match
from router.conditions.text import TextPattern
from router.facts import Facts


class HeaderCondition(TextPattern):
    """A message has this header field, holding these words: { field = "X-Project", words = "apollo" }."""

    name: ClassVar[str] = "header"

    field: str = Field(
        pattern=r"^[!-9;-~]{1,100}$", description="Name of the header field, for example X-Project."
    )

    def matches(self, facts: Facts) -> Match:
        """Whether any message has the field and, where words or a regex are given, they are found in it."""
        wanted = self.field.lower()
        values = [value for message in facts.messages for key, value in message.headers if key == wanted]
        if not values:
            return Match(passed=False, sentence=f"No message has the header {self.field}.")
        if self.words is None and self.regex is None:
            return Match(passed=True, sentence=f"A message has the header {self.field}.")
        if any(self.found_in(value) is not None for value in values):
            return Match(passed=True, sentence=f"The header {self.field} holds {self.wanted}.")
        return Match(passed=False, sentence=f"The header {self.field} does not hold {self.wanted}.")
