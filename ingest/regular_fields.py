"""The quick way for address lists and dates that are plainly as RFC 5322 sections 3.3 and 3.4 want them.

Each function gives what mail-parser gives for the same value, or None where it takes a closer look: that
costs more than all else in reading a mail, and most fields of most mails need none of it. Linear in length.
"""

import re
from datetime import UTC, datetime, timedelta

# The sets of letters of neighbours are disjoint, and what was matched of a name is not given back.
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = rf"{_WORD}(?:\.{_WORD})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"
_ENCODED = r"=\?(?:utf-8|UTF-8|iso-8859-1|ISO-8859-1)\?[BbQq]\?[!#-'*+./0-9=A-Z^_`a-z{|}~-]+\?="
_PHRASE = rf"(?:[\w'.!#$%&*+/?^{{|}}~-]++(?:[ \t]++|(?=<))|{_ENCODED}[ \t]++)++"
_NAME = rf"\"(?P<quoted>[^\"\\<>]*)\"[ \t]*|(?P<phrase>{_PHRASE})"
_MAILBOX = re.compile(
    rf"(?:(?:{_NAME})?<(?P<angle>{_ADDRESS})>"
    rf"|(?P<bare>{_ADDRESS})(?:[ \t]{{1,3}}\((?P<comment>[^()\\=]*)\))?)"
    r"[ \t]{0,8}(?:,[ \t]*|\Z)",
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), {1,2})?(\d{1,2}) ([A-S][a-y]{2}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))?"
    r" ([+-]\d\d)([0-5]\d)(?: \([^()\\]{0,40}\))?",
    re.ASCII,
)


def read_addresses(value: str) -> list[tuple[str, str]] | None:
    """Display names (undecoded) and addresses of a list in which all is regular; None for any other."""
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(value):
        match = _MAILBOX.match(value, position)
        if match is None:
            return None
        name = match["quoted"] or match["phrase"] or match["comment"] or ""
        found.append((name, match["angle"] or match["bare"]))
        position = match.end()
    return found


def read_date(value: str) -> datetime | None:
    """The date of a regular Date field in UTC; None for any other."""
    match = _DATE.fullmatch(value)
    if match is None or match[2] not in _MONTHS or match[3] < "1900":
        return None
    day, year, hour, minute, second = (int(match[each] or 0) for each in (1, 3, 4, 5, 6))
    hours = int(match[7])
    minutes = int(match[7][0] + match[8])  # the sign counts for both: -0030 is half an hour
    try:
        local = datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=UTC)
        return local - timedelta(hours=hours, minutes=minutes)
    except (ValueError, OverflowError):
        return None
