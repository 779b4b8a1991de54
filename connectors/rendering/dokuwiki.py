"""DokuWiki's markup (no plugin is needed). Text is born literal between %% or <nowiki>.

https://www.dokuwiki.org/wiki:syntax; what its lexer takes was read in inc/Parsing/ParserMode.
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
    words_of,
)

JOINER = "\u2060"  # WORD JOINER: takes no room; parts letters where DokuWiki knows no way to escape them
# Runs of signs that mean something when they are doubled, single ones that always do, words that become
# pictures (conf/smileys.conf), addresses without a scheme, and signs at an edge, where markup of ours may be.
_SPECIAL = re.compile(
    r"(?P<percent>%+)"
    r"|[*/_'<>()\[\]{}~\\=|^:;!?,@$&#+-]{2,}"
    r"|[<>|^\\]"
    r"|(?<=\d)x(?=\d)|(?<=\b8)-(?=[oO])|(?<=\bm)\(|\((?=(?:c|r|tm)\))"
    r"|\b(?:LOL|FIXME|DELETEME)\b"
    r"|(?<=\bwww)\.|(?<=\bftp)\."
    r"|^[*/'\[\]]|[*/'\[\]]$",
    re.IGNORECASE,
)
_MARKS = {Style.EMPHASIS: ("//", "//"), Style.STRONG: ("**", "**"), Style.STRUCK: ("<del>", "</del>")}
_IN_ADDRESS = re.compile(r"[\[\]{}|<>\"\s]")
_IN_LABEL = re.compile(r"[\[\]{}|<>]")


class DokuWiki:
    """The form of DokuWiki."""

    marker_start = "[[#unchain:"  # it knows no comments; a link to the page itself shows as a small sign
    marker_end = "|¶]]"

    def blocks(self, blocks: Sequence[Block]) -> str:
        """Blocks with an empty line between them."""
        return "\n\n".join(map(_block, blocks))

    def line(self, text: str) -> str:
        """Words within a line, literal."""
        return _escape(text)

    def heading(self, level: int, text: str) -> str:
        """The title of a section; DokuWiki has five levels of them."""
        equals = "=" * max(2, 7 - level)
        return f"{equals} {_bare(text)} {equals}"

    def strong(self, text: str) -> str:
        """Words that stand out."""
        return f"**{_escape(text)}**"

    def bullets(self, lines: Sequence[str]) -> str:
        """A list of lines that are markup already."""
        return "\n".join(f"  * {line}" for line in lines)

    def paragraph(self, line: str) -> str:
        """A line that is markup already, as a paragraph."""
        return line.strip()

    def folded(self, summary: str, text: str) -> str:
        """Plain text below its name: DokuWiki alone folds nothing."""
        return f"//{_escape(summary)}//\n\n{_code(text, '')}"


def _block(block: Block) -> str:  # noqa: PLR0911 - one for each kind of block
    match block:
        case Paragraph(inlines):
            return _inlines(inlines).strip()
        case Heading(level, inlines):
            return DokuWiki().heading(level, words_of(inlines))
        case Listing():
            return _list(block, 1)
        case Quote():
            return "\n".join(f"> {line}".rstrip() for line in _lines(block.blocks))
        case CodeBlock(text, language):
            return _code(text, language)
        case Table(head, rows):
            table = ["".join(f"^ {_inlines(cell)} " for cell in head) + "^"]
            return "\n".join(
                [*table, *("".join(f"| {_inlines(cell)} " for cell in row) + "|" for row in rows)]
            )
        case Rule():
            return "----"


def _list(listing: Listing, depth: int) -> str:
    if listing.start not in {None, 1}:  # its lists always count from one
        return "\\\\ ".join(_lines((listing,)))
    mark = "*" if listing.start is None else "-"
    lines = []
    for item in listing.items:
        nested = [block for block in item if isinstance(block, Listing)]
        own = "\\\\ ".join(
            _code(block.text, block.language)
            if isinstance(block, CodeBlock)
            else "\\\\ ".join(_lines((block,)))
            for block in item
            if not isinstance(block, Listing)
        )
        lines.append(f"{'  ' * depth}{mark} {own}")
        lines.extend(
            _list(each, depth + 1) if each.start in {None, 1} else _nested_lines(each, depth + 1, mark)
            for each in nested
        )
    return "\n".join(lines)


def _nested_lines(listing: Listing, depth: int, mark: str) -> str:
    return "\n".join(f"{'  ' * depth}{mark} {line}" for line in _lines((listing,)))


def _lines(blocks: Sequence[Block]) -> list[str]:
    """Blocks as single lines, for where DokuWiki takes nothing else."""
    lines: list[str] = []
    for block in blocks:
        match block:
            case Paragraph(inlines):
                lines.append(_inlines(inlines).strip())
            case Heading(_, inlines):
                lines.append(f"**{_escape(words_of(inlines))}**")
            case Quote(inner):
                lines.extend(f"> {line}" for line in _lines(inner))
            case Listing(items, start):
                for number, item in enumerate(items, start or 0):
                    first, *rest = _lines(item) or [""]
                    lines.extend([f"{'•' if start is None else f'{number}.'} {first}", *rest])
            case CodeBlock(text, _):
                lines.extend(f"''{_escape(line)}''" if line.strip() else "" for line in text.split("\n"))
            case Table(head, rows):
                lines.extend(" · ".join(map(_inlines, row)) for row in (head, *rows))
            case Rule():
                lines.append("----")
    return lines


def _code(text: str, language: str) -> str:
    """Code; it ends at the first closing tag, so another pair is taken where it holds one."""
    tag = "file" if "</code>" in text.lower() else "code"
    text = text.replace("[[#unchain:", f"[{JOINER}[#unchain:")  # or it would be taken for a marker of ours
    if "</file>" in text.lower():
        text = text.replace("</", f"</{JOINER}") if tag == "file" else text
    return f"<{tag}{f' {language}' if language else ''}>\n{text}\n</{tag}>"


def _inlines(inlines: Inlines) -> str:
    return "".join(map(_inline, inlines))


def _inline(inline: Text | Code | Break | Styled | Link) -> str:
    match inline:
        case Text(text):
            return _escape(text)
        case Code(text):
            return f"''{_escape(text)}''"
        case Break():
            return "\\\\ "
        case Styled(style, inner):
            before, after = _MARKS[style]
            return f"{before}{_inlines(inner)}{after}"
        case Link(address, inner):
            return _link(
                _IN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", address), words_of(inner).strip()
            )


def _link(address: str, label: str) -> str:
    """A link; what stands in its words is shown as it is, so no markup and no bracket may be there."""
    if not label or label == address:
        return f"[[{address}]]"
    if _IN_LABEL.search(label):
        return f"{_escape(label)} ([[{address}]])"
    return f"[[{address}|{label}]]"


def _escape(text: str) -> str:
    return _SPECIAL.sub(_literal, text)


def _literal(found: re.Match[str]) -> str:
    return f"<nowiki>{found[0]}</nowiki>" if found["percent"] else f"%%{found[0]}%%"


def _bare(text: str) -> str:
    """The words of a heading, in which DokuWiki shows all signs as they are; no marker may be among them."""
    return text.replace("[[", f"[{JOINER}[").replace("\n", " ").strip()
