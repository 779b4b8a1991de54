"""Reads labelled threads and labels from JSON lines, plain or gzipped, into domain types.

Not for parsing mails: texts come decoded; the functions handed in tell what in them is the author's own.
"""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import cast

from classify.features import LIST_HEADERS
from domain.classification import Kind
from domain.errors import ClassifierError
from domain.mail import Address, Joined, Message, TextPart, Thread, ThreadMessage, Trim

OwnWords = Callable[[str], str]
Split = Callable[[str], tuple[TextPart, ...]]


@dataclass(frozen=True, kw_only=True)
class Label:
    """What a reader said of a thread."""

    kind: Kind
    sensitive: bool  # true if either reader said so
    moves: bool
    sure: float = 1.0  # 0 to 1, the reader's confidence in the kind
    language: str = ""  # ISO 639-1 where known


def read_threads(
    path: Path, own_words: OwnWords = str.strip, split: Split | None = None
) -> Iterator[tuple[str, Thread]]:
    """Yield id and Thread of each JSON line; with `split` quotes and disclaimers are told apart too.

    Raises ClassifierError naming file and line where a line is no thread.
    """
    for place, row in _rows(path):
        yield _text(row, "id", place), thread_of(row, split or _by_own_words(own_words), place)


def read_labels(path: Path) -> dict[str, Label]:
    """Return labels by thread id, without those of `sure` 0. Raises ClassifierError naming file and line."""
    labels: dict[str, Label] = {}
    for place, row in _rows(path):
        label = _label(row, place)
        if label.sure > 0:
            labels[_text(row, "id", place)] = label
    return labels


def read_labelled(path: Path, own_words: OwnWords = str.strip) -> Iterator[tuple[str, Thread, Label]]:
    """Yield id, Thread and Label from lines which hold both."""
    for place, row in _rows(path):
        yield _text(row, "id", place), thread_of(row, _by_own_words(own_words), place), _label(row, place)


def thread_of(row: dict[str, object], split: Split, place: str) -> Thread:
    """Build a Thread from a row; `place` is file:line for the error."""
    messages = row.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise ClassifierError(f"{place}: 'messages' must be a list of objects.")
    return Thread(
        id=_text(row, "id", place),
        subject=str(row.get("subject") or ""),
        messages=tuple(
            ThreadMessage(
                message=_message(message, split, place),
                joined=Joined.FIRST if number == 0 else Joined.REFERENCE,
            )
            for number, message in enumerate(messages)
        ),
    )


def _rows(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    try:
        with path.open("rb") as packed:
            lines = gzip.GzipFile(fileobj=packed) if path.suffix == ".gz" else packed
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield f"{path}:{number}", _row(line.decode("utf-8"), f"{path}:{number}")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ClassifierError(f"{path}: cannot be read as JSON lines ({error}).") from error


def _row(line: str, place: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ClassifierError(f"{place}: not a JSON object ({error.msg}).") from error
    if not isinstance(row, dict):
        raise ClassifierError(f"{place}: a JSON object is needed on each line.")
    return row


def _text(row: dict[str, object], key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise ClassifierError(f"{place}: '{key}' is missing or no text.")
    return value


def _label(row: dict[str, object], place: str) -> Label:
    kind = row.get("kind")
    if kind not in list(Kind):
        raise ClassifierError(f"{place}: unknown kind {kind!r}; one of {', '.join(Kind)} is needed.")
    flags = {key: row.get(key) for key in ("sensitive", "moves")}
    for key, flag in flags.items():
        if not isinstance(flag, bool):
            raise ClassifierError(f"{place}: '{key}' must be true or false.")
    sure = row.get("sure", 1.0)
    if not isinstance(sure, int | float) or not 0 <= sure <= 1:
        raise ClassifierError(f"{place}: 'sure' must be a number from 0 to 1.")
    return Label(
        kind=Kind(cast(str, kind)),
        sensitive=bool(flags["sensitive"]),
        moves=bool(flags["moves"]),
        sure=float(sure),
        language=str(row.get("lang") or ""),
    )


def _message(row: dict[str, object], split: Split, place: str) -> Message:
    text = str(row.get("text") or "").replace("\r\n", "\n")
    parts = split(text)
    headers = _headers(row.get("headers"), place)
    named = dict(headers)
    sensitivity = named.get("sensitivity", "").lower()
    return Message(
        message_id=_opt(row.get("message_id")),
        digest=hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).hexdigest(),
        subject=str(row.get("subject") or ""),
        sender=_address(str(row.get("from") or "")),
        to=_addresses(row.get("to")),
        cc=_addresses(row.get("cc")),
        date=_date(row.get("date")),
        in_reply_to=tuple(_strings(row.get("in_reply_to"))),
        references=tuple(_strings(row.get("references"))),
        own_words="\n\n".join(part.text.strip("\n") for part in parts if part.trim is None).strip(),
        parts=parts,
        list_id=next((value for name, value in headers if name in LIST_HEADERS), None),
        headers=headers,
        sensitivity=(sensitivity,) if sensitivity and sensitivity != "normal" else (),
    )


def _by_own_words(own_words: OwnWords) -> Split:
    """Make a split from a function that tells only the own words: the other lines become a quote."""

    def split(text: str) -> tuple[TextPart, ...]:
        own = own_words(text)
        rest = _remainder(text, own)
        return (TextPart(text=own), *((TextPart(text=rest, trim=Trim.QUOTE),) if rest else ()))

    return split


def _remainder(text: str, own: str) -> str:
    """Return the lines of the text that are not in the own words."""
    left = Counter(line.strip() for line in own.split("\n"))
    rest = []
    for line in text.split("\n"):
        if left[line.strip()] > 0:
            left[line.strip()] -= 1
        else:
            rest.append(line)
    return "\n".join(rest).strip()


def _headers(value: object, place: str) -> tuple[tuple[str, str], ...]:
    if isinstance(value, dict):
        return tuple((str(name).lower(), str(text)) for name, text in value.items())
    if isinstance(value, list):
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
            raise ClassifierError(f"{place}: 'headers' must be an object or a list of pairs.")
        return tuple((str(pair[0]).lower(), str(pair[1])) for pair in value)
    return ()


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value.strip("<> ")] if value.strip("<> ") else []
    return [str(each).strip("<> ") for each in value] if isinstance(value, list) else []


def _opt(value: object) -> str | None:
    return str(value).strip("<> ") or None if value else None


def _addresses(value: object) -> tuple[Address, ...]:
    if isinstance(value, str):
        value = value.split(",")
    return tuple(_address(str(each)) for each in value) if isinstance(value, list) else ()


def _address(text: str) -> Address:
    name, email = parseaddr(text)
    return Address(email=email.lower() if "@" in email else "", name=name or ("" if "@" in email else text))


def _date(value: object) -> datetime:
    try:
        date = datetime.fromisoformat(str(value))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return date if date.tzinfo else date.replace(tzinfo=UTC)
