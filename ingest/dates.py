"""When a mail was written: its Date field, else the newest trace field, else the time of receipt."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
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
    """A date of RFC 5322 section 3.3, or one in ISO 8601; None where it is neither. Aware."""
    text = value[:200].strip()
    if not text:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _iso(text)
    try:
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    match = _ISO.search(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
