"""What the classifier and the sensitive gate say about a thread."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the people in a thread are doing."""

    DISCUSSION = "discussion"  # exchanging views
    QUESTION = "question"  # asking what others could also need
    ANNOUNCEMENT = "announcement"  # telling many something decided
    UPDATE = "update"  # progress, FYI, a pointer
    KNOWLEDGE = "knowledge"  # writing down something worth keeping
    COORDINATION = "coordination"  # getting a job done between named persons
    NOTIFICATION = "notification"  # a machine speaks
    PERSONAL = "personal"  # private matters


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A word or feature that counted, and how much (signed, for the kind that won)."""

    name: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class SensitiveHit:
    """One reason why a thread must not be shown beyond its participants."""

    reason: str  # staff, health, legal, money, credentials, identity, security, customer, marking, label …
    detail: str  # a sentence that does not repeat the secret itself
    message_id: str | None = None  # where
    by_words: bool = False  # by its words or the trained part: who has read it may say otherwise


@dataclass(frozen=True, kw_only=True)
class Classification:
    """Kind with calibrated scores, the gate's verdict and whether colleagues would be better served."""

    kind: Kind
    scores: dict[Kind, float]  # sum 1
    sensitive: bool
    sensitive_hits: tuple[SensitiveHit, ...] = ()
    sensitive_score: float = 0.0  # of the classifier part, 0 to 1
    moves: bool  # would colleagues be better served in a shared space
    moves_score: float = 0.0  # 0 to 1
    language: str  # ISO 639-1, "und" where unknown
    abstained: bool = False  # unknown language, no text, or scores too close: rules on kind must miss
    evidence: tuple[Evidence, ...] = ()
    classifier: str = ""  # name and version of the trained pipeline
    would_move: bool = False  # `moves` were it not sensitive
    corrected: tuple[str, ...] = ()  # what a person has said otherwise: kind, sensitive, moves

    @property
    def confidence(self) -> float:
        """The probability of the kind that won; 0 where the classifier abstained."""
        return 0.0 if self.abstained else self.scores.get(self.kind, 0.0)
