"""Finding where the mails of an mbox begin (RFC 4155 and its many dialects), and undoing its escapes.

A line "From " begins a mail only where a header follows and the line looks written by a mail program:
many archives do not escape such lines in texts.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DATED = re.compile(
    _MONTH + rb" +\d{1,2} +\d{1,2}:\d{2}(?::\d{2})?(?: +\S{1,6}){0,2} +\d{4}\b"  # asctime, as it should be
    rb"|\d{1,2} +" + _MONTH + rb" +\d{4} +\d{1,2}:\d{2}|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"
)
_HEADER = re.compile(rb"(?:>?From [^\n]*\r?\n)*[!-9;-~]{1,100}[ \t]*:")
# git writes this line before each patch of a series; inside other archives it is text that somebody sent.
_PATCH = re.compile(rb"From [0-9a-f]{40} Mon Sep 17 00:00:00 2001")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_DATE = re.compile(
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(?P<day>\d{1,2})"
    r" +(?P<time>\d{1,2}:\d{2}(?::\d{2})?)(?: +[A-Z]{2,5})?(?: +(?P<zone>[+-]\d{4}))?"
    r" +(?P<year>\d{4})(?: +(?P<late_zone>[+-]\d{4}))?"
)
Judge = Callable[[bytes, bytes, bytes], bool]
LOOK_AHEAD = 2_000  # bytes behind a separator that must be known to judge it


def judge_for(first_line: bytes) -> Judge:
    """How to tell separators in an archive that begins with this line."""
    return _is_patch if _PATCH.match(first_line) else _is_separator


def _is_patch(line: bytes, following: bytes, before: bytes) -> bool:
    return _PATCH.match(line) is not None and _HEADER.match(following) is not None


def _is_separator(line: bytes, following: bytes, before: bytes) -> bool:
    """Whether a line that begins with "From " starts a mail, given what follows and the line before."""
    if _PATCH.match(line) or _HEADER.match(following) is None:
        return False
    if _DATED.search(line) is not None:
        return True
    # Some writers put no date: then an address is all there is, and a blank line stands before it.
    words = line.split()
    return not before.strip() and len(words) == 2 and (b"@" in words[1] or words[1] == b"MAILER-DAEMON")


def unescape(content: bytes) -> bytes:
    """Take one ">" from lines such as ">From " and ">>From " (mboxrd; for mboxo the best guess)."""
    return _ESCAPED.sub(rb"\1", content) if b">From " in content else content


def sender_of(line: bytes) -> str:
    """The envelope sender that a separator names; "" where it is none."""
    words = line.decode("utf-8", "replace").split()
    sender = words[1] if len(words) > 1 else ""
    if len(words) > 3 and words[2] == "at":
        sender = f"{words[1]}@{words[3]}"
    return sender if "@" in sender and "?" not in sender else ""


def date_of(line: bytes) -> datetime | None:
    """The date of delivery that a separator names; None where there is none. UTC where it has no zone."""
    match = _DATE.search(line.decode("ascii", "replace"))
    if match is None:
        return None
    zone = match["zone"] or match["late_zone"] or "+0000"
    try:
        found = parsedate_to_datetime(
            f"{match['day']} {match['month']} {match['year']} {match['time']} {zone}"
        )
    except (ValueError, TypeError):
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found.year > 1971 else None  # writers without a date put the epoch
