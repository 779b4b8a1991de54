"""The order in which to show the mails of a conversation. Not for what belongs to it."""

import heapq
from collections.abc import Sequence

from domain.mail import Joined, Message
from ingest.assignment import is_orphan

Age = tuple[float, str, str]


def conversation_order(messages: Sequence[Message]) -> list[Message]:
    """By date, but no answer before what it answers, whatever the clocks say; rings open at the oldest.

    Takes n log n steps for n messages.
    """
    by_date = sorted(range(len(messages)), key=lambda number: age(messages[number]))
    numbers: dict[str, int] = {}
    for number in by_date:
        own = messages[number].message_id
        if own is not None:
            numbers.setdefault(own, number)
    answers: dict[int, list[int]] = {}
    ready: list[tuple[Age, int]] = []
    for number in by_date:
        parent = _parent(messages[number], number, numbers)
        if parent is None:
            heapq.heappush(ready, (age(messages[number]), number))
        else:
            answers.setdefault(parent, []).append(number)
    order: list[Message] = []
    placed: set[int] = set()
    for oldest in (*([-1] if ready else []), *by_date):
        if oldest != -1 and oldest not in placed:  # only mails in a ring are left: open it here
            heapq.heappush(ready, (age(messages[oldest]), oldest))
        while ready:
            _, number = heapq.heappop(ready)
            if number in placed:
                continue
            placed.add(number)
            order.append(messages[number])
            for answer in answers.get(number, ()):
                heapq.heappush(ready, (age(messages[answer]), answer))
    return order


def how_joined(ordered: Sequence[Message]) -> list[Joined]:
    """How each mail of a conversation came into it, told by the mails alone; the first one began it."""
    return [_how(message) if number else Joined.FIRST for number, message in enumerate(ordered)]


def _how(message: Message) -> Joined:
    return Joined.SUBJECT if is_orphan(message) else Joined.REFERENCE


def _parent(message: Message, number: int, numbers: dict[str, int]) -> int | None:
    for named in (*message.in_reply_to, *reversed(message.references)):
        parent = numbers.get(named)
        if parent is not None and parent != number:
            return parent
    return None


def age(message: Message) -> Age:
    """A place in time that no two mails share: by date, then by id."""
    return message.date.timestamp(), message.message_id or "", message.digest
