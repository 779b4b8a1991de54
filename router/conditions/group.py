"""Condition on the groups that take part in a thread."""

from typing import ClassVar

from router.conditions.base import Match, ValueCondition
from router.conditions.values import Words
from router.facts import Facts
from router.wording import one_of, quoted


class GroupCondition(ValueCondition[Words]):
    """A member of one of these [[groups]] wrote or received, or the group's list was addressed."""

    name: ClassVar[str] = "group"

    def matches(self, facts: Facts) -> Match:
        """Whether a group takes part; a group that is not configured never does."""
        for name in self.root:
            group = facts.group(name)
            if group is None:
                continue
            if group in facts.addressed_groups or any(facts.is_member(who, group) for who in facts.people):
                return Match(passed=True, sentence=f"The group “{name}” takes part.")
        return Match(passed=False, sentence=f"Nobody of the group {one_of(quoted(self.root))} takes part.")
