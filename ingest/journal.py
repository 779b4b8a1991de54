"""Journal reports, as Exchange and Google send them: the mail within, and its envelope told in text.

Only unwraps; who may send reports is the listener's matter.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message

from domain.mail import RawMail

_MARK = re.compile(rb"^x-ms-journal-report[ \t]*:", re.IGNORECASE | re.MULTILINE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(
    r"^(?P<name>sender|to|cc|bcc|recipient)[ \t]*:[ \t]*(?P<value>.*)$", re.IGNORECASE | re.MULTILINE
)
_ADDRESS = re.compile(r"[^\s<>,;:\"]+@[^\s<>,;:\"]+")


def unwrap_journal(raw: RawMail) -> RawMail:
    """The mail that a report is about, byte for byte, with the envelope that the report tells.

    A plain copy comes back as it is but for its source, "journal"; so does a report that cannot be read.
    """
    copied = replace(raw, source="journal")
    header = _BLANK.split(raw.content, maxsplit=1)[0]
    if not _MARK.search(header):
        return copied
    text, original = "", None
    for part, body in _parts(raw.content, header):
        if part.get_content_type() == "message/rfc822":
            original = body if original is None else original
        elif part.get_content_type() == "text/plain" and not text:
            text = _decoded(body)
    told = [(found["name"].lower(), found["value"]) for found in _LINE.finditer(text)]
    senders = [address for name, value in told if name == "sender" for address in _first_address(value)]
    recipients = [address for name, value in told if name != "sender" for address in _first_address(value)]
    if original is None or not recipients:
        return copied
    return replace(
        copied,
        content=original,
        mail_from=senders[0] if senders else "",
        rcpt_to=tuple(dict.fromkeys(recipients)),
    )


def _parts(content: bytes, header: bytes) -> Iterator[tuple[Message, bytes]]:
    """Header and decoded body of each part; the bytes of a part that is not encoded are kept."""
    boundary = message_from_bytes(header + b"\r\n\r\n").get_boundary()
    if not boundary:
        return
    mark = re.escape(boundary.encode("utf-8", "surrogateescape"))
    pieces = re.split(rb"(?:\A|\r?\n)--" + mark + rb"(?:--)?[ \t]*(?=\r?\n|\Z)", content[len(header) :])
    for piece in pieces[1:]:
        head, gap, body = _split(piece.removeprefix(b"\r\n").removeprefix(b"\n"))
        part = message_from_bytes(head + b"\r\n\r\n")
        if gap:
            yield part, _without_encoding(part, body)


def _split(piece: bytes) -> tuple[bytes, bytes, bytes]:
    blank = _BLANK.search(piece)
    if blank is None:
        return piece, b"", b""
    return piece[: blank.start()], blank[0], piece[blank.end() :]


def _without_encoding(part: Message, body: bytes) -> bytes:
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding not in ("base64", "quoted-printable"):
        return body
    carrier = Message()
    carrier["Content-Transfer-Encoding"] = encoding
    carrier.set_payload(body.decode("ascii", "surrogateescape"))
    decoded = carrier.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else body


def _decoded(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\r\n", "\n")


def _first_address(value: str) -> list[str]:
    """What stands before ", Expanded: list" or ", Forwarded: other": the one who got it."""
    found = _ADDRESS.search(value)
    return [found[0]] if found else []
