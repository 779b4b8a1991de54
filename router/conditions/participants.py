"""Condition on the number of people in a thread."""

from typing import ClassVar

from router.addresses import mailbox
from router.conditions.base import Match
from router.conditions.values import Span
from router.facts import Facts


class ParticipantsCondition(Span):
    """So many people wrote or received, members of addressed groups counted: { min = 3 }."""

    name: ClassVar[str] = "participants"

    def matches(self, facts: Facts) -> Match:
        """Whether their number lies in the range; a mail to everyone reaches any minimum and no maximum."""
        if facts.reaches_everyone:
            return Match(
                passed=self.max is None, sentence=f"It went to everyone; wanted {self.wanted} people."
            )
        number = len({mailbox(email) for email in facts.participants})
        people = "1 person takes" if number == 1 else f"{number} people take"
        return Match(passed=self.holds(number), sentence=f"{people} part; wanted {self.wanted}.")
