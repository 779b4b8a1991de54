"""What must hold for any bytes, one function for each way into the reader.

Each takes what the fuzzer made up, and raises AssertionError or what the reader raised where one is broken.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import TypeVar

from domain.mail import Address, Message, RawMail, TextPart
from ingest.encoded_words import decode_value
from ingest.journal import unwrap_journal
from ingest.own_words import own_words, split_html, split_plain
from ingest.parse import read
from ingest.threading import join

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
LONGEST = 65_536  # bytes of one input
CPU_SECONDS = 10.0  # for one input; the slowest takes a fiftieth of it, so no slow machine gets here
AUTHORS = ("", "Ann Wright", "Wright, Ann (Harbour)", "Zoé")
FIELDS = (
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Received",
)
ENCLOSURES = (
    b"application/ms-tnef",
    b"application/pkcs7-mime; smime-type=signed-data",
    b"application/pkcs7-mime; smime-type=enveloped-data",
    b"text/calendar; method=REQUEST; charset=utf-8",
    b"text/plain; charset=iso-2022-jp",
    b"text/plain; format=flowed; delsp=yes",
    b"text/enriched",
    b"text/rtf",
    b"message/rfc822",
    b"message/delivery-status",
    b"message/disposition-notification",
    b"multipart/report; report-type=delivery-status; boundary=b",
    b"multipart/signed; boundary=b",
    b"multipart/related; boundary=b",
    b"application/octet-stream; name*0*=utf-8''a%20; name*1=b",
)
ENCODINGS = (b"8bit", b"base64", b"quoted-printable", b"x-uuencode")
_Choice = TypeVar("_Choice")


def fuzz_mail(content: bytes) -> None:
    """A whole mail."""
    check(content)


def fuzz_plain(content: bytes) -> None:
    """A plain body and the name of its author, chosen by the first byte."""
    text = content[1:].decode("utf-8", "replace")
    with in_time():
        parts = split_plain(text, author=_chosen(AUTHORS, content))
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    assert "\n".join(part.text for part in parts) == normal
    assert all(before.trim is not after.trim for before, after in pairwise(parts))
    check_parts(parts)


def fuzz_html(content: bytes) -> None:
    """An HTML body and the name of its author, chosen by the first byte."""
    with in_time():
        parts = split_html(content[1:].decode("utf-8", "replace"), author=_chosen(AUTHORS, content))
    check_parts(parts)


def fuzz_fields(content: bytes) -> None:
    """Values of the fields that the reader takes apart, one a line, and the same as an encoded word."""
    values = content.split(b"\n")
    head = b"".join(
        name.encode() + b": " + value + b"\n" for name, value in zip(FIELDS, values, strict=False) if value
    )
    check(head + b"\nx")
    for value in values:
        shown = decode_value(value)
        assert "\n" not in shown
        shown.encode("utf-8")


def fuzz_enclosed(content: bytes) -> None:
    """A part of a kind and transfer encoding that the first two bytes choose, beside a text."""
    kind, encoding = _chosen(ENCLOSURES, content), _chosen(ENCODINGS, content[1:])
    part = b"Content-Type: " + kind + b"\nContent-Transfer-Encoding: " + encoding + b"\n\n" + content[2:]
    head = b"From: Ann <ann@example.com>\nSubject: x\nMessage-ID: <1@example.com>\n"
    check(head + part)
    check(head + b"Content-Type: multipart/mixed; boundary=outer\n\n--outer\n\nWords\n--outer\n" + part)


def fuzz_journal(content: bytes) -> None:
    """A journal report, and what it wraps."""
    with in_time():
        unwrapped = unwrap_journal(raw(content))
    assert unwrapped.source == "journal"
    assert all("@" in recipient for recipient in unwrapped.rcpt_to)
    check(unwrapped.content)


def fuzz_threads(content: bytes) -> None:
    """A set of mails, seven bytes each: in any order of arrival they make the same threads."""
    mails = [_mail(content[at : at + 7]) for at in range(0, min(len(content), 140) - 6, 7)]
    mails = list({mail.digest: mail for mail in mails}.values())
    with in_time():
        first = _threads(mails)
        assert first == _threads(mails[::-1])
        assert first == _threads(mails[1::2] + mails[::2])
    assert sorted(digest for thread in first for digest in thread) == sorted(mail.digest for mail in mails)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "mail": fuzz_mail,
    "plain": fuzz_plain,
    "html": fuzz_html,
    "fields": fuzz_fields,
    "enclosed": fuzz_enclosed,
    "journal": fuzz_journal,
    "threads": fuzz_threads,
}


def raw(content: bytes) -> RawMail:
    """A mail as a file holds it."""
    return RawMail(content=content, mail_from="", rcpt_to=(), source="eml", received_at=NOON)


def check(content: bytes) -> None:
    """Reading this mail raises nothing, takes no long time, gives the same each time and can be stored."""
    with in_time():
        message = read(raw(content))
    assert message == read(raw(content))
    assert message.date.tzinfo is not None
    assert message.digest == sha256(content).hexdigest()
    stored = json.dumps(asdict(message), default=str, ensure_ascii=False)
    stored.encode("utf-8")
    assert "\\u0000" not in stored
    for line in (message.subject, message.sender.name, *(value for _, value in message.headers)):
        assert "\n" not in line
    assert all(attachment.size >= 0 for attachment in message.attachments)
    assert message.own_words == own_words(message.parts)
    check_parts(message.parts)


def check_parts(parts: tuple[TextPart, ...]) -> None:
    """Own words are lines of the text in order, and can be stored."""
    lines = iter([line.strip() for part in parts if part.trim is None for line in part.text.split("\n")])
    own = own_words(parts)
    own.encode("utf-8")
    for line in own.split("\n"):
        wanted = line.strip("\ufeff\u200b").strip()
        assert not wanted or any(wanted == given.strip("\ufeff\u200b").strip() for given in lines)


@contextmanager
def in_time() -> Iterator[None]:
    """No input of this length may cost more than this."""
    before = time.process_time()
    yield
    assert time.process_time() - before < CPU_SECONDS


def _chosen(choices: tuple[_Choice, ...], content: bytes) -> _Choice:
    return choices[content[0] % len(choices)] if content else choices[0]


def _mail(code: bytes) -> Message:
    """A mail with one of a few ids, subjects, people and times, so that sets of them meet often."""
    own, first, second, third, subject, people, time_ = code
    references = tuple(f"{each % 12}@example.com" for each in (first, second, third) if each % 3)
    return Message(
        message_id=f"{own % 12}@example.com" if own % 5 else None,
        digest=sha256(code).hexdigest(),
        subject=("", "Lunch", "Re: Lunch", "Budget", "Re: Budget", "Fwd: Lunch")[subject % 6],
        sender=Address(email=f"person{people % 4}@example.com"),
        to=(Address(email=f"person{people // 4 % 4}@example.com"),),
        date=NOON + timedelta(hours=time_),
        in_reply_to=references[-1:] if first % 2 else (),
        references=references if second % 2 else (),
        own_words="words",
    )


def _threads(mails: list[Message]) -> list[list[str]]:
    return sorted(sorted(mail.digest for mail in thread) for thread in join(mails))
