"""Tells whether a candidate may take the place of the live classifier: not worse on labels it has not seen.

Each told thread is scored by a candidate of the same making that was not taught it. The invented threads,
which both know, must not be forgotten either.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from classify.adapting import Adapter, Answer, Lesson, Told, decided, lessons_of
from classify.scorer import Tables
from classify.training import invented_threads
from domain.errors import ClassifierError

FEWEST = 10  # told threads from which it can be told at all
FOLDS = 5
SLACK = 0.01  # of kinds and moves on invented threads, where a house may differ; none of sensitive
KEPT_MOVES = 0.8  # share of the right moves that a more careful candidate must still make


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a classifier answers told threads."""

    threads: int
    kind_accuracy: float
    kinds: int  # threads of which the kind is known
    sensitive_recall: float
    sensitive: int
    moves_precision: float  # of the threads that it moves and of which it is known
    right_moves: int
    moves: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A candidate beside the live classifier, on told threads neither has seen and on the invented ones."""

    version: str
    candidate: Standing
    live: Standing
    known_candidate: Standing
    known_live: Standing
    taught: int  # threads
    left_out: int  # of them without words or in another language
    refusals: tuple[str, ...]  # why the candidate does not go live; empty: it may

    def as_json(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return asdict(self)


def candidate(
    base: Tables, live: Tables, told: Sequence[Told], *, seen: frozenset[str] = frozenset()
) -> tuple[Tables, Verdict]:
    """Teach the base what was told and hold it against the live one; `seen` is what the live one was taught.

    Raises ClassifierError where too little was told to judge by.
    """
    lessons = lessons_of(told, base.settings.languages)
    fresh = [each for each in lessons if mark_of(each.told) not in seen]
    if len(lessons) < FEWEST or not fresh:
        why = "nothing new was said" if lessons and not fresh else f"{FEWEST} are needed to tell a difference"
        raise ClassifierError(f"{len(lessons)} corrected or labelled threads: {why}; nothing was changed.")
    anchors = _anchors(base)
    adapter = Adapter(base, [*lessons, *anchors])
    everything = range(len(lessons) + len(anchors))
    made = adapter.adapted(everything, _version(base, lessons))
    by_fold = [
        adapter.adapted([n for n in everything if n >= len(lessons) or _fold(lessons[n]) != fold], "")
        for fold in range(FOLDS)
    ]
    new = standing(fresh, lambda each: decided(by_fold[_fold(each)], each.example))
    old = standing(fresh, lambda each: decided(live, each.example))
    known_new = standing(anchors, lambda each: decided(made, each.example))
    known_old = standing(anchors, lambda each: decided(live, each.example))
    refusals = (
        *_worse(new, old, "on held-out threads", 0.0),
        *_worse(known_new, known_old, "on invented threads", SLACK),
    )
    return made, Verdict(
        version=made.settings.version,
        candidate=new,
        live=old,
        known_candidate=known_new,
        known_live=known_old,
        taught=len(lessons),
        left_out=len(told) - len(lessons),
        refusals=refusals,
    )


def standing(lessons: Sequence[Lesson], answer: Callable[[Lesson], Answer]) -> Standing:
    """Score answers to told threads; shares of nothing count as 1."""
    pairs = [(each.told, answer(each)) for each in lessons]
    kinds = [said.kind is told.kind for told, said in pairs if told.kind is not None]
    private = [said.sensitive for told, said in pairs if told.sensitive]
    moved = [bool(told.moves) for told, said in pairs if told.moves is not None and said.moves]
    return Standing(
        threads=len(pairs),
        kind_accuracy=_share(kinds),
        kinds=len(kinds),
        sensitive_recall=_share(private),
        sensitive=len(private),
        moves_precision=_share(moved),
        right_moves=sum(moved),
        moves=sum(bool(told.moves) for told, _ in pairs),
    )


def mark_of(told: Told) -> str:
    """Name what was told of a thread as it stands, so that it is known again."""
    mails = ",".join(sorted(entry.message.digest for entry in told.thread.messages))
    text = f"{told.id} {mails} {told.kind} {told.sensitive} {told.moves}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _anchors(base: Tables) -> list[Lesson]:
    told = [
        Told(
            id=id_,
            thread=thread,
            kind=label.kind,
            sensitive=label.sensitive,
            moves=label.moves,
            anchors=True,
        )
        for id_, thread, label in invented_threads()
    ]
    return lessons_of(told, base.settings.languages)


def _fold(each: Lesson) -> int:
    return int(hashlib.sha256(each.told.id.encode()).hexdigest(), 16) % FOLDS


def _version(base: Tables, lessons: Sequence[Lesson]) -> str:
    marks = sorted(mark_of(each.told) for each in lessons)
    return f"{base.settings.version}+{hashlib.sha256(' '.join(marks).encode()).hexdigest()[:8]}"


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else 1.0


def _worse(new: Standing, old: Standing, where: str, slack: float) -> list[str]:
    """In sentences, what the candidate does worse."""
    found = [
        f"{name} {where} fell from {before:.3f} to {after:.3f}"
        for name, after, before, allowed in (
            ("the kinds' accuracy", new.kind_accuracy, old.kind_accuracy, slack),
            ("sensitive recall", new.sensitive_recall, old.sensitive_recall, 0.0),
            ("the precision of moves", new.moves_precision, old.moves_precision, slack),
        )
        if after < before - allowed - 1e-9
    ]
    if new.right_moves < KEPT_MOVES * old.right_moves:
        found.append(f"right moves {where} fell from {old.right_moves} to {new.right_moves}")
    return found
