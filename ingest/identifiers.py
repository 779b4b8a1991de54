"""Message ids from Message-ID, In-Reply-To and References (RFC 5322 section 3.6.4), as clients write them.

Ids come without angle brackets and blanks. Not for deciding what they mean: that is `threading`.
"""

import html
import re
from collections.abc import Collection

_BRACKETED = re.compile(r"<([^<>]*)>")
_BLANKS = re.compile(r"\s+")
_COMMENT = re.compile(r"\([^()]*\)")
# "Message from Bob <…>" names a person; behind "of" and a date comes the id.
_FROM_PERSON = re.compile(r"\bfrom\b(?:(?!\bof\b)[^<>@])*\Z", re.IGNORECASE)
_MARKS = str.maketrans("<>,;", "    ")
_LONGEST = 1_000
# RFC 5322 asks for the first and the last few where a list is cut.
_MOST = 500
# What some clients write when they have no id: an id that everybody has would join strangers.
_NO_IDS = frozenset(
    {"", "none", "null", "nil", "undefined", "unknown", "no-id", "message-id", "@", "localhost"}
)


def message_id(value: str) -> str | None:
    """The id of a Message-ID value; None where there is none that could tell two mails apart."""
    if "&lt;" in value and "<" not in value:
        value = html.unescape(value)
    found = _bracketed(value)
    if found:
        return found[0]
    words = value.replace("<", " ").replace(">", " ").split()
    return _clean(words[0]) if words else None


def references(value: str) -> tuple[str, ...]:
    """The ids of a References value, oldest first, each once."""
    return _limited(_bracketed(value) or _bare(value))


def in_reply_to(value: str, addresses: Collection[str]) -> tuple[str, ...]:
    """The ids of an In-Reply-To value; `addresses` (lower case) are of people and never taken for ids.

    Old clients write prose here: a person's address in angle brackets beside the id, or no id at all.
    """
    named = [
        match for match in _BRACKETED.finditer(value) if (_clean(match[1]) or "").lower() not in addresses
    ]
    if not named and "<" not in value:
        return _limited([bare for bare in _bare(value) if bare.lower() not in addresses])
    if _COMMENT.sub("", _BRACKETED.sub("", value)).strip(" ,;"):  # prose
        named = [match for match in named if not _FROM_PERSON.search(value, _near(match), match.start())]
    return _limited([cleaned for match in named if (cleaned := _clean(match[1])) is not None])


def _near(match: re.Match[str]) -> int:
    """Where the words just before a match begin; the limit keeps hostile values linear."""
    return max(0, match.start() - 80)


def _bracketed(value: str) -> list[str]:
    return [
        cleaned for match in _BRACKETED.finditer(value) if (cleaned := _clean(match.group(1))) is not None
    ]


def _bare(value: str) -> list[str]:
    words = value.translate(_MARKS).split()
    if not words or not all("@" in word for word in words):
        return []
    return [cleaned for word in words if (cleaned := _clean(word)) is not None]


def _clean(text: str) -> str | None:
    cleaned = _BLANKS.sub("", text)[:_LONGEST]
    return None if cleaned.lower() in _NO_IDS else cleaned


def _limited(ids: list[str]) -> tuple[str, ...]:
    unique = list(dict.fromkeys(ids))
    return tuple(unique if len(unique) <= _MOST else [unique[0], *unique[1 - _MOST :]])
