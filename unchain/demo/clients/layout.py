"""Laying out text: wrapping, quoting, the HTML of paragraphs and lists, localised dates."""

import html
import re
import textwrap
from datetime import datetime
from hashlib import sha256

from babel.dates import format_datetime

SIGNATURE_DASHES = "-- "  # the space is part of it (RFC 3676, section 4.3)
_LIST_LINE = re.compile(r"^(?:[-*•]|\d{1,2}[.)]) +")


def wrap(text: str, width: int) -> str:
    """The text with its lines broken at `width` columns; quoted lines keep their marks on each line."""
    return "\n".join(piece for line in text.split("\n") for piece in _wrap_line(line, width, ""))


def flow(text: str, width: int) -> str:
    """The text as format=flowed (RFC 3676): soft breaks end in a space, risky lines are stuffed."""
    return "\n".join(piece for line in text.split("\n") for piece in _wrap_line(line, width, " "))


def _wrap_line(line: str, width: int, soft_end: str) -> list[str]:
    if line == SIGNATURE_DASHES:
        return [line]
    marks = re.match(r"(?:> ?)*", line)
    prefix = marks[0] if marks else ""
    rest = line[len(prefix) :]
    if prefix and not prefix.endswith(" ") and rest:
        prefix += " "
    pieces = textwrap.wrap(rest, width - len(prefix), break_long_words=False, break_on_hyphens=False)
    if not pieces:
        return [prefix.rstrip()]
    if soft_end and not prefix and pieces[0].startswith((" ", "From ", ">")):
        pieces[0] = " " + pieces[0]
    return [prefix + piece + soft_end for piece in pieces[:-1]] + [prefix + pieces[-1]]


def mark_quote(text: str) -> str:
    """The text with `> ` before each line, as plain-text clients quote."""
    return "\n".join(
        (">" + line if line.startswith(">") else "> " + line).rstrip() for line in text.split("\n")
    )


def has_inline_answers(text: str) -> bool:
    """Whether the author has quoted by hand and answered in between."""
    return any(line.startswith("> ") for line in text.split("\n"))


def html_blocks(text: str, paragraph: str, gap: str) -> str:
    """The text as HTML: `paragraph` holds `{}`; `gap` stands between paragraphs; lists become lists."""
    blocks = (_html_block(block, paragraph) for block in text.strip("\n").split("\n\n"))
    return gap.join(blocks)


def _html_block(block: str, paragraph: str) -> str:
    out: list[str] = []
    items: list[str] = []
    tag = "ul"
    for line in block.split("\n"):
        if (mark := _LIST_LINE.match(line)) is not None:
            tag = "ol" if line[0].isdigit() else "ul"
            items.append(f"<li>{html.escape(line[mark.end() :], quote=False)}</li>")
            continue
        if items:
            out.append(f"<{tag}>{''.join(items)}</{tag}>")
            items = []
        out.append(paragraph.format(html.escape(line, quote=False)))
    if items:
        out.append(f"<{tag}>{''.join(items)}</{tag}>")
    return "\n".join(out)


def html_lines(text: str) -> str:
    """The text line by line, as a client shows a plain-text mail within HTML."""
    return "<br>\n".join(html.escape(line, quote=False) for line in text.split("\n"))


def localised(moment: datetime, pattern: str, language: str) -> str:
    """A date in a CLDR pattern, in Canadian English or French."""
    return format_datetime(moment, pattern, locale="fr_CA" if language == "fr" else "en_CA")


def token(seed: str, length: int) -> str:
    """A stable hexadecimal token of a seed."""
    return sha256(seed.encode()).hexdigest()[:length]
