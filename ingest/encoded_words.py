"""Header text from bytes to what its author wrote: unfolding, encoded words (RFC 2047), raw 8-bit text.

Linear in the length of the value and never raises; what cannot be decoded stays as it was written.
"""

import re
from dataclasses import dataclass, field

from ingest.charsets import decode, decode_unlabelled
from ingest.transfer import decode_base64

# Blanks and question marks inside the text are against the RFC and common. The limit on the latter keeps
# values with many beginnings and no end linear.
_WORD = re.compile(rb"=\?([^?\s]{0,60})\?([BbQq])\?([^?\r\n]*|(?:[^?\r\n]|\?(?!=)){0,300})\?=")
_OCTET = re.compile(rb"=([0-9A-Fa-f]{2})")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_RUN_LIMIT = 100_000


def decode_value(raw: bytes, likely: str | None = None) -> str:
    """The text of a header's value as people read it: one line, no control characters.

    `likely` is the charset of raw 8-bit text in it, where there is a hint.
    """
    if b"=?" not in raw:
        text = raw.decode("ascii") if raw.isascii() and b"\x1b" not in raw else decode_unlabelled(raw, likely)
    else:
        text = "".join(_pieces(raw[:_RUN_LIMIT], likely)) + decode_unlabelled(raw[_RUN_LIMIT:], likely)
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text)
    return text.strip()


def decode_text(value: str) -> str:
    """The same for a value that already is text, such as a display name in quotes."""
    return decode_value(value.encode("utf-8", "replace")) if "=?" in value else value


@dataclass(kw_only=True)
class _Run:
    """Neighbouring words of one charset, decoded as one: clients cut inside characters, or base64."""

    charset: str = ""
    content: list[bytes] = field(default_factory=list)
    base64: bytes = b""  # text whose last character still lacks some of its neighbours

    def add(self, encoding: bytes, text: bytes) -> None:
        if encoding in b"Bb":
            self.base64 += text
            if len(self.base64) % 4 and b"=" not in text:
                return
        self._close()
        if encoding in b"Qq":
            self.content.append(_OCTET.sub(_octet, text.replace(b"_", b" ")))

    def _close(self) -> None:
        if self.base64:
            self.content.append(decode_base64(self.base64))
            self.base64 = b""

    def text(self) -> str:
        self._close()
        return decode(b"".join(self.content), self.charset).text


def _octet(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))


def _pieces(raw: bytes, likely: str | None) -> list[str]:
    pieces: list[str] = []
    run, position = _Run(), 0
    for match in _WORD.finditer(raw):
        between = raw[position : match.start()]
        charset = (
            match[1].decode("ascii", "replace").partition("*")[0].lower()
        )  # RFC 2231 section 5: a language
        follows = position > 0 and not between.strip()
        if not (follows and charset == run.charset):
            pieces.append(run.text())
            run = _Run(charset=charset)
        if between and not follows:
            pieces.append(decode_unlabelled(between, likely))
        run.add(match[2], match[3])
        position = match.end()
    pieces.append(run.text())
    pieces.append(decode_unlabelled(raw[position:], likely))
    return pieces
