"""Reading a mail: ours against mail-parser alone and against the standard library's two policies.

Ours does more (quotes, signatures, sensitivity, machines); the others only take the mail apart and decode
header and text. Run: python -m benchmarks.reading [ARCHIVE] [ROUNDS]
"""

import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from functools import partial
from itertools import islice
from pathlib import Path

import mailparser  # type: ignore[import-untyped]  # it ships no types

from benchmarks.comparing import in_turn, show
from benchmarks.mailbox import mails
from domain.mail import RawMail
from ingest.parse import read
from ingest.sources.registry import open_archive

GENERATED = 300
FROM_ARCHIVE = 1000  # mails; the first so many
HEADERS = ("From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References")


def main() -> None:
    """Print a table for the generated mails, and one for the archive that is named."""
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    now = datetime.now(UTC)
    compare(
        "Generated mails",
        [
            RawMail(content=mail, mail_from="", rcpt_to=(), source="mbox", received_at=now)
            for mail in mails(GENERATED)
        ],
        rounds,
    )
    if len(sys.argv) > 1:
        path = Path(sys.argv[1])
        compare(path.name, [mail.raw for mail in islice(open_archive(path), FROM_ARCHIVE)], rounds)


def compare(title: str, raws: list[RawMail], rounds: int) -> None:
    """Print what reading these mails costs each way."""

    def each(way: Callable[[bytes], object]) -> Callable[[], None]:
        return lambda: _exhaust(way(raw.content) for raw in raws)

    ways = {
        "ours": lambda: _exhaust(read(raw) for raw in raws),
        "mail-parser": each(with_mail_parser),
        "email, policy.default": each(with_default_policy),
        "email, compat32": each(with_compat32),
    }
    spent = in_turn(ways, rounds=rounds)
    show(f"{title}: {len(raws):,} mails, {rounds} rounds", spent, ours="ours", mails=len(raws))


def with_mail_parser(content: bytes) -> object:
    """People, subject, date, ids, text and attachments, as mail-parser gives them."""
    mail = mailparser.parse_from_bytes(content)
    return mail.from_, mail.to, mail.cc, mail.subject, mail.date, mail.message_id, mail.body, mail.attachments


def with_default_policy(content: bytes) -> object:
    """The same fields and the text by the policy that decodes them."""
    mail = message_from_bytes(content, policy=policy.default)
    body = mail.get_body(("plain", "html"))
    text = None if body is None else _guarded(body.get_content)
    return [_guarded(partial(mail.get, name)) for name in HEADERS], text


def with_compat32(content: bytes) -> object:
    """The same fields as they came and the bytes of the text: nothing is decoded further."""
    mail = message_from_bytes(content)
    texts = [part.get_payload(decode=True) for part in mail.walk() if part.get_content_maintype() == "text"]
    return [mail[name] for name in HEADERS], texts


def _guarded(ask: Callable[[], object]) -> object:
    """What is asked, or None: the standard library raises on many a real mail."""
    try:
        return ask()
    except (LookupError, ValueError, TypeError, AttributeError):
        return None


def _exhaust(work: Iterable[object]) -> None:
    for _ in work:
        pass


if __name__ == "__main__":
    main()
