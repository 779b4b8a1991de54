"""Marks quoted and forwarded text and what introduces it.

Works downwards through the lines once. Text between quoted lines stays own words; below an introduction that
is not followed by quote marks, everything to the end is the earlier mail.
"""

import re

from domain.mail import Trim
from ingest.attributions import Attribution, Sureness, find_attributions
from ingest.groupware_headers import find_groupware_headers
from ingest.header_blocks import HeaderBlock, find_header_block
from ingest.phrases import Phrases
from ingest.program_text import is_program_text
from ingest.text_lines import TextLines, stripped_rule

LONG_LINE = 60  # longer lines are no rests of quoted ones
BROKEN_LINE = 50  # a quoted line of this length may have been broken in two by the sender's client
MAX_ODD_MARKS = 3
NEAR = 12  # lines between an attribution and quote marks that still belong to it
# What some put before quoted lines instead of >, initials too.
_ODD_MARK = re.compile(r"[|!:}%»›]|-{1,2}>|\w{1,4}>")


def mark_quotes(lines: TextLines, table: Phrases) -> None:
    """Mark quotes, attributions and forwarded text."""
    _QuoteScan(lines, table).run()


class _QuoteScan:
    """One way down the lines, with what was met so far."""

    def __init__(self, lines: TextLines, table: Phrases) -> None:
        self.lines = lines
        self.table = table
        self.introductions: dict[int, Attribution | HeaderBlock] = {
            **find_attributions(lines, table),
            **find_groupware_headers(lines, table),
        }
        self.own_above = False  # something of the author's stands above
        self.conversation = False  # a quote or its introduction stands above
        _adopt_odd_marks(lines, self.introductions)

    def run(self) -> None:
        number = 0
        while number < self.lines.count:
            number = self._step(number)
        for beyond in range(self.lines.count, len(self.lines.raw)):
            if self.lines.marks[beyond] is None and self.lines.quoted[beyond]:
                self.lines.marks[beyond] = Trim.QUOTE

    def _step(self, number: int) -> int:
        """Mark what begins at a line; the line to go on at."""
        lines = self.lines
        if lines.marks[number] is not None:
            self.conversation = True
            return number + 1
        if not lines.plain[number]:
            return number + 1
        introduction = self.introductions.get(number)
        if introduction is None and lines.quoted[number]:
            return self._mark_quoted_run(number)
        introduction = introduction or find_header_block(lines, number, self.table)
        if introduction is None:
            self.own_above = True
            return number + 1
        return self._mark_introduced(introduction)

    def _mark_introduced(self, introduction: Attribution | HeaderBlock) -> int:
        """Mark an introduction and, where no quote marks follow, all that is below it."""
        lines = self.lines
        if not (self.own_above or self.conversation) and self._is_reply_line(introduction.start):
            # The first line of a helpdesk's own mail, for those who will answer it.
            lines.mark(introduction.start, introduction.end, Trim.FOOTER)
            return introduction.end
        below = _behind_omission(lines, lines.next_text(introduction.end))
        marked = below < lines.count and lines.quoted[below]
        if not marked and isinstance(introduction, Attribution) and introduction.sureness < Sureness.SURE:
            self.own_above = True
            return introduction.end
        self.conversation = True
        lines.mark(introduction.start, introduction.end, Trim.ATTRIBUTION)
        if marked:
            return below
        if self._is_answered_below(introduction, below):
            return introduction.end
        forwarded = isinstance(introduction, HeaderBlock) and introduction.forwarded
        lines.mark(introduction.end, len(lines.raw), Trim.FORWARDED if forwarded else Trim.QUOTE)
        return lines.count

    def _is_reply_line(self, number: int) -> bool:
        """Whether a line is like "Please type your reply above this line"."""
        return stripped_rule(self.lines.lower[number]).startswith(self.table.reply_above)

    def _is_answered_below(self, introduction: Attribution | HeaderBlock, below: int) -> bool:
        """Whether unmarked text below an introduction is the author's, who cut the quote and wrote there.

        So it is where nothing stands above (a reply has words somewhere), or where quote marks follow soon
        that have no introduction of their own. In doubt it stays: left-over is better than lost.
        """
        if below >= self.lines.count or below in self.introductions:
            return False
        if isinstance(introduction, Attribution) and not self.own_above:
            return True
        if isinstance(introduction, HeaderBlock) and (self.own_above or introduction.forwarded):
            return False
        for number in range(below, min(below + NEAR, self.lines.count)):
            if number in self.introductions:
                return False
            if self.lines.quoted[number]:
                return True
        return False

    def _mark_quoted_run(self, start: int) -> int:
        """Mark the quoted lines from start on, unless they are program text; the line behind them."""
        lines, end = self.lines, start
        while end < lines.count and lines.plain[end] and lines.quoted[end]:
            end += 1
        if not self.conversation and is_program_text(lines, start, end):
            self.own_above = True
            return end
        self.conversation = True
        lines.mark(start, end, Trim.QUOTE)
        if _is_broken_off(lines, end):
            lines.mark(end, end + 1, Trim.QUOTE)
            return end + 1
        return end


def _adopt_odd_marks(lines: TextLines, introductions: dict[int, Attribution | HeaderBlock]) -> None:
    """Take lines with an odd mark for quoted where they follow an attribution at once."""
    adopted: set[str] = set()
    for introduction in introductions.values():
        first = lines.next_text(introduction.end)
        if first + 1 >= lines.count or lines.quoted[first]:
            continue
        match = _ODD_MARK.match(lines.plain[first])
        mark = match.group() if match else ""
        if (
            not mark
            or mark in adopted
            or len(adopted) == MAX_ODD_MARKS
            or not lines.plain[first + 1].startswith(mark)
        ):
            continue
        adopted.add(mark)
        for number in range(first, lines.count):
            lines.quoted[number] = lines.quoted[number] or lines.plain[number].startswith(mark)


def _behind_omission(lines: TextLines, number: int) -> int:
    """Behind a line like "[...]" or "<snip>" by which somebody says that he left out a part of the quote."""
    if number < lines.count and len(lines.plain[number]) <= 12 and lines.plain[number][0] in "[(<.…":
        behind = lines.next_text(number + 1)
        if behind < lines.count and lines.quoted[behind]:
            lines.mark(number, behind, Trim.QUOTE)
            return behind
    return number


def _is_broken_off(lines: TextLines, number: int) -> bool:
    """Whether a bare line between two quoted ones is the rest of a long one that a client broke in two."""
    if not (lines.is_open(number) and number + 1 < lines.count and lines.quoted[number + 1]):
        return False
    if lines.quoted[number] or len(lines.plain[number - 1]) < BROKEN_LINE or not lines.plain[number + 1]:
        return False
    line = lines.plain[number]
    address = line.startswith("<") and line.rstrip(" ,;").endswith(">") and "@" in line
    return (line[0].islower() or address) and len(line) < LONG_LINE
