"""When a mail was written: its Date field, else the newest trace field, else the time of receipt."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ingest import regular_fields
from ingest.date_words import MONTHS, ZONES
from ingest.encoded_words import decode_text

_COMMENT = re.compile(r"\([^()]*\)")
_EPOCH = re.compile(r"\d{9,10}(?:\.\d*)?")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)T?(\d\d)(\d\d)(\d\d)(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2})(?!\d)日?")
_YEAR_LAST = re.compile(r"(?<![\d:.])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d:.])")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})(?::|h|時 ?)(\d{1,2})(?:[:.](\d{1,2}))?(?:[.,]\d{1,9})?(?!\d)", re.I)
_DOTTED_CLOCK = re.compile(r"(?<![\d.])(\d{1,2})\.(\d\d)(?:\.(\d\d))?(?![\d.])")
_HALF = re.compile(r"\s{0,3}(?P<half>[ap])\.?m\b", re.I)
_OFFSET = re.compile(r"(?<!\d)([+-]) ?(\d{1,2}):?(\d\d)?(?!\d)")
_NO_SIGN = re.compile(r"(?<![\d+-])(0\d|1[0-4])(00|15|30|45)(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|[ºª°])?[ .,-]{0,3}(?:de |of |d.)?([^\W\d_]{3,12})", re.I
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})[ .,-]{0,3}(\d{1,2})(?!\d)")
_YEAR = re.compile(r"(?<![\d+])(\d{4})(?!\d)")
_SHORT_YEAR = re.compile(r"(?<![\d+])(\d{2,3})(?!\d)")
_FARTHEST = timedelta(hours=15)
_OLDEST = datetime(1975, 1, 1, tzinfo=UTC)
# Clocks are wrong by hours and zones by a day; more is a wrong date.
AHEAD = timedelta(days=2)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def choose(
    candidates: Sequence[datetime | None], received: Sequence[str], at: datetime, now: datetime
) -> datetime:
    """The first plausible date: not before mail existed, not after `now` plus two days; else `at`."""
    traces = [read(value.rpartition(";")[2]) for value in received[:1]]
    # The newest trace field was written when the mail came in: by a clock better than many authors' clocks.
    latest = min([now, *(trace for trace in traces if trace is not None and trace >= _OLDEST)]) + AHEAD
    for candidate in (*candidates, *traces):
        if candidate is not None and _OLDEST <= candidate <= latest:
            return candidate
    return at


def read(value: str) -> datetime | None:
    """A date of RFC 822, RFC 5322 section 3.3, ISO 8601, or as people write it; None for all else. Aware."""
    text = decode_text(value[:200]).strip().strip('"')
    if (regular := regular_fields.read_date(text)) is not None:
        return regular
    for _ in range(3):  # comments may hold comments
        text = _COMMENT.sub(" ", text)
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text.partition(".")[0]), UTC)
    return _composed(text.partition("(")[0])


def _composed(text: str) -> datetime | None:
    """A date put together from its pieces, in whatever order they stand."""
    compact = _COMPACT.search(text)
    if compact is not None:
        figures = [int(group) for group in compact.groups()]
        moment = (figures[3], figures[4], figures[5])
        return _made((figures[0], figures[1], figures[2]), moment, _offset(text[compact.end() :]))
    found = _numeric_day(text)
    rest = text if found is None else f"{text[: found[1]]} {text[found[2] :]}"
    clock_match = _CLOCK.search(rest) or _DOTTED_CLOCK.search(rest)
    clock, offset = (0, 0, 0), timedelta()
    if clock_match is not None:
        hour, minute, second = (int(group or 0) for group in clock_match.groups())
        behind = rest[clock_match.end() :]
        half = _HALF.match(behind)
        if half is not None and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half["half"] in "pP" else 0)
            behind = behind[half.end() :]
        clock, offset = (hour, minute, second), _offset(behind)
        behind = _NO_SIGN.sub(" ", _OFFSET.sub(" ", behind, count=1), count=1)
        rest = f"{rest[: clock_match.start()]} {behind}"
    day = found[0] if found is not None else _named_day(rest)
    return None if day is None else _made(day, clock, offset)


def _numeric_day(text: str) -> tuple[tuple[int, int, int], int, int] | None:
    """Year, month and day in figures, and where they stand. Days come before months but in America."""
    match = _YEAR_FIRST.search(text)
    if match is not None:
        return (int(match[1]), int(match[2]), int(match[3])), match.start(), match.end()
    match = _YEAR_LAST.search(text)
    if match is None:
        return None
    day, month = int(match[1]), int(match[3])
    american = match[2] == "/" and day <= 12 and _HALF.search(text) is not None
    if month > 12 or american:
        day, month = month, day
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return (_full_year(match[4]), month, day), match.start(), match.end()


def _named_day(text: str) -> tuple[int, int, int] | None:
    """Year, month and day where the month is a word; `mar.` may be a weekday, so days come first."""
    for pattern, day_at, month_at in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        for match in pattern.finditer(text):
            month = _month(match[month_at])
            rest = f"{text[: match.start()]} {text[match.end() :]}"
            year = _YEAR.search(rest) or _SHORT_YEAR.search(rest)
            if month and year is not None:
                return _full_year(year[1]), month, int(match[day_at])
    return None


def _month(word: str) -> int:
    lowered = word.lower()
    return next((MONTHS[lowered[:size]] for size in (6, 5, 4, 3) if lowered[:size] in MONTHS), 0)


def _full_year(figures: str) -> int:
    """RFC 5322 section 4.3: two figures mean this century or the last, three are years since 1900."""
    year = int(figures)
    if len(figures) == 4:
        return year
    return year + (1900 if year >= 69 else 2000)


def _offset(text: str) -> timedelta:
    """The zone behind a clock: figures, a name, or both; no zone is UTC."""
    match = _OFFSET.search(text)
    if match is not None:
        hours, minutes = int(match[2]), int(match[3] or 0)
        offset = timedelta(hours=hours, minutes=minutes) * (-1 if match[1] == "-" else 1)
        return offset if abs(offset) <= _FARTHEST else timedelta()
    for word in _WORD.findall(text):
        if word.upper() in ZONES:
            return timedelta(minutes=ZONES[word.upper()])
    match = _NO_SIGN.search(text)
    return timedelta(hours=int(match[1]), minutes=int(match[2])) if match is not None else timedelta()


def _made(day: tuple[int, int, int], clock: tuple[int, int, int], offset: timedelta) -> datetime | None:
    """Clocks that count to 24:00 or to a 61st second are taken for the moment they mean."""
    hours, minutes, seconds = clock
    try:
        return datetime(*day, tzinfo=UTC) + timedelta(hours=hours, minutes=minutes, seconds=seconds) - offset
    except (ValueError, OverflowError):
        return None
