"""Cuts HTML into text and tags in one pass.

Not a tree builder: those are quadratic on deep nesting (half a megabyte of <div> takes half a minute), and
reading a mail needs only the order of text and the containers around it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

MAX_TOKENS = 50_000  # what comes behind so many tags is read without regard to structure
MAX_KNOWN_TAG = 300  # characters of a tag worth remembering
MAX_ATTRIBUTES_LENGTH = 4_000  # what is read of one tag's attributes; data: addresses are longer
_BLOCK_TAG = re.compile(r"</?(?:p|div|br|tr|li|h\d|table|blockquote|pre|hr|ul|ol)\b[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_OPENING = re.compile(r"<(?=/?[a-zA-Z]|[!?])")
_SKIPPED = {"style", "script", "title", "template", "xml", "svg", "math", "object", "iframe", "noembed"}
# Formatting says nothing about whose words they are, and clients write a lot of it.
_TRANSPARENT = {
    "b",
    "i",
    "u",
    "em",
    "strong",
    "font",
    "small",
    "big",
    "tt",
    "s",
    "strike",
    "o:p",
    "wbr",
    "meta",
    "link",
}
_SIMPLE_TAG = re.compile(
    r"<(/?)([a-zA-Z][^\s<>/\"']{0,40})([^<>\"']*|(?:[^<>\"']*\"[^<>\"]*\"){1,30}[^<>\"']*)>"
)
_ATTRIBUTE = re.compile(
    r"(?<![\w:-])([a-zA-Z][\w:-]{0,40})(?:\s{0,8}=\s{0,8}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]{1,400})))?"
)


@dataclass(frozen=True, slots=True, eq=False)
class Tag:
    """An opening or closing tag; told apart by identity, so that it is quickly found again."""

    name: str  # lower case
    closing: bool
    source: str  # between the name and the >
    means_text: bool  # not formatting, nor the beginning of what is no text

    def attributes(self) -> Mapping[str, str]:
        """Attributes by lower-case name, entities decoded."""
        found: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(self.source[:MAX_ATTRIBUTES_LENGTH]):
            value = match[2] or match[3] or match[4] or ""
            found.setdefault(match[1].lower(), unescape(value) if "&" in value else value)
        return found


@dataclass(frozen=True, slots=True)
class Remainder:
    """The text of what is beyond the budget, tags left out and lines parted where blocks were."""

    text: str


def tokens(html: str) -> Iterator[str | Tag | Remainder]:
    """Text (entities decoded) and tags in order; comments, styles, scripts and declarations left out."""
    position, length, closing = 0, len(html), -1
    unclosed: set[str] = set()
    for _count in range(MAX_TOKENS):
        opening = html.find("<", position)
        if opening < 0 or ">" in unclosed:
            break
        if opening > position:
            text = html[position:opening]
            yield _text(text) if "&" in text else text
        if closing < opening:
            closing = html.find(">", opening)
            closing = length if closing < 0 else closing
        position = closing + 1
        short = closing - opening < MAX_KNOWN_TAG
        tag = _known_tag(html[opening:position]) if short else _simple_tag(_SIMPLE_TAG.match(html, opening))
        if tag is None:
            position, token = _tag_at(html, opening, unclosed)
            if token is not None:
                yield token
        elif tag.means_text:
            yield tag
        elif tag.name in _SKIPPED:
            position = _behind_skipped(html, tag, position, unclosed)
    if position < length and ">" not in unclosed and "<" in html[position:]:
        yield Remainder(_text(_ANY_TAG.sub("", _BLOCK_TAG.sub("\n", html[position:]))))
    elif position < length:
        yield _text(html[position:])


def _simple_tag(match: re.Match[str] | None) -> Tag | None:
    """The tag of a match, which always ends at the first > there is; None without one."""
    return None if match is None else _tag(match[2].lower(), bool(match[1]), match[3])


@lru_cache(maxsize=4096)
def _known_tag(source: str) -> Tag | None:
    """The tag that a text up to its > is: clients repeat the same tags in every mail."""
    return _simple_tag(_SIMPLE_TAG.match(source))


def _tag(name: str, closing: bool, source: str) -> Tag:
    means_text = name not in _SKIPPED and name not in _TRANSPARENT
    return Tag(name=name, closing=closing, source=source, means_text=means_text)


def _tag_at(html: str, opening: int, unclosed: set[str]) -> tuple[int, str | Tag | None]:
    """The token that begins with a < and where it ends."""
    if _OPENING.match(html, opening) is None:
        return opening + 1, "<"
    following = html[opening + 1]
    if following == "!":
        return _behind_declaration(html, opening, unclosed), None
    if following == "?":
        return _behind(html, ">", opening, unclosed), None
    end = _tag_end(html, opening, unclosed)
    if end < 0:
        return opening + 1, "<"
    body = html[opening + 1 : end].lstrip("/")
    name = body.split(None, 1)[0].rstrip("/").lower()[:40]
    tag = _tag(name, following == "/", body[len(name) :])
    if name in _SKIPPED:
        return _behind_skipped(html, tag, end + 1, unclosed), None
    return end + 1, tag if tag.means_text else None


def _tag_end(html: str, opening: int, unclosed: set[str]) -> int:
    """Where the > of a tag is, those inside quoted attributes passed over."""
    if ">" in unclosed:
        return -1
    end = html.find(">", opening)
    if end < 0:
        unclosed.add(">")
        return -1
    for _attempt in range(4):
        body = html[opening:end]
        if body.count('"') % 2 == 0:
            return end
        further = html.find(">", end + 1)
        if further < 0 or further - opening > MAX_ATTRIBUTES_LENGTH:
            return end
        end = further
    return html.find(">", opening)


def _behind_declaration(html: str, opening: int, unclosed: set[str]) -> int:
    if html.startswith("<!--", opening):
        return _behind(html, "-->", opening, unclosed)
    return _behind(html, ">", opening, unclosed)


def _behind(html: str, closing: str, opening: int, unclosed: set[str]) -> int:
    """Behind the next closing mark; where there is none, behind the opening one, so that no text is lost."""
    if closing not in unclosed:
        end = html.find(closing, opening)
        if end >= 0:
            return end + len(closing)
        unclosed.add(closing)
    return opening + 2


def _behind_skipped(html: str, tag: Tag, start: int, unclosed: set[str]) -> int:
    """Behind an element whose content is not text; behind its tag where nothing closes it."""
    name = tag.name
    if name not in unclosed and not tag.closing and not tag.source.endswith("/"):
        end = re.compile(f"</{name}[^>]{{0,50}}>", re.IGNORECASE).search(html, start)
        if end is not None:
            return end.end()
        unclosed.add(name)
    return start


def _text(source: str) -> str:
    source = source.replace("&nbsp;", "\xa0")  # by far the most frequent
    return unescape(source) if "&" in source else source
