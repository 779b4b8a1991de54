"""Archives of the invented office, written as other programs write them."""

import gzip
import mailbox
from collections.abc import Sequence
from pathlib import Path

from tests.unchain.workshop import TEAM, mail


def talk(count: int = 3, subject: str = "Which coffee next", first: int = 0) -> list[bytes]:
    """A conversation of the team, each mail answering the one before."""
    return [
        mail(
            number,
            sender=TEAM[number % 3],
            subject=subject,
            answers=number - 1 if number > first else None,
        ).replace(b"\r\n", b"\n")
        for number in range(first, first + count)
    ]


def as_mbox(mails: Sequence[bytes]) -> bytes:
    """The text of an mbox."""
    return b"".join(
        b"From ana@acme.example Mon Mar  2 09:00:00 2026\n" + content + b"\n" for content in mails
    )


def write_mbox(path: Path, mails: Sequence[bytes]) -> Path:
    """An mbox file."""
    path.write_bytes(as_mbox(mails))
    return path


def write_gzipped(path: Path, mails: Sequence[bytes]) -> Path:
    """An mbox compressed with gzip."""
    path.write_bytes(gzip.compress(as_mbox(mails)))
    return path


def write_maildir(path: Path, mails: Sequence[bytes]) -> Path:
    """A Maildir."""
    box = mailbox.Maildir(path)
    for content in mails:
        box.add(content)
    return path


def write_folder(path: Path, mails: Sequence[bytes]) -> Path:
    """A folder of .eml files."""
    path.mkdir()
    for number, content in enumerate(mails):
        (path / f"{number:03}.eml").write_bytes(content)
    return path
