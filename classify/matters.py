"""The words of sensitive matters: phrases by reason, what a thread holds of them, and how much that weighs.

Words alone do not hold a thread; `sensitive.py` says what is certain, the trained part weighs the words.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from classify.phrases import PhraseIndex, plain
from domain.classification import SensitiveHit
from domain.errors import ClassifierError
from domain.mail import Message, Thread, Trim

RULES = Path(__file__).parent / "sensitive_rules"
ENOUGH = 2  # points of one reason that make words a topical hit
SCANNED = 200_000  # characters of a message; what lies behind is told as a hit of its own
WEIGHTS = 3  # how many numbers `Touched.weights` holds
_MOST_POINTS = 4  # of one reason; more says nothing more
_TIMES = (1, 2, 4, 8, 16)
_PER_HUNDRED = (0.3, 1.0, 2.0, 4.0)  # words out of a hundred that belong to a topic


@dataclass(frozen=True, kw_only=True, eq=False)  # compared by identity: hashing all phrases costs too much
class Topic:
    """Phrases that speak for one reason (see `phrases.py` for their form), and what they weigh."""

    reason: str
    detail: str
    points: int  # 0: only the trained part reads it
    phrases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A topic that a thread touches: where first, and how often."""

    topic: Topic
    message_id: str | None
    times: int


@dataclass(frozen=True, kw_only=True)
class Touched:
    """What a thread holds of the words of an index."""

    findings: tuple[Finding, ...] = ()
    words: int = 0  # of the thread

    @property
    def points(self) -> dict[str, int]:
        """Points by reason, each topic once."""
        points: dict[str, int] = {}
        for each in self.findings:
            if each.topic.points:
                points[each.topic.reason] = points.get(each.topic.reason, 0) + each.topic.points
        return points

    @property
    def weights(self) -> tuple[float, ...]:
        """What the second step of the trained part sees: all points, reasons with enough, most of one."""
        capped = [min(each, _MOST_POINTS) for each in self.points.values()]
        return (
            float(sum(capped)),
            float(sum(each >= ENOUGH for each in capped)),
            float(max(capped, default=0)),
        )

    @property
    def hits(self) -> tuple[SensitiveHit, ...]:
        """A hit for each reason whose topics weigh enough together, at the place of the weightiest."""
        hits = []
        for reason, points in self.points.items():
            if points >= ENOUGH:
                same = (each for each in self.findings if each.topic.reason == reason)
                first = max(same, key=lambda each: each.topic.points)
                detail = f"By its words {first.topic.detail}."
                place = first.message_id
                hits.append(SensitiveHit(reason=reason, detail=detail, message_id=place, by_words=True))
        return tuple(hits)

    @property
    def signs(self) -> tuple[str, ...]:
        """How often and how densely each topic is touched, in steps, for the trained part."""
        signs = []
        for each in self.findings:
            name = f"{each.topic.reason}, {each.topic.detail}"
            signs += [f"{name}: ≥{step}" for step in _TIMES if each.times >= step]
            density = 100 * each.times / max(1, self.words)
            signs += [f"{name}: ≥{step} %" for step in _PER_HUNDRED if density >= step]
        return tuple(signs)


NOTHING = Touched()


def touched(thread: Thread, index: PhraseIndex[Topic], allowed: Sequence[str] = ()) -> Touched:
    """Return the topics of an index that the thread touches, quotes too; `allowed` plain phrases left out."""
    first: dict[Topic, str | None] = {}
    times: dict[Topic, int] = {}
    words = 0
    for joined in thread.messages:
        text = _without(allowed, plain(subject_and_text(joined.message)))
        words += text.count(" ") + 1
        for topic, found in index.find(text).items():
            first.setdefault(topic, joined.message.message_id)
            times[topic] = times.get(topic, 0) + found
    findings = (Finding(topic=topic, message_id=first[topic], times=times[topic]) for topic in first)
    return Touched(findings=tuple(findings), words=words)


def _without(phrases: Sequence[str], text: str) -> str:
    """Return a plain text in which a sign that no word holds stands for each of the phrases."""
    for phrase in phrases:
        text = f" {text} ".replace(f" {phrase} ", " _ ").strip()
    return text


@cache
def shipped_index() -> PhraseIndex[Topic]:
    """Read the shipped rule tables once. Raises ClassifierError where one is broken."""
    return index_of([topic for path in sorted(RULES.glob("*.toml")) for topic in read_topics(path)])


def index_of(topics: Sequence[Topic]) -> PhraseIndex[Topic]:
    """Return an index of the phrases of topics."""
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


def subject_and_text(message: Message) -> str:
    """Return the subject and every word of a message but disclaimers."""
    return f"{message.subject}\n{spoken(message)}"


def spoken(message: Message) -> str:
    """Return every word of a message but disclaimers, which call each mail confidential."""
    parts = [part.text for part in message.parts if part.trim is not Trim.DISCLAIMER]
    return "\n".join(parts or [message.own_words])[:SCANNED]
