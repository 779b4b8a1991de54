"""What Outlook and Exchange pack into winmail.dat (MS-OXTNEF): text, files, embedded messages, labels.

Not for deciding what of it a mail shows; `packets` does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from ingest.charsets import decode
from ingest.codepages import charset_of
from ingest.mapi import OBJECT, Cursor, CutShort, Property, read_properties

TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SIGNATURE = b"\x78\x9f\x3e\x22"
_MOST_ATTRIBUTES = 20_000
_MOST_VALUES = 40_000
_MOST_FILES = 1_000
_MOST_FIELDS = 100
_MOST_BEFORE_SUBJECT = 50
_OF_MESSAGE, _OF_ATTACHMENT = 1, 2

# Attributes, by the lower half of their numbers (MS-OXTNEF section 2.1.3.3).
_SUBJECT, _MESSAGE_CLASS, _BODY, _CODEPAGE, _PROPERTIES = 0x8004, 0x8008, 0x800C, 0x9007, 0x9003
_NEW_FILE, _FILE_TITLE, _FILE_CONTENT, _FILE_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005

# Properties (MS-OXPROPS).
_P_CLASS, _P_SENSITIVITY, _P_SUBJECT = 0x001A, 0x0036, 0x0037
_P_BODY, _P_RTF, _P_HTML, _P_CHARSET = 0x1000, 0x1009, 0x1013, 0x3FDE
_P_DISPLAY_NAME, _P_CONTENT, _P_EXTENSION, _P_SHORT_NAME = 0x3001, 0x3701, 0x3703, 0x3704
_P_METHOD, _P_LONG_NAME, _P_MIME_TYPE, _P_FLAGS, _P_HIDDEN = 0x3705, 0x3707, 0x370E, 0x3714, 0x7FFE
_BY_MESSAGE, _BY_OLE = 5, 6
_IN_THE_TEXT = 4  # of _P_FLAGS
_OBJECT_ID = 16  # bytes before an object's content that say what it is
_A_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
_LEVELS = {1: "personal", 2: "private", 3: "company-confidential"}  # RFC 4021 section 2.1.55


@dataclass(frozen=True, kw_only=True)
class Enclosed:
    """A file or a message in the packet."""

    name: str  # as it stands there, "" where there is none
    content_type: str  # "" where it is not told
    content: bytes
    inline: bool = False  # shown in the text
    is_message: bool = False


@dataclass(kw_only=True)
class Packet:
    """What a packet holds, while it is read; texts are "" where there are none."""

    subject: str = ""
    message_class: str = ""  # lower case, such as ipm.note
    plain: str = ""
    html: str = ""
    rtf: bytes = b""  # still packed
    enclosed: list[Enclosed] = field(default_factory=list)
    labels: list[tuple[str, str]] = field(default_factory=list)  # like header fields: names and values
    damaged: bool = False


def open_packet(content: bytes) -> Packet | None:
    """Read a packet as far as it goes; None where the bytes are something else."""
    if not content.startswith(_SIGNATURE):
        return None
    packet = Packet()
    _Reader(packet).read(content)
    return packet


@dataclass(kw_only=True)
class _File:
    """An attachment while its attributes come in, in any order."""

    title: bytes = b""
    content: bytes = b""
    properties: list[Property] = field(default_factory=list)


class _Reader:
    def __init__(self, packet: Packet) -> None:
        self._packet = packet
        self._charset = "cp1252"
        self._body = b""
        self._properties: list[Property] = []
        self._files: list[_File] = []
        self._left = _MOST_VALUES

    def read(self, content: bytes) -> None:
        attributes = 0
        try:
            for level, number, value in _attributes(content):
                attributes += 1
                if level == _OF_ATTACHMENT:
                    self._of_file(number, value)
                else:
                    self._of_message(number, value)
        except CutShort:
            self._packet.damaged = True
        self._packet.damaged |= not attributes
        self._texts()
        self._packet.enclosed.extend(self._enclosed(each) for each in self._files)

    def _of_message(self, number: int, value: bytes) -> None:
        if number == _CODEPAGE:
            self._charset = charset_of(int.from_bytes(value[:4], "little"))
        elif number == _SUBJECT:
            self._packet.subject = self._decoded(value)
        elif number == _MESSAGE_CLASS:
            self._packet.message_class = self._decoded(value).lower()
        elif number == _BODY:
            self._body = value
        elif number == _PROPERTIES:
            self._add(value, self._properties)

    def _of_file(self, number: int, value: bytes) -> None:
        if number == _NEW_FILE or not self._files:
            if len(self._files) >= _MOST_FILES:
                raise CutShort
            self._files.append(_File())
        current = self._files[-1]
        if number == _FILE_TITLE:
            current.title = value
        elif number == _FILE_CONTENT:
            current.content = value
        elif number == _FILE_PROPERTIES:
            self._add(value, current.properties)

    def _add(self, block: bytes, properties: list[Property]) -> None:
        """What can be read of a damaged block counts; the next attribute begins where it should."""
        before = len(properties)
        try:
            read_properties(block, properties)
        except CutShort:
            self._packet.damaged = True
        self._left -= sum(len(each.values) + 1 for each in properties[before:])
        if self._left < 0:
            raise CutShort

    def _decoded(self, value: bytes) -> str:
        return decode(value.rstrip(b"\x00"), self._charset).text

    def _texts(self) -> None:
        packet, found = self._packet, _by_tag(self._properties)
        charset = charset_of(found[_P_CHARSET].number) if _P_CHARSET in found else self._charset
        for each in self._properties:
            if each.name and each.is_text and len(packet.labels) < _MOST_FIELDS:
                packet.labels.append((each.name, each.text(charset)))
        if (level := _LEVELS.get(_number(found, _P_SENSITIVITY))) is not None:
            packet.labels.append(("sensitivity", level))
        packet.plain = found[_P_BODY].text(self._charset) if _P_BODY in found else self._decoded(self._body)
        packet.html = found[_P_HTML].text(charset) if _P_HTML in found else ""
        packet.rtf = found[_P_RTF].first if _P_RTF in found else b""
        packet.subject = packet.subject or _text(found, _P_SUBJECT, charset)
        packet.message_class = packet.message_class or _text(found, _P_CLASS, charset).lower()

    def _enclosed(self, file: _File) -> Enclosed:
        found = _by_tag(file.properties)
        content, is_message = file.content, _number(found, _P_METHOD) == _BY_MESSAGE
        if _P_CONTENT in found and (found[_P_CONTENT].kind == OBJECT or not content):
            content = found[_P_CONTENT].first
            if found[_P_CONTENT].kind == OBJECT:
                is_message |= content.startswith(_A_MESSAGE)
                content = content[_OBJECT_ID:]
        name = next(
            filter(None, (_text(found, tag, self._charset) for tag in (_P_LONG_NAME, _P_SHORT_NAME))), ""
        )
        name = name or self._decoded(file.title) or _text(found, _P_DISPLAY_NAME, self._charset)
        ending = _text(found, _P_EXTENSION, self._charset)
        if is_message:
            name = _text(found, _P_DISPLAY_NAME, self._charset) or name or _subject_of(content)
        elif name and ending.startswith(".") and "." not in name:
            name += ending
        return Enclosed(
            name=name,
            content_type=_text(found, _P_MIME_TYPE, self._charset).strip().lower(),
            content=content,
            inline=bool(_number(found, _P_FLAGS) & _IN_THE_TEXT or _number(found, _P_HIDDEN) & 0xFFFF)
            or _number(found, _P_METHOD) == _BY_OLE,
            is_message=is_message,
        )


def _attributes(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Level, number and value of each attribute; raises CutShort where the last one is cut."""
    cursor = Cursor(content)
    cursor.take(6)  # signature and key
    for _ in range(_MOST_ATTRIBUTES):
        if not cursor.left:
            return
        level = cursor.number(1)
        if level not in (_OF_MESSAGE, _OF_ATTACHMENT):
            return  # some gateways fill the packet up
        number = cursor.number(2)
        cursor.take(2)  # its form, which the number implies
        value = cursor.take(cursor.number(4))
        yield level, number, value
        cursor.take(min(2, cursor.left))  # checksum: many writers get it wrong
    raise CutShort


def _by_tag(properties: list[Property]) -> dict[int, Property]:
    return {each.tag: each for each in reversed(properties) if not each.name}


def _text(found: dict[int, Property], tag: int, charset: str) -> str:
    return found[tag].text(charset) if tag in found and found[tag].is_text else ""


def _number(found: dict[int, Property], tag: int) -> int:
    return found[tag].number if tag in found else 0


def _subject_of(content: bytes) -> str:
    """What an embedded message is about; only its own attributes are looked at."""
    charset = "cp1252"
    if not content.startswith(_SIGNATURE):
        return ""
    try:
        for level, number, value in islice(_attributes(content), _MOST_BEFORE_SUBJECT):
            if level == _OF_MESSAGE and number == _CODEPAGE:
                charset = charset_of(int.from_bytes(value[:4], "little"))
            elif level == _OF_MESSAGE and number == _SUBJECT:
                return decode(value.rstrip(b"\x00"), charset).text
    except CutShort:
        pass
    return ""
