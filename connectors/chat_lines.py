"""A publication as lines of styled words, for chats whose messages are built of parts and take no markup.

What no markup is made of cannot be born as markup: mentions, links and commands of a mail stay words.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.rendering.reading import blocks_of
from connectors.rendering.short import cut
from connectors.rendering.tree import (
    Block,
    Break,
    Code,
    CodeBlock,
    Heading,
    Inline,
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
from connectors.rendering.words import moment, name_of, origin, say
from domain.publication import Post, Publication

MORE = "…"
LONGEST_RUN = 1000  # characters; so that a message can be cut close to its limit


@dataclass(frozen=True, kw_only=True)
class Run:
    """Words of one look."""

    text: str  # never empty, never with a line break
    bold: bool = False
    italic: bool = False
    struck: bool = False
    code: bool = False
    address: str = ""  # where the words lead


Line = tuple[Run, ...]


def lines_of(publication: Publication, *, title_length: int) -> Iterator[Line]:
    """The title in so many characters, then each post below its author's name, then where it came from."""
    language = publication.language
    yield (Run(text=cut(" ".join(publication.title.split()) or MORE, title_length), bold=True),)
    for post in publication.posts:
        yield (Run(text=f"{name_of(post.author, language)}, {moment(post.at, language)}", bold=True),)
        yield from _lines_of_post(post, language)
    names = list(dict.fromkeys(name_of(post.author, language) for post in publication.posts))
    yield (Run(text=origin(names, language), italic=True),)


def fitting(lines: Iterator[Line], limit: int, cost: Callable[[Line], int]) -> list[Line]:
    """As many lines as fit, whole but for the last, which ends in an ellipsis where something is left out."""
    end: Line = (Run(text=MORE),)
    room, taken = limit - cost(end), list[Line]()
    for line in lines:
        price = cost(line)
        if price > room:
            part = _part(line, room, cost)
            return [*taken, part, end] if part else [*taken, end]
        room -= price
        taken.append(line)
    return taken


def _part(line: Line, room: int, cost: Callable[[Line], int]) -> Line:
    """The runs of a line that fit, from its beginning; the last may be cut."""
    kept: Line = ()
    for run in line:
        words = run.text
        while words and cost((*kept, replace(run, text=words))) > room:
            words = words[: len(words) * 3 // 4]
        if not words:
            break
        kept = (*kept, replace(run, text=words))
    return kept


def _lines_of_post(post: Post, language: str) -> Iterator[Line]:
    yield from _blocks(blocks_of(post.markdown))
    if post.attachments:
        yield (Run(text=f"{say('attachments', language)}: {', '.join(post.attachments)}", italic=True),)


def _blocks(blocks: Sequence[Block]) -> Iterator[Line]:
    for block in blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[Line]:
    match block:
        case Paragraph(inlines):
            yield from _broken(inlines)
        case Heading(_, inlines):
            yield from _broken((Styled(Style.STRONG, inlines),))
        case Listing(items, start):
            for number, item in enumerate(items, start or 0):
                yield from _behind("• " if start is None else f"{number}. ", _blocks(item), following="   ")
        case Quote(blocks):
            yield from _behind("> ", _blocks(blocks), following="> ")
        case CodeBlock(text, _):
            for line in text.split("\n"):
                yield tuple(_runs((Code(line),), Run(text="x"))) or (Run(text=" "),)
        case Table(head, rows):
            for row in (head, *rows):
                cells = (tuple(_runs(cell, Run(text="x"))) for cell in row)
                yield tuple(run for cell in cells for run in (*cell, Run(text=" | ")))[:-1]
        case Rule():
            yield (Run(text="* * *"),)


def _behind(mark: str, lines: Iterator[Line], *, following: str) -> Iterator[Line]:
    for line in lines:
        yield (Run(text=mark), *line)
        mark = following


def _broken(inlines: Sequence[Inline]) -> Iterator[Line]:
    """The lines of a paragraph."""
    line: list[Run] = []
    for run in _runs(inlines, Run(text="x")):
        if run.text == "\n":
            yield tuple(line) or (Run(text=" "),)
            line = []
        else:
            line.append(run)
    if line:
        yield tuple(line)


def _runs(inlines: Sequence[Inline], look: Run) -> Iterator[Run]:
    for inline in inlines:
        match inline:
            case Text(text):
                yield from _pieces(text, look)
            case Code(text):
                yield from _pieces(text, replace(look, code=True))
            case Break():
                yield replace(look, text="\n")
            case Styled(style, inner):
                yield from _runs(inner, _styled(look, style))
            case Link(address, inner):
                yield from _runs(inner, replace(look, address=address))


def _pieces(text: str, look: Run) -> Iterator[Run]:
    bare = " ".join(text.split("\n"))
    return (replace(look, text=bare[at : at + LONGEST_RUN]) for at in range(0, len(bare), LONGEST_RUN))


def _styled(look: Run, style: Style) -> Run:
    match style:
        case Style.STRONG:
            return replace(look, bold=True)
        case Style.EMPHASIS:
            return replace(look, italic=True)
        case Style.STRUCK:
            return replace(look, struck=True)
