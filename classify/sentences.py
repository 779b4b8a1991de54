"""Cuts a mail's own words into sentences as its author wrote them, in linear time. Not for counting words."""

import re
from collections.abc import Iterator

LONGEST = 400  # characters of a sentence that may be shown
READ = 20_000  # characters of a mail; nobody's point comes later
WRAPPED = 45  # a line at least so long was broken by a mail program, a shorter one by its author

_ITEM = re.compile(r"(?:[-*•–+>]|\(?\d{1,2}[.)]|[a-hA-H][.)])[ \t]+")
_END = re.compile(r"[.?!…]{1,3}[\"'»”’)\]]{0,2}(?=\s)")
_SHORT = frozenset(  # abbreviations: what follows their full stop goes on
    re.findall(
        r"\S+",
        "m mm mme mlle dr me mr mrs ms st ste prof etc cf ex no nos p pp art vol fig env min max tel tél inc"
        " ltd ltée corp vs i.e e.g a.m p.m approx dept div est jan feb mar apr aug sept oct nov dec",
    )
)


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text in order, white space made single; no headings, no rules, no code."""
    for block in _blocks(text[:READ]):
        yield from _cut(block)


def _blocks(text: str) -> Iterator[str]:
    """Yield paragraphs, list items and lines that their author broke, each on one line."""
    held: list[str] = []
    open_line = False  # whether the line before was broken by a program
    for raw in text.split("\n"):
        line = raw.strip()
        item = _ITEM.match(line)
        if held and (not line or item or not open_line):
            yield " ".join(held)
            held = []
        if line and any(map(str.isalpha, line)):
            held.append(" ".join(line[item.end() :].split() if item else line.split()))
        open_line = len(raw) >= WRAPPED
    if held:
        yield " ".join(held)


def _cut(block: str) -> Iterator[str]:
    start = 0
    for end in _END.finditer(block):
        if _is_end(block, start, end):
            yield block[start : end.end()].strip()
            start = end.end()
    if block[start:].strip():
        yield block[start:].strip()


def _is_end(block: str, start: int, end: re.Match[str]) -> bool:
    """Whether a full stop ends a sentence rather than an abbreviation or an initial."""
    following = block[end.end() : end.end() + 3].lstrip()
    if following[:1].islower():
        return False
    if not end.group().startswith("."):
        return True
    last = block[max(start, end.start() - 12) : end.start()].rpartition(" ")[2].lower().strip("(\"'«“")
    return last not in _SHORT and not (len(last) == 1 and last.isalpha())
