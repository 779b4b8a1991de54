"""Subjects that automatic answers and delivery reports carry; the phrases are in automatic_subjects.toml.

An out-of-office subject counts only where nothing but a mark or the answered subject follows it, because
people write about being away as well.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files

_AFTER = r"\s*(?:[:：\-–—(\[|!.]|$|(?:re|aw|sv|tr|antw|odp)\s*:)"


def is_auto_reply_subject(subject: str) -> bool:
    """Whether a subject alone says that nobody wrote this answer."""
    return _patterns()[0].match(_plain(subject)) is not None


def is_bounce_subject(subject: str) -> bool:
    """Whether a subject is one that mail systems give to delivery reports."""
    return _patterns()[1].match(_plain(subject)) is not None


def _plain(subject: str) -> str:
    return subject[:200].replace("’", "'").replace("d' ", "d'").lstrip(" *[<\"'").lower()


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = tomllib.loads(files("ingest").joinpath("automatic_subjects.toml").read_text(encoding="utf-8"))
    replies = _alternatives(table["auto_reply"])
    bounces = _alternatives(table["bounce"])
    return re.compile(rf"(?:{replies})[\])*\"']{{0,2}}{_AFTER}"), re.compile(rf"(?:{bounces})")


def _alternatives(phrases: dict[str, list[str]]) -> str:
    every = {phrase for language in phrases.values() for phrase in language}
    longest_first = sorted(every, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(re.escape(phrase).replace(r"\*", ".{0,40}") for phrase in longest_first)
