"""Cuts HTML into text and tags in one pass.

Not a tree builder: those are quadratic on deep nesting (half a megabyte of <div> takes half a minute), and
reading a mail needs only the order of text and the containers around it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

MAX_TOKENS = 50_000  # what comes behind so many tags is read without regard to structure
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


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening or closing tag."""

    name: str  # lower case
    closing: bool
    source: str  # between the name and the >

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
    position, length = 0, len(html)
    unclosed: set[str] = set()
    known: dict[str, Tag] = {}  # clients repeat the same tags
    for _count in range(MAX_TOKENS):
        opening = html.find("<", position)
        if opening < 0 or ">" in unclosed:
            break
        if opening > position:
            yield _text(html[position:opening])
        simple = _SIMPLE_TAG.match(html, opening)
        if simple is None:
            position, token = _tag_at(html, opening, unclosed)
            if token is not None:
                yield token
            continue
        position, source = simple.end(), simple.group()
        tag = known.get(source)
        if tag is None:
            tag = known[source] = Tag(name=simple[2].lower(), closing=bool(simple[1]), source=simple[3])
        if tag.name in _SKIPPED:
            position = _behind_skipped(html, tag, position, unclosed)
        elif tag.name not in _TRANSPARENT:
            yield tag
    if position < length and ">" not in unclosed and "<" in html[position:]:
        yield Remainder(_text(_ANY_TAG.sub("", _BLOCK_TAG.sub("\n", html[position:]))))
    elif position < length:
        yield _text(html[position:])


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
    tag = Tag(name=name, closing=following == "/", source=body[len(name) :])
    if name in _SKIPPED:
        return _behind_skipped(html, tag, end + 1, unclosed), None
    return end + 1, None if name in _TRANSPARENT else tag


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
    return unescape(source) if "&" in source else source
