"""What the texts of automatic mails say; the phrases are in automatic_texts.toml.

A text alone seldom tells a machine from a person who writes about one: the caller asks for another sign.
"""

from collections.abc import Iterable

from domain.mail import Automatic, TextPart, Trim
from ingest.automatic_phrases import phrases_of, plain

_OPENING, _CLOSING = 2_500, 700  # characters of a text in which machines say what they are
_OTHERS = frozenset({Trim.QUOTE, Trim.ATTRIBUTION, Trim.FORWARDED})


def opening(parts: Iterable[TextPart]) -> str:
    """The beginning of a mail's whole text, as phrases are written."""
    return plain(_first(parts, _OPENING))


def says_away(text: str) -> bool:
    """Whether an opening says why nobody answers now."""
    return _holds(text[:1_500], "away")


def says_undelivered(text: str) -> bool:
    """Whether an opening says that a mail has not arrived."""
    return _holds(text, "undelivered")


def begins_undelivered(text: str) -> bool:
    """Whether a mail system's first words are followed by why a mail has not arrived: people greet first."""
    said = text.lstrip("*-=_#>| ")
    return said.startswith(phrases_of("begins")) and _holds(said[:600], "undelivered")


def returns_mail(text: str) -> bool:
    """Whether an opening announces the mail that comes back."""
    return _holds(text, "returned")


def is_receipt(text: str) -> bool:
    """Whether a text begins as clients write read receipts (RFC 8098)."""
    return text.startswith(phrases_of("receipt"))


def said_to_be(parts: Iterable[TextPart]) -> Automatic | None:
    """What kind of automatic mail the text, quotes apart, says to be at its beginning or end."""
    said = "\n".join(part.text[:4_000] for part in parts if part.trim not in _OTHERS)
    edges = plain(said if len(said) <= 2 * _CLOSING else f"{said[:_CLOSING]}\n{said[-_CLOSING:]}")
    if not _holds(edges, "automatic_stems"):
        return None
    if _holds(edges, "automatic_reply"):
        return Automatic.AUTO_REPLY
    return Automatic.ROBOT if _holds(edges, "automatic_message") else None


def _first(parts: Iterable[TextPart], length: int) -> str:
    taken: list[str] = []
    for part in parts:
        taken.append(part.text[:length])
        length -= len(taken[-1])
        if length <= 0:
            break
    return "\n".join(taken)


def _holds(text: str, section: str) -> bool:
    return any(phrase in text for phrase in phrases_of(section))
