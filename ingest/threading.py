"""Which conversation a mail belongs to: `assign` for each mail as it arrives, `join` for whole archives.

Mails are joined by what they name (Message-ID, In-Reply-To, References), whether the named mail is there or
not (a ghost). Only a reply that names nothing is joined by its subject, and only to people who share it and
near in time. Threads are a function of the mails that are there (grouping.py), so any order of arrival gives
the same ones: a mail that comes late and is what others answer reopens the threads that these had joined.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.mail import Automatic, Joined, Message
from ingest.assignment import Assignment, Held, is_orphan
from ingest.conversation import age, conversation_order
from ingest.copies import duplicate_of
from ingest.grouping import group
from ingest.linking import AHEAD, WITHIN, Links, copy_marks, names, topic
from ingest.memory_lookup import MemoryLookup
from ingest.subjects import base_subject, clean_subject

__all__ = [
    "Assignment",
    "Held",
    "MemoryLookup",
    "ThreadLookup",
    "assign",
    "base_subject",
    "clean_subject",
    "conversation_order",
    "duplicate_of",
    "is_orphan",
    "join",
    "keys_of",
]

# What a reply without ids may answer lies in this span, and so does whatever else it could answer instead.
SPAN = 2 * WITHIN + AHEAD
# Of the conversations with one id, by broken clients, only so many are looked at again for a mail.
MOST_RIVALS = 20


class ThreadLookup(Protocol):
    """What `assign` must know about the threads so far; the store happens to fit."""

    def threads_of(self, keys: Collection[str]) -> dict[str, str]:
        """The thread of each of these keys that was registered by a mail's `mentions`; no others."""

    def holders(self, message_ids: Collection[str], around: datetime) -> Sequence[Held]:
        """The mails with one of these ids; of very many the nearest in time."""

    def near(self, subject: str, around: datetime, within: timedelta) -> Sequence[Held]:
        """The mails with this base subject, as near to `around` as `within`; of very many the nearest."""


def assign(message: Message, lookup: ThreadLookup) -> Assignment:
    """Find the thread of a mail among those so far.

    The keys in `mentions` are opaque: ids as they are; marks that an id is held, named, or shared by
    different mails; marks that the mail shares with its copies; and one that a reply without ids is there.
    """
    own, named, copies = message.message_id, names(message), copy_marks(message)
    ids = named if own is None else (*named, own)
    waiting = f" lost {topic(message.subject)}"
    marks = (mark(each) for each in ids for mark in (_held, _named, _shared))
    known = lookup.threads_of({waiting, *ids, *copies, *marks})
    is_copy = any(each in known for each in copies)
    by_reference = [
        *_named_threads(message, known, lookup),
        *(known[each] for each in copies if each in known),
    ]
    if own in known and _held(own) not in known:  # so far it was a ghost
        by_reference.append(known[own])
    answered: str | None = None
    reopened: list[str] = []
    if is_orphan(message) or waiting in known:
        answered, reopened = _by_subject(message, lookup)
    threads = list(dict.fromkeys(each for each in (*by_reference, answered) if each is not None))
    mentions = [*named, *map(_named, named), *copies]
    if own is not None:
        mentions += [own, _held(own)]
        if _held(own) in known and not is_copy:
            mentions.append(_shared(own))
        if _held(own) in known and _named(own) in known and (_shared(own) in known or not is_copy):
            reopened += _answered_rivals(own, message, lookup)
    if is_orphan(message):
        mentions.append(waiting)
    return Assignment(
        thread_id=threads[0] if threads else None,
        merges=tuple(threads[1:]),
        reopened=tuple(dict.fromkeys(reopened)),
        joined=Joined.SUBJECT if answered else Joined.REFERENCE if by_reference else Joined.FIRST,
        mentions=tuple(dict.fromkeys(mentions)),
    )


def join(messages: Iterable[Message]) -> list[list[Message]]:
    """The threads of an archive, oldest first; the same for any order in which the mails are given."""
    threads = [conversation_order(each) for each in group(sorted(messages, key=age))]
    return sorted(threads, key=lambda thread: age(thread[0]))


def keys_of(message: Message) -> tuple[str, ...]:
    """The keys by which the thread of a mail is found: of `mentions` those that are no mere marks."""
    own = () if message.message_id is None else (message.message_id,)
    return (*names(message), *copy_marks(message), *own)


def _named_threads(message: Message, known: dict[str, str], lookup: ThreadLookup) -> list[str]:
    """The threads of the ids that a mail names; of different mails with one id it means the nearest."""
    named = [each for each in names(message) if each in known]
    shared = [each for each in named if _shared(each) in known]
    found = [known[each] for each in named if each not in shared]
    if shared:
        held = lookup.holders(shared, message.date)
        links = Links([message, *(each.message for each in held)])
        meant = [links.holder(0, each) for each in shared]
        found += [held[number - 1].thread_id for number in meant if number]
    return found


def _answered_rivals(own: str, message: Message, lookup: ThreadLookup) -> list[str]:
    """The threads where mails with the same id may have answers that mean this mail; the nearest in time."""
    held = [each for each in lookup.holders([own], message.date) if each.mails > 1]
    held.sort(key=lambda each: abs(each.message.date - message.date))
    return list(dict.fromkeys(each.thread_id for each in held))[:MOST_RIVALS]


def _by_subject(message: Message, lookup: ThreadLookup) -> tuple[str | None, list[str]]:
    """The thread of what a reply without ids answers, and those of the replies that answer this mail."""
    if not base_subject(message.subject) or message.automatic is not Automatic.NO:
        return None, []
    held = lookup.near(base_subject(message.subject), message.date, SPAN)
    links = Links([message, *(each.message for each in held)])
    answered = links.answered(0)
    waited = [each.thread_id for number, each in enumerate(held, 1) if links.answered(number) == 0]
    return held[answered - 1].thread_id if answered else None, waited


def _held(message_id: str) -> str:
    """The mark that a mail with this id has come in. Ids hold no blank, so marks are never taken for ids."""
    return f"{message_id} held"


def _named(message_id: str) -> str:
    """The mark that some mail names this id."""
    return f"{message_id} named"


def _shared(message_id: str) -> str:
    """The mark that different mails have this id."""
    return f"{message_id} shared"
