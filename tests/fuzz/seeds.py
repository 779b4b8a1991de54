"""What the fuzzer begins with: the sample mails, and their parts in the form that each target takes."""

import tomllib
from collections.abc import Iterator
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path

from tests.fuzz.targets import ENCLOSURES, FIELDS, LONGEST

MAILS = Path(__file__).parent.parent / "mails"
JOURNAL = (
    b"From: journal@example.com\nSubject: Report\nX-MS-Journal-Report:\nMIME-Version: 1.0\n"
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSender: ann@example.com\n"
    b"Subject: x\nTo: bo@example.com\n\n--b\nContent-Type: message/rfc822\n\n%s\n--b--\n"
)


def write_seeds(target: str, folder: Path) -> None:
    """Put the seeds of a target into a folder, each once; what is there already stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds(target):
        folder.joinpath(f"seed-{sha256(seed).hexdigest()[:16]}").write_bytes(seed[:LONGEST])


def seeds(target: str) -> list[bytes]:
    """The seeds of a target, each once and in the same order each time."""
    return list(dict.fromkeys(_seeds(target)))


def _seeds(target: str) -> list[bytes]:
    if target == "mail":
        return _mails()
    if target in ("plain", "html"):
        return [b"\x01" + text.encode() for text in _texts(target)]
    if target == "fields":
        return [_fields(mail) for mail in _mails()]
    if target == "enclosed":
        return [bytes([number, 0]) + mail for number, mail in enumerate(_mails()[: len(ENCLOSURES)])]
    if target == "journal":
        return [JOURNAL % mail for mail in _mails()]
    return [bytes(range(start, start + 70)) for start in range(0, 140, 7)]


def _mails() -> list[bytes]:
    return [path.read_bytes() for path in sorted(MAILS.rglob("*.eml"))]


def _fields(mail: bytes) -> bytes:
    header = message_from_bytes(mail)
    return b"\n".join(
        str(header.get(name, "")).replace("\n", " ").encode("utf-8", "replace") for name in FIELDS
    )


def _texts(target: str) -> list[str]:
    """The bodies of the sample mails, from the tables and from whole mails."""
    found: list[str] = []
    for path in sorted(MAILS.rglob("*.toml")):
        found += [text for text in _strings(tomllib.loads(path.read_text(encoding="utf-8"))) if "\n" in text]
    marked = [text for text in found if "<" in text and "</" in text]
    return marked if target == "html" else [text for text in found if text not in marked]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
