"""The sensitive gate: rules that keep a thread in the mail whatever its kind, each hit with reason and place.

Reads every text of a thread, quotes too: a secret in a quote is still a secret. Never repeats the secret.
The trained part is joined in `spacy_classifier.py`; either is enough to keep a thread in the mail.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from classify.phrases import PhraseIndex, plain
from classify.secret_numbers import secret_numbers
from domain.classification import SensitiveHit
from domain.errors import ClassifierError
from domain.mail import Message, Thread, Trim

RULES = Path(__file__).parent / "sensitive_rules"
ENOUGH = 2  # points of one reason that make a thread sensitive
_SCANNED = 200_000  # characters of a message; what lies behind is told as a hit of its own

# What a marking line says between the signs around it; in the languages whose organisations write to us.
_BEFORE = (
    r"(?:strictly|highly|private|company|privileged|personal|strictement|tr[eè]s|priv[eé]|streng|and|et|&)"
)
_PROTECTED = r"prot(?:ected|[eé]g[eé])[ -][abc]"
_MARKING = re.compile(
    rf"(?:{_BEFORE}\W{{1,5}}){{0,4}}(?:confidential|confidentiel(?:le)?|privileged|restricted|secret"
    r"|internal only|diffusion restreinte|vertraulich|geheim|confidencial|reservado|riservato|vertrouwelijk)"
    r"(?:\W{1,5}confident(?:ial|iel|ielle))?"
    rf"|{_PROTECTED}(?:\W{{1,5}}(?:{_PROTECTED}|when completed|une fois rempli))?"
    r"|tlp ?: ?(?:red|amber)(?:\+strict)?|official\W{1,3}sensitive",
    re.IGNORECASE,
)
_LABEL_LINE = re.compile(
    r"(?:sensitivity|sensibilité|classification)\s{0,5}:\s{0,5}(?!normal|public|none|aucune"
    r"|(?:unclassified|non[ -]classifiée?|internal|interne|general|général)\s{0,5}(?:/|$))\w"
    r"|(?:confidential|confidentiel|restricted|hr|rh|privileged|secret)\]",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[\W_]*")
_LONGEST_MARKING = 80
_MARKED_SUBJECT = re.compile(
    r"\b(?:confidential|confidentiel(?:le)?s?|privileged|do not forward"
    r"|ne pas (?:transf|diffus|faire suivre)\w*|sous embargo|under embargo|eyes only)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Phrases that speak for one reason (see `phrases.py` for their form), and what they weigh."""

    reason: str
    detail: str
    points: int
    phrases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A topic that a message touched."""

    topic: Topic
    message_id: str | None


def gate(thread: Thread, additions: Sequence[Topic] = ()) -> tuple[SensitiveHit, ...]:
    """Return why the thread is sensitive, nothing where no rule says so. Never raises: a failure is a hit."""
    return gate_and_marks(thread, additions)[0]


def gate_and_marks(
    thread: Thread, additions: Sequence[Topic] = ()
) -> tuple[tuple[SensitiveHit, ...], tuple[str, ...]]:
    """Return the gate's hits, and the points of its topics as marks for the classifier. Never raises."""
    try:
        found = findings(thread)
        hits = topical((*found, *findings_of(thread, _index(additions))) if additions else found)
        return definite(thread) + hits, points_marks(found)
    except Exception as error:  # noqa: BLE001 - fails closed: what cannot be judged stays in the mail
        detail = f"The gate could not judge it ({type(error).__name__})."
        return (SensitiveHit(reason="gate failed", detail=detail),), ()


def findings(thread: Thread) -> tuple[Finding, ...]:
    """Return the shipped topics that the thread touches, each once, at its first place."""
    return findings_of(thread, shipped_index())


def findings_of(thread: Thread, index: PhraseIndex[Topic]) -> tuple[Finding, ...]:
    """Return the topics of an index that the thread's messages touch, each once, at its first place."""
    found: dict[Topic, Finding] = {}
    for joined in thread.messages:
        for topic in index.find(plain(_subject_and_text(joined.message))):
            found.setdefault(topic, Finding(topic=topic, message_id=joined.message.message_id))
    return tuple(found.values())


def topical(found: Sequence[Finding]) -> tuple[SensitiveHit, ...]:
    """Return a hit for each reason whose topics weigh enough together."""
    hits = []
    for reason in dict.fromkeys(each.topic.reason for each in found):
        same = sorted(
            (each for each in found if each.topic.reason == reason), key=lambda each: -each.topic.points
        )
        if sum(each.topic.points for each in same) >= ENOUGH:
            detail = f"By its words {same[0].topic.detail}."
            hits.append(SensitiveHit(reason=reason, detail=detail, message_id=same[0].message_id))
    return tuple(hits)


def points_marks(found: Sequence[Finding]) -> tuple[str, ...]:
    """Return the points of each reason as marks for the classifier."""
    points: dict[str, int] = {}
    for each in found:
        points[each.topic.reason] = points.get(each.topic.reason, 0) + each.topic.points
    return tuple(f"words of {reason}: {min(sum_, 4)}" for reason, sum_ in sorted(points.items()))


@cache
def shipped_index() -> PhraseIndex[Topic]:
    """Read the shipped rule tables once. Raises ClassifierError where one is broken."""
    return _index([topic for path in sorted(RULES.glob("*.toml")) for topic in read_topics(path)])


def _index(topics: Sequence[Topic]) -> PhraseIndex[Topic]:
    return PhraseIndex((phrase, topic) for topic in topics for phrase in topic.phrases)


def read_topics(path: Path) -> tuple[Topic, ...]:
    """Read a table of topics. Raises ClassifierError naming the file where it is broken."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["topic"]
        return tuple(
            Topic(
                reason=row["reason"],
                detail=row["detail"],
                points=int(row["points"]),
                phrases=tuple(row["phrases"]),
            )
            for row in rows
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ClassifierError(f"{path}: not a table of sensitive topics ({error}).") from error


def _subject_and_text(message: Message) -> str:
    return f"{message.subject}\n{_text(message)}"


def _text(message: Message) -> str:
    """Every word of a message but disclaimers, which call each mail confidential."""
    parts = [part.text for part in message.parts if part.trim is not Trim.DISCLAIMER]
    return "\n".join(parts or [message.own_words])[:_SCANNED]


def definite(thread: Thread) -> tuple[SensitiveHit, ...]:
    """Return hits that need no points: labels, markings, credentials, identity and bank numbers."""
    hits: dict[tuple[str, str], SensitiveHit] = {}
    for joined in thread.messages:
        message = joined.message
        for reason, detail in (
            *_labels(message),
            *_markings(message),
            *secret_numbers(_subject_and_text(message)),
        ):
            hit = SensitiveHit(reason=reason, detail=detail, message_id=message.message_id)
            hits.setdefault((reason, detail), hit)
    return tuple(hits.values())


def _labels(message: Message) -> list[tuple[str, str]]:
    found = []
    if message.encrypted:
        found.append(("label", "A mail in it is encrypted."))
    if message.sensitivity:
        found.append(("label", "A mail in it bears a sensitivity label."))
    if sum(len(part.text) for part in message.parts) > _SCANNED:
        found.append(("label", "A mail in it is too long to be read whole."))
    return found


def _markings(message: Message) -> list[tuple[str, str]]:
    if _MARKED_SUBJECT.search(message.subject):
        return [("marking", "Its subject marks it as not for others.")]
    if any(_is_marking(line) for line in _text(message).splitlines()):
        return [("marking", "A line in it marks it as not for others.")]
    return []


def _is_marking(line: str) -> bool:
    """Whether a line says that all of the mail is to be kept, and nothing else, or begins with a label."""
    start = _SIGNS.match(line)
    words = line[start.end() if start is not None else 0 :]
    if _LABEL_LINE.match(words):
        return words.partition("]")[0] == words or "[" in line[: len(line) - len(words)]
    return (
        len(words) <= _LONGEST_MARKING and _MARKING.fullmatch(words.rstrip(" \t*-_=!.:;,)]>#/")) is not None
    )
