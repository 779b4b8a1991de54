"""Cuts HTML into text and tags in one pass.

Not a tree builder: those are quadratic on deep nesting (half a megabyte of <div> takes half a minute), and
reading a mail needs only the order of text and the containers around it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

MAX_TOKENS = 20_000  # what comes behind so many tags is read without regard to structure
MAX_KNOWN_TAG = 300  # characters of a tag worth remembering
SHORTEST_STRETCH = 512  # characters that are cut at once as long as all tags are plain; it doubles each time
LONGEST_STRETCH = 8_192
WARY = 8  # tokens that are looked at one by one where one was out of the ordinary
MAX_ATTRIBUTES_LENGTH = 4_000  # what is read of one tag's attributes; data: addresses are longer
_BLOCK_TAG = re.compile(r"</?(?:p|div|br|tr|li|h\d|table|blockquote|pre|hr|ul|ol)\b[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_OPENING = re.compile(r"<(?=/?[a-zA-Z]|[!?])")
_UNMARKED = {"xmp", "plaintext"}
_SKIPPED = {
    "style",
    "script",
    "title",
    "template",
    "xml",
    "svg",
    "math",
    "object",
    "iframe",
    "noembed",
    *_UNMARKED,
}
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
    "o:p",
    "wbr",
    "meta",
    "link",
}
_PLAIN_TAG = re.compile(r"(<[^<>]{1,300}>)")
_SIMPLE_TAG = re.compile(
    r"<(/?)([a-zA-Z][^\s<>/\"']{0,40})([^<>\"]*|(?:[^<>\"]*\"[^<>\"]*\"){1,30}[^<>\"]*)>"
)
_ATTRIBUTE = re.compile(
    r"(?<![\w:-])([a-zA-Z][\w:-]{0,40})(?:\s{0,8}=\s{0,8}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]{1,400})))?"
)

_END_OF_HEAD = re.compile(r"</head\b|<body\b", re.IGNORECASE)
# In an attribute "&sect" counts only with its semicolon: links hold "&section=1".
_REFERENCE = re.compile(r"&#?\w{1,32};")


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
            found.setdefault(match[1].lower(), _REFERENCE.sub(_decoded, value) if "&" in value else value)
        return found


@dataclass(frozen=True, slots=True)
class Remainder:
    """Whole lines: what is beyond the budget, tags left out, or what stands where tags are text."""

    text: str


def tokens(html: str) -> Iterator[str | Tag | Remainder]:
    """Text (entities decoded) and tags in order; comments, styles, scripts and declarations left out."""
    position, room, wary, stretch = 0, MAX_TOKENS, 0, SHORTEST_STRETCH
    unclosed: set[str] = set()
    while room and ">" not in unclosed:
        if not wary:
            pieces = _PLAIN_TAG.split(html[position : position + stretch])
            for text, source in zip(pieces[:-1:2], pieces[1::2], strict=True):
                tag = _known_tag(source)
                if tag is None or "<" in text or not room:
                    break
                if not tag.means_text and tag.name in _SKIPPED:
                    break
                if text:
                    yield _text(text) if "&" in text else text
                if tag.means_text:
                    yield tag
                position += len(text) + len(source)
                room -= 1
            else:
                if len(pieces) > 1:
                    stretch = min(2 * stretch, LONGEST_STRETCH)
                    continue
            # Where one token is out of the ordinary, others are.
            wary, stretch = WARY, SHORTEST_STRETCH
        opening = html.find("<", position)
        if opening < 0 or not room:
            break
        if opening > position:
            text = html[position:opening]
            yield _text(text) if "&" in text else text
        position, token = _tag_at(html, opening, unclosed)
        if token is not None:
            yield token
        room -= 1
        wary -= 1
    yield from _rest(html[position:], unclosed)


def _rest(html: str, unclosed: set[str]) -> Iterator[str | Remainder]:
    """What is behind the last token."""
    if html and ">" not in unclosed and "<" in html:
        yield Remainder(_text(_ANY_TAG.sub("", _BLOCK_TAG.sub("\n", html))))
    elif html:
        yield _text(html)


@lru_cache(maxsize=4096)
def _known_tag(source: str) -> Tag | None:
    """The tag that a text up to its > is: clients repeat the same tags in every mail."""
    match = _SIMPLE_TAG.match(source)
    if match is None or _ends_in_quotes(match[3]):
        return None
    return _tag(match[2].lower(), bool(match[1]), match[3])


def _ends_in_quotes(attributes: str) -> bool:
    """Whether the > behind is part of an attribute in single quotes."""
    quoted = attributes.rfind("='")
    return quoted >= 0 and "'" not in attributes[quoted + 2 :]


def _tag(name: str, closing: bool, source: str) -> Tag:
    means_text = name not in _SKIPPED and name not in _TRANSPARENT
    return Tag(name=name, closing=closing, source=source, means_text=means_text)


def _tag_at(html: str, opening: int, unclosed: set[str]) -> tuple[int, str | Tag | Remainder | None]:
    """The token that begins with a < and where it ends."""
    if _OPENING.match(html, opening) is None:
        return opening + 1, "<"
    following = html[opening + 1]
    if following in "!?":
        return _behind_declaration(html, opening, unclosed), None
    end = html.find(">", opening, opening + MAX_KNOWN_TAG)
    tag = _known_tag(html[opening : end + 1]) if end > 0 else None
    if tag is None:
        end = _tag_end(html, opening, unclosed)
        if end < 0:
            return opening + 1, "<"
        body = html[opening + 1 : end].lstrip("/")
        name = body.split(None, 1)[0].rstrip("/").lower()[:40]
        tag = _tag(name, following == "/", body[len(name) :])
    if tag.name in _UNMARKED and not tag.closing:
        return _unmarked(html, tag.name, end + 1)
    if tag.name in _SKIPPED:
        return _behind_skipped(html, tag, end + 1, unclosed), None
    return end + 1, tag if tag.means_text else None


def _unmarked(html: str, name: str, start: int) -> tuple[int, Remainder]:
    """The content of an element in which tags are text, to its end or that of the mail."""
    closing = re.compile(f"</{name}[^>]{{0,50}}>", re.IGNORECASE).search(html, start)
    end = len(html) if closing is None else closing.end()
    return end, Remainder(html[start : end if closing is None else closing.start()])


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
        if body.count('"') % 2 == 0 and not _ends_in_quotes(body):
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
        head = _END_OF_HEAD.search(html, start) if name in ("style", "title", "script") else None
        return head.start() if head is not None else start
    return start


def _decoded(reference: re.Match[str]) -> str:
    return unescape(reference.group())


def _text(source: str) -> str:
    source = source.replace("&nbsp;", "\xa0")  # by far the most frequent
    return unescape(source) if "&" in source else source
