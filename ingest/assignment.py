"""What threading says of a mail, and what it needs to know of the threads so far. Not for deciding."""

from dataclasses import dataclass

from domain.mail import Automatic, Joined, Message, Trim
from ingest.subjects import base_subject, looks_like_reply


@dataclass(frozen=True, kw_only=True)
class Held:
    """A mail that is there, and the thread that holds it."""

    thread_id: str
    message: Message
    mails: int  # in this thread


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Where a mail belongs."""

    thread_id: str | None  # None: it starts a new thread
    merges: tuple[str, ...] = ()  # other threads that this mail proves to be the same one
    reopened: tuple[str, ...] = ()  # threads in which mails answer this one rather than what they joined
    joined: Joined
    mentions: tuple[
        str, ...
    ]  # keys to register for the thread; those that are there already stay as they are

    @property
    def touched(self) -> tuple[str, ...]:
        """Every thread that this mail may change, each once."""
        found = (self.thread_id, *self.merges, *self.reopened)
        return tuple(dict.fromkeys(each for each in found if each is not None))


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
