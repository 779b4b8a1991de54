"""Recognises how Lotus Notes and GroupWise introduce the earlier mail: without colons, in one odd line each.

Everything that looks like "From: … Subject: …" is found by header_blocks.py.
"""

import re
from dataclasses import dataclass

from ingest.header_blocks import HeaderBlock, header_role, labels_below
from ingest.phrases import Phrases
from ingest.text_lines import TextLines, stripped_rule

MAX_LINE = 250
MAX_BLOCK = 14  # lines between the name and the subject
_WHEN = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}.{0,12}?\d{1,2}[:.h]\d{2}")
# What stands between name and time where both are on one line.
_TITLES = ("message du ",)  # and the time; then the other labels: Orange
_JOINTS = (" on", " le", " am", " el", " il", " em", " op", " den", " dnia")


def find_groupware_headers(lines: TextLines, table: Phrases) -> dict[int, HeaderBlock]:
    """Introductions of both programs by their first line."""
    found: dict[int, HeaderBlock] = {}
    for number in range(lines.count):
        line = lines.lower[number]
        if not line or len(line) > MAX_LINE:
            continue
        block = None
        if line[0] in ">-":
            block = _one_line(lines, number, table)
        elif line.startswith(table.notes):
            end, roles = labels_below(lines, number + 1, table)
            block = HeaderBlock(start=number, end=end, forwarded=False, roles=roles)
        elif line.startswith(_TITLES):
            block = _titled(lines, number, table)
        elif table.headers.get(line.split(" ", 1)[0].rstrip(":")) == "to":
            block = _around_recipients(lines, number, table)
        if block is not None:
            found[block.start] = block
    return found


def _titled(lines: TextLines, number: int, table: Phrases) -> HeaderBlock | None:
    """A header whose first line names the time."""
    end, roles = labels_below(lines, number + 1, table)
    match = _WHEN.search(lines.plain[number])
    if not roles or match is None:
        return None
    roles.setdefault("sent", match.group())
    return HeaderBlock(start=number, end=end, forwarded=False, roles=roles)


def _one_line(lines: TextLines, number: int, table: Phrases) -> HeaderBlock | None:
    """GroupWise's ">>> Name date >>>" and "-----Name wrote: -----" of Notes in the browser, of Zoho, too."""
    line = lines.lower[number]
    if line.startswith(">>>") and line.endswith(">>>") and ("@" in line or _WHEN.search(line)):
        match = _WHEN.search(lines.plain[number])
        inside = lines.plain[number].strip("> ")
        name = lines.plain[number][: match.start()].strip("> ") if match else inside
        roles = {"from": name, "sent": inside[len(name) :].strip()}
        return HeaderBlock(start=number, end=number + 1, forwarded=False, roles=roles)
    if line.startswith(">>") and stripped_rule(line).startswith(table.reply_above):
        return HeaderBlock(start=number, end=number + 1, forwarded=False)
    if line.startswith("---") and line.endswith("---") and table.wrote.search(line):
        end, roles = labels_below(lines, number + 1, table)
        return HeaderBlock(start=number, end=end, forwarded=False, roles=roles)
    return None


@dataclass(frozen=True, kw_only=True)
class _Author:
    """The name and time above the recipients, and the line that they begin at."""

    start: int
    name: str
    when: str


def _around_recipients(lines: TextLines, number: int, table: Phrases) -> HeaderBlock | None:
    """The block of a Notes mail around its To line: name and time above, subject below."""
    author = _author_above(lines, number, table)
    if author is None:
        return None
    for below in range(number + 1, min(lines.count, number + MAX_BLOCK)):
        label, _blank, subject = lines.plain[below].partition(" ")
        if table.headers.get(label.rstrip(":").lower()) == "subject":
            end = below + 1
            if not subject and end < lines.count and lines.plain[end]:
                subject = lines.plain[end]
                end += 1
            roles = {"from": author.name, "sent": author.when, "subject": subject.strip(" |:")}
            return HeaderBlock(start=author.start, end=end, forwarded=False, roles=roles)
    return None


def _author_above(lines: TextLines, number: int, table: Phrases) -> _Author | None:
    """Who wrote and when, if a line with date and time stands between the name and the recipients."""
    timed: _Author | None = None
    for above in range(number - 1, max(-1, number - 7), -1):
        line = lines.plain[above]
        if not line or len(line) > 120 or lines.marks[above] is not None:
            continue
        if timed is not None and header_role(lines.lower[above], table) == "other":
            continue  # "Sent by: …" between name and time
        if timed is not None:
            near = timed.start - above <= 2 and not line.endswith((".", "!", "?", ":"))
            named = near and line.count(" ") <= 6
            return _Author(start=above, name=line, when=timed.when) if named else timed
        match = _WHEN.search(line)
        if match is None:
            if ":" in line:
                return None  # another label: an ordinary header block
            continue
        before, when = line[: match.start()].rstrip(), line[match.start() :]
        if before.lower().endswith(_JOINTS) and number - above <= 2:
            return _Author(start=above, name=before.rpartition(" ")[0], when=when)
        if line.endswith((".", "!", "?")) or (len(line) - len(match.group()) > 15 and "/" not in before):
            return None  # a sentence that names a time
        timed = _Author(start=above, name="", when=when)
        if "/" in before:  # name and time on one line
            return _Author(start=above, name=before, when=when)
    return timed
