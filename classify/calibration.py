"""Fits what turns scores into decisions: temperature, second steps, and from which chance a thing is claimed.

Works on out-of-fold scores; each second step is fitted without the fold it is used on where a band is chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classify.evaluation import precision_at_recall, recall_at_precision
from classify.examples import Example
from classify.linear import Matrix, logistic, sigmoid, temperature
from classify.scorer import KINDS, OUTPUTS, Settings, stack_inputs

_FEWEST = 40  # real threads with which calibrating on them makes sense
_STRENGTH = 3.0

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Bands:
    """What the thresholds are chosen for; found by cross-validation on the labelled threads."""

    abstain_below: float = 0.35
    sensitive_recall: float = 0.98  # of real threads
    worded_share: float = 0.5  # of that threshold is enough where the words suggest a reason
    moves_precision: float = 0.95
    invented_weight: float = 0.5  # in the second step of sensitive


BANDS = Bands()


def calibrated(
    made: Sequence[Example], scores: Matrix, fold: NDArray[np.int64], bands: Bands, version: str
) -> Settings:
    """Return settings fitted on out-of-fold scores, of real threads if there are enough."""
    original = np.array([not each.copied for each in made])
    real = original & np.array([not each.invented for each in made])
    if real.sum() < _FEWEST:
        real = original
    truth = np.array([KINDS.index(each.label.kind) for each in made])
    private = np.array([each.label.sensitive for each in made])
    moves = np.array([each.label.moves for each in made])
    sharpness = temperature(scores[real][:, : len(KINDS)], truth[real])
    inputs = stack_inputs(scores, sharpness)
    inputs_of_sensitive = np.column_stack([inputs, np.array([each.weights for each in made])])
    weights = np.where(real, 1.0, np.where(original, bands.invented_weight, 0.0))
    chances = _crossed(inputs_of_sensitive, private, weights, fold)
    certain = np.array([bool(each.certain) for each in made])
    worded = np.array([bool(each.worded) for each in made])
    ranked = np.where(certain, 2.0, chances)
    held_from = min(1.0, precision_at_recall(private[real], ranked[real], bands.sensitive_recall)[1])
    with_words_from = bands.worded_share * held_from
    held = certain | (chances >= np.where(worded, with_words_from, held_from))
    moves_stack = logistic(inputs[real], moves[real], np.ones(int(real.sum())), strength=_STRENGTH)
    free = np.where(held, 0.0, sigmoid(inputs @ moves_stack[0] + moves_stack[1]))
    used = weights > 0
    stack = logistic(inputs_of_sensitive[used], private[used], weights[used], strength=_STRENGTH)
    return Settings(
        version=version,
        bias=(0.0,) * OUTPUTS,
        sharpness=sharpness,
        sensitive_stack=(*map(float, stack[0]), stack[1]),
        moves_stack=(*map(float, moves_stack[0]), moves_stack[1]),
        sensitive_from=held_from,
        sensitive_with_words_from=with_words_from,
        moves_from=recall_at_precision(moves[real], free[real], bands.moves_precision)[1],
        abstain_below=bands.abstain_below,
    )


def _crossed(inputs: Matrix, truth: Flags, weights: Matrix, fold: NDArray[np.int64]) -> Matrix:
    """Return chances by a second step, each from a fit that has not seen the example's fold."""
    chances = np.zeros(len(inputs))
    for number in np.unique(fold):
        use, rest = (fold != number) & (weights > 0), fold == number
        stack, bias = logistic(inputs[use], truth[use], weights[use], strength=_STRENGTH)
        chances[rest] = sigmoid(inputs[rest] @ stack + bias)
    return chances
