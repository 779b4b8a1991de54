"""From bytes to text, whatever charset a mail claims; never raises.

The declared charset is tried first, then UTF-8, then windows-1252; only text that is mostly not ASCII
is given to charset-normalizer, which garbles short western text.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from charset_normalizer import from_bytes

from ingest.charset_guess import eastern_charset

_NAME = re.compile(r"[A-Za-z0-9][\w.:+-]{0,39}", re.ASCII)

# Names that mails use and Python does not know, and names whose superset is what was really meant
# (the Encoding Standard of the web reads them the same way).
_ALIASES = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8-bom": "utf-8-sig",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "ansi": "cp1252",
    "x-ansi": "cp1252",
    "x-cp1252": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "windows-31j": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "big5hkscs",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "mac": "mac_roman",
    "x-mac-ce": "mac_latin2",
    "x-mac-centraleurroman": "mac_latin2",
    "x-unicode": "utf-16",
    "x-unicode-2-0-utf-7": "utf-7",
    "cp50220": "iso-2022-jp",
    "cp50221": "iso-2022-jp",
    "cp50222": "iso-2022-jp",
    "cp65001": "utf-8",
    "cp20127": "utf-8",
    "cp28591": "cp1252",
    "cp936": "gb18030",
    "cp20932": "euc_jp",
    "cp51932": "euc_jp",
    "cp20866": "koi8-r",
    "cp21866": "koi8-u",
    "x-windows-iso2022jp": "iso-2022-jp",
}
# Numbers of code pages with the prefixes that vendors put before them.
_CODE_PAGE = re.compile(r"(?:x-|ms-?|microsoft-)?(?:cp|win|windows|ibm|dos|oem)?[-_]?(\d{3,5})")
_UNTELLING = frozenset({"utf-8", "iso2022_jp", "utf_7", "utf_16", "cp1252"})
_WESTERN = frozenset({"cp1252", "iso8859_15", "mac_roman"})
# Codecs that are no charsets of mail: some are slow, some turn text into something else.
_NOT_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})
_SAMPLE = 4096
_ENOUGH = 64  # bytes that statistics need

_BAD_BYTES = {
    0xDC00 + byte: bytes([byte]).decode("cp1252", "replace").replace("\ufffd", chr(byte))
    for byte in range(0x80, 0x100)
}
_JAPANESE = re.compile(rb"\x1b(\$[@B]|\$\(D|\([BJI])")


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """Text without NULs and lone surrogates, and what was wrong with its charset ("" if nothing)."""

    text: str
    defect: str = ""


def decode(content: bytes, declared: str | None) -> Decoded:
    """Decode a body or header word declared to be in a charset (RFC 2045 section 5.1)."""
    if b"\x1b" not in content and content.isascii() and not _is_seven_bit_code(declared):
        return Decoded(text=_clean(content.decode("ascii")))
    codec = codec_of(declared)
    if codec is None:
        guessed = _guess(content)
        named = (declared or "").strip()
        return Decoded(text=guessed, defect=f"unknown charset {named[:40]!r}" if named else "")
    if codec in _WESTERN and (text := _strict(content, "utf-8")) is not None:
        return Decoded(text=_clean(text), defect=f"declared {declared}, but is UTF-8")
    if codec == "iso2022_jp":
        return Decoded(text=_clean(_decode_japanese(content)))
    text = _strict(content, codec)
    if text is not None:
        return Decoded(text=_clean(text))
    return Decoded(text=_mend(content, codec), defect=f"not all of it is in the declared charset {codec}")


def decode_unlabelled(content: bytes, likely: str | None = None) -> str:
    """Decode bytes that declare no charset, such as raw 8-bit headers; `likely` is that of the text below."""
    if b"\x1b" in content and _JAPANESE.search(content):
        return _clean(_decode_japanese(content))
    if content.isascii():
        return _clean(content.decode("ascii"))
    text = _strict(content, "utf-8")
    codec = codec_of(likely) if text is None and likely else None
    if codec is not None and codec not in _UNTELLING and (text := _strict(content, codec)) is not None:
        return _clean(text)
    return _guess(content)


def codec_of(declared: str | None) -> str | None:
    """The name of Python's codec for a charset as mails write it; None where there is none."""
    match = _NAME.match((declared or "").strip().strip("\"'").lower())
    if match is None:
        return None
    name = match.group()
    codec = next((found for each in _spellings(name) if (found := _known(each)) is not None), None)
    if codec is None or codec in _NOT_CHARSETS:
        return None
    if codec == "utf_8":
        return "utf-8"
    return "iso2022_jp" if codec.startswith("iso2022_jp") else codec


def _spellings(name: str) -> Iterator[str]:
    """A charset's name as written, then what it may have been meant for."""
    if "iso-2022-jp" in name or "iso2022jp" in name:
        yield "iso-2022-jp"
    yield _ALIASES.get(name, name)
    page = _CODE_PAGE.fullmatch(name)
    if page is not None:
        yield _ALIASES.get(f"cp{page[1]}", f"cp{page[1]}")
    if name.startswith("x-"):
        yield _ALIASES.get(name[2:], name[2:])


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name)
        "".encode(found.name)  # refuses codecs between bytes and bytes
    except (LookupError, UnicodeError, ValueError):
        return None
    return found.name.replace("-", "_")


def scalar(text: str) -> str:
    """Text that any database and any UTF-8 file can hold: no NUL, no lone surrogate."""
    return _clean(text)


def _is_seven_bit_code(declared: str | None) -> bool:
    name = (declared or "").lower()
    return "utf-7" in name or "utf7" in name or "utf-16" in name or "hz" in name or "utf-32" in name


def _strict(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _mend(content: bytes, codec: str) -> str:
    if codec == "utf-8":
        return _guess(content)
    if codec == "cp1252":
        # The five bytes that windows-1252 leaves undefined are control characters in Latin-1.
        return _clean(content.decode("ascii", "surrogateescape").translate(_BAD_BYTES))
    text = _strict(content, "utf-8")
    if text is None:
        text = content.decode(codec, "replace")
        if text.count("\ufffd") * 4 > len(text):
            return _guess(content)
    return _clean(text)


def _guess(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _clean(content.decode("utf-16", "replace"))
    text = _strict(content, "utf-8")
    if text is not None:
        return _clean(text)
    escaped = content.decode("utf-8", "surrogateescape")
    bad = sum("\udc80" <= char <= "\udcff" for char in escaped[: 4 * _SAMPLE])
    good = sum(char > "\x7f" for char in escaped[: 4 * _SAMPLE]) - bad
    if good >= bad:  # UTF-8 with a few bytes broken or cut
        return _clean(escaped.translate(_BAD_BYTES))
    if b"\xed" in content and (text := _joined_surrogates(content)) is not None:
        return _clean(text)
    codec = _told_by_bytes(content[:_SAMPLE])
    if codec is not None:
        return _clean(content.decode(codec, "replace"))
    return _clean(content.decode("ascii", "surrogateescape").translate(_BAD_BYTES))


def _told_by_bytes(sample: bytes) -> str | None:
    """The codec of a text by its bytes alone; None where it is western or nothing tells."""
    if len(sample) >= _ENOUGH and sum(byte > 0x7F for byte in sample) * 3 > len(sample):
        best = from_bytes(sample).best()
        return best.encoding if best is not None else None
    return eastern_charset(sample)


def _joined_surrogates(content: bytes) -> str | None:
    """UTF-8 of UTF-16's halves, as some databases write characters of the higher planes (CESU-8)."""
    try:
        return content.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeError:
        return None


def _decode_japanese(content: bytes) -> str:
    """ISO-2022-JP (RFC 1468) with the rows that NEC and IBM added, by way of their Shift JIS places."""
    pieces = _JAPANESE.split(content)
    text = [_guess(pieces[0])]
    pairs = zip(pieces[1::2], pieces[2::2], strict=True)
    for escape, group in groupby(pairs, key=itemgetter(0)):
        run = b"".join(run for _, run in group)
        if escape in (b"$B", b"$@"):
            text.append(_shifted(run))
        elif escape == b"(I":
            text.append(bytes(byte | 0x80 for byte in run if byte > 0x20).decode("cp932", "replace"))
        elif escape == b"$(D":
            text.append((b"\x1b$(D" + run).decode("iso2022_jp_ext", "replace"))
        else:
            text.append(_guess(run))
    return "".join(text)


def _shifted(run: bytes) -> str:
    out = bytearray()
    position = 0
    while position < len(run):
        high, low = run[position], run[position + 1] if position + 1 < len(run) else 0
        if not (0x21 <= high <= 0x7E and 0x21 <= low <= 0x7E):
            out.append(high & 0x7F)
            position += 1
            continue
        row = (high - 0x21) // 2
        out.append(row + (0x81 if row < 31 else 0xC1))
        out.append((low + 0x7E) if (high - 0x21) % 2 else low + (0x1F if low < 0x60 else 0x20))
        position += 2
    return out.decode("cp932", "replace")


def _clean(text: str) -> str:
    if "\x00" in text:
        text = text.replace("\x00", "")
    if text.startswith("\ufeff"):
        text = text[1:]
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text
