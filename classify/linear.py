"""Softmax regression on a Gram matrix, and one-dimensional calibration, in numpy alone.

With far fewer threads than features the fit is done between threads; training carries it to the features.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A fitted regression: scores of a thread = its products with the training threads @ dual + bias."""

    dual: Matrix  # threads x classes
    bias: Matrix  # classes


def softmax(scores: Matrix) -> Matrix:
    """Return probabilities by row."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def factor(gram: Matrix) -> Matrix:
    """Return inputs (threads x threads) whose products are the Gram matrix: its Cholesky factor."""
    ridge = 1e-4 * float(np.trace(gram)) / len(gram)
    return np.asarray(np.linalg.cholesky(gram + ridge * np.eye(len(gram))))


def fit(inputs: Matrix, targets: Matrix, weights: Matrix, *, strength: float) -> Fit:
    """Fit targets (threads x classes, rows sum to 1) on a factor, with L2 regularisation 1/strength."""
    theta, bias = _regress(inputs, targets, weights, strength)
    return Fit(dual=np.asarray(np.linalg.solve(inputs.T, theta)), bias=bias)


def _regress(inputs: Matrix, targets: Matrix, weights: Matrix, strength: float) -> tuple[Matrix, Matrix]:
    size, classes = inputs.shape[1], targets.shape[1]
    single = inputs.astype(np.float32)  # the products are most of the work, and half as long so

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        table = flat.reshape(size + 1, classes)
        theta, bias = table[:-1], table[-1]
        chances = softmax((single @ theta.astype(np.float32)).astype(np.float64) + bias)
        off = (chances - targets) * weights[:, None]
        value = -float((weights[:, None] * targets * np.log(chances + 1e-12)).sum())
        pull = (single.T @ off.astype(np.float32)).astype(np.float64)
        gradient = np.vstack([pull + theta / strength, off.sum(axis=0)])
        return value + float((theta**2).sum()) / (2 * strength), gradient.ravel()

    table = minimise(loss, np.zeros((size + 1) * classes)).reshape(size + 1, classes)
    return table[:-1], table[-1]


def minimise(
    loss: Callable[[Matrix], tuple[float, Matrix]], start: Matrix, *, steps: int = 100, memory: int = 10
) -> Matrix:
    """Return where a smooth convex function is least (limited-memory BFGS, Nocedal 1980)."""
    point = start
    value, gradient = loss(point)
    past: deque[tuple[Matrix, Matrix, float]] = deque(maxlen=memory)
    for _ in range(steps):
        direction = -_inverse_hessian_times(gradient, past)
        slope = float(gradient @ direction)
        pace = 1.0 if past else 1.0 / max(1.0, float(np.linalg.norm(gradient)))
        while True:
            following = point + pace * direction
            next_value, next_gradient = loss(following)
            if next_value <= value + 1e-4 * pace * slope or pace < 1e-10:
                break
            pace /= 2
        moved, turned = following - point, next_gradient - gradient
        if float(moved @ turned) > 1e-12:
            past.append((moved, turned, 1.0 / float(moved @ turned)))
        done = abs(value - next_value) <= 2e-6 * max(1.0, abs(value))
        point, value, gradient = following, next_value, next_gradient
        if done:
            break
    return point


def _inverse_hessian_times(gradient: Matrix, past: deque[tuple[Matrix, Matrix, float]]) -> Matrix:
    result = gradient.copy()
    parts = []
    for moved, turned, scale in reversed(past):
        part = scale * float(moved @ result)
        parts.append(part)
        result -= part * turned
    if past:
        moved, turned, scale = past[-1]
        result *= 1.0 / (scale * float(turned @ turned))
    for (moved, turned, scale), part in zip(past, reversed(parts), strict=True):
        result += moved * (part - scale * float(turned @ result))
    return result


def temperature(scores: Matrix, truth: NDArray[np.int64]) -> float:
    """Return the factor for the scores under which the truth is likeliest (temperature scaling, inverted)."""
    factors = np.exp(np.linspace(np.log(0.2), np.log(5.0), 200))
    rows = np.arange(len(truth))
    losses = [-np.log(softmax(scores * factor)[rows, truth] + 1e-12).mean() for factor in factors]
    return float(factors[int(np.argmin(losses))])


def logistic(
    inputs: Matrix, truth: NDArray[np.bool_], weights: Matrix, *, strength: float = 100.0
) -> tuple[Matrix, float]:
    """Fit a small logistic regression to weighted rows and return its weights and bias."""
    targets = np.column_stack([~truth, truth]).astype(np.float64)
    theta, bias = _regress(inputs, targets, weights, strength)
    return theta[:, 1] - theta[:, 0], float(bias[1] - bias[0])


def sigmoid(scores: Matrix) -> Matrix:
    """Return the logistic function of the scores."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scores, -40, 40))))


def calibration_error(confidence: Matrix, right: NDArray[np.bool_], *, bins: int = 10) -> float:
    """Return the expected calibration error over equally wide bins."""
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (which == number).mean() * abs(confidence[which == number].mean() - right[which == number].mean())
        for number in range(bins)
        if (which == number).any()
    ]
    return float(sum(gaps))
