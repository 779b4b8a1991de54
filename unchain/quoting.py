"""What is folded below a post: signature and the like, and of the quotes only what is on the page anyway.

A quote may hold an aside, or a mail that was never in the thread; its words are for those who got them.
"""

from collections.abc import Iterable

from domain.mail import Message, TextPart, Trim

_OWN = frozenset({None, Trim.SIGNATURE, Trim.DISCLAIMER, Trim.FOOTER, Trim.DEVICE})  # written with this mail


def said_in(messages: Iterable[Message]) -> str:
    """The words of these mails on one line, to look quotes up in."""
    return " ".join(_bare(part.text) for message in messages for part in message.parts if part.trim in _OWN)


def folded(message: Message, said: str) -> str:
    """The trimmed text of a mail without quoted lines that `said` does not hold.

    Each quoted line is looked up by itself, so that re-wrapped quotes are found; the line that introduces
    a quote stays where some of the quote does.
    """
    kept: list[str] = []
    introduction: list[str] = []
    for part in message.parts:
        if part.trim is Trim.ATTRIBUTION:
            introduction = part.text.splitlines()
        elif part.trim in _OWN:
            kept += part.text.splitlines() if part.trim is not None else []
        elif quoted := _known_lines(part, said):
            kept += [*introduction, *quoted]
            introduction = []
    return "\n".join(kept).strip("\n")


def _known_lines(part: TextPart, said: str) -> list[str]:
    lines = [line for line in part.text.splitlines() if (bare := _bare(line)) == "" or bare in said]
    return lines if any(_bare(line) for line in lines) else []


def _bare(text: str) -> str:
    """Words alone: no quote marks, one blank between words, lower case."""
    return " ".join(" ".join(line.lstrip("> \t|") for line in text.splitlines()).split()).casefold()
