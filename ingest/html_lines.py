"""Builds readable lines from the pieces of text in HTML, each with what its container says it is."""

import re
from dataclasses import dataclass, field

from domain.mail import Trim
from ingest.devices import is_device_line
from ingest.html_links import without_targets
from ingest.phrases import phrases

MAX_LINE = 10_000
RULE = "---"  # what <hr> becomes
MAX_DEVICE_LINE = 150
MAX_BLANKS = 10  # between a rule and what it stands above
# Hyphens that show only at a line's end, and marks of no width by which mailings fill their preview.
_UNSEEN = re.compile("[\xad\u034f\u200b\u2060\ufeff]")


@dataclass(slots=True)
class LineBuilder:
    """The lines so far and the one being built; breaks wait until text follows, so none is made twice."""

    texts: list[str] = field(default_factory=list)  # of the lines that are ended
    marks: list[Trim | None] = field(default_factory=list)  # what their containers say they are
    line: str = ""
    indent: str = ""  # of lines that begin now
    line_indent: str = ""
    linked: bool = False  # the line shows a link's target
    line_mark: Trim | None = None
    mark: Trim | None = None  # of the innermost marked container
    rest: Trim | None = None  # of everything to the end of the mail
    break_pending: bool = False
    blank_pending: bool = False
    row_lines: int = -1  # number of lines when the table row began
    at_cell: bool = False  # at the beginning of a cell

    def append(self, text: str) -> None:
        """Add text to the line, after the break or blank line that waits."""
        if not text:
            return
        mark = self.mark or self.rest
        changed = mark is not self.line_mark and self.line.strip()
        if self.break_pending or changed or len(self.line) > MAX_LINE:
            self.flush()
        if self.blank_pending and text.strip(" \xa0"):
            self._add_blank()
        self.at_cell = False
        self.line_mark = mark
        if not self.line:
            self.line_indent = self.indent
        self.line += text.replace("\xa0", " ")

    def flush(self) -> None:
        """End the line, if it has anything."""
        if self.line:
            self.texts.append(self._finished())
            self.marks.append(self.line_mark)
            self.line, self.linked = "", False
        self.break_pending = False

    def _finished(self) -> str:
        # A line feed may hide in an entity or a link.
        line = self.line.replace("\n", " ").rstrip()
        if not line.isascii():
            line = _UNSEEN.sub("", line)
        if self.linked:
            # Clients link their own name in the line that they add.
            bare = without_targets(line)
            if len(bare) < MAX_DEVICE_LINE and is_device_line(bare.strip().lower(), phrases()):
                line = bare
        return self.line_indent + line if line else line

    def new_line(self) -> None:
        """End the line even if it is blank."""
        ended = self.line and not self.break_pending
        self.flush()
        if not ended:
            self.texts.append("")
            self.marks.append(None)

    def append_lines(self, lines: list[str]) -> None:
        """Add whole lines, none of them blank."""
        self.append(lines[0])
        self.flush()
        self.texts += [line.replace("\xa0", " ") for line in lines[1:]]
        self.marks += [self.line_mark] * (len(lines) - 1)

    def break_line(self) -> None:
        """Let a new line begin with the next text, except at the beginning of a cell."""
        if not self.at_cell:
            self.break_pending = bool(self.line)

    def begin_row(self) -> None:
        """Begin a row of a table on a line of its own, without a blank line between the rows of data."""
        self.flush()
        if self.texts and " | " in self.texts[-1]:
            self.blank_pending = False
        self.row_lines = len(self.texts)

    def begin_cell(self) -> None:
        """Keep the cells of a row on one line, as long as each is a line."""
        before = self.line.rstrip()
        if before and self.row_lines == len(self.texts):
            self.break_pending = self.blank_pending = False
            self.line = before + (" " if before.endswith(":") else " | ")
        else:
            self.break_pending = bool(self.line)
        self.at_cell = True

    def part_now(self) -> None:
        """Add the blank line that waits."""
        if self.blank_pending:
            self._add_blank()

    def place(self) -> tuple[int, int]:
        """Where the next text goes: lines so far, and characters of the line being built (-1: a new one)."""
        return len(self.texts), -1 if self.break_pending else len(self.line)

    def since(self, place: tuple[int, int]) -> int | None:
        """Where in the line the text since a place begins; None where there is none."""
        count, column = place
        if count < len(self.texts):
            column = 0
        return column if 0 <= column < len(self.line) else None

    def next_line(self) -> int:
        """The number that the line behind the one being built will have."""
        return len(self.texts) + bool(self.line)

    def mark_again(self, first: int, end: int, trim: Trim) -> None:
        """Mark lines that were taken for the author's, up to but not including the end."""
        self.flush()
        for number in range(first, min(end, len(self.texts))):
            self.marks[number] = self.marks[number] or trim

    def mark_rule_above(self, trim: Trim) -> None:
        """Mark the rule that a client draws above what begins now."""
        self.flush()
        above = len(self.texts) - 1
        lowest = max(0, above - MAX_BLANKS)
        while above > lowest and not self.texts[above].strip():
            above -= 1
        if above >= 0 and self.texts[above] == RULE:
            self.mark_again(above, above + 1, trim)

    def last_text(self) -> str:
        """The last line with text, the one being built included."""
        recent = [self.line, *reversed(self.texts[-3:])]
        return next((line.strip() for line in recent if line.strip()), "")

    def last_mark(self) -> Trim | None:
        """The mark of the last line with text."""
        if self.line.strip():
            return self.line_mark
        recent = zip(reversed(self.texts[-3:]), reversed(self.marks[-3:]), strict=True)
        return next((mark for line, mark in recent if line.strip()), None)

    def _add_blank(self) -> None:
        if self.texts and self.texts[-1]:
            if self.row_lines == len(self.texts):
                self.row_lines += 1
            self.texts.append("")
            self.marks.append(None)
        self.blank_pending = False
