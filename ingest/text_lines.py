"""A mail's text as numbered lines with what each was found to be.

Holds and answers, decides nothing: the decisions are in quotes.py, signatures.py and notices.py.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from domain.mail import TextPart, Trim

MAX_LINES = 10_000  # more are kept as they are: nobody writes them by hand, and each mail has its budget
MAX_LENGTH = 600  # a longer line is prose or code, never an attribution, a header or a signature

# Blanks of all widths become one kind, invisible marks go: both hide in attributions (U+202F, U+FEFF).
_ODD_BLANKS = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0x09], " ")
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF]
)
_INVISIBLE.update(dict.fromkeys(range(0x2066, 0x206A)))
_LIKE = {
    0x130: "I",
    0x2010: "-",
    0x2011: "-",
    0x2012: "-",
    0x2212: "-",
    0x2019: "'",
    0xFF1A: ":",
    0xFF1E: ">",
}
_PLAIN = {chr(code): plain or "" for code, plain in {**_ODD_BLANKS, **_INVISIBLE, **_LIKE}.items()}


class TextLines:
    """Lines of a mail: as written (`raw`), blanks and invisible marks evened (`plain`), lower case (`lower`).

    `quoted` says of each whether a mark or its container quotes it; `text` is the whole in plain form.
    """

    def __init__(self, raw: list[str], marks: list[Trim | None]) -> None:
        self.raw = raw
        self.marks = marks
        joined = "\n".join(raw)
        # Few of these letters are in any one mail: to look for each is ten times faster than a translation.
        for letter, plain in _PLAIN.items() if not joined.isascii() else [("\t", " ")]:
            if letter in joined:
                joined = joined.replace(letter, plain)
        self.text = joined
        self.plain = [line.strip(" \r\x0b\x0c") for line in joined.split("\n")] if raw else []
        self.lower = [line.lower() if len(line) <= MAX_LENGTH else line for line in self.plain]
        self.count = min(len(raw), MAX_LINES)
        # One line alone with an escaped mark compares something: "&gt; 100".
        signs = (">", "&gt;") if joined.count("\n&gt;") + joined.startswith("&gt;") > 1 else ">"
        self.quoted = [
            mark is Trim.QUOTE or line.startswith(signs) for line, mark in zip(self.plain, marks, strict=True)
        ]

    def is_open(self, number: int) -> bool:
        """Whether a line is there, has text and is still own words."""
        return 0 <= number < self.count and bool(self.plain[number]) and self.marks[number] is None

    def next_text(self, number: int) -> int:
        """The first line at or after `number` that is not blank; the count where there is none."""
        while number < self.count and not self.plain[number]:
            number += 1
        return number

    def underlines(self, start: int, number: int) -> bool:
        """Whether a rule is the underline of a heading right above it, not above `start`."""
        rule = self.plain[number]
        above = self.plain[number - 1] if number > start else ""
        return len(rule) > 2 and bool(above) and abs(len(above) - len(rule)) <= 4

    def mark(self, start: int, end: int, trim: Trim) -> None:
        """Mark the lines from start up to, not including, end that are still own words."""
        for number in range(start, end):
            if self.marks[number] is None:
                self.marks[number] = trim

    def own_runs(self) -> Iterator[tuple[int, int]]:
        """Start and end of each stretch of own words, blank lines at its edges left out."""
        number = 0
        while number < self.count:
            if not self.is_open(number):
                number += 1
                continue
            start, last = number, number
            while number < self.count and self.marks[number] is None:
                if self.plain[number]:
                    last = number
                number += 1
            yield start, last + 1

    def parts(self) -> tuple[TextPart, ...]:
        """The whole text in order; joined by line feeds it is the text again."""
        self._settle_blanks()
        numbered = groupby(range(len(self.raw)), key=lambda number: self.marks[number])
        return tuple(
            TextPart(text="\n".join(self.raw[number] for number in numbers), trim=trim)
            for trim, numbers in numbered
        )

    def _settle_blanks(self) -> None:
        """Give blank lines to the part before them, so that a part never consists of blanks alone."""
        previous: Trim | None = None
        for number in range(len(self.raw)):
            if number < self.count and not self.plain[number] and number > 0:
                self.marks[number] = previous
            previous = self.marks[number]


def lines_of(text: str) -> list[str]:
    """The lines of a text, whichever line ends it has."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def stripped_rule(line: str) -> str:
    """A line without the dashes, underscores and stars that clients put around a separator's words."""
    return line.strip(" -_*=~#<>—–:[]|")


def any_starts(line: str, beginnings: Iterable[str]) -> bool:
    """Whether a line begins with one of the phrases."""
    return line.startswith(tuple(beginnings))
