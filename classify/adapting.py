"""Adapts a trained pipeline to what people said of threads in place: a small pull on its weights.

The base keeps all that it knows: what is learnt is a difference, held small, and of the invented threads it
is taught to answer as before. Whether a candidate is better is told in `comparing.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from classify.examples import Example, Features, examples, grams
from classify.labelled import Label
from classify.linear import Matrix, minimise, sigmoid, softmax
from classify.scorer import (
    KINDS,
    MOVES,
    SENSITIVE,
    Settings,
    Tables,
    chance,
    kind_chances,
    stack_inputs,
)
from classify.training import Recipe
from domain.classification import Kind
from domain.mail import Thread

STRENGTH = 3.0  # of what is learnt against what was known
ANCHOR = 0.3  # weight of a thread of which it is taught to answer as before
_NONE = np.zeros(0, dtype=np.int64)
_LEAST_PULL = 0.1  # a second step that hardly heeds a score cannot be taught by it


@dataclass(frozen=True, kw_only=True)
class Told:
    """A thread and what is known of it; what is None is not known."""

    id: str
    thread: Thread
    kind: Kind | None = None
    sensitive: bool | None = None
    moves: bool | None = None
    anchors: bool = False  # what is known is only for scoring: the base is taught to answer as it does

    @property
    def weight(self) -> float:
        """How much it counts."""
        return ANCHOR if self.anchors else 1.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a classifier decides of a thread."""

    kind: Kind
    sensitive: bool
    moves: bool


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A told thread as numbers."""

    told: Told
    example: Example


def lessons_of(told: Sequence[Told], languages: Sequence[str]) -> list[Lesson]:
    """Count the features of told threads; those without words, or in another language, teach nothing."""
    by_id = {each.id: each for each in told}
    blank = Label(kind=Kind.UPDATE, sensitive=False, moves=False)
    counted = examples([(each.id, each.thread, blank) for each in told], invented=frozenset())
    return [
        Lesson(told=by_id[each.id], example=each)
        for each in counted
        if not each.copied and each.language in languages
    ]


def decided(tables: Tables, example: Example) -> Answer:
    """Return what a pipeline with these tables decides of a thread."""
    settings = tables.settings
    raw = tables.raw_scores(tables.scaled(example.counts))
    chances = kind_chances(raw, settings.sharpness)
    inputs = stack_inputs(raw, settings.sharpness)
    private = float(chance(np.append(inputs, example.weights), settings.sensitive_stack))
    held = bool(settings.reasons_to_hold(private, certain=example.certain, worded=example.worded))
    sure = float(chances.max()) >= settings.abstain_below
    moves = float(chance(inputs, settings.moves_stack)) >= settings.moves_from
    return Answer(kind=KINDS[int(chances.argmax())], sensitive=held, moves=moves and sure and not held)


class Adapter:
    """A base and the told threads as numbers, of which any part can be taught to it."""

    def __init__(self, base: Tables, lessons: Sequence[Lesson]) -> None:
        self._base = base
        self._lessons = list(lessons)
        self._blocks = [base.scaled(each.example.counts) for each in lessons]
        self._raw = np.array([base.raw_scores(blocks) for blocks in self._blocks])
        known = Features(buckets=_NONE, rows=base.rows, rarity=base.rarity, blocks=tuple(self._blocks))
        by_block = zip(Recipe().blocks, grams(known), strict=True)
        self._gram = np.asarray(sum(share * gram for share, gram in by_block))

    def adapted(self, use: Sequence[int], version: str) -> Tables:
        """Return the base's tables pulled towards what these lessons say; the same ones, the same tables."""
        lessons = [self._lessons[number] for number in use]
        gram, raw = self._gram[np.ix_(use, use)], self._raw[use]
        pull = np.zeros_like(raw)
        pull[:, : len(KINDS)] = _kind_pull(raw, gram, lessons, self._base.settings.sharpness)
        raw = raw + gram @ pull
        for column, flag in ((SENSITIVE, _sensitive(raw, lessons)), (MOVES, _moves(raw, lessons))):
            pull[:, column] = _flag_pull(flag(self._base.settings), gram)
        return self._pulled(use, pull, version)

    def _pulled(self, use: Sequence[int], pull: Matrix, version: str) -> Tables:
        weights = self._base.weights.astype(np.float64)
        for number, part in zip(use, pull, strict=True):
            for share, (rows, values) in zip(Recipe().blocks, self._blocks[number], strict=True):
                weights[rows] += (share * values.astype(np.float64))[:, None] * part
        weights[0] = 0.0  # row 0 stands for what was never learnt
        settings = self._base.settings.model_copy(update={"version": version})
        return replace(self._base, weights=weights.astype(np.float16).astype(np.float32), settings=settings)


@dataclass(frozen=True, kw_only=True)
class _Flag:
    """What is known of a yes or no, and how the second step comes to it."""

    start: Matrix  # logits of the base
    own: float  # weight of the raw score in them
    truth: Matrix
    heed: Matrix  # weights, 0 where nothing is known


def _kind_pull(raw: Matrix, gram: Matrix, lessons: Sequence[Lesson], sharpness: float) -> Matrix:
    start = raw[:, : len(KINDS)]
    heed = np.array([each.told.weight * (each.told.kind is not None) for each in lessons])
    anchors = np.array([each.told.anchors for each in lessons])
    targets = np.array([[each.told.kind is kind for kind in KINDS] for each in lessons], dtype=np.float64)
    targets = np.where(anchors[:, None], softmax(start * sharpness), targets)

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        pull = flat.reshape(start.shape)
        moved = gram @ pull
        chances = softmax((start + moved) * sharpness)
        value = -float((heed[:, None] * targets * np.log(chances + 1e-12)).sum())
        off = gram @ ((chances - targets) * heed[:, None] * sharpness)
        return value + float((pull * moved).sum()) / (2 * STRENGTH), (off + moved / STRENGTH).ravel()

    return minimise(loss, np.zeros(start.size)).reshape(start.shape)


def _sensitive(raw: Matrix, lessons: Sequence[Lesson]) -> Callable[[Settings], _Flag]:
    words = np.array([each.example.weights for each in lessons])

    def flag(settings: Settings) -> _Flag:
        inputs = np.column_stack([stack_inputs(raw, settings.sharpness), words])
        stack = settings.sensitive_stack
        return _flag(inputs, stack, stack[0], [(each.told, each.told.sensitive) for each in lessons])

    return flag


def _moves(raw: Matrix, lessons: Sequence[Lesson]) -> Callable[[Settings], _Flag]:
    def flag(settings: Settings) -> _Flag:
        inputs, stack = stack_inputs(raw, settings.sharpness), settings.moves_stack
        return _flag(inputs, stack, stack[1], [(each.told, each.told.moves) for each in lessons])

    return flag


def _flag(
    inputs: Matrix, stack: tuple[float, ...], own: float, told: Sequence[tuple[Told, bool | None]]
) -> _Flag:
    start = inputs @ np.array(stack[:-1]) + stack[-1]
    answers = np.array([float(bool(answer)) for _, answer in told])
    return _Flag(
        start=start,
        own=own,
        truth=np.where([each.anchors for each, _ in told], sigmoid(start), answers),
        heed=np.array([each.weight * (answer is not None) for each, answer in told]),
    )


def _flag_pull(flag: _Flag, gram: Matrix) -> Matrix:
    if flag.own < _LEAST_PULL:
        return np.zeros(len(gram))

    def loss(pull: Matrix) -> tuple[float, Matrix]:
        moved = gram @ pull
        chances = sigmoid(flag.start + flag.own * moved)
        right = flag.truth * np.log(chances + 1e-12) + (1 - flag.truth) * np.log(1 - chances + 1e-12)
        off = gram @ ((chances - flag.truth) * flag.heed * flag.own)
        value = -float((flag.heed * right).sum()) + float(pull @ moved) / (2 * STRENGTH)
        return value, off + moved / STRENGTH

    return minimise(loss, np.zeros(len(gram)))
