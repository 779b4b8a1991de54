"""Files written into a plain text by uuencode (POSIX) or yEnc 1.3, as old clients and Usenet do.

Takes them out and leaves the text. Not for parts that are encoded as a whole: `transfer` reads those.
"""

import re
from dataclasses import dataclass

_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\n]{1,300})\n", re.MULTILINE)
_UU_LINE = re.compile(rb"[\x20-\x60]{1,64}")
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]{1,100}={0,2}")
_Y_BEGIN = re.compile(
    rb"^=ybegin [^\n]{0,300}?line=[0-9]{1,5} size=[0-9]{1,12} name=([^\n]{1,300})\n", re.MULTILINE
)
_Y_END = b"\n=yend "
_Y_PART = re.compile(rb"=ypart [^\n]{1,300}\n")
_MOST_MISTAKEN = 100
# Trailing blanks, which stand for zero bits, get lost on the way; a checksum character may follow.
_MISSING, _SURPLUS = 3, 2


@dataclass(frozen=True, kw_only=True)
class EncodedFile:
    """A file found in a text: its name as written and its size in bytes, decoded."""

    name: bytes
    size: int


def lift_files(text: bytes, most: int) -> tuple[bytes, list[EncodedFile]]:
    """A text without the first `most` files in it, and the files; prose that only looks like one stays."""
    if not most or not (b"\nbegin" in text or b"=ybegin" in text or text.startswith(b"begin")):
        return text, []
    files: list[EncodedFile] = []
    last_of_y = text.rfind(_Y_END)
    for pattern, ends in ((_UU_BEGIN, _end_of_uu), (_Y_BEGIN, _end_of_y)):
        kept: list[bytes] = []
        position = mistaken = 0
        for match in pattern.finditer(text):
            if (
                len(files) >= most
                or mistaken > _MOST_MISTAKEN
                or (ends is _end_of_y and match.start() > last_of_y)
            ):
                break
            found = ends(text, match) if match.start() >= position else None
            if found is None:
                mistaken += match.start() >= position
                continue
            kept.append(text[position : match.start()])
            position, size = found
            files.append(EncodedFile(name=match[1].strip(), size=size))
        text = b"".join((*kept, text[position:])) if kept else text
    return text, files


def _end_of_uu(text: bytes, begin: re.Match[bytes]) -> tuple[int, int] | None:
    """Where the file ends in the text, and its size; None where no file follows."""
    base64 = begin[0].startswith(b"begin-base64")
    position, size, lines = begin.end(), 0, 0
    while position < len(text):
        end = text.find(b"\n", position)
        end = len(text) if end == -1 else end
        line = text[position:end].rstrip(b"\r")
        position = end + 1
        if lines and line.strip() == (b"====" if base64 else b"end"):
            return min(position, len(text)), size
        held = _held_by_base64(line) if base64 else _held_by_uu(line, first=lines == 0)
        if held is None:
            return None
        size += held
        lines += 1
    # A mail that was cut: two whole lines are no chance any more.
    return (len(text), size) if lines > 1 and size else None


def _held_by_uu(line: bytes, *, first: bool) -> int | None:
    """How many bytes a line holds; None where it is none of uuencode."""
    if not line.strip():
        return None if first else 0
    count = (line[0] - 32) & 63
    expected = (count + 2) // 3 * 4 + 1
    missing = _MISSING if first else expected
    if _UU_LINE.fullmatch(line) is None or not expected - missing <= len(line) <= expected + _SURPLUS:
        return None
    return count


def _held_by_base64(line: bytes) -> int | None:
    line = line.strip()
    if _BASE64_LINE.fullmatch(line) is None:
        return None
    return len(line.rstrip(b"=")) * 3 // 4


def _end_of_y(text: bytes, begin: re.Match[bytes]) -> tuple[int, int] | None:
    part = _Y_PART.match(text, begin.end())
    start = part.end() if part is not None else begin.end()
    end = text.find(_Y_END, start - 1)
    if end == -1:
        return None
    after = text.find(b"\n", end + 1)
    content = text[start : max(end, start)]
    # Each = marks an escaped byte, and line ends are no content.
    size = len(content) - content.count(b"=") - content.count(b"\n") - content.count(b"\r")
    return (len(text) if after == -1 else after + 1), size
