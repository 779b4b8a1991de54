"""Rich Text as Outlook sends it in TNEF: unpacked (MS-OXRTFCP) and read as plain text, or as the HTML that it
was made from (MS-OXRTFEX). Linear, and cut at a budget. Not for fonts, colours and pictures."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.charsets import codec_of
from ingest.codepages import charset_of

_KNOWN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096
_COMPRESSED, _AS_IT_IS = b"LZFu", b"MELA"
# What is read of it, so that none takes a worker more than a second.
LONGEST = 1_500_000
_MOST_TOKENS = 150_000
_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|([^\\{}\r\n]+)"
    r"|[\r\n]+|\\",
    re.DOTALL,
)
_SYMBOLS = {
    **dict.fromkeys(("par", "line", "row", "sect", "page"), "\n"),
    **dict.fromkeys(("tab", "cell", "nestcell"), "\t"),
    **{"emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"},
    **{"bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " "},
}
_ESCAPED = {"\\": "\\", "{": "{", "}": "}", "~": "\N{NO-BREAK SPACE}", "_": "-", "\n": "\n", "\r": "\n"}
# Groups that hold no text of the document.
_SILENT = frozenset(
    {
        *("colortbl", "stylesheet", "info", "pict", "objdata", "fldinst", "listtable", "listoverridetable"),
        *("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"),
        *("generator", "themedata", "xmlnstbl", "pntext", "pntxta", "pntxtb", "bkmkstart", "bkmkend"),
    }
)
# The charsets that a font's number stands for (RTF 1.9.1, \fcharset).
_FONT_CODEPAGES = {
    **{77: 10000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255},
    **{178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250},
}


def unpack(packed: bytes) -> bytes:
    """The RTF in a PR_RTF_COMPRESSED property, at most LONGEST bytes; b"" for something else."""
    kind, content = packed[8:12], packed[16:]
    if kind == _AS_IT_IS:
        return content[:LONGEST]
    if kind != _COMPRESSED:
        return b""
    # Laid out so that place 207 of the window, where writing begins, is a whole window into the buffer.
    out = bytearray(b" " * (_WINDOW - len(_KNOWN)) + _KNOWN)
    position, end = 0, len(content)
    while position < end and len(out) < LONGEST + _WINDOW:
        flags, position = content[position], position + 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += content[position : position + 1]
                position += 1
                continue
            token = int.from_bytes(content[position : position + 2], "big")
            position += 2
            back = (len(out) + len(_KNOWN) - (token >> 4)) % _WINDOW
            if position > end or not back:
                return bytes(out[_WINDOW:])
            length, source = (token & 15) + 2, len(out) - back
            piece = out[source : source + length]
            # What is copied may reach into what is being written.
            out += (piece * (length // back + 1))[:length]
    return bytes(out[_WINDOW : _WINDOW + LONGEST])


@dataclass(frozen=True, kw_only=True)
class RichText:
    """What a Rich Text says; `html` says that it was HTML, and is again."""

    text: str
    html: bool


def read_rtf(rtf: bytes) -> RichText:
    """The text of an RTF document; what is not RTF is read as far as it looks like it."""
    reader = _Reader()
    reader.read(rtf[:LONGEST].decode("latin-1"))
    text = "".join(reader.out)
    # Characters beyond the first plane are written as two halves.
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return RichText(text=whole.replace("\x00", ""), html=reader.was_html)


class _Group(NamedTuple):
    """What holds inside a pair of braces."""

    silent: bool = False
    starred: bool = False  # \* came: a destination that readers may not know
    fonts: bool = False  # in the font table
    tag: bool = False  # in a piece of the HTML
    shadow: bool = False  # \htmlrtf: what stands only in the RTF
    fallback: int = 1  # how many characters stand in for each \u
    charset: str = ""


@dataclass(kw_only=True)
class _Reader:
    out: list[str] = field(default_factory=list)
    was_html: bool = False
    _stack: list[_Group] = field(default_factory=list)
    _now: _Group = field(default_factory=_Group)
    _bytes: bytearray = field(default_factory=bytearray)  # text that still has to be decoded
    _charset: str = "cp1252"
    _fonts: dict[int, str] = field(default_factory=dict)
    _font: int = 0
    _codecs: dict[str, str] = field(default_factory=dict)  # Python's names of the charsets met
    _skip: int = 0  # how many characters still stand in for a \u

    def read(self, rtf: str) -> None:
        position = 0
        for _ in range(_MOST_TOKENS):
            match = _TOKEN.match(rtf, position)
            if match is None:
                break
            position = match.end()
            word, number, code, symbol, brace, text = match.groups()
            if text is not None:
                self._text(text)
            elif word is not None:
                value = int(number) if number else None
                position += max(value or 0, 0) if word == "bin" else 0
                self._word(word, value)
            elif code is not None:
                self._text(chr(int(code, 16)))
            elif brace is not None:
                self._brace(brace)
            elif symbol is not None:
                self._symbol(symbol)
        self._flush()

    @property
    def _heard(self) -> bool:
        now = self._now
        return not (now.silent or now.fonts or now.starred or (self.was_html and now.shadow))

    def _text(self, text: str) -> None:
        if self._skip:
            skipped = min(self._skip, len(text))
            self._skip -= skipped
            text = text[skipped:]
        if self._heard:
            self._bytes += text.encode("latin-1")

    def _say(self, text: str) -> None:
        self._skip = 0
        if self._heard:
            if text.isascii():
                self._bytes += text.encode("ascii")
                return
            self._flush()
            self.out.append(text)

    def _flush(self) -> None:
        if self._bytes:
            self.out.append(self._bytes.decode(self._codec(), "replace"))
            self._bytes.clear()

    def _codec(self) -> str:
        charset = self._now.charset or self._charset
        if charset not in self._codecs:
            self._codecs[charset] = codec_of(charset) or "cp1252"
        return self._codecs[charset]

    def _enter(self, group: _Group) -> None:
        """Go on under these settings; what was read so far is decoded under those before."""
        if group.charset != self._now.charset:
            self._flush()
        self._now = group

    def _brace(self, brace: str) -> None:
        self._skip = 0
        if brace == "{":
            self._stack.append(self._now)
            if self._now.starred:
                self._now = self._now._replace(starred=False)
        elif self._stack:
            self._enter(self._stack.pop())

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self._now = self._now._replace(starred=True)
        elif symbol in _ESCAPED:
            self._say(_ESCAPED[symbol])

    def _word(self, word: str, number: int | None) -> None:
        if self._now.starred:
            known = word == "htmltag" and self.was_html
            self._now = self._now._replace(starred=False, tag=known, silent=self._now.silent or not known)
        elif word in _SYMBOLS:
            self._say(_SYMBOLS[word])
        elif word == "u" and number is not None:
            self._say(chr(number % 0x10000))
            self._skip = self._now.fallback
        elif word in _SILENT:
            self._now = self._now._replace(silent=True)
        else:
            self._setting(word, number)

    def _setting(self, word: str, number: int | None) -> None:
        """A word that says nothing itself but how what follows is to be read."""
        if word == "htmlrtf":
            self._now = self._now._replace(shadow=number != 0)
        elif word == "fromhtml":
            self.was_html = True
        elif word == "fonttbl":
            self._now = self._now._replace(fonts=True)
        elif word == "uc":
            self._now = self._now._replace(fallback=min(max(number or 0, 0), 10))
        elif word == "ansicpg" and number is not None:
            self._flush()
            self._charset = charset_of(number)
        elif word == "fcharset" and self._now.fonts and number in _FONT_CODEPAGES:
            self._fonts[self._font] = charset_of(_FONT_CODEPAGES[number])
        elif word == "f" and number is not None:
            self._font = number
            if not self._now.fonts:
                self._enter(self._now._replace(charset=self._fonts.get(number, "")))
        elif word == "plain":
            self._enter(self._now._replace(charset=""))
