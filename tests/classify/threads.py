"""Builds threads for the classifier's tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.mail import Address, Joined, Message, TextPart, Thread, ThreadMessage

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def message(number: int, text: str, **fields: object) -> Message:
    """Return the message with that number in its thread."""
    values: dict[str, object] = {
        "message_id": f"m{number}@example.com",
        "digest": f"{number:064d}",
        "subject": "Subject",
        "sender": Address(email=f"person{number}@example.com", name=f"Person {number}"),
        "to": (Address(email="all@example.com"),),
        "date": START + timedelta(hours=number),
        "own_words": text,
        "parts": (TextPart(text=text),),
    }
    return Message(**{**values, **fields})  # type: ignore[arg-type]


def thread(subject: str, *texts: str, **fields: object) -> Thread:
    """Return a thread of one message a text; `fields` go into each message."""
    return thread_of(
        subject,
        [message(number, text, **{"subject": subject, **fields}) for number, text in enumerate(texts)],
    )


def thread_of(subject: str, messages: Sequence[Message]) -> Thread:
    """Return a thread of these messages."""
    return Thread(
        id="t1",
        subject=subject,
        messages=tuple(
            ThreadMessage(message=each, joined=Joined.FIRST if number == 0 else Joined.REFERENCE)
            for number, each in enumerate(messages)
        ),
    )
