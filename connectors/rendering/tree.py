"""Markdown as a small tree of blocks and inlines, which each form (MediaWiki, HTML …) writes in its markup.

Only the tree; reading.py makes it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How a run of words is set apart."""

    EMPHASIS = "emphasis"
    STRONG = "strong"
    STRUCK = "struck"


@dataclass(frozen=True)
class Text:
    """Words as they are to be seen, without any markup; never with a line break."""

    text: str


@dataclass(frozen=True)
class Code:
    """Code within a line."""

    text: str


@dataclass(frozen=True)
class Break:
    """The end of a line within a paragraph."""


@dataclass(frozen=True)
class Styled:
    """Words set apart."""

    style: Style
    inlines: "Inlines"


@dataclass(frozen=True)
class Link:
    """Words that lead to an address of SCHEMES."""

    address: str
    inlines: "Inlines"


Inline = Text | Code | Break | Styled | Link
Inlines = tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """Words in one block."""

    inlines: Inlines


@dataclass(frozen=True)
class Heading:
    """The title of what follows."""

    level: int  # 1 to 6
    inlines: Inlines


@dataclass(frozen=True)
class Listing:
    """A list; its numbers count from `start`, None for bullets."""

    items: tuple["Blocks", ...]
    start: int | None

    @property
    def is_simple(self) -> bool:
        """Whether each item is one paragraph, at most with simple lists below it."""
        return all(
            item
            and isinstance(item[0], Paragraph)
            and all(isinstance(block, Listing) and block.is_simple for block in item[1:])
            for item in self.items
        )


@dataclass(frozen=True)
class Quote:
    """Words of somebody else."""

    blocks: "Blocks"


@dataclass(frozen=True)
class CodeBlock:
    """Lines to be shown letter by letter."""

    text: str  # without a line end at its end
    language: str  # "" where nothing usable was said


@dataclass(frozen=True)
class Table:
    """A table with a row of headings; every row has as many cells."""

    head: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]


@dataclass(frozen=True)
class Rule:
    """A line between two parts."""


Block = Paragraph | Heading | Listing | Quote | CodeBlock | Table | Rule
Blocks = tuple[Block, ...]


def below(blocks: Blocks, level: int) -> Blocks:
    """The blocks with their highest heading at a level, and no heading deeper than 6."""
    highest = min((block.level for block in blocks if isinstance(block, Heading)), default=1)
    return tuple(
        Heading(min(6, block.level - highest + level), block.inlines) if isinstance(block, Heading) else block
        for block in blocks
    )


def words_of(inlines: Inlines) -> str:
    """Inlines as bare words."""
    return "".join(map(_words, inlines))


def _words(inline: Inline) -> str:
    match inline:
        case Text(text) | Code(text):
            return text
        case Break():
            return " "
        case Styled(_, inlines) | Link(_, inlines):
            return words_of(inlines)
