"""The spaCy component that scores a thread: hashed counts times learnt weights, then calibration.

Writes probabilities into `doc.cats`: the kinds, "sensitive" and "moves". Its tables hold numbers only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError, model_validator
from spacy.language import Language
from spacy.tokens import Doc

from classify.hashing import BUCKETS, Counts, count
from classify.linear import sigmoid, softmax
from classify.matters import WEIGHTS
from domain.classification import Kind
from domain.errors import ClassifierError
from domain.options import Options

KINDS = tuple(Kind)
OUTPUTS = len(KINDS) + 2  # the kinds, sensitive, moves
SENSITIVE, MOVES = len(KINDS), len(KINDS) + 1
FACTORY = "thread_scorer"
ScaledBlock = tuple[NDArray[np.int32], NDArray[np.float32]]  # known rows, ascending, and their values
Scaled = tuple[ScaledBlock, ...]  # in the order of BLOCKS
CLASSIFIER = "classifier"  # the reason of a thread that only the trained part holds


class Settings(Options):
    """What is learnt beside the tables: calibration and the bands in which nothing is claimed."""

    version: str
    bias: tuple[float, ...]  # OUTPUTS
    sharpness: float  # factor of the kinds' scores before softmax (inverse temperature)
    sensitive_stack: tuple[float, ...]  # weights of `stack_inputs`, of `ThreadView.weights`, then the bias
    moves_stack: tuple[float, ...]  # weights of `stack_inputs`, then the bias
    sensitive_from: float  # probability from which the classifier alone calls a thread sensitive
    sensitive_with_words_from: float  # the same where the words of a reason weigh enough
    moves_from: float  # probability from which a thread counts as better served elsewhere
    abstain_below: float  # a winning kind less likely than this is not claimed
    languages: tuple[str, ...] = ("en", "fr")

    @model_validator(mode="after")
    def _stacks_fit(self) -> Self:
        if len(self.sensitive_stack) != OUTPUTS + WEIGHTS + 1 or len(self.moves_stack) != OUTPUTS + 1:
            raise ValueError("second steps of another version")
        return self

    def reasons_to_hold(
        self, chance: float, *, certain: tuple[str, ...], worded: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Return why a thread of this chance is held; `certain` and `worded` are reasons of the rules."""
        if chance >= self.sensitive_from:
            return (*certain, *worded, CLASSIFIER)
        return (*certain, *worded) if chance >= self.sensitive_with_words_from else certain


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Learnt numbers by hashed feature. Row 0 is all zero and stands for every feature not learnt."""

    rows: NDArray[np.int32]  # BUCKETS: the row of each bucket
    rarity: NDArray[np.float32]  # rows: inverse document frequency
    weights: NDArray[np.float32]  # rows x OUTPUTS
    settings: Settings

    def scaled(self, counts: Counts) -> Scaled:
        """Return the known rows of each block of a thread's counts, and their values."""
        return scaled(self.rows, self.rarity, counts)

    def raw_scores(self, blocks: Scaled) -> NDArray[np.float64]:
        """Return the linear scores (OUTPUTS) of a thread's scaled counts, before calibration."""
        rows = np.concatenate([rows for rows, _ in blocks])
        values = np.concatenate([values for _, values in blocks])
        return np.asarray(np.array(self.settings.bias) + values @ self.weights[rows])


def scaled(rows: NDArray[np.int32], rarity: NDArray[np.float32], counts: Counts) -> Scaled:
    """Return per block the known rows and their values: sublinear count times rarity, scaled to length 1."""
    sizes = [len(buckets) for buckets, _ in counts.blocks]
    found = rows[np.concatenate([buckets for buckets, _ in counts.blocks])]
    known = np.flatnonzero(found)
    tally = np.concatenate([tally for _, tally in counts.blocks])[known]
    block = np.repeat(np.arange(len(sizes)), sizes)[known]
    found = found[known]
    values = (1.0 + np.log(tally)) * rarity[found]
    lengths = np.sqrt(np.bincount(block, weights=values * values, minlength=len(sizes)))
    values /= lengths[block].astype(np.float32)
    ends = np.searchsorted(block, np.arange(len(sizes) + 1)).tolist()
    return tuple((found[begin:end], values[begin:end]) for begin, end in pairwise(ends))


def kind_chances(scores: NDArray[np.float64], sharpness: float) -> NDArray[np.float64]:
    """Return calibrated probabilities of the kinds from raw scores (… x OUTPUTS)."""
    return softmax(scores[..., : len(KINDS)] * sharpness)


def stack_inputs(scores: NDArray[np.float64], sharpness: float) -> NDArray[np.float64]:
    """Return what the second step for `sensitive` and `moves` sees: their scores and the kinds' chances."""
    return np.concatenate([scores[..., len(KINDS) :], kind_chances(scores, sharpness)], axis=-1)


def chance(inputs: NDArray[np.float64], stack: tuple[float, ...]) -> NDArray[np.float64]:
    """Return the probability by a second step: its weights, then its bias."""
    return np.asarray(sigmoid(inputs @ np.array(stack[:-1]) + stack[-1]))


class ThreadScorer:
    """The pipeline component; takes Docs made by `WordTokenizer.of_view`."""

    def __init__(self, tables: Tables | None = None) -> None:
        self.tables = tables

    def __call__(self, doc: Doc) -> Doc:
        """Set `doc.cats`. Raises ClassifierError where nothing has been learnt or loaded."""
        tables = self.loaded
        blocks = doc.user_data["scaled"] = tables.scaled(count(doc))
        raw = tables.raw_scores(blocks)
        settings = tables.settings
        chances = kind_chances(raw, settings.sharpness)
        inputs = stack_inputs(raw, settings.sharpness)
        weights = doc.user_data["view"].weights
        doc.cats = {kind.value: float(chance) for kind, chance in zip(KINDS, chances, strict=True)}
        doc.cats["sensitive"] = float(chance(np.append(inputs, weights), settings.sensitive_stack))
        doc.cats["moves"] = float(chance(inputs, settings.moves_stack))
        return doc

    @property
    def loaded(self) -> Tables:
        """The tables; ClassifierError where there are none."""
        if self.tables is None:
            raise ClassifierError("This pipeline has not been trained; run unchain train.")
        return self.tables

    def to_disk(self, path: str | Path, exclude: Sequence[str] = ()) -> None:
        """Write the tables: used buckets, their rarity and weights as half floats, and the settings."""
        tables, folder = self.loaded, Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        used = np.flatnonzero(tables.rows)
        order = tables.rows[used]
        np.savez_compressed(
            folder / "tables.npz",
            buckets=used.astype(np.uint32),
            rarity=tables.rarity[order].astype(np.float16),
            weights=tables.weights[order].astype(np.float16),
        )
        (folder / "settings.json").write_text(
            tables.settings.model_dump_json(indent=1) + "\n", encoding="utf-8"
        )

    def from_disk(self, path: str | Path, exclude: Sequence[str] = ()) -> "ThreadScorer":
        """Read what `to_disk` wrote. Raises ClassifierError where it is broken."""
        folder = Path(path)
        try:
            settings = Settings.model_validate_json((folder / "settings.json").read_text(encoding="utf-8"))
            with np.load(folder / "tables.npz", allow_pickle=False) as stored:
                self.tables = tables_from(stored["buckets"], stored["rarity"], stored["weights"], settings)
        except (OSError, KeyError, ValueError, IndexError, ValidationError) as error:
            raise ClassifierError(f"{folder}: the trained tables cannot be read; train again.") from error
        return self


def tables_from(
    buckets: NDArray[np.uint32], rarity: NDArray[np.float16], weights: NDArray[np.float16], settings: Settings
) -> Tables:
    """Build tables from the used buckets (ascending) with their rarity and weights."""
    if weights.shape != (len(buckets), OUTPUTS) or rarity.shape != buckets.shape:
        raise ValueError("tables of different lengths")
    rows = np.zeros(BUCKETS, dtype=np.int32)
    rows[buckets] = np.arange(1, len(buckets) + 1, dtype=np.int32)
    return Tables(
        rows=rows,
        rarity=np.concatenate([[0.0], rarity]).astype(np.float32),
        weights=np.vstack([np.zeros((1, OUTPUTS)), weights]).astype(np.float32),
        settings=settings,
    )


@Language.factory(FACTORY)
def make_scorer(nlp: Language, name: str) -> ThreadScorer:
    """Make the component for spaCy's registry; `from_disk` fills it."""
    return ThreadScorer()
