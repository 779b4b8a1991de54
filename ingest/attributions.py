"""Recognises the lines by which a client introduces a quote: "On … wrote:", "Le … a écrit :", "2024-01-05 … <a@b>:".

One to five lines; says how sure it is, decides nothing about the text below.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from ingest.phrases import Phrases
from ingest.text_lines import TextLines

MAX_ATTRIBUTION_LINES = 5
MAX_ATTRIBUTION_LENGTH = 420
MAX_ATTRIBUTION_WORDS = 45

_TIME = re.compile(r"(?<!\d)\d{1,2} ?(?:[:.h]|uhr) ?\d{2}(?!\d)|\d{1,2} ?[ap]\.?m\b|\d{1,2}[时時시]")
_DATE = re.compile(r"(?<!\d)\d{1,4}[./-] ?\d{1,2}[./-] ?\d{2,4}(?!\d)|\d{4} ?[年년]")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_ENDS_IN_ADDRESS = re.compile(r"[<(\[][^<>()\[\]]{1,200}@[^<>()\[\]]{1,200}[>)\]]\W{0,4}$")


class Sureness(IntEnum):
    """How sure an attribution is."""

    NEEDS_QUOTE = 1  # only together with quoted lines below
    SURE = 2  # stands alone


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """The lines from start up to, not including, end."""

    start: int
    end: int
    sureness: Sureness


def find_attributions(lines: TextLines, phrases: Phrases) -> dict[int, Attribution]:
    """All attributions of a text by their first line; looks at most five lines back from each possible last one."""
    found: dict[int, Attribution] = {}
    before_quote = _lines_before_quotes(lines)
    taken = -1
    for number in range(lines.count):
        line = lines.plain[number]
        if not line or not (line.rstrip(" *_>\"'").endswith(":") or number in before_quote):
            continue
        if not lines.is_open(number) or lines.is_quoted(number) or len(line) > MAX_ATTRIBUTION_LENGTH:
            continue
        attribution = _ending_at(lines, phrases, number, taken)
        if attribution is not None:
            found[attribution.start] = attribution
            taken = number
    return found


def _lines_before_quotes(lines: TextLines) -> set[int]:
    """The last line of text before each stretch of quoted lines."""
    last, found = -1, set()
    was_quoted = False
    for number in range(lines.count):
        if not lines.plain[number]:
            continue
        quoted = lines.is_quoted(number)
        if quoted and not was_quoted and last >= 0:
            found.add(last)
        last, was_quoted = number, quoted
    return found


def _ending_at(lines: TextLines, phrases: Phrases, last: int, taken: int) -> Attribution | None:
    best: Attribution | None = None
    text = ""
    for start in range(last, max(taken, last - MAX_ATTRIBUTION_LINES), -1):
        if (
            not lines.is_open(start)
            or lines.is_quoted(start)
            or len(lines.plain[start]) > MAX_ATTRIBUTION_LENGTH
        ):
            break
        text = f"{lines.lower[start]} {text}" if text else lines.lower[start]
        sureness = _judge(text.strip(" *_"), phrases)
        if sureness is None:
            continue
        attribution = Attribution(start=start, end=last + 1, sureness=sureness)
        if _opens(lines.lower[start].lstrip(' *_-[<"'), phrases):
            return attribution
        if best is None or sureness > best.sureness:
            best = attribution
    return best


def _judge(text: str, phrases: Phrases) -> Sureness | None:
    """How sure it is that the text is an attribution; None where it is none."""
    if len(text) > MAX_ATTRIBUTION_LENGTH or text.count(" ") > MAX_ATTRIBUTION_WORDS:
        return None
    has_address = "@" in text
    time, date = _TIME.search(text), _DATE.search(text)
    calendar = phrases.calendar.search(text)
    dated = bool(date or (calendar and (time or _YEAR.search(text))))
    colon = text.rstrip(" *_>\"'-").endswith(":")
    verb = _closing_verb(text, phrases)
    opens = _opens(text, phrases)
    if verb:
        if (has_address and (colon or dated)) or (dated and (time or opens) and colon):
            return Sureness.SURE
        return Sureness.NEEDS_QUOTE if colon or dated or has_address else None
    if dated and has_address and _ENDS_IN_ADDRESS.search(text) and (opens or _starts_dated(text, phrases)):
        return Sureness.SURE if colon and time else Sureness.NEEDS_QUOTE
    cites = colon and (text.startswith(phrases.citing) or (has_address and (dated or opens)))
    return Sureness.NEEDS_QUOTE if cites else None


def _closing_verb(text: str, phrases: Phrases) -> bool:
    """Whether a verb of writing stands where an attribution has it: last, or before a name or a date."""
    found = None
    for match in phrases.wrote.finditer(text):
        found = match
    if found is None:
        return False
    tail = text[found.end() :].strip(" :*_>\"'-.,()[]\u00ab\u00bb")
    if not tail or tail in phrases.wrote_tail or "@" in tail:
        return True
    if _DATE.search(tail) or (phrases.calendar.search(tail) and any(letter.isdigit() for letter in tail)):
        return True
    verb = found.group()
    return verb in phrases.wrote_before_name and tail.count(" ") < 6


def _opens(text: str, phrases: Phrases) -> bool:
    return text.startswith(phrases.openers) or _starts_dated(text, phrases)


def _starts_dated(text: str, phrases: Phrases) -> bool:
    head = text[:24]
    if phrases.calendar.match(head):
        return any(letter.isdigit() for letter in text[:40])
    return bool(_DATE.match(head) or (head[:1].isdigit() and phrases.calendar.search(head)))
