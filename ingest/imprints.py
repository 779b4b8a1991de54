"""Recognises the particulars that a company must state in its letters: register, number, seat, directors.

Only as the last paragraph, somewhere below a closing: who is asked for a company's number answers with it.
"""

from ingest.phrases import Phrases
from ingest.signature_lines import closing_kind, text_above
from ingest.text_lines import TextLines

MIN_PARTICULARS = 2
MAX_IMPRINT_LINES = 10
MAX_IMPRINT = 900
MAX_LINES_TO_CLOSING = 24


def imprint_start(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """Where the company's particulars at the end of a stretch begin; `end` where there are none."""
    first = end - 1
    while first > start and lines.plain[first - 1] and end - first < MAX_IMPRINT_LINES:
        first -= 1
    if first <= start or lines.plain[first - 1] or text_above(lines, start, first).endswith(":"):
        return end
    text = " ".join(lines.lower[first:end])
    stated = set(table.imprint.findall(text)) if len(text) <= MAX_IMPRINT else set()
    return first if len(stated) >= MIN_PARTICULARS and _is_below_closing(lines, start, first, table) else end


def _is_below_closing(lines: TextLines, start: int, number: int, table: Phrases) -> bool:
    for above in range(number - 1, max(start, number - MAX_LINES_TO_CLOSING) - 1, -1):
        line = lines.plain[above]
        if line == "--" or (line and closing_kind(line, lines.lower[above], table)):
            return True
    return False
