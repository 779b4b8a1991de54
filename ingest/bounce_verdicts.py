"""Whether a mail will never reach somebody: codes (RFC 5321 section 4.2, RFC 3463) and words."""

import re

from ingest.automatic_phrases import phrases_of, plain

_STATUS = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\w.:/-])([45])\d\d(?![\w.:/])")
# A code that says permanent though the mailbox may take mail again: full, too busy, greylisted.
_MAY_PASS = frozenset({"5.2.2", "5.4.5", "5.7.25"})
_VAGUE = (".0.0", ".5.0")


def status_of(told: str, diagnostic: str) -> str:
    """The status of a report's field, or the more exact one that the other mail system gave."""
    status, said = enhanced(told), enhanced(diagnostic)
    if not status or (status.endswith(".0.0") and said[:1] == status[:1]):
        return said or status
    return status


def enhanced(text: str) -> str:
    """The first enhanced status code of a failure in a text, "" where there is none."""
    match = _STATUS.search(text[:5_000])
    return match.group() if match else ""


def is_permanent(status: str, words: str) -> bool:
    """Whether a failure is for good; in doubt it is, since it was reported as a failure."""
    if status and not status.endswith(_VAGUE):
        return status.startswith("5") and status not in _MAY_PASS
    said = plain(words[:2_000])
    if any(phrase in said for phrase in phrases_of("passing")):
        return False
    code = status or next((match[1] for match in _CODE.finditer(words[:2_000])), "")
    return not code.startswith("4") or _is_unknown(said)


def _is_unknown(said: str) -> bool:
    return any(phrase in said for phrase in phrases_of("unknown"))
