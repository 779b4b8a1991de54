"""Condition on how deep a thread's answers go."""

from typing import ClassVar

from domain.mail import Message
from router.conditions.base import Match
from router.conditions.values import Span
from router.facts import Facts


class DepthCondition(Span):
    """The longest chain of answers to answers; a mail without an answer has depth 1: { min = 3 }."""

    name: ClassVar[str] = "depth"

    def matches(self, facts: Facts) -> Match:
        """Whether the longest chain by In-Reply-To and References lies in the range."""
        depth = depth_of(facts.messages)
        return Match(passed=self.holds(depth), sentence=f"Its answers go {depth} deep; wanted {self.wanted}.")


def depth_of(messages: tuple[Message, ...]) -> int:
    """The length of the longest chain of answers; 0 without messages. Parents stand before their answers."""
    depths: dict[str, int] = {}
    deepest = 0
    for message in messages:
        # Only what stands before counts, so that mails that answer each other in a ring end too.
        parents = (depths.get(parent, 0) for parent in (*message.in_reply_to, *message.references))
        depth = max(parents, default=0) + 1
        deepest = max(deepest, depth)
        if message.message_id:
            depths.setdefault(message.message_id, depth)
    return deepest
