"""Which conversation a mail belongs to: `assign`, for each mail as it arrives. For archives see `archives`.

Mails are joined by what they name (Message-ID, In-Reply-To, References), whether the named mail is there or
not (a ghost), so that any order of arrival gives the same threads. Only a reply that names nothing is joined
by its subject, and only to people who share it and near in time. Thread-Index proves nothing here.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.mail import Automatic, Joined, Message, Trim
from ingest.conversation import conversation_order, duplicate_of
from ingest.subjects import base_subject, clean_subject, looks_like_reply

__all__ = [
    "Assignment",
    "Candidate",
    "ThreadLookup",
    "assign",
    "base_subject",
    "clean_subject",
    "conversation_order",
    "duplicate_of",
    "is_orphan",
]

WITHIN = timedelta(
    days=14
)  # a reply without references is joined by subject this long after the thread's last mail
AHEAD = timedelta(days=1)  # and this long before its first one: clocks and zones are wrong


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A thread with the same base subject, and what decides whether a reply may join it."""

    thread_id: str
    started: datetime  # date of its first mail
    latest: datetime  # date of its last mail
    authors: frozenset[str]
    recipients: frozenset[str]  # To and Cc of all its mails
    orphan: bool  # whether `is_orphan` holds for its first mail by date


class ThreadLookup(Protocol):
    """What `assign` must know about the threads so far; the store happens to fit."""

    def threads_of(self, message_ids: Collection[str]) -> dict[str, str]:
        """The thread of each of these keys that was registered by a mail's `mentions`; no others."""

    def candidates(
        self, subject: str, people: frozenset[str], around: datetime, within: timedelta
    ) -> Sequence[Candidate]:
        """Threads in which a mail has this base subject, that share one of these people, and whose mails'
        dates come as near to `around` as `within`."""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Where a mail belongs."""

    thread_id: str | None  # None: it starts a new thread
    merges: tuple[str, ...] = ()  # other threads that this mail proves to be the same one
    joined: Joined
    mentions: tuple[
        str, ...
    ]  # keys to register for the thread; those that are there already stay as they are


def assign(message: Message, lookup: ThreadLookup) -> Assignment:
    """Find the thread of a mail among those so far.

    The keys in `mentions` are opaque: ids as they are, and for the mail's own id marks that tell later on
    whether another mail with this id is a copy, or a stranger to whom a broken client gave the same id.
    """
    subject = base_subject(message.subject)
    own = message.message_id
    named = [each for each in names(message) if each != own]
    asked = {*named, *(_with_subject(each, subject) for each in named)}
    if own is not None:
        asked |= {own, _held(own), _with_subject(own, subject)}
    known = lookup.threads_of(asked)
    found = [_thread_named(each, subject, known) for each in named]
    mentions = list(named)
    if own is not None:
        same_mail = _with_subject(own, subject) in known
        if same_mail or _held(own) not in known:
            found.append(_thread_named(own, subject, known))
            mentions.append(own)
        mentions += [_held(own), _with_subject(own, subject)]
    by_reference = [thread for thread in found if thread is not None]
    by_subject = _by_subject(message, subject, lookup, settled=bool(by_reference))
    threads = list(dict.fromkeys((*by_reference, *by_subject)))
    joined = Joined.REFERENCE if by_reference else Joined.SUBJECT if by_subject else Joined.FIRST
    return Assignment(
        thread_id=threads[0] if threads else None,
        merges=tuple(threads[1:]),
        joined=joined,
        mentions=tuple(dict.fromkeys(mentions)),
    )


def is_orphan(message: Message) -> bool:
    """Whether a person's mail looks like a reply and names no mail that it answers."""
    return (
        message.automatic is Automatic.NO
        and not message.is_reply
        and bool(base_subject(message.subject))
        and (
            looks_like_reply(message.subject) or any(part.trim is Trim.ATTRIBUTION for part in message.parts)
        )
    )


def names(message: Message) -> tuple[str, ...]:
    """The ids of the mails that a mail says it answers, each once, oldest first."""
    return tuple(dict.fromkeys((*message.references, *message.in_reply_to)))


def _by_subject(message: Message, subject: str, lookup: ThreadLookup, *, settled: bool) -> list[str]:
    """The thread that an orphan joins, or the orphans that have waited for this mail."""
    if not subject or message.automatic is not Automatic.NO:
        return []
    author, recipients = frozenset({message.sender.email}), recipients_of(message)
    near = lookup.candidates(subject, author | recipients, message.date, WITHIN)
    if not is_orphan(message):
        return [
            each.thread_id
            for each in near
            if each.orphan
            and message.date - AHEAD <= each.started <= message.date + WITHIN
            and _share_people(each.authors, each.recipients, author, recipients)
        ]
    fitting = [
        each
        for each in near
        if each.started - AHEAD <= message.date <= each.latest + WITHIN
        and _share_people(author, recipients, each.authors, each.recipients)
    ]
    if settled or not fitting:
        return []
    return [max(fitting, key=lambda each: (min(each.latest, message.date), each.started)).thread_id]


def recipients_of(message: Message) -> frozenset[str]:
    """The addresses in To and Cc."""
    return frozenset(address.email for address in (*message.to, *message.cc) if address.email)


def _share_people(
    authors: frozenset[str], recipients: frozenset[str], past: frozenset[str], past_recipients: frozenset[str]
) -> bool:
    """Whether a reply's people fit a conversation: it goes to one of them, and comes from one of them or
    goes to a list that they read. A private answer to a mail on a list stays by itself."""
    everybody = past | past_recipients
    others = recipients - authors
    return bool(others & everybody) and bool(authors & everybody or others & past_recipients)


def _thread_named(each: str, subject: str, known: dict[str, str]) -> str | None:
    """An id that several mails share means the one with the same subject."""
    return known.get(_with_subject(each, subject)) or known.get(each)


def _held(message_id: str) -> str:
    """The mark that a mail with this id has come in. Ids hold no blank, so marks are never taken for ids."""
    return f"{message_id} held"


def _with_subject(message_id: str, subject: str) -> str:
    """The mark that a mail with this id and base subject has come in."""
    return f"{message_id} {hashlib.sha256(subject.encode()).hexdigest()[:16]}"
