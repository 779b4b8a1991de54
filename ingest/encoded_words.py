"""Header text from bytes to what its author wrote: unfolding, encoded words (RFC 2047), raw 8-bit text.

Linear in the length of the value and never raises; what cannot be decoded stays as it was written.
"""

import binascii
import re

from ingest.charsets import decode, decode_unlabelled
from ingest.transfer import decode_base64

# Every class stops at "?", so that no part of a value is scanned more than twice. Blanks inside the text
# are against the RFC and common.
_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([BbQq])\?([^?\r\n]*)\?=")
_ADJACENT = re.compile(rb"[ \t\r\n]*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_RUN_LIMIT = 100_000


def decode_value(raw: bytes) -> str:
    """The text of a header's value as people read it: one line, no control characters."""
    if b"=?" not in raw:
        text = raw.decode("ascii") if raw.isascii() else decode_unlabelled(raw)
    else:
        text = "".join(_pieces(raw[:_RUN_LIMIT])) + decode_unlabelled(raw[_RUN_LIMIT:])
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text)
    return text.strip()


def decode_text(value: str) -> str:
    """The same for a value that already is text, such as a display name in quotes."""
    return decode_value(value.encode("utf-8", "replace")) if "=?" in value else value


def _pieces(raw: bytes) -> list[str]:
    """Runs of neighbouring words of one charset are decoded as one: clients cut inside characters."""
    pieces: list[str] = []
    charset, gathered, position = "", b"", 0
    for match in _WORD.finditer(raw):
        between = raw[position : match.start()]
        name = match.group(1).decode("ascii", "replace").partition("*")[0]  # RFC 2231 section 5: a language
        blank_only = position > 0 and not between.strip()
        if gathered and not (blank_only and name.lower() == charset.lower()):
            pieces.append(_decode_run(gathered, charset))
            gathered = b""
        if between and not blank_only:
            pieces.append(decode_unlabelled(between))
        charset = name
        gathered += _content(match.group(2), match.group(3))
        position = match.end()
    if gathered:
        pieces.append(_decode_run(gathered, charset))
    if position < len(raw):
        pieces.append(decode_unlabelled(raw[position:]))
    return pieces


def _decode_run(content: bytes, charset: str) -> str:
    return decode(content, charset).text


def _content(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"Qq":
        return binascii.a2b_qp(text.replace(b" ", b"_"), header=True)
    return decode_base64(text)
