"""What threading says of a mail, and what it needs to know of the threads so far. Not for deciding."""

from dataclasses import dataclass
from datetime import datetime

from domain.mail import Automatic, Joined, Message, Trim
from ingest.subjects import base_subject, looks_like_reply


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A thread with the same base subject, and what decides whether a reply may join it."""

    thread_id: str
    started: datetime  # date of its first mail
    latest: datetime  # date of its last mail
    authors: frozenset[str]
    recipients: frozenset[str]  # To and Cc of all its mails
    orphan: bool  # whether `is_orphan` holds for its first mail by date


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Where a mail belongs."""

    thread_id: str | None  # None: it starts a new thread
    merges: tuple[str, ...] = ()  # other threads that this mail proves to be the same one
    joined: Joined
    mentions: tuple[
        str, ...
    ]  # keys to register for the thread; those that are there already stay as they are


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


def recipients_of(message: Message) -> frozenset[str]:
    """The addresses in To and Cc."""
    return frozenset(address.email for address in (*message.to, *message.cc) if address.email)
