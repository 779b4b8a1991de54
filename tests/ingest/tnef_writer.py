"""Writes TNEF (MS-OXTNEF) for the tests: attributes and MAPI properties, as Outlook lays them out."""

import struct
from collections.abc import Iterable

SIGNATURE = struct.pack("<IH", 0x223E9F78, 0x1234)
A_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
TEXT, UNICODE, BINARY, OBJECT, LONG, BOOLEAN = 0x1E, 0x1F, 0x102, 0x0D, 3, 0x0B
SUBJECT, MESSAGE_CLASS, BODY, CODEPAGE = 0x00018004, 0x00078008, 0x0002800C, 0x00069007
PROPERTIES, NEW_FILE, TITLE, CONTENT, FILE_PROPERTIES = (
    0x00069003,
    0x00069002,
    0x00018010,
    0x0006800F,
    0x00069005,
)


def packet(*attributes: bytes, codepage: int = 1252) -> bytes:
    """A whole packet with the usual beginning."""
    begin = attribute(0x00089006, struct.pack("<I", 0x10000))
    return b"".join((SIGNATURE, begin, attribute(CODEPAGE, struct.pack("<II", codepage, 0)), *attributes))


def attribute(number: int, value: bytes, *, level: int = 1) -> bytes:
    """One attribute with its checksum; level 2 belongs to an attachment."""
    return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*written: bytes) -> bytes:
    """A block of properties."""
    return struct.pack("<I", len(written)) + b"".join(written)


def text(tag: int, value: str, charset: str = "cp1252") -> bytes:
    """A property that is text in an 8-bit charset."""
    return _variable(TEXT, tag, value.encode(charset) + b"\0")


def unicode_text(tag: int, value: str) -> bytes:
    """A property that is text in UTF-16."""
    return _variable(UNICODE, tag, value.encode("utf-16-le") + b"\0\0")


def binary(tag: int, value: bytes) -> bytes:
    """A property that is bytes."""
    return _variable(BINARY, tag, value)


def thing(tag: int, identifier: bytes, value: bytes) -> bytes:
    """A property that is an object, such as an embedded message."""
    return _variable(OBJECT, tag, identifier + value)


def number(tag: int, value: int) -> bytes:
    """A property that is a number."""
    return struct.pack("<HHI", LONG, tag, value)


def flag(tag: int) -> bytes:
    """A property that is true; two bytes fill it up."""
    return struct.pack("<HHHH", BOOLEAN, tag, 1, 0)


def named(name: str, value: str) -> bytes:
    """A property that has a name instead of a number, in the set of internet headers."""
    written = name.encode("utf-16-le") + b"\0\0"
    head = struct.pack("<HH", UNICODE, 0x8001) + bytes.fromhex("8603020000000000c000000000000046")
    head += struct.pack("<II", 1, len(written)) + _padded(written)
    return head + _values([value.encode("utf-16-le") + b"\0\0"])


def several(tag: int, values: Iterable[str]) -> bytes:
    """A property with several values."""
    return struct.pack("<HH", 0x1000 | UNICODE, tag) + _values(
        [value.encode("utf-16-le") + b"\0\0" for value in values]
    )


def file(title: str, content: bytes, *written: bytes, charset: str = "cp1252") -> bytes:
    """An attachment: its short name, what it holds, and its properties."""
    return b"".join(
        (
            attribute(NEW_FILE, struct.pack("<HIIII", 1, 0xFFFFFFFF, 0, 0, 0)[:14], level=2),
            attribute(TITLE, title.encode(charset) + b"\0", level=2),
            attribute(CONTENT, content, level=2),
            attribute(FILE_PROPERTIES, properties(*written), level=2),
        )
    )


def embedded(name: str, content: bytes) -> bytes:
    """An attached message, itself a packet."""
    return attribute(NEW_FILE, bytes(14), level=2) + attribute(
        FILE_PROPERTIES,
        properties(number(0x3705, 5), unicode_text(0x3001, name), thing(0x3701, A_MESSAGE, content)),
        level=2,
    )


def _variable(kind: int, tag: int, value: bytes) -> bytes:
    return struct.pack("<HH", kind, tag) + _values([value])


def _values(values: list[bytes]) -> bytes:
    return struct.pack("<I", len(values)) + b"".join(
        struct.pack("<I", len(value)) + _padded(value) for value in values
    )


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)
