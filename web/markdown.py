"""Markdown to HTML that is safe to show: no raw HTML, no image or other remote request, plain links only."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from store.commons_words import slug_from_title

TAGS = frozenset(
    {"p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a"}
    | {"h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
)
ATTRIBUTES = {
    "a": {"href"},
    "ol": {"start"},
    **{heading: {"id"} for heading in ("h2", "h3", "h4", "h5", "h6")},
}
SCHEMES = frozenset({"http", "https", "mailto"})
REMEMBERED = 2_000  # rendered texts; a long thread costs several milliseconds
_BARE_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\"'.,;:!?)\]}*_~]")


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading of a text, for its table of contents."""

    level: int  # 2 to 6, as it is shown
    text: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A text as HTML with its headings."""

    html: Markup
    headings: tuple[Heading, ...]


Render = Callable[[str], Rendered]


def renderer() -> Render:
    """A function that renders Markdown; it remembers what it rendered last."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["image"])
    return lru_cache(maxsize=REMEMBERED)(lambda text: _render(parser, text))


def excerpt(text: str, length: int) -> str:
    """The beginning of a Markdown text as plain words, without headings and code, cut between two words."""
    words: list[str] = []
    tokens = MarkdownIt("commonmark", {"html": False}).parse(text[: 8 * length])
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type != "heading_open":
            words.extend("".join(_plain(child) for child in token.children or []).split())
    plain = " ".join(words)
    if len(plain) <= length:
        return plain
    return f"{plain[:length].rpartition(' ')[0] or plain[:length]} …"


def _render(parser: MarkdownIt, text: str) -> Rendered:
    tokens = parser.parse(text)
    headings = _number_headings(tokens)
    _link_bare_urls(tokens)
    html = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(
        html,
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
    )
    return Rendered(html=Markup(clean), headings=headings)  # noqa: S704 - cleaned in the line above


def _number_headings(tokens: list[Token]) -> tuple[Heading, ...]:
    """Let the highest heading be an h2, for the page's title is the only h1, and give each an anchor."""
    found: list[Heading] = []
    taken: set[str] = set()
    highest = min((int(token.tag[1]) for token in tokens if token.type == "heading_open"), default=1)
    for index, token in enumerate(tokens):
        if token.type not in {"heading_open", "heading_close"}:
            continue
        level = min(6, int(token.tag[1]) - highest + 2)
        token.tag = f"h{level}"
        if token.type == "heading_open":
            text = "".join(_plain(child) for child in tokens[index + 1].children or []).strip()
            anchor = _free(slug_from_title(text) or "section", taken)
            token.attrSet("id", anchor)
            found.append(Heading(level=level, text=text, anchor=anchor))
    return tuple(found)


def _free(slug: str, taken: set[str]) -> str:
    """An anchor that no other heading has; the prefix keeps it apart from the page's own."""
    number, anchor = 1, f"s-{slug}"
    while anchor in taken:
        number += 1
        anchor = f"s-{slug}-{number}"
    taken.add(anchor)
    return anchor


def _link_bare_urls(tokens: list[Token]) -> None:
    """Turn web addresses that people typed as they are into links; inside links and code they stay."""
    for token in tokens:
        if token.type != "inline" or not token.children:
            continue
        children: list[Token] = []
        depth = 0
        for child in token.children:
            depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
            children.extend(_linked(child) if child.type == "text" and depth == 0 else [child])
        token.children = children


def _linked(token: Token) -> list[Token]:
    pieces: list[Token] = []
    at = 0
    for match in _BARE_URL.finditer(token.content):
        opening = Token("link_open", "a", 1, attrs={"href": match[0]})
        pieces += [
            _text(token.content[at : match.start()]),
            opening,
            _text(match[0]),
            Token("link_close", "a", -1),
        ]
        at = match.end()
    return [*pieces, _text(token.content[at:])] if pieces else [token]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _plain(token: Token) -> str:
    return " " if token.type in {"softbreak", "hardbreak"} else token.content
