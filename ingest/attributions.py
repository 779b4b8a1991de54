"""Recognises the lines by which a client introduces a quote: "On … wrote:", "Le … a écrit :" and so on.

One to five lines; says how sure it is, decides nothing about the text below.
"""

import re
from dataclasses import dataclass, replace
from enum import IntEnum

from ingest.phrases import Phrases, phrases
from ingest.text_lines import TextLines

MAX_ATTRIBUTION_LINES = 5
MAX_ATTRIBUTION_LENGTH = 420
MAX_ATTRIBUTION_WORDS = 45
MAX_BROKEN_WORDS = 6  # of the beginning of an attribution on lines of its own
MAX_CANDIDATES = 3_000  # lines at which an attribution may end; no mail that people wrote has more

_TIME = re.compile(r"(?<!\d)\d{1,2} ?(?:[:.h]|uhr) ?\d{2}(?!\d)|\d{1,2} ?[ap]\.?m\b|\d{1,2}[时時시]")
_DATE = re.compile(
    r"(?<!\d)(?:\d{1,4}[./-] ?\d{1,2}[./-] ?\d{2,4}|\d{4}[./-] ?\d{1,2}[./-] ?\d{1,2})(?!\d)|\d{4} ?[年년]"
)
_LIKE_DATE = re.compile(r"\w{1,9}[.,]{1,2} ?\d|\d{1,4}[. ] ?\w{1,12}\.? ")  # "pet, 5. sij", "5 січня "
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"\w+")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_ENDS_IN_ADDRESS = re.compile(r"[<(\[][^<>()\[\]]{1,200}@[^<>()\[\]]{1,200}[>)\]]\W{0,4}$")


class Sureness(IntEnum):
    """How sure an attribution is."""

    NEEDS_QUOTE = 1  # only together with quoted lines below
    NEEDS_BREAK = 2  # without a verb: above a blank line it stands alone, in a log it does not
    SURE = 3  # stands alone


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """The lines from start up to, not including, end."""

    start: int
    end: int
    sureness: Sureness


def find_attributions(lines: TextLines, table: Phrases) -> dict[int, Attribution]:
    """All attributions of a text by first line; looks at most five lines back from each possible last one."""
    found: dict[int, Attribution] = {}
    before_quote = _lines_before_quotes(lines)
    taken, candidates = -1, 0
    addressed = "@" in lines.text
    for number in range(lines.count):
        line = lines.plain[number]
        introduces = line.rstrip(" *_>\"'").endswith(":") or number in before_quote
        if not line or not (introduces or (addressed and _ends_in_verb(lines.lower[number], table))):
            continue
        if not _may_belong(lines, number, table) or (
            number + 1 < lines.count and _is_torn_end(lines.lower[number + 1], table)
        ):
            continue
        candidates += 1
        if candidates > MAX_CANDIDATES:
            break
        attribution = _ending_at(lines, table, number, taken)
        if attribution is not None and not introduces and not _stands_alone(lines, attribution, table):
            continue
        if attribution is not None and attribution.sureness is Sureness.NEEDS_BREAK:
            attribution = replace(attribution, sureness=_sure_apart(lines, attribution, table))
        if attribution is not None and _tells_a_story(lines, attribution):
            attribution = replace(attribution, sureness=Sureness.NEEDS_QUOTE)
        if attribution is not None and _announces(lines, attribution, table):
            attribution = None
        if attribution is not None:
            found[attribution.start] = attribution
            taken = number
    return found


def _ends_in_verb(line: str, table: Phrases) -> bool:
    """Whether a line ends as an attribution of clients that put no colon does: "… <address> wrote"."""
    return line.rsplit(" ", 1)[-1].rstrip("-. ") in table.wrote_ends


def _stands_alone(lines: TextLines, attribution: Attribution, table: Phrases) -> bool:
    """Whether an attribution without a colon is sure, names an address and is a paragraph of its own."""
    start, end = attribution.start, attribution.end
    apart = (start == 0 or not lines.plain[start - 1]) and (end >= lines.count or not lines.plain[end])
    sure = attribution.sureness is Sureness.SURE and _opens(lines.lower[start].lstrip("- "), table)
    return apart and sure and any("@" in line for line in lines.plain[start:end])


def _tells_a_story(lines: TextLines, attribution: Attribution) -> bool:
    """Whether nothing stands above an attribution that has neither a time nor an address, only a day."""
    if lines.next_text(0) != attribution.start:
        return False
    text = " ".join(lines.lower[attribution.start : attribution.end])
    return "@" not in text and _TIME.search(text) is None


def _announces(lines: TextLines, attribution: Attribution, table: Phrases) -> bool:
    """Whether the author says whom or what is quoted: "As the manual says:", not "Tom de Wit wrote:"."""
    text = " ".join(lines.plain[attribution.start : attribution.end])
    lower = text.lower()
    if attribution.sureness is not Sureness.NEEDS_QUOTE or "@" in text or _DIGIT.search(text):
        return False
    if _opens(lower, table) or lower.startswith(table.citing):
        return False
    others = _WORD.findall(table.wrote.sub(" ", text))
    told = [word for word in others if word[0].islower() and word not in table.name_particles]
    return bool(told) and len(others) > 1 and table.prose.isdisjoint(told)


def _sure_apart(lines: TextLines, attribution: Attribution, table: Phrases) -> Sureness:
    """SURE above a blank line, unless the line right above begins like it, as in a log."""
    start, end = attribution.start, attribution.end
    above = lines.lower[start - 1] if start else ""
    at_break = end >= lines.count or not lines.plain[end]
    return Sureness.SURE if at_break and not (above and _opens(above, table)) else Sureness.NEEDS_QUOTE


def is_attribution(line: str) -> bool:
    """Whether one line introduces a quote and names a date or an address; "The rule says:" does not."""
    text = line.lower().replace("\u202f", " ").replace("\u2019", "'")
    if not text.endswith(":") or not ("@" in text or any(letter.isdigit() for letter in text)):
        return False
    return _judge(text, phrases()) is not None


def _lines_before_quotes(lines: TextLines) -> set[int]:
    """The last line of text before each stretch of quoted lines."""
    last, found = -1, set()
    was_quoted = False
    for number in range(lines.count):
        if not lines.plain[number]:
            continue
        quoted = lines.quoted[number]
        if quoted and not was_quoted and last >= 0:
            found.add(last)
        last, was_quoted = number, quoted
    return found


def _ending_at(lines: TextLines, table: Phrases, last: int, taken: int) -> Attribution | None:
    """The attribution that ends at a line: the nearest sure one that begins like one, or the nearest."""
    found: Attribution | None = None
    text = ""
    # Some clients tear "<address> wrote:" apart and put blank lines between.
    torn = lines.plain[last].startswith(("<", ">", "mailto:")) or _is_bare_verb(lines.lower[last], table)
    for start in range(last, max(taken, last - MAX_ATTRIBUTION_LINES - 2 * torn), -1):
        if torn and not lines.plain[start]:
            continue
        if not _may_belong(lines, start, table) or (start < last and _ends_before(lines.lower[start], table)):
            break
        torn = torn and len(lines.plain[start]) < 80
        text = f"{lines.lower[start]} {text}" if text else lines.lower[start]
        sureness = _judge(text.strip(" *_"), table)
        if sureness is None or (torn and start == last):
            continue
        attribution = Attribution(start=start, end=last + 1, sureness=sureness)
        if sureness >= Sureness.NEEDS_BREAK and _opens(lines.lower[start].lstrip(' *_-[<"'), table):
            found = attribution
            break
        found = found or attribution
    return _with_broken_start(lines, table, found, taken) if found else None


def _ends_before(line: str, table: Phrases) -> bool:
    """Whether a line is a table's row or ends a sentence, but not an abbreviation like "Fr."."""
    return " | " in line or (line.endswith((".", "!", "?")) and not _is_dated_end(line, table))


def _is_bare_verb(line: str, table: Phrases) -> bool:
    """Whether a line is the last words of an attribution and nothing else, "a écrit :"."""
    return len(line) < 20 and line.endswith(":") and table.wrote.fullmatch(line.rstrip(" :")) is not None


def _with_broken_start(lines: TextLines, table: Phrases, found: Attribution, taken: int) -> Attribution:
    """An attribution with the few words above it that a narrow client broke off its start."""
    start, words = found.start, 0
    while (
        start - 1 > taken
        and found.end - start < MAX_ATTRIBUTION_LINES
        and _may_belong(lines, start - 1, table)
    ):
        line = lines.lower[start - 1]
        words += line.count(" ") + 1
        if (
            "|" in line
            or words > MAX_BROKEN_WORDS
            or (line.endswith((".", "!", "?", ":", ";")) and not _is_dated_end(line, table))
        ):
            return found
        start -= 1
    if start == found.start or (start > 0 and lines.is_open(start - 1)):
        return found
    whole = " ".join(lines.lower[start : found.end]).strip(" *_")
    sureness = _judge(whole, table)
    first = lines.lower[start]
    if sureness is None or sureness < found.sureness or not (_opens(whole, table) or "@" in first):
        return found
    return Attribution(start=start, end=found.end, sureness=sureness)


def _is_dated_end(line: str, table: Phrases) -> bool:
    """Whether a line ends within a date, as in "Fr.", "5." or "05-01-2024 o godz."."""
    words = _WORD.findall(line)
    if not words or words[-1] in table.calendar:
        return bool(words)
    return len(words[-1]) <= 5 and _DIGIT.search(line) is not None


def _may_belong(lines: TextLines, number: int, table: Phrases) -> bool:
    if not lines.is_open(number) or len(lines.plain[number]) > MAX_ATTRIBUTION_LENGTH:
        return False
    return not lines.quoted[number] or _is_torn_end(lines.lower[number], table)


def _is_torn_end(line: str, table: Phrases) -> bool:
    """Whether a line is the end of a torn attribution, "> wrote:", rather than a quoted "> Hello Tom:"."""
    short = len(line) < 20 and line.endswith(":") and line.startswith("> ") and line.count(" ") <= 3
    return short and _closing_verb(line, table)


def _judge(text: str, table: Phrases) -> Sureness | None:
    """How sure it is that the text is an attribution; None where it is none."""
    if len(text) > MAX_ATTRIBUTION_LENGTH or text.count(" ") > MAX_ATTRIBUTION_WORDS:
        return None
    has_address = "@" in text
    colon = text.rstrip(" *_>\"'-").endswith(":")
    verb = _closing_verb(text, table)
    if not verb and not has_address and not text.startswith(table.citing):
        # Gmail once left the address out where it had none: "2016-03-03 17:21 GMT+01:00 Some One".
        zoned = " gmt" in text and _DATE.match(text) and _TIME.search(text)
        return Sureness.NEEDS_QUOTE if zoned else None
    dated = _DIGIT.search(text) is not None and _is_dated(text, table)
    if verb:
        sure = has_address and (colon or dated)
        sure = sure or (dated and colon and (_TIME.search(text) is not None or _opens(text, table)))
        doubtful = Sureness.NEEDS_QUOTE if colon or dated or has_address else None
        return Sureness.SURE if sure else doubtful
    time, opens = _TIME.search(text), _opens(text, table)
    if dated and has_address and opens and _ENDS_IN_ADDRESS.search(text):
        return Sureness.NEEDS_BREAK if colon and time else Sureness.NEEDS_QUOTE
    cites = (colon or dated) and text.startswith(table.citing)
    cites = cites or (colon and has_address and (dated or opens))
    return Sureness.NEEDS_QUOTE if cites else None


def _is_dated(text: str, table: Phrases) -> bool:
    """Whether a text names a day: in digits, or by month or weekday together with a year or a time."""
    if _DATE.search(text):
        return True
    return bool((_YEAR.search(text) or _TIME.search(text)) and _names_day(text, table))


def _names_day(text: str, table: Phrases) -> bool:
    return not table.calendar.isdisjoint(_WORD.findall(text))


def _closing_verb(text: str, table: Phrases) -> bool:
    """Whether a verb of writing stands where an attribution has it: last, or before a name or a date."""
    found = None
    for match in table.wrote.finditer(text):
        found = match
    if found is None:
        return False
    tail = text[found.end() :].strip(" :*_>\"'-.,()[]\u00ab\u00bb")
    if not tail or tail in table.wrote_tail or "@" in tail:
        return True
    if _DATE.search(tail) or (_names_day(tail, table) and _DIGIT.search(tail)):
        return True
    return found.group() in table.wrote_before_name and tail.count(" ") < 6


def _opens(text: str, table: Phrases) -> bool:
    """Whether a text begins as an attribution does: with one of the first words, a date or a weekday."""
    if text.startswith(table.openers):
        return True
    head = text[:24]
    first = _WORD.search(head)
    if first is not None and first.start() == 0 and first.group() in table.calendar:
        return bool(_DIGIT.search(text[:40]))
    return bool(
        _DATE.match(head) or _LIKE_DATE.match(head) or (head[:1].isdigit() and _names_day(head, table))
    )
