"""Finds the mails that a mail passes on: who wrote them, when and about what, and which text is theirs.

Works on text that is split already, so it cuts nothing. Attached mails are read by attached_mails.py.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from domain.mail import Forwarded, TextPart, Trim
from ingest.attributions import Attribution, Sureness, find_attributions
from ingest.groupware_headers import find_groupware_headers
from ingest.header_blocks import HeaderBlock, find_header_block, find_unsure_header, opens_forward
from ingest.introduced_mails import introduced_mail
from ingest.phrases import phrases
from ingest.subjects import looks_like_forward, looks_like_reply
from ingest.text_lines import TextLines, lines_of
from ingest.written_dates import read_written

MOST = 50  # mails passed on in one
MOST_LINES = 1_500  # looked at: a forward says so near its top
MOST_INTRODUCTIONS = 150  # looked at; whoever writes more is no person
DEEPEST = 60  # quote marks before a line
NEAR = 12  # lines between "Forwarded by …" and the header below it
MOST_PARTS = 40  # looked at for a separator
_RULE = frozenset("-_=*~ ")
_BLANKS = " \t\xa0\ufeff"
_QUOTED = (Trim.QUOTE, Trim.ATTRIBUTION)
_Kinds = tuple[type[Attribution] | type[HeaderBlock], ...]
_NONE: _Kinds = ()
_HEADERS: _Kinds = (HeaderBlock,)
_ALL: _Kinds = (HeaderBlock, Attribution)
# Finns answer with it, Danes and Norwegians forward.
_MEANS_BOTH = ("vs:", "vs :")
_DANISH = re.compile(r"(?:^|\n)[>*_ \t]*fra[*_ \xa0\u202f]*:", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Passed:
    """A mail's text with what it passes on marked as such, and the mails passed on, the outermost first."""

    parts: tuple[TextPart, ...]
    mails: tuple[Forwarded, ...] = ()


def find_forwarded(
    parts: tuple[TextPart, ...], *, subject: str, date: datetime, date_field: str = ""
) -> Passed:
    """What a text passes on; `subject` and `date` are those of the mail that the text is in.

    Times without a zone are taken to be in that of `date_field`, the mail's Date field, else of `date`.

    A header without words that say so counts where the subject begins with Fwd, TR, WG or the like.
    """
    admitted = _admitted(subject, parts)
    if not admitted and not any(map(_may_pass_on, parts[:MOST_PARTS])):
        return Passed(parts=parts)
    written = read_written(date_field, latest=date) if date_field else None
    here = date.astimezone(written.tzinfo) if written is not None else date
    scan = _Scan(parts, _Region(depth=0, forwarded=True, admitted=admitted), here)
    scan.run()
    return Passed(parts=scan.parts(), mails=tuple(scan.mails[:MOST]))


def _admitted(subject: str, parts: Sequence[TextPart]) -> _Kinds:
    """Which kinds of introduction are a forward's without words that say so."""
    others = [part.text for part in parts if part.trim in _QUOTED]
    own = any(part.trim is None and part.text.strip() for part in parts)
    if subject.lower().startswith(_MEANS_BOTH):
        danish = any(_DANISH.search(text[:500]) for text in others)
        return _ALL if danish or not own else _NONE
    if looks_like_forward(subject):
        return _ALL
    # Somebody who sends another's mail without a word answers nothing.
    return _HEADERS if others and not own and not looks_like_reply(subject) else _NONE


def _may_pass_on(part: TextPart) -> bool:
    """Whether a part is forwarded text or begins with words that say so."""
    if part.trim not in _QUOTED:
        return part.trim is Trim.FORWARDED
    first = next((line for line in part.text[:1_000].split("\n") if line.strip(_BLANKS + ">")), "")
    return bool(first) and opens_forward(first.strip(_BLANKS + ">").lower(), phrases())


@dataclass(kw_only=True)
class _Region:
    """Text that an introduction holds for: the lines below it with at least `depth` quote marks."""

    depth: int
    forwarded: bool
    admitted: _Kinds  # what is a forward, too, where it is the first to be introduced in here
    nested: bool = False  # whether something in it was introduced already


class _Scan:
    """One way down the lines without their quote marks."""

    def __init__(self, parts: Sequence[TextPart], outermost: _Region, date: datetime) -> None:
        self.trims: list[Trim | None] = []
        self.raw: list[str] = []
        for part in parts:
            lines = lines_of(part.text)
            self.raw += lines
            self.trims += [part.trim] * len(lines)
        bare = [_unquoted(line) for line in self.raw[:MOST_LINES]]
        self.depths = [depth for depth, _line in bare]
        self.lines = TextLines([line for _depth, line in bare], [None] * len(bare))
        self.table = phrases()
        self.date = date
        self.mails: list[Forwarded] = []
        self.regions = [outermost]
        self.seen = 0  # introductions
        self.others_end = _end_of_others(self.trims)
        self.introductions: dict[int, Attribution | HeaderBlock] = {
            **find_attributions(self.lines, self.table),
            **find_groupware_headers(self.lines, self.table),
        }

    def run(self) -> None:
        number = 0
        while number < self.lines.count and self.seen < MOST_INTRODUCTIONS:
            number = self._step(number)
        if len(self.regions) > 1 and self.regions[1].forwarded:
            self._mark(number, len(self.raw))

    def parts(self) -> tuple[TextPart, ...]:
        """The whole text in order."""
        numbered = groupby(range(len(self.raw)), key=lambda number: self.trims[number])
        return tuple(
            TextPart(text="\n".join(self.raw[number] for number in numbers), trim=trim)
            for trim, numbers in numbered
        )

    def _step(self, number: int) -> int:
        """Read what begins at a line; the line to go on at."""
        introduction: Attribution | HeaderBlock | None = None
        if not self.lines.plain[number]:
            end = number + 1
        elif self.trims[number] is None:
            del self.regions[1:]  # the author writes again
            introduction = self._unsure(number)
            if introduction is None:
                return number + 1
            self._take(number)
            end = max(introduction.end, number + 1)
        else:
            while len(self.regions) > 1 and self.regions[-1].depth > self.depths[number]:
                self.regions.pop()
            introduction = self._introduction(number)
            end = number + 1 if introduction is None else max(introduction.end, number + 1)
        if introduction is not None:
            end = self._open(introduction, end)
        if len(self.regions) > 1 and self.regions[1].forwarded:
            self._mark(number, end)
        return end

    def _introduction(self, number: int) -> Attribution | HeaderBlock | None:
        return self.introductions.get(number) or find_header_block(self.lines, number, self.table)

    def _unsure(self, number: int) -> HeaderBlock | None:
        """A header too short to tell by itself, where the subject says that one must come."""
        outermost = self.regions[0]
        if outermost.nested or outermost.admitted is not _ALL or number < self.others_end:
            return None
        return find_unsure_header(self.lines, number, self.table)

    def _take(self, start: int) -> None:
        self.trims[start:] = [trim or Trim.FORWARDED for trim in self.trims[start:]]

    def _mark(self, start: int, end: int) -> None:
        for number in range(start, end):
            if self.trims[number] is Trim.QUOTE:
                self.trims[number] = Trim.FORWARDED

    def _open(self, introduction: Attribution | HeaderBlock, end: int) -> int:
        """Open the region of an introduction, remember a mail passed on; where the text goes on."""
        self.seen += 1
        parent = self.regions[-1]
        says_so = isinstance(introduction, HeaderBlock) and introduction.forwarded
        # Below the header of a forward that names no separator comes the mail; all further ones it quotes.
        forwarded = parent.forwarded and (
            says_so
            or (not parent.nested and isinstance(introduction, parent.admitted) and _is_sure(introduction))
        )
        if forwarded and isinstance(introduction, Attribution):
            forwarded = self._claim(introduction.start, end)
        parent.nested = True
        admitted = _NONE
        if forwarded:
            self._mark(self._rule_above(introduction.start), introduction.start)
            mail, end = self._mail(introduction, end)
            marked = looks_like_forward(mail.subject) or mail.subject.lower().startswith(_MEANS_BOTH)
            admitted = _ALL if marked else _NONE
            if mail.sender.email or mail.sender.name or (mail.subject and mail.date):
                self.mails.append(mail)
            elif len(self.regions) > 1:
                return end  # the end of a mail passed on, or its separator said twice
        below = self.lines.next_text(end)
        depth = max(self.depths[introduction.start], self.depths[below] if below < self.lines.count else 0)
        self.regions.append(_Region(depth=depth, forwarded=forwarded, admitted=admitted))
        return end

    def _rule_above(self, number: int) -> int:
        """The first of the lines right above that only part it from what is above them."""
        while number and set(self.lines.plain[number - 1]) <= _RULE:
            number -= 1
        return number

    def _claim(self, start: int, end: int) -> bool:
        """Whether what an attribution introduces is passed on: it is where the author writes nothing below.

        Where nothing stands above or is quoted, all below is the mail passed on. In a reply that would be the
        answer, but the subject says that this is none.
        """
        own = [line for line, trim in enumerate(self.trims) if trim is None and self._is_text(line)]
        if not any(line >= end for line in own):
            return True
        if any(line < start for line in own) or any(self.depths[end:]):
            return False
        self._take(end)
        return True

    def _is_text(self, line: int) -> bool:
        return bool(self.raw[line].strip(_BLANKS))

    def _told(self, introduction: Attribution | HeaderBlock) -> Forwarded:
        return introduced_mail(introduction, self.lines, self.table, self.date)

    def _mail(self, introduction: Attribution | HeaderBlock, end: int) -> tuple[Forwarded, int]:
        """The mail that an introduction tells of, or the header soon below it; and where that ends."""
        mail = self._told(introduction)
        number = self.lines.next_text(end)
        while not (mail.sender.email or mail.sender.name) and number < min(self.lines.count, end + NEAR):
            below = self._introduction(number)
            if below is not None:
                told = self._told(below)
                return (told, max(below.end, end)) if told.sender != mail.sender else (mail, end)
            number = self.lines.next_text(number + 1)
        return mail, end


def _end_of_others(trims: Sequence[Trim | None]) -> int:
    """Behind the last line that is already known for another's."""
    others = (*_QUOTED, Trim.FORWARDED)
    return next((line + 1 for line in range(len(trims) - 1, -1, -1) if trims[line] in others), 0)


def _is_sure(introduction: Attribution | HeaderBlock) -> bool:
    return isinstance(introduction, HeaderBlock) or introduction.sureness >= Sureness.SURE


def _unquoted(line: str) -> tuple[int, str]:
    """How many quote marks stand before a line, and the line without them."""
    depth, place = 0, 0
    if line.rstrip().endswith(">>>"):
        return 0, line  # GroupWise's introduction
    while depth < DEEPEST:
        mark = place
        while mark < len(line) and line[mark] in _BLANKS and mark - place < 2:
            mark += 1
        if mark >= len(line) or line[mark] != ">":
            break
        depth, place = depth + 1, mark + 1
    if not depth:
        return 0, line
    return depth, line[place + 1 :] if line[place : place + 1] in (" ", "\xa0") else line[place:]
