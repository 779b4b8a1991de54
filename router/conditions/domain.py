"""Condition on the mail domains that take part in a thread."""

from typing import ClassVar

from router.conditions.base import Match, ValueCondition
from router.conditions.values import Words
from router.facts import Facts
from router.wording import fits, one_of


class DomainCondition(ValueCondition[Words]):
    """Somebody of one of these mail domains wrote or received; sub-domains count: example.com."""

    name: ClassVar[str] = "domain"

    def matches(self, facts: Facts) -> Match:
        """Whether an author or visible recipient belongs to a domain or one below it."""
        patterns = {f"{prefix}{value.lstrip('@')}": value for value in self.root for prefix in ("", "*.")}
        for email in sorted(facts.recipients.union(facts.authors)):
            if (pattern := fits(email.rpartition("@")[2], patterns)) is not None:
                return Match(passed=True, sentence=f"Somebody of {patterns[pattern]} takes part.")
        return Match(passed=False, sentence=f"Nobody of {one_of(self.root)} takes part.")
