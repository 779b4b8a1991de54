"""Marks of how a conversation runs: who asks whom for what, who answers, how briefly, what is passed on.

Not for single words or headers (`features.py`) nor turns of phrase (`cues.py`).
"""

import re
from collections.abc import Sequence

from domain.mail import Message

BRIEF = 120  # characters of an answer that only agrees, thanks or confirms
_QUESTIONS, _LONGEST_QUESTION = 20, 200  # later and longer ones tell no more
_READ = 4000  # characters
_SILENT = 60  # characters with which somebody passes a mail on without saying anything

_RELEASE = re.compile(r"\d+\.\d+|\bann(?:ounce|once)?\b|\breleas|\bversion\b|\bsortie\b", re.IGNORECASE)
_TAGGED_ANNOUNCEMENT = re.compile(r"\[(?:ann|announce|annonce|release[ds]?|cf[pc]|job)[^\]]{0,12}\]", re.I)
_BOUNCE = re.compile(
    r"failure notice|undeliver|returned mail|delivery (?:status|failure|notif)|mail delivery|non[- ]remis"
    r"|out of (?:the )?office|automatic reply|auto-?reply|r[ée]ponse automatique|absent",
    re.IGNORECASE,
)
_FREE_MAIL = frozenset(
    {
        "hotmail",
        "yahoo",
        "aol",
        "gmail",
        "msn",
        "outlook",
        "live",
        "icloud",
        "free",
        "orange",
        "wanadoo",
        "laposte",
        "videotron",
        "sympatico",
        "earthlink",
        "swbell",
        "att",
        "ev1",
        "prodigy",
        "juno",
        "compuserve",
        "excite",
        "pacbell",
        "bellsouth",
        "flash",
        "mindspring",
    }
)
_SENTENCE_START = re.compile(r"[\n.!:]")
_TO_DO = re.compile(
    r"^\W*(?:(?:and|so|also|but|please|or|et|mais|donc)\W+)?(?:can|could|would|will|did|have) (?:you|u|we)\b"
    r"|^\W*(?:peux|peut|pourr|pouvez|voul|veux|voudr)\w*|^\W*(?:shall|should) (?:i|we)\b|\bplease\b"
    r"|\bare you (?:free|available|coming|going|able)\b|\bwhat time\b|\bà quelle heure\b",
    re.IGNORECASE,
)
_TO_KNOW = re.compile(
    r"\b(?:how|why|where|which|what|who|whether|comment|pourquoi|o[uù]|quel(?:le)?s?|qu'est|qui|combien)\b"
    r"|\b(?:is|are|does|do) (?:it|there|this|that|the|any)\b|\best-ce\b|\by a-t-il\b",
    re.IGNORECASE,
)
_TO_WEIGH = re.compile(
    r"\b(?:what do (?:you|people|others)|thoughts|opinions?|should (?:we|it|this)|why not|wouldn't|don't you"
    r"|shouldn't|isn't|pensez|penses|avis|faut-il|devrait|pourquoi pas|ne serait)\b",
    re.IGNORECASE,
)
_VOTE = re.compile(r"^\W{0,3}[+-]\s?[01]\b", re.MULTILINE)
_PLEASE = re.compile(
    r"(?:^|[.!,;]\s|\n)\s{0,3}(?:please|pls|kindly|merci de|veuillez|svp|prière de)\s\w"
    r"|\blet me know\b|\bcall me\b",
    re.IGNORECASE,
)
_WE_DID = re.compile(
    r"\b(?:i|we)(?:'ve| have|) (?:just |now |already |also )?(?:fixed|updated|changed|added|committed"
    r"|finished|completed|received|sent|moved|spoke|talked|met|checked|heard|got|put|made|created|removed"
    r"|sold|bought|done)\b|\b(?:j'ai|on a|nous avons|je viens de?)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d,.]*")
_THANKS = re.compile(r"\b(?:thanks|thank you|thx|merci|great|perfect|parfait|super)\b", re.IGNORECASE)


def conversation_marks(messages: Sequence[Message], own: Sequence[str]) -> list[str]:
    """Return marks of a thread of at least one message; `own` are the messages' own words."""
    return [
        *_shape_marks(messages),
        *_subject_marks(messages[0]),
        *_asking_marks("opening", own[0]),
        *(_answer_marks(messages, own) if len(own) > 1 else ()),
        *_passing_marks(messages, own),
    ]


def _step(name: str, amount: float, *edges: float) -> str:
    return f"{name}: {sum(amount >= edge for edge in edges)}"


def _shape_marks(messages: Sequence[Message]) -> list[str]:
    first = messages[0]
    to = [address for address in (*first.to, *first.cc) if address.email]
    many = "nobody" if not to else "one" if len(to) == 1 else "few" if len(to) < 6 else "many"
    domains = {address.domain for address in to}
    where = "within" if first.sender.domain in domains else "across"
    length = "alone" if len(messages) == 1 else "answered" if len(messages) < 4 else "long"
    voices = len({message.sender.email or message.sender.name for message in messages})
    marks = [
        f"shape: {length} to {many}",
        f"shape: {length} {where} to {many}",
        f"shape: {length} by {min(voices, 4)} to {many}",
    ]
    if any(set(address.domain.split(".")) & _FREE_MAIL for address in to):
        marks.append("to a free mailbox")
    if set(first.sender.domain.split(".")) & _FREE_MAIL:
        marks.append("from a free mailbox")
    hours = (max(m.date for m in messages) - min(m.date for m in messages)).total_seconds() / 3600
    return [*marks, _step("lasts", hours, 0.01, 1, 6, 30, 200)] if len(messages) > 1 else marks


def _subject_marks(first: Message) -> list[str]:
    marks = []
    if _TAGGED_ANNOUNCEMENT.search(first.subject):
        marks.append("subject tagged as announcement")
    if _RELEASE.search(first.subject):
        marks.append("subject names a release")
    if _BOUNCE.search(first.subject):
        marks.append("subject of a machine")
    return [*marks, _step("subject words", len(first.subject.split()), 1, 2, 4, 7, 11)]


def _asking_marks(place: str, text: str) -> list[str]:
    text = text[:_READ]
    marks = []
    asked = _questions(text)
    for name, pattern in (("to do", _TO_DO), ("to know", _TO_KNOW), ("to weigh", _TO_WEIGH)):
        times = sum(1 for question in asked if pattern.search(question))
        if times:
            marks += [f"{place} asks {name}", f"{place} asks {name}: {min(times, 3)}"]
    orders, reports = len(_PLEASE.findall(text)), len(_WE_DID.findall(text))
    for name, times in (("orders", orders), ("reports", reports), ("figures", _figure_lines(text))):
        if times:
            marks += [f"{place} {name}", _step(f"{place} {name}", times, 1, 2, 4, 8)]
    if not asked and not orders:
        marks.append(f"{place} asks nothing")
    share = len(asked) * 100 / (len(text.split()) + 10)
    return [*marks, _step(f"{place} share of questions", share, 0.01, 0.7, 1.5, 4)]


def _questions(text: str) -> list[str]:
    """Return the last words before each question mark, back to where their sentence begins."""
    pieces = text.split("?")[:-1][:_QUESTIONS]
    return [_SENTENCE_START.split(piece[-_LONGEST_QUESTION:])[-1] for piece in pieces]


def _figure_lines(text: str) -> int:
    """Count short lines with two numbers or more, as in a table of figures."""
    return sum(len(line) < BRIEF and len(_NUMBER.findall(line)) > 1 for line in text.splitlines())


def _answer_marks(messages: Sequence[Message], own: Sequence[str]) -> list[str]:
    later = [text for text in own[1:] if text]
    brief = sum(len(text) < BRIEF for text in later)
    marks = [_step("brief answers", brief / (len(later) or 1), 0.01, 0.34, 0.67, 0.99)]
    marks += _asking_marks("answers", "\n".join(later))
    starter = messages[0].sender.email
    pairs = list(zip(messages[1:], own[1:], strict=True))
    if any(message.sender.email == starter and _THANKS.search(text[:200]) for message, text in pairs):
        marks.append("starter thanks")
    votes = sum(1 for text in later if _VOTE.search(text))
    if votes:
        marks.append(_step("votes", votes, 1, 2, 4))
    if messages[-1].sender.email == starter:
        marks.append("starter has the last word")
    marks.append(_step("longest answer", max(map(len, later), default=0), 60, 150, 400, 1000, 2500))
    return marks


def _passing_marks(messages: Sequence[Message], own: Sequence[str]) -> list[str]:
    pairs = list(zip(messages, own, strict=True))
    silent = sum(len(text) < _SILENT and len(message.trimmed) > 2 * _SILENT for message, text in pairs)
    marks = [_step("passed on silently", silent, 1, 2, 4)] if silent else []
    if len(own[0]) < _SILENT and len(messages[0].trimmed) > 2 * _SILENT:
        marks.append("opening passes on silently")
    if own[-1] == "" and len(own) > 1:
        marks.append("last one says nothing")
    return marks
