"""Trains the classifier: out-of-fold scores for calibration and an honest report, then a fit on everything.

Reproducible: the seed decides the folds, nothing else is random. Not for scoring a pipeline on other threads:
see `evaluation.py`.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classify.calibration import BANDS, Bands, calibrated
from classify.evaluation import Judged, Report, report, with_group
from classify.examples import ARCHIVED, Example, Features, examples, grams, tabulate
from classify.labelled import Label, read_labelled
from classify.linear import Fit, Matrix, factor, fit
from classify.pipeline_folder import build, save
from classify.scorer import (
    KINDS,
    MOVES,
    OUTPUTS,
    SENSITIVE,
    Settings,
    chance,
    kind_chances,
    stack_inputs,
    tables_from,
)
from domain.classification import Kind
from domain.errors import ClassifierError
from domain.mail import Thread

INVENTED = Path(__file__).parent / "invented"
ARCHIVE_LABELS = Path(__file__).parent / "archive_labels.jsonl"  # by the digest of a thread's first id
FOLDS = 5
FEWEST = 40  # threads with which training makes sense


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is set by hand; found by cross-validation on the labelled threads."""

    least_threads: int = 2  # a feature of fewer threads is dropped, which also drops most names
    blocks: tuple[float, ...] = (0.5, 1.0, 0.5, 0.5, 3.0, 0.25, 0.5, 0.0)  # squared weights, as in BLOCKS
    sensitive_blocks: tuple[float, ...] = (0.5, 1.0, 0.5, 0.5, 3.0, 0.25, 0.5, 0.7)  # of that head
    kind_strength: float = 10.0
    flag_strength: float = 10.0
    balance: float = 0.5  # 0 = every thread counts the same, 1 = every kind does
    copy_weight: float = 0.5  # of copies without list marks
    invented_weight: float = 0.5  # of invented threads, so that the real ones stay in the lead
    bands: Bands = BANDS


def invented_threads(folder: Path = INVENTED) -> list[tuple[str, Thread, Label]]:
    """Return the invented labelled threads that ship with the code."""
    return [row for path in sorted(folder.glob("*.jsonl")) for row in read_labelled(path)]


def train(
    threads: Iterable[tuple[str, Thread]],
    labels: Mapping[str, Label],
    *,
    seed: int,
    out: Path,
    invented: Sequence[tuple[str, Thread, Label]] | None = None,
    archived: Sequence[tuple[str, Thread, Label]] = (),
    recipe: Recipe | None = None,
) -> Report:
    """Train on the labelled threads and the invented ones, write the pipeline to `out`, return the report.

    Threads of public archives (ids begin with ARCHIVED) count like invented ones and are not reported.
    The report is out of fold: each thread is scored by a fit that has not seen it. Raises ClassifierError
    where there are too few labelled threads or a kind has none.
    """
    recipe = recipe or Recipe()
    own = [*(invented_threads() if invented is None else invented), *archived]
    rows = [(id_, thread, labels[id_]) for id_, thread in threads if id_ in labels]
    made = examples([*rows, *own], invented=frozenset(id_ for id_, _, _ in own))
    _check(made)
    features = tabulate(made, least=recipe.least_threads)
    by_block = grams(features)
    both = _weighted(by_block, recipe.blocks), _weighted(by_block, recipe.sensitive_blocks)
    fold = folds(made, seed)
    scores = _out_of_fold(made, both, recipe, fold)
    settings = calibrated(made, scores, fold, recipe.bands, _version(made, recipe, seed))
    heads = _fit_heads(made, both, recipe, np.arange(len(made)))
    bias = np.concatenate([[*heads[0].bias], *([_difference(head.bias)] for head in heads[1:])])
    settings = settings.model_copy(update={"bias": tuple(float(each) for each in bias)})
    weights = _primal(features, heads, recipe)
    tables = tables_from(
        features.buckets.astype(np.uint32),
        features.rarity[1:].astype(np.float16),
        weights.astype(np.float16),
        settings,
    )
    save(build(tables), out)
    return _report(made, scores, settings)


def _check(made: Sequence[Example]) -> None:
    missing = set(Kind) - {each.label.kind for each in made}
    if len(made) < FEWEST or missing:
        lacking = f", none of kind {', '.join(sorted(missing))}" if missing else ""
        raise ClassifierError(f"Only {len(made)} labelled threads{lacking}: too few to train on.")


def _version(made: Sequence[Example], recipe: Recipe, seed: int) -> str:
    """Name a pipeline by what went into it."""
    parts = [f"{each.id} {each.label}" for each in made]
    digest = hashlib.sha256("\n".join([*parts, repr(recipe), str(seed)]).encode()).hexdigest()
    return f"unchain-bow-1+{digest[:8]}"


def _weighted(by_block: Sequence[Matrix], weights: Sequence[float]) -> Matrix:
    return np.asarray(sum(weight * gram for weight, gram in zip(weights, by_block, strict=True)))


def _targets(made: Sequence[Example]) -> tuple[Matrix, Matrix, Matrix]:
    kinds = np.array([[each.label.kind == kind for kind in KINDS] for each in made], dtype=np.float64)
    flags = [np.array([getattr(each.label, name) for each in made]) for name in ("sensitive", "moves")]
    private, moves = (np.column_stack([~flag, flag]).astype(np.float64) for flag in flags)
    return kinds, private, moves


def _fit_heads(
    made: Sequence[Example], both: tuple[Matrix, Matrix], recipe: Recipe, use: NDArray[np.int64]
) -> tuple[Fit, Fit, Fit]:
    """Fit kind, sensitive and moves on the chosen examples; the second matrix is that of sensitive."""
    kinds, private, moves = (target[use] for target in _targets(made))
    share = kinds.sum(axis=0) / len(use)
    even = np.array([_weight(made[number], recipe) for number in use])
    sure = np.array([0.5 + 0.5 * made[number].label.sure for number in use])
    weights = even * sure * (1.0 / (len(KINDS) * share[kinds.argmax(axis=1)])) ** recipe.balance
    inputs, inputs_of_sensitive = (factor(gram[np.ix_(use, use)]) for gram in both)
    return (
        fit(inputs, kinds, weights, strength=recipe.kind_strength),
        fit(inputs_of_sensitive, private, even, strength=recipe.flag_strength),
        fit(inputs, moves, even, strength=recipe.flag_strength),
    )


def _weight(each: Example, recipe: Recipe) -> float:
    return (recipe.copy_weight if each.copied else 1.0) * (recipe.invented_weight if each.invented else 1.0)


def _difference(pair: Matrix) -> Matrix:
    """Turn two-class columns into one score."""
    return np.asarray(pair[..., 1] - pair[..., 0])


def folds(made: Sequence[Example], seed: int) -> NDArray[np.int64]:
    """Return the fold of each example: kinds evenly spread, a thread and its copy together."""
    generator = np.random.default_rng(seed)
    fold_of: dict[int, int] = {}
    for kind in KINDS:
        groups = sorted({each.group for each in made if each.label.kind == kind})
        for place, group in enumerate(generator.permutation(groups).tolist()):
            fold_of[group] = place % FOLDS
    return np.array([fold_of[each.group] for each in made])


def _out_of_fold(
    made: Sequence[Example], both: tuple[Matrix, Matrix], recipe: Recipe, fold: NDArray[np.int64]
) -> Matrix:
    """Return raw scores (examples x OUTPUTS), each by heads that have not seen the thread."""
    scores = np.zeros((len(made), OUTPUTS))
    for number in range(FOLDS):
        use, rest = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        kind, private, moves = _fit_heads(made, both, recipe, use)
        products, products_of_sensitive = (gram[np.ix_(rest, use)] for gram in both)
        scores[rest, : len(KINDS)] = products @ kind.dual + kind.bias
        scores[rest, SENSITIVE] = _difference(products_of_sensitive @ private.dual + private.bias)
        scores[rest, MOVES] = _difference(products @ moves.dual + moves.bias)
    return scores


def _primal(features: Features, heads: tuple[Fit, Fit, Fit], recipe: Recipe) -> Matrix:
    """Carry the heads over from threads to features: used buckets x OUTPUTS."""
    weights = np.zeros((len(features.rarity), OUTPUTS))
    kind, private, moves = heads
    dual = np.column_stack([kind.dual, _difference(private.dual), _difference(moves.dual)])
    strengths = np.repeat(np.array(recipe.blocks)[:, None], OUTPUTS, axis=1)
    strengths[:, SENSITIVE] = recipe.sensitive_blocks
    for number, blocks in enumerate(features.blocks):
        for block, (rows, values) in enumerate(blocks):
            weights[rows] += values[:, None] * (strengths[block] * dual[number])
    return weights[1:]


def _report(made: Sequence[Example], scores: Matrix, settings: Settings) -> Report:
    """Score out of fold: real threads, those without list marks, invented ones apart."""
    judged = [_judged(each, scores[number], settings) for number, each in enumerate(made)]
    pairs = list(zip(made, judged, strict=True))
    real = [said for each, said in pairs if not each.copied and not each.invented]
    own = [
        said for each, said in pairs if each.invented and not each.copied and not each.id.startswith(ARCHIVED)
    ]
    made_report = report("Out of fold, each thread scored by a fit that has not seen it", real or own)
    for language in sorted({each.language for each in made}):
        bare = [
            said for each, said in pairs if each.copied and not each.invented and said.language == language
        ]
        made_report = with_group(made_report, f"{language}, list headers removed", bare)
        mine = [said for said in own if said.language == language]
        made_report = with_group(made_report, f"{language}, invented office mail", mine)
    return made_report


def _judged(each: Example, scores: Matrix, settings: Settings) -> Judged:
    chances = kind_chances(scores, settings.sharpness)
    inputs = stack_inputs(scores, settings.sharpness)
    sensitive = float(chance(np.append(inputs, each.weights), settings.sensitive_stack))
    moves = float(chance(inputs, settings.moves_stack))
    reasons = settings.reasons_to_hold(sensitive, certain=each.certain, worded=each.worded)
    private = bool(reasons)
    abstained = bool(chances.max() < settings.abstain_below)
    return Judged(
        id=each.id,
        label=each.label,
        kind=KINDS[int(chances.argmax())],
        confidence=float(chances.max()),
        abstained=abstained,
        sensitive=private,
        sensitive_score=sensitive,
        moves=moves >= settings.moves_from and not private and not abstained,
        moves_score=moves,
        language=each.language,
        keyword_kind=each.keyword_kind,
    )
