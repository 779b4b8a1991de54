"""When a mail was written: its Date field, else the newest trace field, else the time of receipt."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_LOOSE = re.compile(
    r"(?P<day>\d{1,2})[ .-]{1,3}(?P<month>[^\W\d_]{3,10})[ .-]{1,3}(?P<year>\d{2,4})[ ,]{1,3}"
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?(?: (?P<zone>[+-]\d{4}))?"
)
# By their first letters, in English, French, German, Spanish, Italian, Portuguese and Dutch.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv jän jänn ene ener gen genn janu",
            "feb fév févr fevr febr fev feve",
            "mar mars mär märz marc març mrt maar marz",
            "apr avr avri apri abr abri",
            "may mai mag magg mayo maio mei",
            "jun juin juni june junh giu giug",
            "jul juil juli july julh lug lugl",
            "aug août aout augu ago agos",
            "sep sept sett set sete",
            "oct okt octo okto ott otto out outu",
            "nov nove",
            "dec déc déce dez deze dic dici dece",
        ),
        1,
    )
    for name in names.split()
}
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
    """A date of RFC 5322 section 3.3, of ISO 8601, or in another language; None for all else. Aware."""
    text = value[:200].strip()
    if not text:
        return None
    try:
        found = parsedate_to_datetime(text)
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _iso(text) or _loose(text)


def _iso(text: str) -> datetime | None:
    match = _ISO.search(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups())
    return _made((year, month, day), (hour, minute, second), "")


def _loose(text: str) -> datetime | None:
    match = _LOOSE.search(text)
    month = _MONTHS.get(match["month"].lower()[:4], 0) if match else 0
    if match is None or not month:
        return None
    year = int(match["year"])
    if year < 100:
        year += 2000 if year < 70 else 1900
    clock = (int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    return _made((year, month, int(match["day"])), clock, match["zone"] or "")


def _made(day: tuple[int, int, int], clock: tuple[int, int, int], zone: str) -> datetime | None:
    """Clocks that count to 24:00 or to a 61st second are taken for the moment they mean."""
    hours, minutes, seconds = clock
    sign = -1 if zone.startswith("-") else 1
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5])) * sign if zone else timedelta()
    try:
        return datetime(*day, tzinfo=UTC) + timedelta(hours=hours, minutes=minutes, seconds=seconds) - offset
    except (ValueError, OverflowError):
        return None
