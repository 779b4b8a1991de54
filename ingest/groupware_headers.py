"""Recognises how Lotus Notes and GroupWise introduce the earlier mail: without colons, in one odd line each.

Everything that looks like "From: … Subject: …" is found by header_blocks.py.
"""

import re

from ingest.header_blocks import HeaderBlock, labels_end
from ingest.phrases import Phrases
from ingest.text_lines import TextLines, stripped_rule

MAX_LINE = 250
MAX_BLOCK = 14  # lines between the name and the subject
_WHEN = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}.{0,12}?\d{1,2}[:.h]\d{2}")


def find_groupware_headers(lines: TextLines, table: Phrases) -> dict[int, HeaderBlock]:
    """Introductions of both programs by their first line."""
    found: dict[int, HeaderBlock] = {}
    timed = _WHEN.search(lines.text) is not None
    for number in range(lines.count):
        line = lines.lower[number]
        if not line or len(line) > MAX_LINE:
            continue
        block = None
        if line[0] in ">-":
            block = _one_line(lines, number, table)
        elif line.startswith(table.notes):
            block = HeaderBlock(start=number, end=labels_end(lines, number + 1, table), forwarded=False)
        elif timed and table.headers.get(line.split(" ", 1)[0].rstrip(":")) == "to":
            block = _around_recipients(lines, number, table)
        if block is not None:
            found[block.start] = block
    return found


def _one_line(lines: TextLines, number: int, table: Phrases) -> HeaderBlock | None:
    """GroupWise's ">>> Name date >>>" and "-----Name wrote: -----" of Notes in the browser, of Zoho, too."""
    line = lines.lower[number]
    if line.startswith(">>>") and line.endswith(">>>") and ("@" in line or _WHEN.search(line)):
        return HeaderBlock(start=number, end=number + 1, forwarded=False)
    if line.startswith(">>") and stripped_rule(line).startswith(table.reply_above):
        return HeaderBlock(start=number, end=number + 1, forwarded=False)
    if line.startswith("---") and line.endswith("---") and table.wrote.search(line):
        return HeaderBlock(start=number, end=labels_end(lines, number + 1, table), forwarded=False)
    return None


def _around_recipients(lines: TextLines, number: int, table: Phrases) -> HeaderBlock | None:
    """The block of a Notes mail around its To line: name and time above, subject below."""
    start = _name_above(lines, number)
    if start is None:
        return None
    for below in range(number + 1, min(lines.count, number + MAX_BLOCK)):
        line = lines.lower[below]
        label, _blank, value = line.partition(" ")
        if table.headers.get(label.rstrip(":")) == "subject":
            end = below + 1
            if not value and end < lines.count and lines.plain[end]:
                end += 1
            return HeaderBlock(start=start, end=end, forwarded=False)
    return None


def _name_above(lines: TextLines, number: int) -> int | None:
    """The line with the sender's name, if a line with date and time stands between it and the recipients."""
    when = None
    for above in range(number - 1, max(-1, number - 7), -1):
        line = lines.plain[above]
        if not line or len(line) > 120 or lines.marks[above] is not None:
            continue
        if when is not None:
            near = when - above <= 2 and not line.endswith((".", "!", "?", ":"))
            return above if near and line.count(" ") <= 6 else when
        match = _WHEN.search(line)
        if match is None:
            if ":" in line:
                return None  # another label: an ordinary header block
            continue
        if line.endswith((".", "!", "?")) or (
            len(line) - len(match.group()) > 15 and "/" not in line[: match.start()]
        ):
            return None  # a sentence that names a time
        when = above
        if "/" in line[: match.start()]:  # name and time on one line
            return above
    return when
