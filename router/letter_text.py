"""The body of our mails: a text template per mail and language, as wrapped plain text and modest HTML.

The text is the only source; the HTML part says the same, word for word.
"""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from router.wording import typeset_french

LANGUAGES = ("en", "fr")  # those with templates

_WIDTH = 72  # RFC 3676 section 4.2 advises at most 78
_TEXTS = Environment(
    loader=PackageLoader("router", "mails"),
    autoescape=False,  # noqa: S701  # plain text; the HTML part has its own, escaping environment
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_PAGES = Environment(loader=PackageLoader("router", "mails"), autoescape=True, undefined=StrictUndefined)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph, an indented list of choices or links, or the signature."""

    kind: str  # paragraph, choices, signature
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LetterText:
    """A mail's body in both forms."""

    plain: str
    html: str


def write(mail: str, language: str, words: Mapping[str, object], links: tuple[str, ...]) -> LetterText:
    """Fill the template of a mail in a language of LANGUAGES; `links` are the addresses to make clickable."""
    filled = _TEXTS.get_template(f"{mail}.{language}.txt").render(words)
    blocks = tuple(
        _block(piece, language) for piece in re.split(r"\n{2,}", filled.strip("\n")) if piece.strip()
    )
    page = _PAGES.get_template("letter.html").render(
        blocks=blocks, links=links, language=language, title=str(words["subject"])
    )
    return LetterText(plain="\n\n".join(_plain(block) for block in blocks) + "\n", html=page)


def _block(piece: str, language: str) -> Block:
    lines = piece.strip("\n").split("\n")
    if lines[0] == "-- ":
        return Block(kind="signature", lines=tuple(_typeset(line, language) for line in lines[1:]))
    kind = "choices" if lines[0].startswith("    ") else "paragraph"
    return Block(kind=kind, lines=tuple(_typeset(line.strip(), language) for line in lines))


def _plain(block: Block) -> str:
    if block.kind == "choices":
        return "\n".join(f"    {line}" for line in block.lines)
    if block.kind == "signature":
        return "-- \n" + _wrap(block.lines)
    return _wrap(block.lines)


def _wrap(lines: tuple[str, ...]) -> str:
    return textwrap.fill(" ".join(lines), width=_WIDTH, break_long_words=False, break_on_hyphens=False)


def _typeset(line: str, language: str) -> str:
    return typeset_french(line) if language == "fr" else line
