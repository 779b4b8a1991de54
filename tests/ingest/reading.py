"""Reading sample mails and making messages, for the tests of this package."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from domain.mail import Address, Automatic, Message, RawMail
from ingest.parse import read

MAILS = Path(__file__).parent.parent / "mails"
NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)


def raw(
    content: bytes, *, source: str = "eml", mail_from: str = "", rcpt_to: tuple[str, ...] = ()
) -> RawMail:
    return RawMail(content=content, mail_from=mail_from, rcpt_to=rcpt_to, source=source, received_at=NOON)


def read_bytes(content: bytes) -> Message:
    return read(raw(content))


def read_sample(name: str) -> Message:
    return read_bytes((MAILS / f"{name}.eml").read_bytes())


def mail(
    message_id: str | None,
    *,
    subject: str = "Lunch",
    sender: str = "ana@example.com",
    to: tuple[str, ...] = ("team@example.com",),
    answers: tuple[str, ...] = (),
    references: tuple[str, ...] = (),
    minutes: float = 0,
    words: str = "",
    automatic: Automatic = Automatic.NO,
) -> Message:
    """A message as threading sees it; `minutes` is how long after noon it was written."""
    digest = sha256(repr((message_id, subject, sender, to, answers, references, minutes, words)).encode())
    return Message(
        message_id=message_id,
        digest=digest.hexdigest(),
        subject=subject,
        sender=Address(email=sender),
        to=tuple(Address(email=each) for each in to),
        date=NOON + timedelta(minutes=minutes),
        in_reply_to=answers,
        references=references,
        own_words=words,
        automatic=automatic,
    )
