"""What an opening tag means for the text in its element, worked out once for each tag that recurs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from domain.mail import Trim
from ingest.html_items import list_kind, whole_number
from ingest.html_quotes import Rest, container_mark, has_quoting_edge
from ingest.html_styles import (
    compact,
    has_no_margin,
    is_boxed,
    is_grid,
    is_hidden,
    is_symbol,
    is_word_bullet,
    keeps_blanks,
    word_list_level,
)
from ingest.html_tokens import MAX_KNOWN_TAG, Tag

VOID = {"br", "hr", "img", "meta", "link", "input", "col", "area", "base", "wbr", "source", "embed"}
PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "dl", "blockquote"}
BLOCKS = PARAGRAPHS | {
    *("div", "tr", "li", "section", "article", "header", "footer", "center", "dt", "dd", "address", "form"),
    *("body", "html", "tbody", "thead", "tfoot", "fieldset", "figure", "main", "aside", "caption", "nav"),
    *("option", "button", "details", "summary", "noscript", "menu", "dir", "legend"),
}
STRUCK = {"s", "strike", "del"}
_BEGINNING = {"li", "tr", "td", "th", "dd", "ol", "table", "pre"}
_LOOKING_BACK = (Trim.QUOTE, Rest.WRAPPED, Rest.INTRODUCES)
_SETTLED = {"blockquote", "table", "tr"}
_CLOSED_BY_NEXT = {"p", "li", "td", "th", "tr", "dt", "dd", "option"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an opening tag's attributes say."""

    mark: Trim | Rest | None = None  # whose text it is
    hidden: bool = False
    tight: bool = False  # a paragraph without margins, as Outlook writes every line
    edged: bool = False  # a line on its left, as beside a quote
    indenting: bool = False  # a blockquote by which the author moves his text to the right
    boxed: bool = False  # set apart by a frame or ground
    verbatim: bool = False  # blanks and line ends are shown
    bullet: bool = False  # what Word writes before an item
    symbol: bool = False  # letters that are shown as pictures
    level: int = 0  # of a list in Word, from 1
    grid: bool = False  # a table of data
    link: str = ""
    number: int | None = None  # of an item, or of a list's first
    kind: str = "1"  # how a list counts


NOTHING = Meaning()
_TELLING_WITHOUT_STYLE = frozenset({"p", "a", "ol", "li", "table"})  # by attributes of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do at an opening tag and where its element ends."""

    meaning: Meaning
    void: bool
    closes_own_kind: bool  # an open element of the same name ends here
    inert: bool  # it changes nothing
    block: bool  # begins a line
    parts: bool  # stands between blank lines
    marks: bool  # may say whose text it is, or hide it
    begins: bool  # does more than that
    settles: bool  # its end changes the lines


def plan_of(tag: Tag) -> Plan:
    """What to do at an opening tag."""
    return _known_plan(tag) if len(tag.source) < MAX_KNOWN_TAG else _plan(tag)


@lru_cache(maxsize=4096)
def _known_plan(tag: Tag) -> Plan:
    return _plan(tag)


def _plan(tag: Tag) -> Plan:
    name, meaning = tag.name, _meaning(tag)
    block, quote = name in BLOCKS, name == "blockquote"
    marks = quote or meaning.hidden or meaning.edged or meaning.mark is not None
    changes = bool(meaning.link) or meaning.bullet or meaning.symbol or name in STRUCK
    begins = name in _BEGINNING or meaning.verbatim or meaning.level > 0
    return Plan(
        meaning=meaning,
        void=name in VOID,
        closes_own_kind=name in _CLOSED_BY_NEXT,
        inert=not (block or marks or begins or changes),
        block=block,
        parts=meaning.boxed or (name in PARAGRAPHS and not meaning.tight),
        marks=marks,
        begins=begins,
        settles=changes or name in _SETTLED or meaning.mark in _LOOKING_BACK,
    )


def _meaning(tag: Tag) -> Meaning:
    name = tag.name
    if not tag.source and name not in ("signature", "includetail"):
        return NOTHING
    attributes = tag.attributes()
    style = compact(attributes.get("style", ""))
    mark, hidden = container_mark(name, attributes, style), is_hidden(attributes, style)
    if not style and name not in _TELLING_WITHOUT_STYLE:
        return Meaning(mark=mark, hidden=hidden) if hidden or mark is not None else NOTHING
    meaning = Meaning(
        mark=mark,
        hidden=hidden,
        tight=name == "p" and has_no_margin(attributes),
        edged=name in ("div", "table") and has_quoting_edge(style),
        indenting=name == "blockquote" and "border:none" in style,
        boxed=name in ("div", "p", "table") and is_boxed(style),
        verbatim=keeps_blanks(style),
        bullet=is_word_bullet(style),
        symbol=name == "span" and is_symbol(style),
        level=word_list_level(style) if name == "p" else 0,
        grid=name == "table" and is_grid(attributes),
        link=attributes.get("href", "").strip() if name == "a" else "",
        number=_number(name, attributes),
        kind=list_kind(attributes, style) if name == "ol" else "1",
    )
    return NOTHING if meaning == NOTHING else meaning


def _number(name: str, attributes: Mapping[str, str]) -> int | None:
    if name == "ol":
        return whole_number(attributes.get("start", ""))
    return whole_number(attributes.get("value", "")) if name == "li" else None
