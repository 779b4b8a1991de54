"""Condition on how long nobody has written in a thread."""

from typing import ClassVar

from router.conditions.base import Match
from router.conditions.values import Period
from router.facts import Facts
from router.wording import spell


class QuietCondition(Period):
    """Nobody has written for so long: { min = "4h" }, { max = "7d" }."""

    name: ClassVar[str] = "quiet"

    def matches(self, facts: Facts) -> Match:
        """Whether the time since the latest message lies in the range; never without messages."""
        if not facts.messages:
            return Match(passed=False, sentence="It has no messages.")
        elapsed = facts.now - max(message.date for message in facts.messages)
        return Match(
            passed=self.holds(elapsed), sentence=f"It is quiet for {spell(elapsed)}; wanted {self.wanted}."
        )
