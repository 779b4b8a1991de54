"""What the end of an HTML element does to the lines: links, bullets of Word, struck words, settled quotes."""

from collections.abc import Callable

from ingest.html_items import symbols, word_bullet
from ingest.html_lines import MAX_LINE, LineBuilder
from ingest.html_links import shown_target
from ingest.html_meaning import STRUCK
from ingest.html_quotes import Rest
from ingest.html_state import Element, Reader
from ingest.html_wrappers import settle_blockquote


def settle(reader: Reader, element: Element) -> None:
    """Do what can be done only at an element's end: its words are complete, its quotes known."""
    out, tag = reader.out, element.tag
    if tag == "blockquote":
        if reader.wrapper is not None:
            reader.wrapper.close(out.next_line())
        elif out.mark is None:
            settle_blockquote(out, element.first_line)
    elif tag == "table":
        if reader.grids:
            reader.grids.pop()
    elif tag == "tr":
        row = reader.rows.pop() if reader.rows else None
        if row is not None:
            row.finish(out)
    elif not reader.hidden:
        _end_inline(out, element)
    if element.plan.meaning.mark is Rest.INTRODUCES:
        reader.introduction = (element.first_line, out.next_line())
    if element.wrapper is not None:
        element.wrapper.settle(out)
        reader.wrapper = None


def _end_inline(out: LineBuilder, element: Element) -> None:
    """Put what the end of an element adds to its text into the line that ends with it."""
    meaning = element.plan.meaning
    change: Callable[[str], str] | None = None
    if meaning.link:
        _end_link(out, element)
    elif meaning.bullet:
        change = word_bullet
    elif meaning.symbol:
        change = symbols
    elif element.tag in STRUCK:
        change = _struck
    start = out.since(element.place) if change is not None and len(out.line) < MAX_LINE else None
    if change is not None and start is not None:
        out.line = out.line[:start] + change(out.line[start:])


def _struck(written: str) -> str:
    """Words that the author struck out, marked so, because without them he says the contrary."""
    words = written.strip()
    return written.replace(words, f"~~{words}~~", 1) if words and not words.startswith("~~") else written


def _end_link(out: LineBuilder, element: Element) -> None:
    """Put a link's target behind its words, unless they say it already."""
    start = out.since(element.place)
    if start is None or len(out.line) > MAX_LINE:
        return
    target = shown_target(out.line[start:].strip(), element.plan.meaning.link)
    if target:
        out.line = f"{out.line.rstrip()} <{target}>"
        out.linked = True
