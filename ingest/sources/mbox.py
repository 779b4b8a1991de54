"""Mails out of an mbox file, plain or compressed with gzip; memory holds one mail at a time."""

import gzip
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from domain.errors import SourceError
from domain.mail import RawMail
from ingest.sources.archive import ArchivedMail
from ingest.sources.separators import LOOK_AHEAD, Judge, date_of, judge_for, sender_of, unescape

_CHUNK = 1 << 20
_LARGEST_CHUNK = 32 << 20
LARGEST = 256 << 20  # bytes; what is larger is no mail


class MboxArchive:
    """An mbox; offsets count bytes of the uncompressed file."""

    form = "mbox"

    def __init__(self, path: Path, start: int = 0) -> None:
        self.path = path
        self.defects: list[str] = []
        self._start = start
        self._read = 0
        self._size = _uncompressed_size(path)

    @property
    def total_bytes(self) -> int:
        """The size of the file; of a compressed one what its end says it holds, never less than was read."""
        return max(self._size, self._read)

    def __iter__(self) -> Iterator[ArchivedMail]:
        """The mails whose end lies behind `start`."""
        self.defects = []
        modified = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        for number, (content, end) in enumerate(self._pieces(), 1):
            self._read = end
            if end <= self._start:
                continue
            name = f"{self.path.name}#{number}"
            if len(content) > LARGEST:
                self.defects.append(f"{name} is larger than {LARGEST >> 20} MB and was left out")
                continue
            separator, _, mail = content.lstrip(b"\r\n").partition(b"\n")
            raw = RawMail(
                content=unescape(mail),
                mail_from=sender_of(separator),
                rcpt_to=(),
                source="mbox",
                received_at=date_of(separator) or modified,
            )
            yield ArchivedMail(raw=raw, name=name, end=end)

    def _pieces(self) -> Iterator[tuple[bytes, int]]:
        """Each mail with its separator, and the offset of its end."""
        try:
            with _opened(self.path) as stream:
                yield from split(stream)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"{self.path} breaks off: {error}; the mails before that were read") from None


def split(stream: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Cut a stream at its separators; gives each mail with its separator line and the offset of its end."""
    buffer, offset, searched = stream.read(_CHUNK), 0, 0
    judge = judge_for(buffer.lstrip().partition(b"\n")[0])
    while True:
        # Growing with the mail, so that a large one is not copied often.
        chunk = stream.read(min(max(_CHUNK, len(buffer)), _LARGEST_CHUNK))
        buffer += chunk
        # A separator can be judged only with some of what follows it.
        limit = len(buffer) if not chunk else len(buffer) - LOOK_AHEAD
        start = 0
        while (position := buffer.find(b"\nFrom ", searched, max(limit, 0))) != -1:
            searched = position + 1
            if _starts_mail(buffer, position + 1, judge):
                yield _without_last_blank(buffer[start : position + 1]), offset + position + 1
                start = position + 1
        searched = max(searched, limit - 6, 0) - start
        buffer, offset = buffer[start:], offset + start
        if not chunk:
            if buffer.strip():
                yield _without_last_blank(buffer), offset + len(buffer)
            return
        if len(buffer) > LARGEST + _CHUNK:
            # Enough to see that it is too large; forgetting the rest keeps memory bounded.
            forgotten = len(buffer) - LARGEST - _CHUNK
            buffer, offset, searched = buffer[forgotten:], offset + forgotten, max(searched - forgotten, 0)


def _starts_mail(buffer: bytes, position: int, judge: Judge) -> bool:
    end = buffer.find(b"\n", position, position + LOOK_AHEAD)
    if end == -1:
        return False
    before = buffer[buffer.rfind(b"\n", max(position - 200, 0), position - 1) + 1 : position - 1]
    return judge(buffer[position:end], buffer[end + 1 : end + LOOK_AHEAD], before)


def _without_last_blank(content: bytes) -> bytes:
    """The blank line before the next separator belongs to the mbox, not to the mail."""
    if content.endswith(b"\r\n\r\n"):
        return content[:-2]
    return content[:-1] if content.endswith(b"\n\n") else content


def _opened(path: Path) -> IO[bytes]:
    if is_gzip(path):
        return cast(IO[bytes], gzip.open(path, "rb"))
    return path.open("rb")


def is_gzip(path: Path) -> bool:
    """Whether a file is compressed with gzip, by its first bytes."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def _uncompressed_size(path: Path) -> int:
    """RFC 1952 section 2.3.1: the last four bytes hold the size modulo 2^32."""
    size = path.stat().st_size
    if not is_gzip(path) or size < 18:
        return size
    with path.open("rb") as stream:
        stream.seek(-4, 2)
        return max(int.from_bytes(stream.read(4), "little"), size)
