"""Parameters of Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2231), leniently.

Linear: the standard library's reader takes quadratic time on many semicolons and raises on hostile section
numbers.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from ingest.charsets import codec_of, decode
from ingest.encoded_words import decode_value

_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+*-]+", re.ASCII)
_HALVES = {
    "multipart/": "multipart/mixed",
    **dict.fromkeys(("application/", "image/", "audio/", "video/"), "application/octet-stream"),
}
_BLANKS_AT_SLASH = re.compile(r" ?/ ?")
_SECTION = re.compile(rb"(.+?)\*([0-9]{1,4})(\*?)")
# Only these: some clients write paths with their backslashes as they are.
_ESCAPED = re.compile(rb'\\(["\\])')
# Where a client forgot the semicolon, or wrote a comma: only before names that are meant without doubt.
_FORGOTTEN = re.compile(
    rb"(?<![\s,])[\s,]++(?=(?:(?:file)?name|charset|boundary|format|delsp|method|report-type|protocol|smime-type)"
    rb"(?:\*[0-9]{0,4}\*?)?[ \t]?=)",
    re.IGNORECASE,
)
_LEADING_COMMENT = re.compile(rb"\s*\([^()]*\)")
_COMMENT = re.compile(rb"\s\([^()]*\)\Z")
_LONGEST = 20_000
_MOST = 500


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """A value with its parameters, still as bytes."""

    value: str  # lower case, without comments
    given: dict[bytes, bytes]  # lower-case names as written, with RFC 2231's stars

    def raw_parameter(self, name: str) -> bytes:
        """A parameter's bytes, with RFC 2231 continuations joined; b"" where it is missing."""
        wanted = name.encode()
        if wanted in self.given:
            return self.given[wanted]
        return self._extended(wanted)[0]

    def parameter(self, name: str) -> str:
        """A parameter as text; the RFC 2231 form wins over the plain one. "" where it is missing."""
        wanted = name.encode()
        extended, charset = self._extended(wanted)
        if extended:
            return decode(extended, charset).text if charset else decode_value(extended)
        return decode_value(self.given.get(wanted, b""))

    def _extended(self, name: bytes) -> tuple[bytes, str]:
        whole = self.given.get(name + b"*")
        if whole is not None:
            return _percent(whole)
        sections: dict[int, tuple[bytes, bool]] = {}
        for key, value in self.given.items():
            match = _SECTION.fullmatch(key)
            if match is not None and match.group(1) == name:
                sections[int(match.group(2))] = (value, bool(match.group(3)))
        joined, charset = b"", ""
        # They count from 0; some clients count from 1, which only counts where there is nothing better.
        first = 1 if 0 not in sections and name not in self.given else 0
        for number in range(first, len(sections) + first):
            if number not in sections:
                break  # what stands behind a gap belongs to something that is lost
            value, encoded = sections[number]
            if encoded and number == 0:
                value, charset = _percent(value)
            elif encoded:
                value = unquote_to_bytes(value)
            joined += value
        return joined, charset


def parse_parameters(raw: bytes, default: str) -> Parameters:
    """A header value such as `text/plain; charset=utf-8`; `default` stands in for a broken one."""
    pieces = _split(raw[:_LONGEST])
    value = pieces[0].decode("ascii", "replace").strip().lower()
    if "/" in default:
        value = _BLANKS_AT_SLASH.sub("/", value).strip(" \"'")
        match = _TYPE.match(value)
        # RFC 2045 section 5.2: what cannot be read is text/plain; "text" alone is an old way to say so.
        value = match.group() if match is not None else _HALVES.get(value, default)
    else:
        value = "" if "=" in value else value.partition(" ")[0]
    given: dict[bytes, bytes] = {}
    for piece in pieces[:_MOST]:
        name, equals, content = piece.partition(b"=")
        if equals:
            bare = _LEADING_COMMENT.sub(b"", name, count=1).strip().lower()
            given.setdefault(bare, _unquoted(content.strip()))
    return Parameters(value=value, given=given)


def _split(raw: bytes) -> list[bytes]:
    """Cut at semicolons that are not inside quotes, and where one was forgotten."""
    if b'"' not in raw:
        return _FORGOTTEN.sub(b";", raw).split(b";")
    pieces: list[bytes] = []
    current: list[bytes] = []
    quoted = False
    for run in re.split(rb'(\\.|")', raw):
        if run == b'"':
            quoted = not quoted
        if quoted or run[:1] in b'"\\':
            current.append(run)
            continue
        first, *others = _FORGOTTEN.sub(b";", run).split(b";")
        current.append(first)
        for other in others:
            pieces.append(b"".join(current))
            current = [other]
    pieces.append(b"".join(current))
    return pieces


def _unquoted(content: bytes) -> bytes:
    if not content.startswith(b'"'):
        return _COMMENT.sub(b"", content)  # names with blanks and without quotes are common
    end = len(content) - 1 if len(content) > 1 and content.endswith(b'"') else len(content)
    inner = content[1:end]
    return _ESCAPED.sub(rb"\1", inner) if b"\\" in inner else inner


def _percent(value: bytes) -> tuple[bytes, str]:
    """charset'language'text with percent signs (RFC 2231 section 4)."""
    charset, quote, rest = value.partition(b"'")
    _, second, text = rest.partition(b"'")
    named = charset.decode("ascii", "replace")
    if quote and not second and codec_of(named):
        return unquote_to_bytes(rest), named
    if not quote or not second:
        return unquote_to_bytes(value), "utf-8"
    return unquote_to_bytes(text), named or "utf-8"
