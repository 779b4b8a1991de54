"""Blocks of MAPI properties inside TNEF (MS-OXTNEF section 2.1.3.4). Not for saying what they mean.

Our own reader, because tnefparse believes every count: 48 bytes that claim four thousand million values hold
it for good. Here a count is only the most that is read, and reading ends where the bytes end.
"""

from dataclasses import dataclass

from ingest.charsets import decode

_UNICODE = 0x1F
_TEXTS = (0x1E, _UNICODE)
OBJECT = 0x0D
_VARIABLE = frozenset({*_TEXTS, OBJECT, 0x102})
_SIZES = {0: 0, 1: 0, 2: 2, 0x0B: 2, 3: 4, 4: 4, 0x0A: 4, 5: 8, 6: 8, 7: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_MULTIPLE = 0x1000
_NAMED = 0x8000
MOST_VALUES = 4_000


class CutShort(Exception):
    """The bytes end, or make no sense any more."""


@dataclass(frozen=True, kw_only=True)
class Property:
    """A property: what it is, in which form, and its values as bytes."""

    tag: int
    kind: int  # without the mark for several values
    name: str  # of a named property, lower case; "" for the others
    values: tuple[bytes, ...]

    @property
    def is_text(self) -> bool:
        """Whether its values are text."""
        return self.kind in _TEXTS

    @property
    def first(self) -> bytes:
        """The first value, b"" where there is none."""
        return self.values[0] if self.values else b""

    @property
    def number(self) -> int:
        """A small number as MAPI stores it."""
        return int.from_bytes(self.first[:4], "little")

    def text(self, charset: str) -> str:
        """Its first value as text; `charset` is that of the 8-bit forms."""
        if self.kind == _UNICODE:
            return self.first.decode("utf-16-le", "replace").rstrip("\x00")
        return decode(self.first.rstrip(b"\x00"), charset).text


class Cursor:
    """Reads on through bytes; raises CutShort where they end."""

    def __init__(self, content: bytes) -> None:
        self._content = memoryview(content)
        self.position = 0

    @property
    def left(self) -> int:
        """How many bytes are still to be read."""
        return len(self._content) - self.position

    def take(self, size: int) -> bytes:
        """The next bytes."""
        if size > self.left:
            raise CutShort
        self.position += size
        return bytes(self._content[self.position - size : self.position])

    def number(self, size: int) -> int:
        """The next number, low byte first."""
        return int.from_bytes(self.take(size), "little")

    def padded(self, size: int) -> bytes:
        """The next bytes, which are filled up to a multiple of four."""
        taken = self.take(size)
        self.position = min(self.position + -size % 4, len(self._content))
        return taken


def read_properties(block: bytes, into: list[Property]) -> None:
    """Add a block's properties to `into`; raises CutShort after those that can be read."""
    cursor = Cursor(block)
    room = MOST_VALUES
    for _ in range(cursor.number(4)):
        if not cursor.left:
            return
        found = _property(cursor, room)
        room -= max(len(found.values), 1)
        into.append(found)


def _property(cursor: Cursor, room: int) -> Property:
    """The next property; raises CutShort where it has more than `room` values."""
    kind, tag = cursor.number(2), cursor.number(2)
    name = _name(cursor) if tag >= _NAMED else ""
    plain = kind & ~_MULTIPLE
    if plain in _VARIABLE:
        count, size = cursor.number(4), None
    elif plain in _SIZES:
        count, size = (cursor.number(4) if kind & _MULTIPLE else 1), _SIZES[plain]
    else:
        raise CutShort  # of an unknown kind nobody knows where it ends
    if count > room or room <= 0:
        raise CutShort
    values = [cursor.padded(cursor.number(4) if size is None else size) for _ in range(count)]
    return Property(tag=tag, kind=plain, name=name, values=tuple(values))


def _name(cursor: Cursor) -> str:
    cursor.take(16)  # the property set
    if cursor.number(4) == 0:
        cursor.take(4)  # numbered within its set
        return ""
    name = cursor.padded(cursor.number(4))
    return name.decode("utf-16-le", "replace").rstrip("\x00").lower()
