"""Condition on how much people wrote."""

from typing import ClassVar

from router.conditions.base import Match
from router.conditions.values import Span
from router.facts import Facts
from router.wording import count


class LengthCondition(Span):
    """So many words in all, quotes and signatures not counted: { min = 50 }, { max = 300 }."""

    name: ClassVar[str] = "length"

    def matches(self, facts: Facts) -> Match:
        """Whether the number of the authors' own words lies in the range."""
        number = sum(len(message.own_words.split()) for message in facts.messages)
        return Match(
            passed=self.holds(number), sentence=f"It has {count(number, 'word')}; wanted {self.wanted}."
        )
