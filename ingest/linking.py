"""What links two mails: the ids one names, which mail an id means, which mail a reply without ids answers.

All of it depends only on the mails that are there, never on the order in which they came. Not for grouping.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import lru_cache

from domain.mail import Automatic, Message
from ingest import identifiers
from ingest.assignment import is_orphan, recipients_of
from ingest.conversation import Age, age
from ingest.subjects import base_subject

# A reply that names nothing answers a mail of its subject that is at most so much older …
WITHIN = timedelta(days=14)
# … or the one that began the conversation, where this is at most so much younger: clocks and zones are wrong.
AHEAD = timedelta(days=1)
# Of the mails with one subject only the nearest are looked at: "test" must not cost quadratic time.
MOST_EXAMINED = 200
# Where gateways keep the id that they have replaced.
_FORMER_IDS = frozenset(
    {
        "x-original-message-id",
        "x-google-original-message-id",
        "x-microsoft-original-message-id",
        "x-mailman-original-message-id",
    }
)
# A Thread-Index begins with 22 bytes that the mails of a conversation share; 28 characters of Base64 hold 21.
_INDEX_LENGTH = 28

_Place = tuple[Age, int]  # a mail's age and its number


def names(message: Message) -> tuple[str, ...]:
    """The ids of the mails that a mail says it answers, and its own of before a gateway; each once."""
    former = (
        each
        for name, value in message.headers
        if name in _FORMER_IDS
        for each in identifiers.references(value)[:1]
    )
    named = dict.fromkeys((*message.references, *message.in_reply_to, *former))
    named.pop(message.message_id or "", None)
    return tuple(named)


@lru_cache(maxsize=2_000)
def topic(subject: str) -> str:
    """A short mark that subjects share exactly when their base subjects are the same."""
    return hashlib.sha256(base_subject(subject).encode("utf-8", "replace")).hexdigest()[:16]


def copy_marks(message: Message) -> tuple[str, ...]:
    """Marks that a mail shares with its copies, and not with a stranger to whom a client gave the same id."""
    if message.message_id is None:
        return ()
    about = f"{message.message_id} {topic(message.subject)}"
    return f"{about} {message.date.isoformat()}", f"{about} {message.sender.email}"


class Links:
    """The links of some mails among each other; mails are told by their number in the list given."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = messages
        self._holders: dict[str, list[_Place]] = {}
        self._subjects: dict[str, list[_Place]] = {}
        self._wanting = {number for number, each in enumerate(messages) if is_orphan(each)}
        topics = {topic(messages[number].subject) for number in self._wanting}
        for number, message in enumerate(messages):
            place = (age(message), number)
            if message.message_id is not None:
                self._holders.setdefault(message.message_id, []).append(place)
            if message.automatic is Automatic.NO and topic(message.subject) in topics:
                self._subjects.setdefault(topic(message.subject), []).append(place)
        for places in (*self._holders.values(), *self._subjects.values()):
            places.sort()

    def holder(self, number: int, message_id: str, among: Callable[[int], bool] | None = None) -> int | None:
        """The mail that `number` means by an id; None where nobody has it.

        Broken clients give one id to different mails. Of these the one with the same subject is meant, then
        the last that is older, then the first that is younger; one `among` which it must be before all.
        """
        found = self._holders.get(message_id)
        if found is None or len(found) == 1:
            return found[0][1] if found else None
        near = [place for place in self._around(found, number) if place[1] != number]
        if among is not None:
            near = [place for place in near if among(place[1])] or near
        own_age, subject = age(self._messages[number]), topic(self._messages[number].subject)
        ranked = [
            (topic(self._messages[other].subject) == subject, place < own_age, _nearness(place, own_age))
            for place, other in near
        ]
        best = max(range(len(near)), key=ranked.__getitem__, default=None)
        return None if best is None else near[best][1]

    def answered(self, number: int) -> int | None:
        """The mail that a reply without ids answers: of the same subject and people, and near in time.

        The last older one, else the one that began the conversation by a fast clock. A Thread-Index in common
        comes before being near, but proves nothing by itself.
        """
        if number not in self._wanting:
            return None
        reply = self._messages[number]
        own_age, index = age(reply), _thread_index(reply)
        found = self._subjects[topic(reply.subject)]
        best: tuple[tuple[bool, bool, float], int] | None = None
        for place, other in self._around(found, number):
            if not _may_answer(reply, self._messages[other]):
                continue
            hinted = index is not None and _thread_index(self._messages[other]) == index
            rank = (hinted, place < own_age, _nearness(place, own_age))
            if best is None or rank > best[0]:
                best = rank, other
            if hinted or index is None:
                break
        return None if best is None else best[1]

    def _around(self, places: Sequence[_Place], number: int) -> Iterator[_Place]:
        """The places of other mails: older ones from the nearest back, then younger ones."""
        middle = bisect_left(places, (age(self._messages[number]), number))
        yield from reversed(places[max(0, middle - MOST_EXAMINED) : middle])
        yield from (place for place in places[middle : middle + MOST_EXAMINED + 1] if place[1] != number)


def _may_answer(reply: Message, other: Message) -> bool:
    if age(other) < age(reply):
        near = reply.date - other.date <= WITHIN
    else:  # an answer to this very reply, or to another one, is not what it answers
        near = other.date - reply.date <= AHEAD and not other.is_reply and not is_orphan(other)
    if not near or not _share_people(reply, other):
        return False
    return reply.message_id is None or reply.message_id not in names(other)


def _nearness(place: Age, own: Age) -> float:
    return -abs(place[0] - own[0])


def _share_people(reply: Message, other: Message) -> bool:
    """Whether a reply's people fit a mail: it goes to one of them, and comes from one of them or
    goes to a list that they read. A private answer to a mail on a list stays by itself."""
    author = {reply.sender.email} - {""}
    others = recipients_of(reply) - author
    read_by = recipients_of(other)
    everybody = read_by | ({other.sender.email} - {""})
    return not others.isdisjoint(everybody) and not (
        author.isdisjoint(everybody) and others.isdisjoint(read_by)
    )


def _thread_index(message: Message) -> str | None:
    """What the mails of one Exchange conversation share of their Thread-Index; a hint and no proof."""
    value = "".join((message.header("thread-index") or "").split())
    return value[:_INDEX_LENGTH] if len(value) >= _INDEX_LENGTH else None
