"""Finds the author's own words in a mail's text or HTML; the rest is kept beside them with the reason.

`split_plain` and `split_html` read no headers and touch nothing else. All work is linear in the text's size.
"""

from collections.abc import Callable, Iterable

from domain.mail import TextPart, Trim
from ingest.author_names import AuthorName, author_name
from ingest.devices import device_start
from ingest.html_text import html_lines
from ingest.imprints import imprint_start
from ingest.named_signatures import named_start
from ingest.notices import banner_end, disclaimer_start, footer_start, mark_armour
from ingest.phrases import Phrases, phrases
from ingest.quotes import mark_quotes
from ingest.signatures import postscript_start, signature_start
from ingest.text_lines import TextLines, lines_of

_BLANK = " \t\r\x0b\x0c\xa0\ufeff\u200b"
MAX_SIGNATURES = 2  # a closing above a delimiter; more are sections of a newsletter
MAX_ROUNDS = 12  # notices and signatures stacked at the end of one stretch of text

_EDGES: tuple[tuple[Callable[[TextLines, int, int, Phrases], int], Trim], ...] = (
    (footer_start, Trim.FOOTER),
    (disclaimer_start, Trim.DISCLAIMER),
    (imprint_start, Trim.DISCLAIMER),
    (device_start, Trim.DEVICE),
)


def split_plain(text: str, *, author: str = "") -> tuple[TextPart, ...]:
    """The whole text in order as runs of lines; joined by line feeds they are the text with LF line ends.

    `author` is the display name of who wrote it, by which a signature without any mark is known.
    """
    raw = lines_of(text)
    return _split(TextLines(raw, [None] * len(raw)), author_name(author))


def split_html(html: str, *, author: str = "") -> tuple[TextPart, ...]:
    """The readable text of an HTML body in order as runs of lines; never raises, whatever it is like.

    `author` is the display name of who wrote it, as in `split_plain`.
    """
    name = author_name(author)
    texts, marks = html_lines(html)
    if not texts:
        texts, marks = [""], [None]
    parts = _split(TextLines(texts, list(marks)), name)
    if own_words(parts) or Trim.SIGNATURE not in marks:
        return parts
    # Some people write inside their signature's container: better to show a signature than to lose an answer.
    marks = [None if mark is Trim.SIGNATURE else mark for mark in marks]
    return _split(TextLines(texts, marks), name)


def own_words(parts: Iterable[TextPart]) -> str:
    """The author's own text, runs between quotes parted by a blank line."""
    own = (_without_blank_edges(part.text) for part in parts if part.trim is None)
    return "\n\n".join(text for text in own if text)


def _without_blank_edges(text: str) -> str:
    """A text without blank lines at its ends; the first line keeps its indentation."""
    kept = lines_of(text)
    while kept and not kept[-1].strip(_BLANK):
        kept.pop()
    first = next((number for number, line in enumerate(kept) if line.strip(_BLANK)), 0)
    return "\n".join(kept[first:]).lstrip("\ufeff\u200b").rstrip()


def _split(lines: TextLines, name: AuthorName) -> tuple[TextPart, ...]:
    if not any(lines.plain):
        return (TextPart(text="\n".join(lines.raw)),) if lines.raw != [""] else ()
    table = phrases()
    mark_armour(lines)
    mark_quotes(lines, table)
    before = list(lines.marks)
    _trim_runs(lines, table, name)
    if name.alone and not any(map(lines.is_open, range(lines.count))):
        lines.marks = before  # a name that is all somebody wrote may be the answer
        _trim_runs(lines, table, AuthorName())
    return lines.parts()


def _trim_runs(lines: TextLines, table: Phrases, name: AuthorName) -> None:
    runs = list(lines.own_runs())
    # Where it is all that somebody wrote, "Thanks, Anna" is no signature.
    spared = 1 if len(runs) == 1 else 0
    for run in runs:
        _trim_edges(lines, run, spared, table, name)


def _trim_edges(
    lines: TextLines, run: tuple[int, int], spared: int, table: Phrases, name: AuthorName
) -> None:
    """Mark banners at the top of a stretch, then notices and signatures from its end upwards.

    A postscript stays and is passed over, since a signature may stand above it.
    A signature without a delimiter leaves at least the first `spared` lines.
    """
    start, end = run
    top = banner_end(lines, start, end, table)
    lines.mark(start, top, Trim.DISCLAIMER)
    start = lines.next_text(top)
    signatures = 0
    for _round in range(MAX_ROUNDS):
        while end > start and not lines.plain[end - 1]:
            end -= 1
        end = postscript_start(lines, start, end, table)
        cut, trim = _lowest_edge(lines, start, end, table, name)
        if trim is Trim.SIGNATURE:
            spares = cut >= start + spared or _is_delimiter(lines.plain[cut])
            if not spares or signatures == MAX_SIGNATURES:
                return
            signatures += 1
        if cut >= end:
            return
        lines.mark(cut, end, trim)
        end = cut


def _lowest_edge(
    lines: TextLines, start: int, end: int, table: Phrases, name: AuthorName
) -> tuple[int, Trim]:
    """Where the last notice or signature of a stretch begins, and what it is; `end` where there is none."""
    if end > start:
        for edge, trim in _EDGES:
            cut = edge(lines, start, end, table)
            if cut < end:
                return cut, trim
        cut = signature_start(lines, start, end, table, name)
        cut = cut if cut < end else named_start(lines, start, end, table, name)
        return cut, Trim.SIGNATURE
    return end, Trim.FOOTER


def _is_delimiter(line: str) -> bool:
    return not line.strip("-_—– ")
