"""The outcome of the rules for a thread, with the whole trail of why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """How far a rule goes."""

    OBSERVE = "observe"  # decide, record, do nothing
    SUGGEST = "suggest"  # ask the thread's starter
    MOVE = "move"  # publish and redirect


class Outcome(StrEnum):
    """What becomes of a thread."""

    MOVE = "move"
    SUGGEST = "suggest"
    OBSERVE = "observe"
    STAY = "stay"


@dataclass(frozen=True, kw_only=True)
class TrailStep:
    """One line of the trail: a check, whether it held, one sentence; sub-checks below."""

    name: str  # "gate: sensitive", "rule: Answered questions", "kind", "messages" …
    passed: bool
    sentence: str
    steps: tuple["TrailStep", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Where a thread goes and why."""

    thread_id: str
    outcome: Outcome
    rule: str | None = None  # name of the rule that decided
    space: str | None = None  # name of the space
    also: tuple[str, ...] = ()  # further spaces, from rules with `also`
    reason: str  # one sentence for people
    trail: tuple[TrailStep, ...]
    config_version: str  # short digest of the config that decided
    decided_at: datetime
