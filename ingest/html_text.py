"""Turns a mail's HTML into readable lines, each with what its container says about it.

Keeps lists, tables, code and link targets as text; leaves out what is not shown. One pass over the tokens,
nothing recursive, so that depth costs nothing.
"""

import re
from functools import lru_cache

from domain.mail import Trim
from ingest.html_closing import settle
from ingest.html_items import picture_words
from ingest.html_lines import RULE
from ingest.html_meaning import Meaning, plan_of
from ingest.html_opening import begin, begin_rest, part, read_attributes
from ingest.html_quotes import Rest
from ingest.html_state import Element, Reader
from ingest.html_styles import head_has_tight_paragraphs
from ingest.html_tokens import Remainder, Tag, tokens

_BLANKS = re.compile(r"[ \t\r\n\f]{2,}|[\t\r\n\f]")  # but single spaces, which may stay


def html_lines(html: str) -> tuple[list[str], list[Trim | None]]:
    """The readable lines of an HTML body and what the container of each says it is; never raises."""
    reader = Reader(tight=head_has_tight_paragraphs(html))
    for token in tokens(html):
        if isinstance(token, str):
            _read_text(reader, token)
        elif isinstance(token, Tag):
            if token.closing:
                _close(reader, token.name)
            else:
                _open(reader, token)
        else:
            _read_remainder(reader, token)
    reader.out.flush()
    return reader.out.texts, reader.out.marks


def _read_remainder(reader: Reader, remainder: Remainder) -> None:
    lines = [stripped for line in remainder.text.split("\n") if (stripped := line.strip())]
    if lines:
        reader.out.append_lines(lines)


def _read_text(reader: Reader, text: str) -> None:
    if reader.hidden:
        return
    if reader.pre:
        _read_verbatim(reader, text)
        return
    out = reader.out
    if text.isspace() and "\xa0" not in text and (not out.line or out.break_pending):
        return
    if "\n" in text or "  " in text or "\r" in text or "\t" in text or "\f" in text:
        text = _BLANKS.sub(" ", text)
    at_beginning = not out.line or out.break_pending or out.at_cell
    out.append(text.lstrip(" ") if at_beginning else text)


def _read_verbatim(reader: Reader, text: str) -> None:
    out = reader.out
    text = text.replace("\r\n", "\n")
    if reader.at_pre:
        text, reader.at_pre = text.removeprefix("\n"), False  # as browsers do
    if text.isspace() and out.break_pending:
        return
    first, *others = text.split("\n")
    out.append(first)
    for other in others:
        out.new_line()
        out.append(other)


def _open(reader: Reader, tag: Tag) -> None:
    plan, name = plan_of(tag), tag.name
    if plan.void:
        _read_void(reader, tag, plan.meaning)
        return
    if plan.closes_own_kind and reader.elements and reader.elements[-1].tag == name:
        _close(reader, name)
    if name == "tr" and reader.elements and reader.elements[-1].tag in ("td", "th"):
        _close(reader, "tr")
    reader.open_tags[name] = reader.open_tags.get(name, 0) + 1
    if plan.inert:
        reader.elements.append(_inert(name))
        return
    out = reader.out
    element = Element(name, plan, out.mark, reader.hidden, reader.pre, out.indent)
    reader.elements.append(element)
    if plan.block and not out.at_cell:
        out.break_pending = bool(out.line)
    if plan.marks:
        read_attributes(reader, element)
    if plan.parts and not (out.at_cell and name == "p"):
        part(reader, element)
    if plan.begins:
        begin(reader, element)
    if plan.settles:
        element.place = out.place()


@lru_cache(maxsize=256)
def _inert(name: str) -> Element:
    """An element that changes nothing; one stands for all of its name."""
    return Element(name, plan_of(Tag(name=name, closing=False, source="", means_text=True)))


def _read_void(reader: Reader, tag: Tag, meaning: Meaning) -> None:
    out = reader.out
    if tag.name == "col" and reader.grids:
        reader.grids[-1] = True  # spreadsheets give their tables columns
    if reader.hidden or meaning.hidden:
        return
    if tag.name == "br":
        out.new_line()
    elif tag.name == "hr":
        if meaning.mark is Rest.QUOTE:
            begin_rest(out)
        out.flush()
        out.append(RULE)
        out.break_pending = True
    elif tag.name == "img":
        out.append(picture_words(tag.attributes()))


def _close(reader: Reader, name: str) -> None:
    if not reader.open_tags.get(name):
        return
    elements, open_tags, out = reader.elements, reader.open_tags, reader.out
    while elements:
        element = elements.pop()
        open_tags[element.tag] -= 1
        plan = element.plan
        if not plan.inert:
            if plan.settles:
                settle(reader, element)
            if plan.block:
                out.break_pending = out.break_pending or bool(out.line)
            if plan.parts:
                part(reader, element)
            out.mark, out.indent = element.mark, element.indent
            reader.hidden, reader.pre = element.hidden, element.pre
        if element.tag == name:
            return
