"""Texts that fit: measured as the service measures, cut at a word, the link always kept."""

import re
from collections.abc import Iterator

from connectors.base import Unit
from connectors.rendering.forms import PLAIN
from connectors.rendering.graphemes import graphemes
from connectors.rendering.reading import blocks_of

ELLIPSIS = " …"
_JOINER = "\u2060"  # WORD JOINER: takes no room, and no service counts it among the letters of a word
_ADDRESS_OR_SIGN = re.compile(r"https?://\S+|(?P<sign>[@#＠＃])(?=\w)")
# An address may end before it seems to: "https://example.com),@alice" mentions her.
_SIGN_OUTSIDE = re.compile(r"(?<![=/\w])[@#＠＃](?=\w)")


def length(text: str, unit: Unit) -> int:
    """How long a text is in the units of a service."""
    match unit:
        case Unit.CHARACTERS:
            return len(text)
        case Unit.GRAPHEMES:
            return sum(1 for _ in graphemes(text))
        case Unit.UTF16:
            return len(text.encode("utf-16-le", "surrogatepass")) // 2
        case Unit.BYTES:
            return len(text.encode("utf-8", "surrogatepass"))


def cut(text: str, limit: int, unit: Unit = Unit.CHARACTERS) -> str:
    """A text of at most `limit` units: whole, or cut between two words and ended by an ellipsis."""
    head = _head(text, limit, unit)
    if len(head) == len(text):
        return text
    head = _head(text, limit - length(ELLIPSIS, unit), unit)
    return f"{head[: _end_of_words(head, text)].rstrip()}{ELLIPSIS}" if head else _head("…", limit, unit)


def split(text: str, limit: int, unit: Unit = Unit.CHARACTERS) -> list[str]:
    """A text as pieces of at most `limit` units, parted between paragraphs, lines or words if possible."""
    if limit < 1:
        raise ValueError("a piece needs room for one unit at least")
    return [piece for piece in _pieces(text.strip(), limit, unit) if piece]


def short_post(
    markdown: str,
    *,
    limit: int,
    unit: Unit = Unit.GRAPHEMES,
    title: str = "",
    link: str = "",
    link_length: int | None = None,
    signs: str = "",
) -> str:
    """Title, words and link in so many units, without markup; the words are cut first, then the title.

    `link_length` is what the service counts for any link (Mastodon: 23); `signs` are those of @ and # that it
    would act on: a mail mentions nobody and belongs to no tag there.
    """
    room = limit
    if link:
        room -= (length(link, unit) if link_length is None else link_length) + length("\n\n", unit)
    words = "\n\n".join(filter(None, [title.strip(), PLAIN.blocks(blocks_of(markdown)).strip()]))
    text = cut(disarmed(words, signs), room, unit) if room > 0 else ""
    return "\n\n".join(filter(None, [text, link]))


def disarmed(text: str, signs: str = "@#") -> str:
    """A text in which no sign of `signs` stands right before a word, but for those in web addresses."""
    wide = signs + "".join({"@": "＠", "#": "＃"}.get(sign, "") for sign in signs)

    def parted(sign: re.Match[str]) -> str:
        return f"{sign[0]}{_JOINER}" if sign[0] in wide else sign[0]

    return _ADDRESS_OR_SIGN.sub(
        lambda found: parted(found) if found["sign"] else _SIGN_OUTSIDE.sub(parted, found[0]), text
    )


def _head(text: str, limit: int, unit: Unit) -> str:
    """As many whole letters from the beginning of a text as fit."""
    taken = end = 0
    for letter in graphemes(text):
        taken += 1 if unit is Unit.GRAPHEMES else length(letter, unit)
        if taken > limit:
            break
        end += len(letter)
    return text[:end]


def _end_of_words(head: str, text: str) -> int:
    """Where the last whole word of a head ends; its own end where a single word fills most of it."""
    if text[len(head) : len(head) + 1].isspace():
        return len(head)
    for at in range(len(head) - 1, len(head) // 2, -1):
        if head[at].isspace():
            return at
    return len(head)


def _pieces(text: str, limit: int, unit: Unit) -> Iterator[str]:
    while text:
        head = _head(text, limit, unit) or next(graphemes(text))  # a letter is never taken apart
        if len(head) < len(text):
            end = max(head.rfind("\n\n"), head.rfind("\n", len(head) // 2))
            head = head[: end if end > 0 else _end_of_words(head, text)]
        yield head.rstrip()
        text = text[len(head) :].lstrip()
