"""MediaWiki's wikitext (its core alone, no extension). Text is born literal by character references.

https://www.mediawiki.org/wiki/Help:Formatting and, for what is replaced before a page is stored,
https://www.mediawiki.org/wiki/Manual:Pre-save_transform
"""

import re
from collections.abc import Sequence

from connectors.rendering.tree import (
    Block,
    Break,
    Code,
    CodeBlock,
    Heading,
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
)

_LINE_START = frozenset("*#:;=!-+| \t")
_SPECIAL = re.compile(
    r"[<>\[\]{}|]"
    r"|&(?=#?\w{1,40};)"
    r"|'(?=')|(?<=')'|^'|'$"  # also where markup of ours stands beside it
    r"|~(?=~)|(?<=~)~|_(?=_)|(?<=_)_"
    r"|:(?=//)|(?<=//)(?=//)"
    r"|(?<=ISBN)[ \u00a0](?=\d)|(?<=RFC)[ \u00a0](?=\d)|(?<=PMID)[ \u00a0](?=\d)"
)
# Addresses that MediaWiki makes links of without // behind them ($wgUrlProtocols).
_PROTOCOL = re.compile(
    r"(?<!\w)(bitcoin|geo|magnet|mailto|matrix|news|sip|sips|sms|tel|urn|xmpp):", re.IGNORECASE
)
_MARKS = {Style.EMPHASIS: ("''", "''"), Style.STRONG: ("'''", "'''"), Style.STRUCK: ("<s>", "</s>")}
_IN_ADDRESS = re.compile(r"[\[\]{}|<>\"'\s]|~(?=~)|(?<=~)~|_(?=_)|(?<=_)_")


class Wikitext:
    """The form of MediaWiki."""

    marker_start = "<!-- unchain:"
    marker_end = " -->"

    def blocks(self, blocks: Sequence[Block]) -> str:
        """Blocks with an empty line between them."""
        return "\n\n".join(map(self._block, blocks))

    def line(self, text: str) -> str:
        """Words within a line, literal."""
        return _escape(text)

    def heading(self, level: int, text: str) -> str:
        """The title of a section."""
        return _heading(level, _escape(text))

    def strong(self, text: str) -> str:
        """Words that stand out."""
        return f"'''{_escape(text)}'''"

    def bullets(self, lines: Sequence[str]) -> str:
        """A list of lines that are markup already."""
        return "\n".join(f"* {line}" for line in lines)

    def paragraph(self, line: str) -> str:
        """A line that is markup already, as a paragraph."""
        return _guarded(line)

    def folded(self, summary: str, text: str) -> str:
        """Plain text behind a button that shows it."""
        content = f'<div class="mw-collapsible-content">\n{_pre(text)}\n</div>'
        return f'<div class="mw-collapsible mw-collapsed">\n{_escape(summary)}\n{content}\n</div>'

    def _block(self, block: Block) -> str:  # noqa: PLR0911 - one for each kind of block
        match block:
            case Paragraph(inlines):
                return _guarded(_inlines(inlines))
            case Heading(level, inlines):
                return _heading(
                    level, _inlines(tuple(each for each in inlines if not isinstance(each, Break)))
                )
            case Listing():
                return _simple_list(block, "") if _is_plain(block) else self._html_list(block)
            case Quote(blocks):
                return f"<blockquote>\n\n{self.blocks(blocks)}\n\n</blockquote>"
            case CodeBlock(text, _):
                return _pre(text)
            case Table():
                return _table(block)
            case Rule():
                return "----"

    def _html_list(self, listing: Listing) -> str:
        tag = "ul" if listing.start is None else "ol"
        start = "" if listing.start in {None, 1} else f' start="{listing.start}"'
        items = "\n".join(f"<li>\n{self.blocks(item)}\n</li>" for item in listing.items)
        return f"<{tag}{start}>\n{items}\n</{tag}>"


def _is_plain(listing: Listing) -> bool:
    """Whether wikitext's own lists can say it: they hold single lines and count from one."""
    nested = (block for item in listing.items for block in item if isinstance(block, Listing))
    return listing.is_simple and listing.start in {None, 1} and all(map(_is_plain, nested))


def _simple_list(listing: Listing, prefix: str) -> str:
    prefix += "*" if listing.start is None else "#"
    lines = []
    for item in listing.items:
        for block in item:
            if isinstance(block, Paragraph):
                lines.append(f"{prefix} {_guarded(_inlines(block.inlines))}")
            elif isinstance(block, Listing):
                lines.append(_simple_list(block, prefix))
    return "\n".join(lines)


def _table(table: Table) -> str:
    head = [f"! {_inlines(cell)}" for cell in table.head]
    rows = ["\n".join(["|-", *(f"| {_inlines(cell)}" for cell in row)]) for row in table.rows]
    return "\n".join(['{| class="wikitable"', *head, *rows, "|}"])


def _heading(level: int, line: str) -> str:
    equals = "=" * level
    return f"{equals} {line.replace('=', '&#61;').strip()} {equals}"


def _inlines(inlines: Inlines) -> str:
    return "".join(map(_inline, inlines))


def _inline(inline: Text | Code | Break | Styled | Link) -> str:
    match inline:
        case Text(text):
            return _escape(text)
        case Code(text):
            return f"<code>{_escape(text)}</code>"
        case Break():
            return "<br />"
        case Styled(style, inner):
            before, after = _MARKS[style]
            return f"{before}{_inlines(inner)}{after}"
        case Link(address, inner):
            return f"[{_IN_ADDRESS.sub(lambda found: f'%{ord(found[0]):02X}', address)} {_inlines(inner)}]"


def _escape(text: str) -> str:
    return _PROTOCOL.sub(
        r"\1&#58;", _SPECIAL.sub(lambda found: "".join(f"&#{ord(each)};" for each in found[0]), text)
    )


def _guarded(line: str) -> str:
    """A line that begins with nothing that would make a list, a heading or code of it."""
    line = line.strip()
    return f"&#{ord(line[0])};{line[1:]}" if line[:1] in _LINE_START and line else line


def _pre(text: str) -> str:
    return f"<pre>\n{_escape(text)}\n</pre>"
