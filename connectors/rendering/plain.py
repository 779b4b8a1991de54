"""Plain text that reads well without any markup; numbers, bullets and quote marks are written out."""

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
    Styled,
    Table,
    Text,
)


class Plain:
    """The form of whatever takes no markup at all."""

    marker_start = ""  # nothing can be hidden in plain text
    marker_end = ""

    def blocks(self, blocks: Sequence[Block]) -> str:
        """Blocks with an empty line between them."""
        return "\n\n".join(map(self._block, blocks))

    def line(self, text: str) -> str:
        """Words as they are."""
        return text

    def heading(self, level: int, text: str) -> str:
        """A line of its own."""
        return text

    def strong(self, text: str) -> str:
        """Words as they are."""
        return text

    def bullets(self, lines: Sequence[str]) -> str:
        """A list of lines."""
        return "\n".join(f"• {line}" for line in lines)

    def paragraph(self, line: str) -> str:
        """A line."""
        return line.strip()

    def folded(self, summary: str, text: str) -> str:
        """Plain text behind a bar at the left."""
        return "\n".join([f"{summary}:", *(f"| {line}".rstrip() for line in text.split("\n"))])

    def _block(self, block: Block) -> str:
        match block:
            case Paragraph(inlines) | Heading(_, inlines):
                return _words(inlines).strip()
            case Listing(items, start):
                marks = (("• " if start is None else f"{start + index}. ") for index in range(len(items)))
                return "\n".join(self._item(mark, item) for mark, item in zip(marks, items, strict=True))
            case Quote(blocks):
                return "\n".join(f"> {line}".rstrip() for line in self.blocks(blocks).split("\n"))
            case CodeBlock(text, _):
                return text
            case Table(head, rows):
                return "\n".join(" | ".join(map(_words, row)) for row in (head, *rows))
            case Rule():
                return "* * *"

    def _item(self, mark: str, blocks: Sequence[Block]) -> str:
        return mark + self.blocks(blocks).replace("\n\n", "\n").replace("\n", "\n" + " " * len(mark))


def _words(inlines: Inlines) -> str:
    return "".join(map(_word, inlines))


def _word(inline: Text | Code | Break | Styled | Link) -> str:
    match inline:
        case Text(text) | Code(text):
            return text
        case Break():
            return "\n"
        case Styled(_, inner):
            return _words(inner)
        case Link(address, inner):
            words = _words(inner).strip()
            return words if words in {address, address.removeprefix("mailto:")} else f"{words} ({address})"
