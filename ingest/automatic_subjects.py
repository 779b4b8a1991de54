"""Subjects that machines give to their mails; the phrases are in automatic_subjects.toml.

People write about being away and about mail that bounced as well: where a subject may be theirs, the caller
asks for another sign. A subject that begins with Re: or Fwd: is a person's.
"""

import re
from enum import IntEnum
from functools import cache, lru_cache

from ingest.automatic_phrases import alternatives, plain, table

_LONGEST = 300
_QUOTES = "[(<*\"' "
# What may stand before: "[EXTERNAL]", "[list]", "EXTERNAL:", "***SPAM***".
_BEFORE = re.compile(
    r"(?:\[[^\[\]]{1,60}\]\s{0,3}|\*{2,5}[\w -]{1,20}\*{2,5}\s{0,3}|ext(?:ern(?:e|al)?)?\s?:\s{0,3}){1,3}"
)
_REPLY = re.compile(
    r"(?:re|aw|sv|vs|tr|antw|odp|rif|res|fwd?|wg|enc|rv|i|ynt|bls|回复|回覆|答复|答覆|返信|회신)\s{0,2}(?:\[\d{1,3}\])?\s{0,2}[:：]",
    re.IGNORECASE,
)
_CLOSING = r"[\])*\"']{0,2}"
_AFTER = r"\s{0,3}(?P<mark>[:：]|$|[\-–—(\[|!./,]|(?:re|aw|sv|tr|antw|odp)\s?:)"
_UNTIL = r"until|till|from|returning|back|du|jusqu\w?|bis|vom|ab|hasta|fino|até|tot|do|до|til|till|saakka"
# People write "out of office until Monday" as well, so that it needs another sign.
_OR_UNTIL = rf"(?:{_AFTER}|\s(?:{_UNTIL})\b)"
# "Ana Ruiz is out of the office." and "Ana Ruiz is out of the office (returning 5 May)."
_SENTENCE_END = rf"\s{{0,2}}(?:[.(]|(?:{_UNTIL})\b)"


class Away(IntEnum):
    """How surely a subject says that a machine answered for somebody."""

    NO = 0
    MAYBE = 1  # people write so too
    LIKELY = 2  # as Outlook and vacation programs put it
    NAMED = 3  # as Lotus Notes puts it: "Ana Ruiz is out of the office."
    CERTAIN = 4  # it says that it is automatic


def away(subject: str) -> Away:
    """Whether a subject says that this is an automatic answer. Linear in the subject."""
    said = _said(subject)
    for text in dict.fromkeys((said, _bare(said))):
        if _match("auto_reply", text.lstrip(_QUOTES)) is not None:
            return Away.CERTAIN
        if text.startswith("[") and _patterns()["tagged"].match(text) is not None:
            return Away.CERTAIN
    if said.endswith((")", "]")) and _patterns()["suffixed"].search(said) is not None:
        return Away.CERTAIN
    bare = _bare(said).lstrip(_QUOTES)
    if _REPLY.match(bare):
        return Away.NO
    return _likely(bare)


def _likely(bare: str) -> Away:
    if _patterns()["is_away"].search(bare[:120]) is not None:
        return Away.NAMED
    for name in ("away", "maybe_away"):
        found = _match(name, bare)
        if found is not None:
            mark = found["mark"] if found["mark"] is not None else "until"
            rest = bare[found.end() :].strip()
            surely = mark in (":", "：", "") and name == "away"
            answers = _REPLY.match(rest) is not None or (mark.endswith(":") and mark[:-1].isalpha())
            if "?" in rest and not answers:
                return Away.NO
            return Away.LIKELY if surely or answers else Away.MAYBE
    return Away.NO


def tells_of_failure(subject: str) -> bool:
    """Whether a subject is one that mail systems give to delivery reports."""
    said = _said(subject)
    places = (said, _bare(said).lstrip(_QUOTES), said.rpartition(":")[2].strip() if ":" in said else "")
    return any(_match("bounce", place) is not None for place in dict.fromkeys(places))


def is_answer(subject: str) -> bool:
    """Whether a subject begins as people's answers and forwarded mails do: Re:, Fwd: and their twins."""
    return _REPLY.match(_bare(_said(subject))) is not None


def is_receipt(subject: str) -> bool:
    """Whether a subject is one that clients give to read receipts (RFC 8098)."""
    return _match("receipt", _said(subject)) is not None


def is_robots(subject: str) -> bool:
    """Whether a subject is one that monitoring, build servers, scanners and the like give."""
    return _match("robot", _said(subject)) is not None


@lru_cache(maxsize=16)
def _said(subject: str) -> str:
    """A subject as the phrases are written; the few questions about a mail ask for it again and again."""
    return plain(subject[:_LONGEST])


def _match(section: str, text: str) -> re.Match[str] | None:
    """Where a text begins with a phrase: most texts differ from all phrases in their first letters."""
    if not (text[:3] in _beginnings(section) or text[:2] in _beginnings(section)):
        return None
    return _patterns()[section].match(text)


@cache
def _beginnings(section: str) -> frozenset[str]:
    phrases = (phrase for language in table("automatic_subjects")[section].values() for phrase in language)
    return frozenset(phrase[:3] for phrase in phrases)


def _bare(said: str) -> str:
    found = _BEFORE.match(said)
    return said[found.end() :] if found else said


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    phrases = {name: alternatives(name) for name in table("automatic_subjects")}
    certain = phrases["auto_reply"]
    return {
        "auto_reply": re.compile(rf"(?:{certain}){_CLOSING}{_AFTER}"),
        "tagged": re.compile(rf"\[(?:{certain})\]"),
        "suffixed": re.compile(rf"[(\[](?:{certain})[)\]]$"),
        "away": re.compile(rf"(?:{phrases['away']}){_CLOSING}{_OR_UNTIL}"),
        "maybe_away": re.compile(rf"(?:{phrases['maybe_away']}){_CLOSING}{_OR_UNTIL}"),
        "is_away": re.compile(rf"^(?:auto: )?\w[^:?]{{1,60}}? (?:{phrases['is_away']}){_SENTENCE_END}"),
        "bounce": re.compile(rf"(?:{phrases['bounce']})"),
        "receipt": re.compile(rf"(?:{phrases['receipt']})"),
        "robot": re.compile(rf"(?:{phrases['robot']})"),
    }
