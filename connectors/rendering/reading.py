"""From Markdown to the tree: CommonMark with tables and strikethrough, as the commons take it.

Raw HTML stays text and pictures become links. Takes time linear in the length of the text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from connectors.rendering.tree import (
    Block,
    Blocks,
    Break,
    Code,
    CodeBlock,
    Heading,
    Inline,
    Inlines,
    Link,
    Listing,
    Paragraph,
    Quote,
    Rule,
    Style,
    Styled,
    Table,
    Text,
    words_of,
)

NESTING = 20  # levels of quotes and lists; what lies deeper is shown as it was typed
SCHEMES = ("http://", "https://", "mailto:")  # other addresses are no links: only their words are shown
_BARE_URL = re.compile(r"https?://[^\s<>\"]+")
_CONTAINERS = frozenset({"blockquote_open", "list_item_open"})
_UNSEEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0xD800, 0xE000)])
_UNSEEN |= {0xFFFE: None, 0xFFFF: None}  # neither is a character of XML


def blocks_of(markdown: str) -> Blocks:
    """The blocks of a Markdown text; takes time linear in its length."""
    source = markdown.replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)
    lines = source.split("\n")
    root = _Frame()
    for part in _parts(_parser().parse(source)):
        if any(token.type in _CONTAINERS and token.level >= NESTING - 1 for token in part):
            # The parser drops what is nested deeper than it wants to go.
            first, last = part[0].map or [0, len(lines)]
            root.blocks.append(CodeBlock("\n".join(lines[first:last]), ""))
        else:
            _build(part, root)
    return tuple(root.blocks)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    settings = {"html": False, "maxNesting": NESTING}
    return MarkdownIt("commonmark", settings).enable(["table", "strikethrough"]).disable(["image"])


def _parts(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The tokens of each outermost block."""
    start = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            yield tokens[start : index + 1]
            start = index + 1


@dataclass
class _Frame:
    """What has been gathered for a block that is open."""

    opened: Token | None = None
    blocks: list[Block] = field(default_factory=list)
    inlines: Inlines = ()
    items: list[Blocks] = field(default_factory=list)
    cells: list[Inlines] = field(default_factory=list)
    rows: list[tuple[Inlines, ...]] = field(default_factory=list)


def _build(tokens: Sequence[Token], root: _Frame) -> None:
    frames = [root]
    for token in tokens:
        if token.nesting == 1:
            frames.append(_Frame(token))
        elif token.nesting == -1:
            closed = frames.pop()
            _close(closed, frames[-1])
        elif token.type == "inline":
            frames[-1].inlines = _inlines(token.children or [])
        elif token.type in {"fence", "code_block"}:
            frames[-1].blocks.append(CodeBlock(token.content.removesuffix("\n"), _language(token.info)))
        else:
            frames[-1].blocks.append(Rule())


def _close(frame: _Frame, parent: _Frame) -> None:
    assert frame.opened is not None
    match frame.opened.type:
        case "paragraph_open":
            parent.blocks.append(Paragraph(frame.inlines))
        case "heading_open":
            parent.blocks.append(Heading(int(frame.opened.tag[1]), frame.inlines))
        case "blockquote_open":
            parent.blocks.append(Quote(tuple(frame.blocks)))
        case "list_item_open":
            parent.items.append(tuple(frame.blocks))
        case "bullet_list_open":
            parent.blocks.append(Listing(tuple(frame.items), None))
        case "ordered_list_open":
            start = frame.opened.attrGet("start")
            parent.blocks.append(Listing(tuple(frame.items), 1 if start is None else int(start)))
        case "th_open" | "td_open":
            parent.cells.append(frame.inlines)
        case "tr_open":
            parent.rows.append(tuple(frame.cells))
        case "thead_open" | "tbody_open":
            parent.rows.extend(frame.rows)
        case "table_open":
            parent.blocks.append(Table(frame.rows[0], tuple(frame.rows[1:])))


def _language(info: str) -> str:
    word = info.split(" ", 1)[0]
    return word.lower() if re.fullmatch(r"[A-Za-z0-9]{1,20}", word) else ""


_STYLES = {"em_open": Style.EMPHASIS, "strong_open": Style.STRONG, "s_open": Style.STRUCK}


def _inlines(tokens: Sequence[Token]) -> Inlines:
    """The inlines of a block; markup nested deeper than NESTING is left out, its words are not."""
    open_tokens: list[Token] = []
    gathered: list[list[Inline]] = [[]]
    for token in tokens:
        if token.nesting == 1:
            open_tokens.append(token)
            if len(open_tokens) <= NESTING:
                gathered.append([])
        elif token.nesting == -1:
            opened = open_tokens.pop()
            if len(open_tokens) < NESTING:
                inner = _joined(gathered.pop())
                gathered[-1].extend(_wrapped(opened, inner))
        else:
            gathered[-1].append(_leaf(token))
    return _linked(_joined(gathered[0]))


def _leaf(token: Token) -> Inline:
    match token.type:
        case "code_inline":
            return Code(token.content)
        case "hardbreak":
            return Break()
        case "softbreak":
            return Text(" ")
        case _:
            return Text(token.content.replace("\n", " "))


def _wrapped(opened: Token, inner: Inlines) -> Inlines:
    if opened.type in _STYLES:
        return (Styled(_STYLES[opened.type], inner),) if words_of(inner).strip() else inner
    address = str(opened.attrGet("href") or "")
    return (Link(address, inner or (Text(address),)),) if address.lower().startswith(SCHEMES) else inner


def _joined(inlines: Sequence[Inline]) -> Inlines:
    """Texts that stand side by side as one, so that no markup can hide between two of them."""
    joined: list[Inline] = []
    run: list[str] = []
    for inline in inlines:
        if isinstance(inline, Text):
            run.append(inline.text)
            continue
        if text := "".join(run):
            joined.append(Text(text))
        run = []
        joined.append(inline)
    if text := "".join(run):
        joined.append(Text(text))
    return tuple(joined)


def _linked(inlines: Inlines) -> Inlines:
    """Web addresses that people typed as they are become links."""
    found: list[Inline] = []
    for inline in inlines:
        match inline:
            case Text(text):
                found.extend(_links_in(text))
            case Styled(style, inner):
                found.append(Styled(style, _linked(inner)))
            case _:
                found.append(inline)
    return tuple(found)


def _links_in(text: str) -> Iterator[Inline]:
    at = 0
    for match in _BARE_URL.finditer(text):
        address = match[0].rstrip(".,;:!?)]}'*_~")
        if address.endswith("//") or len(address) < len("http://a"):
            continue
        if match.start() > at:
            yield Text(text[at : match.start()])
        yield Link(address, (Text(address),))
        at = match.start() + len(address)
    if at < len(text):
        yield Text(text[at:])
