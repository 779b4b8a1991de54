"""Turns a mail's HTML into readable lines, each with what its container says about it.

Keeps lists, tables, code and link targets as text; leaves out what is not shown. One pass over the tokens,
nothing recursive, so that depth costs nothing.
"""

import re
from dataclasses import dataclass, field
from itertools import islice

from domain.mail import Trim
from ingest.html_quotes import Rest, container_mark, is_hidden
from ingest.html_tokens import Tag, tokens

MAX_TOKENS = 100_000  # more are read without regard to structure
MAX_LINE = 20_000
MAX_LINK = 200  # longer targets are redirects of trackers and gateways

_BLANKS = re.compile(r"[ \t\r\n\f]+")
_VOID = {"br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr", "source", "embed"}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "dl", "blockquote"}
_BLOCKS = _PARAGRAPHS | {
    *("div", "tr", "li", "section", "article", "header", "footer", "center", "dt", "dd", "address", "form"),
    *("body", "html", "tbody", "thead", "fieldset", "figure", "main", "aside", "caption"),
}
_PLAIN_BREAKS = dict.fromkeys(_BLOCKS | {"br", "hr"}, "\n")
_CLOSED_BY_NEXT = {"p", "li", "td", "th", "tr", "dt", "dd", "option"}


@dataclass(frozen=True, slots=True)
class HtmlLine:
    """A line of readable text and what its container says it is."""

    text: str
    mark: Trim | None


@dataclass(slots=True)
class _Element:
    """An open element and what held before it."""

    tag: str
    mark: Trim | None
    hidden: bool
    pre: bool
    tight: bool = False  # a paragraph without margins, as Outlook writes every line
    numbers: int = 0  # of an ordered list: items so far
    link: str = ""
    link_from: int = -1  # how much of the line stood before the link


@dataclass(slots=True)
class _Reader:
    """The state while reading: the open elements and the line being built."""

    lines: list[HtmlLine] = field(default_factory=list)
    elements: list[_Element] = field(default_factory=list)
    open_tags: dict[str, int] = field(default_factory=dict)
    line: str = ""
    line_mark: Trim | None = None
    mark: Trim | None = None
    rest: Trim | None = None
    hidden: bool = False
    pre: bool = False
    break_pending: bool = False
    blank_pending: bool = False
    row_lines: int = -1  # number of lines when the table row began
    at_cell: bool = False  # just behind the separator of two cells


def html_lines(html: str) -> list[HtmlLine]:
    """The readable lines of an HTML body; never raises."""
    reader = _Reader()
    stream = tokens(html)
    for token in islice(stream, MAX_TOKENS):
        if isinstance(token, str):
            _read_text(reader, token)
        elif token.closing:
            _close(reader, token.name)
        else:
            _open(reader, token)
    _flush(reader)
    rest = "".join(token if isinstance(token, str) else _PLAIN_BREAKS.get(token.name, "") for token in stream)
    reader.lines.extend(HtmlLine(line.strip(), reader.rest) for line in rest.split("\n") if line.strip())
    return reader.lines


def _read_text(reader: _Reader, text: str) -> None:
    if reader.hidden:
        return
    if reader.pre:
        first, *others = text.replace("\r\n", "\n").split("\n")
        _append(reader, first)
        for other in others:
            _new_line(reader)
            _append(reader, other)
        return
    text = _BLANKS.sub(" ", text)
    if not reader.line or reader.break_pending:
        text = text.lstrip(" ")
    if text:
        _append(reader, text)


def _append(reader: _Reader, text: str) -> None:
    if not text:
        return
    mark = reader.mark or reader.rest
    changed = mark is not reader.line_mark and reader.line.strip()
    if reader.break_pending or changed or len(reader.line) > MAX_LINE:
        _flush(reader)
    if reader.blank_pending and text.strip(" \xa0"):
        if reader.lines and reader.lines[-1].text:
            reader.row_lines += reader.row_lines == len(reader.lines)
            reader.lines.append(HtmlLine("", None))
        reader.blank_pending = False
    reader.at_cell = False
    reader.line_mark = mark
    reader.line += text.replace("\xa0", " ")


def _flush(reader: _Reader) -> None:
    """End the line being built, if it has anything."""
    if reader.line:
        reader.lines.append(HtmlLine(reader.line.rstrip(), reader.line_mark))
        reader.line = ""
    reader.break_pending = False


def _new_line(reader: _Reader) -> None:
    """End the line being built even if it is blank."""
    if reader.line and not reader.break_pending:
        _flush(reader)
        return
    _flush(reader)
    reader.lines.append(HtmlLine("", None))


def _open(reader: _Reader, tag: Tag) -> None:
    name = tag.name
    if name in _VOID:
        _read_void(reader, tag)
        return
    if name in _CLOSED_BY_NEXT and reader.elements and reader.elements[-1].tag == name:
        _close(reader, name)
    element = _Element(name, reader.mark, reader.hidden, reader.pre)
    reader.elements.append(element)
    reader.open_tags[name] = reader.open_tags.get(name, 0) + 1
    if name in _BLOCKS and not reader.at_cell:
        reader.break_pending = bool(reader.line)
    if tag.source.strip(" /") or name == "blockquote":
        _read_attributes(reader, element, tag)
    _begin(reader, element)


def _read_attributes(reader: _Reader, element: _Element, tag: Tag) -> None:
    attributes = tag.attributes()
    mark = container_mark(tag.name, attributes)
    if isinstance(mark, Rest):
        reader.rest = Trim.QUOTE
    elif mark is not None and reader.mark is None:
        reader.mark = mark
    reader.hidden = reader.hidden or is_hidden(attributes)
    style = attributes.get("style", "").lower().replace(" ", "")
    element.tight = (
        "mso" in attributes.get("class", "").lower() or "margin:0" in style or "margin-top:0" in style
    )
    if tag.name == "a":
        element.link = attributes.get("href", "").strip()
        element.link_from = len(reader.line)


def _begin(reader: _Reader, element: _Element) -> None:
    name = element.tag
    if (
        name in _PARAGRAPHS
        and not element.tight
        and not (name in ("ul", "ol") and reader.open_tags.get("li"))
    ):
        reader.blank_pending = True
    if name == "pre":
        reader.pre = True
    elif name == "li":
        _begin_item(reader)
    elif name == "tr":
        _flush(reader)
        reader.row_lines = len(reader.lines)
    elif name in ("td", "th"):
        _begin_cell(reader)


def _begin_item(reader: _Reader) -> None:
    lists = [element for element in reader.elements[-24:] if element.tag in ("ul", "ol")]
    if reader.hidden:
        return
    bullet = "- "
    if lists and lists[-1].tag == "ol":
        lists[-1].numbers += 1
        bullet = f"{lists[-1].numbers}. "
    _flush(reader)
    _append(reader, "  " * max(0, len(lists) - 1) + bullet)


def _begin_cell(reader: _Reader) -> None:
    """Keep the cells of a row on one line, as long as each is a line."""
    if reader.line.strip() and reader.row_lines == len(reader.lines):
        reader.break_pending = reader.blank_pending = False
        reader.at_cell = True
        reader.line = reader.line.rstrip() + (" " if reader.line.rstrip().endswith(":") else " | ")
    else:
        reader.break_pending = bool(reader.line)


def _read_void(reader: _Reader, tag: Tag) -> None:
    if reader.hidden:
        return
    if tag.name == "br":
        _new_line(reader)
    elif tag.name == "hr":
        if container_mark("hr", tag.attributes()) is not None:
            reader.rest = Trim.QUOTE
        _flush(reader)
        _append(reader, "---")
        reader.break_pending = True
    elif tag.name == "img":
        alternative = tag.attributes().get("alt", "")
        if alternative and len(alternative) <= 4 and not alternative.isascii():
            _append(reader, alternative)  # clients put emoji in as pictures


def _close(reader: _Reader, name: str) -> None:
    if not reader.open_tags.get(name):
        return
    while reader.elements:
        element = reader.elements.pop()
        reader.open_tags[element.tag] -= 1
        _end(reader, element)
        if element.tag == name:
            return


def _end(reader: _Reader, element: _Element) -> None:
    if element.link and not reader.hidden:
        _end_link(reader, element)
    if element.tag in _BLOCKS:
        reader.break_pending = reader.break_pending or bool(reader.line)
        if element.tag in _PARAGRAPHS and not element.tight:
            reader.blank_pending = True
    reader.mark, reader.hidden, reader.pre = element.mark, element.hidden, element.pre


def _end_link(reader: _Reader, element: _Element) -> None:
    """Put a link's target behind its words, unless they say it already."""
    words = reader.line[element.link_from :].strip()
    target = element.link
    if not words or len(target) > MAX_LINK or not target.startswith(("http://", "https://")):
        return
    bare = target.partition("://")[2].rstrip("/").lower()
    if bare.removeprefix("www.") in words.lower() or words.lower().rstrip("…. ") in bare:
        return
    reader.line = f"{reader.line.rstrip()} <{target}>"
