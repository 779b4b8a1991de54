"""Comparing and writing words: folding, patterns, phrases, counts.

For text that people type and read; knows nothing of mail.
"""

import fnmatch
import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta

_FRENCH_SPACES = re.compile(r" (?=[:;!?»])|(?<=«) ")


def fold(text: str) -> str:
    """A text without case, accents and runs of blanks, for comparing what people type."""
    bare = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )
    return " ".join(bare.casefold().replace("’", "'").split())


def fits(text: str, patterns: Iterable[str]) -> str | None:
    """The first pattern (with `*` and `?`) that a text fits, case aside, or None."""
    lowered = text.lower()
    return next((pattern for pattern in patterns if fnmatch.fnmatchcase(lowered, pattern.lower())), None)


def contains_words(text: str, phrases: Iterable[str]) -> str | None:
    """The first phrase that stands in a text as whole words, case and accents aside, or None."""
    folded = fold(text)
    return next((phrase for phrase in phrases if _has_words(folded, fold(phrase))), None)


def _has_words(text: str, phrase: str) -> bool:
    start = text.find(phrase) if phrase else -1
    while start >= 0:
        end = start + len(phrase)
        left_free = start == 0 or not (text[start - 1].isalnum() and phrase[0].isalnum())
        right_free = end == len(text) or not (text[end].isalnum() and phrase[-1].isalnum())
        if left_free and right_free:
            return True
        start = text.find(phrase, start + 1)
    return False


def count(number: int, noun: str) -> str:
    """A number with its noun: `1 message`, `3 messages`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def quoted(words: Iterable[str]) -> list[str]:
    """Each word in quotation marks."""
    return [f"“{word}”" for word in words]


def one_of(words: Iterable[str]) -> str:
    """Words joined for a sentence: `a`, `a or b`, `a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def spell(elapsed: timedelta) -> str:
    """A length of time in its greatest fitting unit: `3 days`, `1 hour`, `0 minutes`."""
    seconds = max(0, int(elapsed.total_seconds()))
    if seconds >= 86400:
        return count(seconds // 86400, "day")
    return count(seconds // 3600, "hour") if seconds >= 3600 else count(seconds // 60, "minute")


def typeset_french(text: str) -> str:
    """A French text with no-break spaces before high punctuation and inside its quotation marks."""
    return _FRENCH_SPACES.sub("\u00a0", text)
