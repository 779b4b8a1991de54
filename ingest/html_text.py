"""Turns a mail's HTML into readable lines, each with what its container says about it.

Keeps lists, tables, code and link targets as text; leaves out what is not shown. One pass over the tokens,
nothing recursive, so that depth costs nothing.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from domain.mail import Trim
from ingest.attributions import is_attribution
from ingest.html_lines import LineBuilder
from ingest.html_quotes import Rest, container_mark, is_hidden
from ingest.html_tokens import MAX_KNOWN_TAG, Remainder, Tag, tokens

MAX_LINK = 200  # longer targets are redirects of trackers and gateways
MAX_DEPTH_OF_LISTS = 24

_BLANKS = re.compile(r"[ \t\r\n\f]{2,}|[\t\r\n\f]")  # but single spaces, which may stay
_VOID = {"br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr", "source", "embed"}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "dl", "blockquote"}
_BLOCKS = _PARAGRAPHS | {
    *("div", "tr", "li", "section", "article", "header", "footer", "center", "dt", "dd", "address", "form"),
    *("body", "html", "tbody", "thead", "fieldset", "figure", "main", "aside", "caption"),
}
_BEGINNING = {"pre", "li", "tr", "td", "th"}  # elements that do more than part or hide text
_CLOSED_BY_NEXT = {"p", "li", "td", "th", "tr", "dt", "dd", "option"}


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
    link_from: int = 0  # how much of the line stood before the link
    lines_from: int = 0  # of a bare blockquote: how many lines stood before it


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What an opening tag's attributes say."""

    mark: Trim | Rest | None
    hidden: bool
    tight: bool
    link: str


_NOTHING = _Meaning(mark=None, hidden=False, tight=False, link="")


@dataclass(slots=True)
class _Reader:
    """The open elements, what they mean for the text, and the lines."""

    out: LineBuilder = field(default_factory=LineBuilder)
    elements: list[_Element] = field(default_factory=list)
    open_tags: dict[str, int] = field(default_factory=dict)
    hidden: bool = False
    pre: bool = False


def html_lines(html: str) -> tuple[list[str], list[Trim | None]]:
    """The readable lines of an HTML body and what the container of each says it is; never raises."""
    reader = _Reader()
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


def _read_remainder(reader: _Reader, remainder: Remainder) -> None:
    lines = [stripped for line in remainder.text.split("\n") if (stripped := line.strip())]
    if lines:
        reader.out.append_lines(lines)


def _read_text(reader: _Reader, text: str) -> None:
    if reader.hidden:
        return
    out = reader.out
    if reader.pre:
        first, *others = text.replace("\r\n", "\n").split("\n")
        out.append(first)
        for other in others:
            out.new_line()
            out.append(other)
        return
    if text.isspace() and "\xa0" not in text and (not out.line or out.break_pending):
        return
    if "\n" in text or "  " in text or "\r" in text or "\t" in text or "\f" in text:
        text = _BLANKS.sub(" ", text)
    out.append(text.lstrip(" ") if not out.line or out.break_pending else text)


def _open(reader: _Reader, tag: Tag) -> None:
    name = tag.name
    if name in _VOID:
        _read_void(reader, tag)
        return
    if name in _CLOSED_BY_NEXT and reader.elements and reader.elements[-1].tag == name:
        _close(reader, name)
    out = reader.out
    element = _Element(name, out.mark, reader.hidden, reader.pre)
    reader.elements.append(element)
    reader.open_tags[name] = reader.open_tags.get(name, 0) + 1
    if name in _BLOCKS:
        out.break_line()
    meaning = _known_meaning(tag) if len(tag.source) < MAX_KNOWN_TAG else _meaning(tag)
    if meaning is not _NOTHING or name == "blockquote":
        _read_attributes(reader, element, meaning)
    if name in _PARAGRAPHS or name in _BEGINNING:
        _begin(reader, element)


def _read_attributes(reader: _Reader, element: _Element, meaning: _Meaning) -> None:
    mark = meaning.mark
    if mark is None and element.tag == "blockquote" and is_attribution(reader.out.last_text()):
        mark = Trim.QUOTE
    if isinstance(mark, Rest):
        reader.out.rest = Trim.QUOTE
    elif mark is not None and reader.out.mark is None:
        reader.out.mark = mark
    reader.hidden = reader.hidden or meaning.hidden
    element.tight = meaning.tight
    element.link = meaning.link
    element.link_from = len(reader.out.line)
    element.lines_from = len(reader.out.texts) + bool(reader.out.line)


@lru_cache(maxsize=4096)
def _known_meaning(tag: Tag) -> _Meaning:
    return _meaning(tag)


def _meaning(tag: Tag) -> _Meaning:
    if not tag.source:
        return _NOTHING
    attributes = tag.attributes()
    style = attributes.get("style", "").lower().replace(" ", "")
    tight = "mso" in attributes.get("class", "").lower() or "margin:0" in style or "margin-top:0" in style
    meaning = _Meaning(
        mark=container_mark(tag.name, attributes),
        hidden=is_hidden(attributes),
        tight=tag.name == "p" and tight,
        link=attributes.get("href", "").strip() if tag.name == "a" else "",
    )
    return _NOTHING if meaning == _NOTHING else meaning


def _begin(reader: _Reader, element: _Element) -> None:
    name = element.tag
    if not (reader.out.at_cell and name == "p"):
        _part(reader, element)
    if name == "pre":
        reader.pre = True
    elif name == "li":
        _begin_item(reader)
    elif name == "tr":
        reader.out.begin_row()
    elif name in ("td", "th"):
        reader.out.begin_cell()


def _part(reader: _Reader, element: _Element) -> None:
    """Let a blank line stand between a paragraph and its neighbours; lists in lists have none."""
    if element.tag not in _PARAGRAPHS or element.tight:
        return
    if not (element.tag in ("ul", "ol") and reader.open_tags.get("li")):
        reader.out.blank_pending = True


def _begin_item(reader: _Reader) -> None:
    if reader.hidden:
        return
    lists = [element for element in reader.elements[-MAX_DEPTH_OF_LISTS:] if element.tag in ("ul", "ol")]
    bullet = "- "
    if lists and lists[-1].tag == "ol":
        lists[-1].numbers += 1
        bullet = f"{lists[-1].numbers}. "
    reader.out.flush()
    reader.out.append("  " * max(0, len(lists) - 1) + bullet)


def _read_void(reader: _Reader, tag: Tag) -> None:
    if reader.hidden:
        return
    if tag.name == "br":
        reader.out.new_line()
    elif tag.name == "hr":
        if isinstance(container_mark("hr", tag.attributes()), Rest):
            reader.out.rest = Trim.QUOTE
        reader.out.flush()
        reader.out.append("---")
        reader.out.break_pending = True
    elif tag.name == "img":
        alternative = tag.attributes().get("alt", "")
        if len(alternative) <= 4 and not alternative.isascii():
            reader.out.append(alternative)  # clients put emoji in as pictures


def _close(reader: _Reader, name: str) -> None:
    if not reader.open_tags.get(name):
        return
    while reader.elements:
        element = reader.elements.pop()
        reader.open_tags[element.tag] -= 1
        if element.link or element.tag in _BLOCKS:
            _end(reader, element)
        reader.out.mark, reader.hidden, reader.pre = element.mark, element.hidden, element.pre
        if element.tag == name:
            return


def _end(reader: _Reader, element: _Element) -> None:
    if element.link and not reader.hidden:
        _end_link(reader.out, element)
    if element.tag == "blockquote" and reader.out.mark is None:
        _settle_blockquote(reader.out, element.lines_from)
    if element.tag in _BLOCKS:
        reader.out.break_pending = reader.out.break_pending or bool(reader.out.line)
        _part(reader, element)


def _settle_blockquote(out: LineBuilder, first: int) -> None:
    """Mark a bare blockquote that begins with its own attribution as quoted."""
    out.flush()
    while first < len(out.texts) and not out.texts[first]:
        first += 1
    if first < len(out.texts) and out.marks[first] is None and is_attribution(out.texts[first]):
        out.marks[first:] = [mark or Trim.QUOTE for mark in out.marks[first:]]


def _end_link(out: LineBuilder, element: _Element) -> None:
    """Put a link's target behind its words, unless they say it already."""
    words = out.line[element.link_from :].strip()
    target = element.link
    if not words or len(target) > MAX_LINK or not target.startswith(("http://", "https://")):
        return
    bare = target.partition("://")[2].rstrip("/").lower().removeprefix("www.")
    shown = words.lower().rstrip("…. /").removeprefix("http://").removeprefix("https://").removeprefix("www.")
    if bare in shown or ("." in shown and shown in bare):
        return
    out.line = f"{out.line.rstrip()} <{target}>"
