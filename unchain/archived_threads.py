"""Finds, in archives of public mailing lists, the threads that a label file names, for `unchain train`.

A thread is named by a digest of its first Message-ID, so that labels hold neither text nor address. Not for
importing archives: see `importing.py`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from classify.examples import ARCHIVED
from domain.mail import Joined, Message, RawMail, Thread, ThreadMessage
from ingest.parse import read
from ingest.sources.mbox import MboxArchive

_HEAD = 8000  # bytes in which the ids of a mail are looked for
_MOST_MAILS = 40  # of a thread; its kind is plain by then
_FIELD = re.compile(rb"^(message-id|in-reply-to|references):([^\n]*(?:\n[ \t][^\n]*)*)", re.I | re.M)
_ID = re.compile(rb"<([^<>\s]{3,250})>")


def thread_id(first_message_id: bytes) -> str:
    """Return the id by which labels name the thread that begins with this Message-ID (without brackets)."""
    return ARCHIVED + hashlib.sha256(first_message_id).hexdigest()[:16]


def archived_threads(paths: Iterable[Path], wanted: Callable[[str], bool]) -> Iterator[tuple[str, Thread]]:
    """Yield id and Thread of each wanted thread; SourceError where an archive cannot be read."""
    for path in paths:
        found: dict[str, list[RawMail]] = {}
        first_of: dict[bytes, bytes] = {}
        for mail in MboxArchive(path):
            first = _first_id(mail.raw.content, first_of)
            if first and wanted(id_ := thread_id(first)):
                found.setdefault(id_, []).append(mail.raw)
        for id_, raws in found.items():
            yield id_, _thread(id_, [read(raw) for raw in raws[:_MOST_MAILS]])


def _first_id(content: bytes, first_of: dict[bytes, bytes]) -> bytes | None:
    """Return the id of the mail that began the thread, as far as the mails before tell."""
    head = content[:_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    ids: dict[bytes, list[bytes]] = {}
    for name, value in _FIELD.findall(head):
        ids.setdefault(name.lower(), _ID.findall(value))
    own = next(iter(ids.get(b"message-id", ())), None)
    if own is None:
        return None
    named = [*ids.get(b"references", ()), *ids.get(b"in-reply-to", ())]
    first = next((first_of[each] for each in named if each in first_of), named[0] if named else own)
    first_of[own] = first
    return first


def _thread(id_: str, messages: list[Message]) -> Thread:
    ordered = sorted(messages, key=lambda message: message.date)
    return Thread(
        id=id_,
        subject=ordered[0].subject,
        messages=tuple(
            ThreadMessage(message=message, joined=Joined.REFERENCE if number else Joined.FIRST)
            for number, message in enumerate(ordered)
        ),
    )
