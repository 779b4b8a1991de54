"""Recognises a signature without delimiter or closing: a last block that begins with the author's own name.

In doubt it is text: lists of names, sentences about the author and answers that are a name must survive.
"""

import re
from enum import Enum

from ingest.author_names import AuthorName
from ingest.phrases import Phrases
from ingest.signature_lines import (
    LISTED,
    MAX_SIGNATURE_LINE,
    closing_kind,
    contacts,
    ends_text,
    is_name,
    may_be_signed,
)
from ingest.text_lines import TextLines

MAX_NAMED_LINES = 8
MAX_REACHED_LINES = 14  # where some of them are contacts
MIN_REACHED = 2  # lines with a contact that make a paragraph part of the block below a name
MAX_TITLE_BLANKS = 6  # in what follows the name on its line
MAX_SHORT_LINE = 45  # a shorter one was ended by its author, not broken by the client
MAX_PARTING_BLANKS = 4  # in a closing that no table knows: "Talk tomorrow,"
MAX_CLOSINGS = 3

_PIECES = re.compile(r" [|/·•–—-] ")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_FIRST_PERSON = re.compile(r"\bI [a-z]")
_FRENCH_OF = re.compile(r"(?<=\w) du (?=[A-ZÀ-Ý])")  # "Gouvernement du Canada", where German "du" is "you"
_ABBREVIATED = re.compile(r"(?:^|[ ,.])\w{1,4}\.$")  # "Harbour Inc."
_TITLE = re.compile(r" ?[,|/·•(]| [–—-] (?=[^\W\d_])")  # what may part a name from a title
_PRONOUNS = re.compile(r"^ ?\(\w{1,6}(?:/\w{1,6}){1,2}\)")
_GOES_ON = tuple(":;-–—(&/|+=")


class _Head(Enum):
    """How a line names the author."""

    FULL = "full"
    GIVEN = "given"  # by the given name, which may be anybody's


def named_start(lines: TextLines, start: int, end: int, table: Phrases, name: AuthorName) -> int:
    """Where the block of signature lines at the end of a stretch that begins with the author's name begins.

    Closings right above belong to it; `end` where there is no such block.
    """
    return _NamedScan(lines, start, end, table, name).find() if name.alone else end


class _NamedScan:
    """One way up the last lines of a stretch."""

    def __init__(self, lines: TextLines, start: int, end: int, table: Phrases, name: AuthorName) -> None:
        self.lines = lines
        self.start = start
        self.end = end
        self.table = table
        self.name = name
        self.found = end

    def find(self) -> int:
        """The first line of the block, closings included; the stretch's end without one."""
        texts, loose, reached, contact_lines, below = 0, False, 0, 0, self.end
        for number in range(self.end - 1, self.start - 1, -1):
            line = self.lines.plain[number]
            if not line:
                if loose and reached < MIN_REACHED and not (reached and self._is_again(number + 1, below)):
                    break  # the paragraph below may be text
                loose, reached, below = False, 0, number
                continue
            texts += 1
            head = _head(line, self.table, self.name)
            most = MAX_REACHED_LINES if contact_lines >= MIN_REACHED else MAX_NAMED_LINES
            if texts > most or not (head or _is_signed(line, self.table)):
                break
            if head and self._heads_block(number, head) and self._stands_apart(number, head):
                self.found = number
            reached += contacts([line], self.table)
            contact_lines += contacts([line], self.table)
            loose = self.found != number and (loose or not _is_surely_signed(line, self.table))
        return self._with_closings() if self.found < self.end else self.end

    def _is_again(self, start: int, end: int) -> bool:
        """Whether a paragraph tells of the author, as the second half of a signature in two languages."""
        return not self.name.is_foreign(" ".join(self.lines.plain[start:end]))

    def _heads_block(self, number: int, head: _Head) -> bool:
        """Whether what is below the author's name belongs to it; below a given name only contacts do."""
        below = self.lines.next_text(number + 1)
        if head is _Head.FULL or below >= self.end or below == self.found:
            return True
        paragraph = self.lines.plain[below : self.end]
        return below == number + 1 and all(paragraph) and contacts(paragraph, self.table) > 0

    def _stands_apart(self, number: int, head: _Head) -> bool:
        """Whether the text above the name has ended, so that the name neither ends nor lists anything."""
        block = [line for line in self.lines.plain[number : self.end] if line]
        above = self._text_before(number)
        if above < self.start:
            return head is _Head.FULL and len(block) > 1
        text = self.lines.plain[above]
        named = _head(text, self.table, self.name)  # "Anna" over "Anna Berg", to be judged next
        if named or closing_kind(text, self.lines.lower[above], self.table):
            return True
        if text.endswith(","):
            alone = above > self.start and not self.lines.plain[above - 1]
            return alone and text.count(" ") <= MAX_PARTING_BLANKS and len(block) == 1
        if text.endswith(_GOES_ON):
            return False
        if not text[-1].isalnum():
            return True
        return _ends_without_stop(text, block, self.table, attached=above == number - 1)

    def _with_closings(self) -> int:
        """The block together with the closings above it, but not with all that was written."""
        for _closing in range(MAX_CLOSINGS):
            above = self._text_before(self.found)
            if above <= self.start or not closing_kind(
                self.lines.plain[above], self.lines.lower[above], self.table
            ):
                break
            if not ends_text(self.lines, self.start, above, self.table):
                break
            self.found = above
        return self.found

    def _text_before(self, number: int) -> int:
        """The last line with text above a line; one before the stretch where there is none."""
        above = number - 1
        while above >= self.start and not self.lines.plain[above]:
            above -= 1
        return above


def _head(line: str, table: Phrases, name: AuthorName) -> _Head | None:
    """How a line names the author, and nothing but a title behind; None for prose and others' names."""
    if len(line) > MAX_SIGNATURE_LINE:
        return None
    bare = line.strip("*_ ")
    behind = name.behind(bare)
    if behind is not None:
        return _Head.FULL if _is_title(behind, table) else None
    return _Head.GIVEN if name.is_whole(bare) else None


def _is_title(behind: str, table: Phrases) -> bool:
    behind = _PRONOUNS.sub("", behind)
    title = behind.strip(" .*_()")
    if not title:
        return not behind.endswith((")", "("))
    if title.isupper() and title.count(" ") <= 1 and len(title) <= 12:
        return True  # "Anna Berg CPA"
    parted = _TITLE.match(behind)
    if parted is None or title.count(" ") > MAX_TITLE_BLANKS:
        return False
    dashed = parted.group().strip() in ("-", "–", "—")  # "Anna Berg - orders the paint" is a note
    return _is_signed(behind[parted.end() :].strip(), table) and not (
        dashed and behind[parted.end()].islower()
    )


def _is_signed(line: str, table: Phrases) -> bool:
    """Whether a line can stand below the name: nothing that only sentences have."""
    if len(line) > MAX_SIGNATURE_LINE or line.startswith(LISTED) or _FIRST_PERSON.search(line):
        return False
    if not table.prose.isdisjoint(_WORD.findall(_FRENCH_OF.sub(" ", line).lower())):
        return False
    pieces = (
        piece.removesuffix(".") if _ABBREVIATED.search(piece) else piece for piece in _PIECES.split(line)
    )
    return all(may_be_signed(piece, table) for piece in pieces)


def _is_surely_signed(line: str, table: Phrases) -> bool:
    """Whether a line is of a signature even below a blank line."""
    words = _WORD.findall(line.lower())
    if contacts([line], table):
        return True
    dated = bool(words) and words[0] in table.calendar
    return not dated and (is_name(line, table) or any(letter.isdigit() for letter in line))


def _ends_without_stop(text: str, block: list[str], table: Phrases, *, attached: bool) -> bool:
    """Whether a line without a full stop ends a text and is no heading of a list of names."""
    last = text.lower().rsplit(" ", 1)[-1]
    if last in table.prose or last in table.name_particles:
        return False
    if attached:
        short = len(text) < MAX_SHORT_LINE and not text.startswith(LISTED)
        return short and len(block) == 1 and not is_name(text, table)
    if len(block) == 1 or contacts(block, table):
        return True
    return not all(is_name(line, table) for line in block)
