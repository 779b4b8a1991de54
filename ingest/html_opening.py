"""What the beginning of an HTML element does to the lines: marks, blank lines, bullets, cells."""

from domain.mail import Trim
from ingest.attributions import is_attribution
from ingest.html_items import item_label
from ingest.html_lines import LineBuilder
from ingest.html_meaning import Meaning
from ingest.html_quotes import Rest
from ingest.html_rows import Row
from ingest.html_state import Element, Reader
from ingest.html_wrappers import Wrapper

MAX_DEPTH_OF_LISTS = 24
_EARLIER = (Trim.QUOTE, Trim.FORWARDED)
_LISTS = ("ul", "ol")


def read_attributes(reader: Reader, element: Element) -> None:
    meaning, out = element.plan.meaning, reader.out
    mark = meaning.mark
    if mark is None and (element.tag == "blockquote" or meaning.edged):
        mark = _mark_by_place(reader, element)
    if mark is Rest.WRAPPED:
        out.rest, mark = None, Trim.QUOTE
    if mark is Rest.QUOTE:
        begin_rest(out)
    elif isinstance(mark, Trim) and out.mark is None:
        _begin_marked(reader, element, mark)
    reader.hidden = reader.hidden or meaning.hidden
    if element.tag == "blockquote" and reader.wrapper is not None:
        reader.wrapper.open(out.next_line())


def begin_rest(out: LineBuilder) -> None:
    """All from here on is the earlier mail; within a quoted mail the mark parts what is quoted already."""
    if out.mark not in _EARLIER:
        out.mark_rule_above(Trim.QUOTE)
        out.rest = Trim.QUOTE


def _begin_marked(reader: Reader, element: Element, mark: Trim) -> None:
    out = reader.out
    if mark is Trim.QUOTE:
        first, end = reader.introduction
        if first < end == out.next_line():
            out.mark_again(first, end, Trim.ATTRIBUTION)
        if element.tag != "blockquote":
            reader.wrapper = element.wrapper = Wrapper(first=out.next_line())
    out.mark = mark


def _mark_by_place(reader: Reader, element: Element) -> Trim | None:
    """A quote, where an element that does not say so itself stands below an attribution."""
    out, meaning = reader.out, element.plan.meaning
    if out.mark is not None:
        return None
    above = out.last_text()
    if out.last_mark() is Trim.ATTRIBUTION or is_attribution(above):
        reader.answering = True
        return Trim.QUOTE
    # The next piece of the same mail, below an answer; a citation is announced.
    goes_on = reader.answering and element.tag == "blockquote" and not meaning.indenting
    return Trim.QUOTE if goes_on and not above.endswith(":") else None


def begin(reader: Reader, element: Element) -> None:
    name, out, meaning = element.tag, reader.out, element.plan.meaning
    if name == "pre" or meaning.verbatim:
        reader.pre, reader.at_pre = True, name == "pre"
    if meaning.level:
        out.indent = "  " * (meaning.level - 1)
    if name == "li":
        _begin_item(reader, meaning)
    elif name == "ol":
        element.number = (1 if meaning.number is None else meaning.number) - 1
    elif name == "dd":
        out.indent = (out.indent + "  ")[: 2 * MAX_DEPTH_OF_LISTS]
    elif name == "table":
        reader.grids.append(meaning.grid)
    elif name == "tr":
        _begin_row(reader)
    elif name in ("td", "th"):
        _begin_cell(reader, name)


def _begin_row(reader: Reader) -> None:
    out = reader.out
    out.begin_row()
    out.part_now()
    is_data = bool(reader.grids) and reader.grids[-1]
    reader.rows.append(Row(first=len(out.texts)) if is_data else None)


def _begin_cell(reader: Reader, name: str) -> None:
    out, rows = reader.out, reader.rows
    if name == "th" and reader.grids and not reader.grids[-1]:
        reader.grids[-1] = True
        if rows and not out.line and out.row_lines == len(out.texts):
            rows[-1] = Row(first=len(out.texts))
    row = rows[-1] if rows else None
    if row is not None:
        row.begin_cell(out)
    else:
        out.begin_cell()


def part(reader: Reader, element: Element) -> None:
    """Let a blank line stand between a paragraph and its neighbours; lists in lists have none."""
    if reader.tight and element.tag == "p" and not element.plan.meaning.boxed:
        return
    if element.tag in _LISTS:
        opened = reader.open_tags
        if opened.get("li") or opened.get("ul", 0) + opened.get("ol", 0) > 1:
            return
    reader.out.blank_pending = True


def _begin_item(reader: Reader, meaning: Meaning) -> None:
    if reader.hidden:
        return
    lists = [element for element in reader.elements[-MAX_DEPTH_OF_LISTS:] if element.tag in _LISTS]
    out, bullet = reader.out, "- "
    if lists:
        last = lists[-1]
        last.number = last.number + 1 if meaning.number is None else meaning.number
        bullet = item_label(last.plan.meaning.kind, last.number) if last.tag == "ol" else bullet
        out.blank_pending = out.blank_pending and not last.items
        last.items += 1
    out.flush()
    out.indent = "  " * max(0, len(lists) - 1)
    out.append(bullet)
    out.indent += "  "
    out.at_cell = True  # the item's first paragraph stands beside its bullet
