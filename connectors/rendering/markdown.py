"""Markdown again, for services that take it, with everything literal that they would act on.

CommonMark with tables and strikethrough, besides {{…}} and {%…%} of site generators (Hugo, Jekyll, Eleventy).
"""

import re
from collections.abc import Sequence

from connectors.rendering.mail_text import code_fence, literal, literal_start
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

_MARKS = {Style.EMPHASIS: "*", Style.STRONG: "**", Style.STRUCK: "~~"}
_TEMPLATE = re.compile(r"\{(?=[{%#])|(?<=[}%#])\}")
_IN_ADDRESS = re.compile(r"[<>\\|\s{}]")
_BACKTICKS = re.compile(r"`+")


class Markdown:
    """The form of Discourse, Mattermost and folders of static sites."""

    marker_start = "<!-- unchain:"
    marker_end = " -->"

    def blocks(self, blocks: Sequence[Block]) -> str:
        """Blocks with an empty line between them."""
        pieces, bullet = [], "-"
        for block in blocks:
            # Two lists in a row would run together; another mark parts them.
            bullet = "*" if bullet == "-" and isinstance(block, Listing) else "-"
            pieces.append(self._block(block, bullet))
        return "\n\n".join(pieces)

    def line(self, text: str) -> str:
        """Words within a line, literal."""
        return _TEMPLATE.sub(lambda found: f"&#{ord(found[0])};", literal(text))

    def heading(self, level: int, text: str) -> str:
        """The title of a section."""
        return f"{'#' * level} {self.line(text)}"

    def strong(self, text: str) -> str:
        """Words that stand out."""
        return f"**{self.line(text)}**" if text.strip() == text else self.line(text)

    def bullets(self, lines: Sequence[str]) -> str:
        """A list of lines that are markup already."""
        return "\n".join(f"- {line}" for line in lines)

    def paragraph(self, line: str) -> str:
        """A line that is markup already, as a paragraph."""
        return "\n".join(map(literal_start, line.strip().split("\n")))

    def folded(self, summary: str, text: str) -> str:
        """Plain text behind a line that shows it, where the service takes these two tags."""
        return f"<details><summary>{self.line(summary)}</summary>\n\n{_fenced(text, '')}\n\n</details>"

    def _block(self, block: Block, bullet: str) -> str:  # noqa: PLR0911 - one for each kind of block
        match block:
            case Paragraph(inlines):
                return self.paragraph(self._inlines(inlines))
            case Heading(level, inlines):
                words = self._inlines(tuple(each for each in inlines if not isinstance(each, Break)))
                return f"{'#' * level} {words}"
            case Listing():
                return self._list(block, bullet)
            case Quote(blocks):
                return "\n".join(f"> {line}".rstrip() for line in self.blocks(blocks).split("\n"))
            case CodeBlock(text, language):
                return _fenced(text, language)
            case Table(head, rows):
                lines = [self._row(head), "|" + " --- |" * len(head), *map(self._row, rows)]
                return "\n".join(lines)
            case Rule():
                return "***"

    def _list(self, listing: Listing, bullet: str) -> str:
        delimiter = "." if bullet == "-" else ")"
        items = []
        for number, item in enumerate(listing.items, listing.start or 0):
            mark = f"{bullet} " if listing.start is None else f"{number}{delimiter} "
            own = self.blocks(item).replace("\n\n", "\n") if listing.is_simple else self.blocks(item)
            items.append(mark + own.replace("\n", "\n" + " " * len(mark)))
        return ("\n" if listing.is_simple else "\n\n").join(items)

    def _row(self, cells: Sequence[Inlines]) -> str:
        return "|" + "".join(f" {self._inlines(_in_cell(cell))} |" for cell in cells)

    def _inlines(self, inlines: Inlines) -> str:
        return "".join(map(self._inline, inlines))

    def _inline(self, inline: Text | Code | Break | Styled | Link) -> str:
        match inline:
            case Text(text):
                return self.line(text)
            case Code(text):
                return _code(text)
            case Break():
                return "\\\n"
            case Styled(style, inner):
                return f"{_MARKS[style]}{self._inlines(inner)}{_MARKS[style]}"
            case Link(address, inner):
                safe = _IN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", address)
                return f"<{safe}>" if inner == (Text(address),) else f"[{self._inlines(inner)}](<{safe}>)"


def _in_cell(inlines: Inlines) -> Inlines:
    """A cell ends at a bar even within code, where a backslash before it is taken away (GFM 4.10)."""
    return tuple(
        Code(each.text.replace("|", "\\|"))
        if isinstance(each, Code)
        else Styled(each.style, _in_cell(each.inlines))
        if isinstance(each, Styled)
        else each
        for each in inlines
    )


def _code(text: str) -> str:
    """Code within a line; the fence is longer than what stands in it (CommonMark 6.1)."""
    text = _unmarked(text)
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    room = " " if text[:1] in {"`", " "} or text[-1:] in {"`", " "} else ""
    return f"{fence}{room}{text}{room}{fence}"


def _unmarked(text: str) -> str:
    """Code is not escaped: what people write there must not read as a marker of ours."""
    return text.replace(Markdown.marker_start, "<!-- unchain\u2060:")


def _fenced(text: str, language: str) -> str:
    text = _unmarked(text)
    fence = code_fence(text.split("\n"))
    return f"{fence}{language}\n{text}\n{fence}"
