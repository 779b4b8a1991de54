"""Which conversation a mail belongs to: `assign` for each mail as it arrives, `join` for whole archives.

Mails are joined by what they name (Message-ID, In-Reply-To, References), whether the named mail is there or
not (a ghost), so that any order of arrival gives the same threads. Only a reply that names nothing is joined
by its subject, and only to people who share it and near in time. Thread-Index proves nothing here.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.mail import Automatic, Joined, Message
from ingest.assignment import Assignment, Candidate, is_orphan, recipients_of
from ingest.conversation import conversation_order
from ingest.copies import duplicate_of
from ingest.memory_lookup import MemoryLookup
from ingest.subjects import base_subject, clean_subject

__all__ = [
    "Assignment",
    "Candidate",
    "MemoryLookup",
    "ThreadLookup",
    "assign",
    "base_subject",
    "clean_subject",
    "conversation_order",
    "duplicate_of",
    "is_orphan",
    "join",
]

# A reply that names nothing is joined by its subject this long after a thread's last mail …
WITHIN = timedelta(days=14)
# … and this long before its first one: clocks and zones are wrong.
AHEAD = timedelta(days=1)


class ThreadLookup(Protocol):
    """What `assign` must know about the threads so far; the store happens to fit."""

    def threads_of(self, message_ids: Collection[str]) -> dict[str, str]:
        """The thread of each of these keys that was registered by a mail's `mentions`; no others."""

    def candidates(
        self, subject: str, people: frozenset[str], around: datetime, within: timedelta
    ) -> Sequence[Candidate]:
        """Threads in which a mail has this base subject, that share one of these people, and whose mails'
        dates come as near to `around` as `within`."""


def assign(message: Message, lookup: ThreadLookup) -> Assignment:
    """Find the thread of a mail among those so far.

    The keys in `mentions` are opaque: ids as they are; for the mail's own id marks that tell later on whether
    another mail with this id is a copy, or a stranger to whom a broken client gave the same id; and a mark
    for its subject where it waits for the mail that it answers.
    """
    subject = base_subject(message.subject)
    own = message.message_id
    named = [each for each in names(message) if each != own]
    about = _digest(subject)
    marks = _marks(message, own, about) if own is not None else []
    waiting = f" lost {about}"
    known = lookup.threads_of({waiting, *named, *(f"{each} {about}" for each in named), *marks})
    found = [known.get(f"{each} {about}") or known.get(each) for each in named]
    if own is not None:
        found.append(_expecting(own, marks, known))
    by_reference = [thread for thread in found if thread is not None]
    is_lost = is_orphan(message)
    by_subject = _by_subject(message, subject, lookup, by_reference) if is_lost or waiting in known else []
    threads = list(dict.fromkeys((*by_reference, *by_subject)))
    joined = Joined.REFERENCE if by_reference else Joined.SUBJECT if by_subject else Joined.FIRST
    return Assignment(
        thread_id=threads[0] if threads else None,
        merges=tuple(threads[1:]),
        joined=joined,
        mentions=tuple(dict.fromkeys((*named, *marks, *((waiting,) if is_lost else ())))),
    )


def join(messages: Iterable[Message]) -> list[list[Message]]:
    """The threads of an archive, oldest first; the same for any order in which the mails are given."""
    lookup = MemoryLookup()
    for message in sorted(messages, key=lambda each: (each.date, each.message_id or "", each.digest)):
        lookup.keep(message, assign(message, lookup))
    return lookup.threads()


def names(message: Message) -> tuple[str, ...]:
    """The ids of the mails that a mail says it answers, each once, oldest first."""
    return tuple(dict.fromkeys((*message.references, *message.in_reply_to)))


def _by_subject(message: Message, subject: str, lookup: ThreadLookup, found: Collection[str]) -> list[str]:
    """The thread that an orphan joins, then those of the orphans that have waited for this mail.

    `found` are the threads that name it or that it names: of these, only one that is older can be what an
    orphan answers, for mails that answer the orphan itself may have come first.
    """
    if not subject or message.automatic is not Automatic.NO:
        return []
    author, recipients = frozenset({message.sender.email}), recipients_of(message)
    near = lookup.candidates(subject, author | recipients, message.date, WITHIN)
    if not near:
        return []
    is_lost = is_orphan(message)
    before = WITHIN if is_lost else AHEAD
    waiting = [
        each.thread_id
        for each in near
        if each.orphan
        and message.date - before <= each.started <= message.date + WITHIN
        and _share_people(each.authors, each.recipients, author, recipients)
    ]
    fitting = [
        each
        for each in near
        if each.started - (WITHIN if each.orphan else AHEAD) <= message.date <= each.latest + WITHIN
        and (each.thread_id not in found or each.started < message.date)
        and _share_people(author, recipients, each.authors, each.recipients)
    ]
    if not is_lost or not fitting:
        return waiting
    return [max(fitting, key=lambda each: (min(each.latest, message.date), each.started)).thread_id, *waiting]


def _share_people(
    authors: frozenset[str], recipients: frozenset[str], past: frozenset[str], past_recipients: frozenset[str]
) -> bool:
    """Whether a reply's people fit a conversation: it goes to one of them, and comes from one of them or
    goes to a list that they read. A private answer to a mail on a list stays by itself."""
    everybody = (past | past_recipients) - {""}
    others = recipients - authors
    return bool(others & everybody) and bool(authors & everybody or others & past_recipients)


def _expecting(own: str, marks: list[str], known: dict[str, str]) -> str | None:
    """The thread that holds a copy of this mail, or in which others have named it.

    An id that is known but not held is such a ghost; one that a stranger holds says nothing of this mail.
    """
    copied = next((known[mark] for mark in marks[_IDENTITY] if mark in known), None)
    return copied or (None if _held(own) in known else known.get(own))


# Where in a mail's marks those stand that only it and its copies have.
_IDENTITY = slice(3, 5)


def _marks(message: Message, own: str, about: str) -> list[str]:
    """The keys under which a mail with an id is registered; a stranger's change none that are there."""
    date, sender = message.date.isoformat(), message.sender.email
    return [
        own,
        _held(own),
        f"{own} {about}",  # a reply with this subject means this one of the mails that share the id
        f"{own} {_digest(f'{about} {date}')}",
        f"{own} {_digest(f'{about} {sender}')}",
    ]


def _held(message_id: str) -> str:
    """The mark that a mail with this id has come in. Ids hold no blank, so marks are never taken for ids."""
    return f"{message_id} held"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
