"""Reads dates as mail clients write them into a text: "vendredi 3 mai 2024 à 14:05", "3 мая 2024 г.".

For header fields, which have one form (RFC 5322), there is dates.py.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum
from functools import cache
from importlib.resources import files

LONGEST = 160
SLACK = timedelta(days=1)  # zones that are not written

_MONTH = r"[^\W\d_]{2,14}[׳']?"
_OF = r"(?:de |del |of |d'|d\. |den )?"
_DAY_MONTH_YEAR = re.compile(
    rf"(?<![\d:.])(?P<day>\d{{1,2}})(?P<dot>\.?)(?:st|nd|rd|th|er|º|ª)?,?[ -]?{_OF}"
    rf"(?P<month>{_MONTH})\.?,?[ -]?{_OF}"
    r"'?(?P<year>\d{4}|\d{2})(?![\d:])(?P<end>\.?)"
)
_YEAR_MONTH_DAY = re.compile(
    rf"(?<!\d)(?P<year>\d{{4}})(?:\.|,| m\.)? ?(?P<month>{_MONTH})\.? ?(?P<day>\d{{1,2}})(?![\d:])"
)
_YEAR_DAY_MONTH = re.compile(
    rf"(?<!\d)(?P<year>\d{{4}})\.? (?:gada |g\. )?(?P<day>\d{{1,2}})\.? (?P<month>{_MONTH})"
)
_MONTH_DAY_YEAR = re.compile(
    rf"(?P<month>{_MONTH})\.?,? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\.? {_OF}(?P<year>\d{{4}})(?!\d)"
)
# As C's asctime writes: the time stands between the day and the year.
_YEAR_LAST = re.compile(
    rf"(?P<month>{_MONTH}) {{1,2}}(?P<day>\d{{1,2}}) "
    r"(?=\d{1,2}:\d{2}(?::\d{2})?(?: \w{2,5})? (?P<year>\d{4}))"
)
_BY_NAME = (_DAY_MONTH_YEAR, _YEAR_MONTH_DAY, _YEAR_DAY_MONTH, _MONTH_DAY_YEAR, _YEAR_LAST)
_BY_NUMBER = (
    re.compile(r"(?P<year>\d{4}) ?[年년] ?(?P<month>\d{1,2}) ?[月월] ?(?P<day>\d{1,2}) ?[日일号號]?"),
    re.compile(r"(?P<day>\d{1,2}) (?:tháng|thg|thang) (?P<month>\d{1,2}),? (?:năm )?(?P<year>\d{4})"),
    re.compile(r"(?<!\d)(?P<year>\d{4})([-/.]) ?(?P<month>\d{1,2})\2 ?(?P<day>\d{1,2})(?!\d)"),
)
_FIGURES = re.compile(
    r"(?<![\d:])(?P<first>\d{1,2})(?P<mark>[./-]) ?(?P<second>\d{1,2})(?P=mark) ?(?P<year>\d{4}|\d{2})(?!\d)"
)
_TIME = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2}) ?(?:[:.h点點时時]|시|u(?=\d)) ?(?P<minute>\d{2})(?!\d)"
    r"(?:(?:[:.]|[分분] ?| ?min ?)(?P<second>\d{2})(?!\d))?"
)
_HOUR = re.compile(r"(?<!\d)(?P<hour>\d{1,2}) ?(?:h\b|uhr\b|[点點时時시]|(?=[ap]\.? ?m\b))")
_AFTERNOON = re.compile(r"\n ?(?:p\.? ?m\b|ch\b|م)|下午|晚上|午後|오후|μ\.? ?μ|مساء|\bös\b|\bodp\b|\bdu\.")
_MORNING = re.compile(r"\n ?(?:a\.? ?m\b|sa\b|ص)|上午|早上|凌晨|午前|오전|π\.? ?μ|صباح|\böö\b|\bdop\b|\bde\.")
_OFFSET = re.compile(r"(?:gmt ?|utc ?|[ (]|^)(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?!\d)")
_WORD = re.compile(r"[^\W\d_]{1,5}")
_AMERICAN = frozenset({"est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "akst", "akdt", "hst"})


class Order(Enum):
    """How the language around a date in figures orders it."""

    DAY_FIRST = "day first"
    UNKNOWN = "unknown"  # English: 5/3 is May the third or the fifth of March


def read_written(value: str, *, latest: datetime, order: Order = Order.UNKNOWN) -> datetime | None:
    """The date in a text of any language, aware; None where none is there or its day is not sure.

    Where no zone is written it has that of `latest`, the date of the mail that the text is in; of two days
    that figures may mean, one behind `latest` is ruled out. Where no time is written it is midnight.
    """
    text = value[:LONGEST].lower().replace("\u2019", "'")
    for day, span in _days(text, latest, order):
        rest = f"{text[: span[0]]} | {text[span[1] :]}"
        moment = _at(day, rest, latest.tzinfo or UTC)
        if moment is not None:
            return moment
    return None


def _days(text: str, latest: datetime, order: Order) -> Iterator[tuple[datetime, tuple[int, int]]]:
    """The days that a text names, the likeliest first, each with where it stands."""
    for pattern in _BY_NAME:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            month = _month(match["month"], (groups.get("dot") or "") and (groups.get("end") or ""))
            day = _day(match["year"], month, match["day"])
            if day is not None:
                yield day, match.span()
    for pattern in _BY_NUMBER:
        for match in pattern.finditer(text):
            day = _day(match["year"], int(match["month"]), match["day"])
            if day is not None:
                yield day, match.span()
    for match in _FIGURES.finditer(text):
        day = _in_figures(match, text, latest, order)
        if day is not None:
            yield day, match.span()


def _in_figures(match: re.Match[str], text: str, latest: datetime, order: Order) -> datetime | None:
    """A day like 5/3/24; None where it may be one of two and nothing tells which."""
    year, first, second = match["year"], match["first"], match["second"]
    day_first, month_first = _day(year, int(second), first), _day(year, int(first), second)
    possible = [day for day in (day_first, month_first) if day is not None]
    possible = [day for day in possible if day.replace(tzinfo=latest.tzinfo) <= latest + SLACK] or possible
    if len(possible) < 2 or first == second:
        return possible[0] if possible else None
    rest = text[match.end() :]
    clock = _TIME.search(rest)
    twelve_hours = bool(_AFTERNOON.search(f"\n{rest}") or re.search(r"\d ?[ap]\.? ?m\b", rest))
    american = twelve_hours or not _AMERICAN.isdisjoint(_WORD.findall(rest))
    # Who counts the day's hours to 24 is hardly ever one of those who name the month first.
    to_24 = clock is not None and int(clock["hour"]) > 12
    if order is Order.DAY_FIRST or to_24 or (match["mark"] != "/" and not american):
        return day_first
    # Whoever writes 3/05 pads the month: Australians, who count twelve hours, too.
    padded_second = len(first) == 1 and second.startswith("0")
    return (day_first if padded_second else month_first) if american else None


def _at(day: datetime, rest: str, zone: tzinfo) -> datetime | None:
    """The moment on a day by the time and zone in the rest of the text; `zone` where none is written."""
    clock = _TIME.search(rest) or _HOUR.search(rest)
    hours, minutes, seconds = 0, 0, 0
    if clock is not None:
        found = clock.groupdict()
        hours, minutes = int(found["hour"]), int(found.get("minute") or 0)
        seconds = int(found.get("second") or 0)
        around = f"{rest[max(0, clock.start() - 8) : clock.start()]}\n{rest[clock.end() : clock.end() + 8]}"
        if hours < 12 and _AFTERNOON.search(around):
            hours += 12
        elif hours == 12 and _MORNING.search(around):
            hours = 0
        zone = _zone(rest[clock.end() :], zone)
    try:
        return day.replace(hour=hours, minute=minutes, second=min(seconds, 59), tzinfo=zone)
    except ValueError:
        return None


def is_zone(word: str) -> bool:
    """Whether a word is a zone's short name, such as "CEST"."""
    return word.lower() in _calendar().zones


def _zone(text: str, default: tzinfo) -> tzinfo:
    """The zone that is written behind a time."""
    offset = _OFFSET.search(text)
    if offset is not None:
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        minutes = -minutes if offset["sign"] == "-" else minutes
        return timezone(timedelta(minutes=minutes)) if abs(minutes) <= 14 * 60 else default
    zones = _calendar().zones
    named = next((word for word in _WORD.findall(text) if word in zones), None)
    return default if named is None else timezone(timedelta(minutes=zones[named]))


def _day(year: str, month: int, day: str) -> datetime | None:
    number = int(year)
    if number < 100:
        number += 2000 if number < 70 else 1900
    try:
        return datetime(number, month, int(day), tzinfo=UTC) if 1975 <= number < 2100 else None
    except ValueError:
        return None


def _month(name: str, day_and_year_dotted: str) -> int:
    """The number of a month by its name; 0 for other words."""
    calendar = _calendar()
    croatian = calendar.croatian.get(name) if day_and_year_dotted else None
    return croatian or calendar.months.get(name, 0)


@dataclass(frozen=True, kw_only=True)
class _Calendar:
    """Numbers of months, and minutes east of Greenwich, by name."""

    months: Mapping[str, int]
    croatian: Mapping[str, int]
    zones: Mapping[str, int]


@cache
def _calendar() -> _Calendar:
    table = tomllib.loads((files("ingest.languages") / "calendar.toml").read_text(encoding="utf-8"))
    return _Calendar(
        months=_by_name(table["month_numbers"]),
        croatian=_by_name(table["month_numbers_croatian"]),
        zones=_by_name(table["zones"]),
    )


def _by_name(names: Mapping[str, list[str]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, words in names.items():
        for word in words:
            found.setdefault(word, int(number))
    return found
