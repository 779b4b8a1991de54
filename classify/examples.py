"""Training examples: labelled threads as hashed counts, with copies that lack the marks of mailing lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import spacy
from numpy.typing import NDArray

from classify.baselines import keyword_kind
from classify.features import is_list_mark, view
from classify.hashing import BLOCKS, BUCKETS, Counts, count
from classify.labelled import Label
from classify.language import language_of
from classify.linear import Matrix
from classify.scorer import Scaled, scaled
from classify.sensitive import weigh
from classify.tokens import WordTokenizer, lean_vocab
from domain.classification import Kind, SensitiveHit
from domain.mail import Thread

ARCHIVED = "archive:"  # how the ids of threads taken from public archives begin
_BATCH = 200  # threads whose words spaCy keeps at a time
_CHUNK = 1 << 13  # columns multiplied at a time
_RARE = 30  # columns with at most so many entries are multiplied pair by pair
_PAIRS = 4_000_000  # pairs held at a time


@dataclass(frozen=True, kw_only=True)
class Example:
    """A labelled thread ready for fitting. A copy has the group of its original."""

    group: int  # number of the thread
    id: str
    label: Label
    language: str
    counts: Counts
    certain: tuple[str, ...]  # reasons of the gate that hold it by themselves
    worded: tuple[str, ...]  # reasons that its words suggest
    weights: tuple[float, ...]  # points of these words
    keyword_kind: Kind
    copied: bool  # without the marks of lists
    invented: bool


def examples(threads: Iterable[tuple[str, Thread, Label]], *, invented: frozenset[str]) -> list[Example]:
    """Count the features of labelled threads; those with marks of lists come twice."""
    nlp = spacy.blank("xx")
    lean_vocab(nlp)
    tokenizer = WordTokenizer(nlp.vocab)
    made: list[Example] = []
    batch: list[tuple[str, Thread, Label]] = []
    for row in threads:
        batch.append(row)
        if len(batch) == _BATCH:
            with nlp.memory_zone():
                made += _counted(batch, tokenizer, len(made), invented)
            batch = []
    with nlp.memory_zone():
        made += _counted(batch, tokenizer, len(made), invented)
    return made


def _counted(
    rows: Sequence[tuple[str, Thread, Label]], tokenizer: WordTokenizer, first: int, invented: frozenset[str]
) -> list[Example]:
    made: list[Example] = []
    for id_, thread, label in rows:
        weighed = weigh(thread)
        seen = view(thread, weighed.touched)
        example = Example(
            group=first + len(made),
            id=id_,
            label=label,
            language=label.language or language_of(seen.text),
            counts=count(tokenizer.of_view(seen)),
            certain=_reasons(weighed.certain),
            worded=_reasons(weighed.touched.hits),
            weights=seen.weights,
            keyword_kind=keyword_kind(thread),
            copied=False,
            invented=id_ in invented,
        )
        made.append(example)
        bare = tuple(mark for mark in seen.marks if not is_list_mark(mark))
        if bare != seen.marks:
            counts = count(tokenizer.of_view(replace(seen, marks=bare)))
            made.append(replace(example, counts=counts, copied=True))
    return made


def _reasons(hits: Iterable[SensitiveHit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.reason for hit in hits))


@dataclass(frozen=True, kw_only=True)
class Features:
    """All examples in one table by block: rows known to the tables, and scaled values."""

    buckets: NDArray[np.int64]  # used buckets, ascending
    rows: NDArray[np.int32]  # BUCKETS: number of the used bucket + 1, or 0
    rarity: NDArray[np.float32]  # used buckets + 1
    blocks: tuple[Scaled, ...]  # by example


def tabulate(made: Sequence[Example], *, least: int) -> Features:
    """Keep features of at least `least` threads, weigh them by rarity and scale each block to length 1."""
    seen_in = np.zeros(BUCKETS, dtype=np.int64)
    originals = [each for each in made if not each.copied]
    for each in originals:
        seen_in[np.unique(np.concatenate([buckets for buckets, _ in each.counts.blocks]))] += 1
    used = np.flatnonzero(seen_in >= least)
    rows = np.zeros(BUCKETS, dtype=np.int32)
    rows[used] = np.arange(1, len(used) + 1, dtype=np.int32)
    rarity = np.log((1 + len(originals)) / (1 + seen_in[used])) + 1
    rarity = np.concatenate([[0.0], rarity]).astype(np.float16).astype(np.float32)  # as it will be stored
    blocks = tuple(scaled(rows, rarity, each.counts) for each in made)
    return Features(buckets=used, rows=rows, rarity=rarity, blocks=blocks)


def grams(features: Features) -> list[Matrix]:
    """Return for each block the products between all examples."""
    return [
        _gram([each[block] for each in features.blocks], len(features.rarity)) for block in range(len(BLOCKS))
    ]


def _gram(vectors: list[tuple[NDArray[np.int32], NDArray[np.float32]]], width: int) -> Matrix:
    """Multiply sparse vectors with each other, some columns at a time so that memory stays small."""
    example = np.repeat(np.arange(len(vectors)), [len(rows) for rows, _ in vectors])
    rows = np.concatenate([rows for rows, _ in vectors])
    values = np.concatenate([values for _, values in vectors])
    present, column = np.unique(rows, return_inverse=True)
    order = np.argsort(column, kind="stable")
    example, column, values = example[order], column[order], values[order]
    starts = np.searchsorted(column, np.arange(len(present) + 1))
    gram = _rare_products(example, values, starts, len(vectors))
    common = np.flatnonzero(np.diff(starts) > _RARE)
    for begin in range(0, len(common), _CHUNK):
        chunk = common[begin : begin + _CHUNK]
        dense = np.zeros((len(vectors), len(chunk)), dtype=np.float32)
        for place, number in enumerate(chunk):
            span = slice(starts[number], starts[number + 1])
            dense[example[span], place] = values[span]
        gram += dense @ dense.T
    return gram.astype(np.float64)


def _rare_products(
    example: NDArray[np.int64], values: NDArray[np.float32], starts: NDArray[np.int64], size: int
) -> NDArray[np.float32]:
    """Sum the products over columns of few entries pair by pair: far less work than multiplying them out."""
    gram = np.zeros(size * size)
    lengths = np.diff(starts)
    for length in range(1, _RARE + 1):
        firsts = starts[:-1][lengths == length]
        step = max(1, _PAIRS // length**2)
        for begin in range(0, len(firsts), step):
            entries = firsts[begin : begin + step, None] + np.arange(length)
            who, what = example[entries], values[entries].astype(np.float64)
            cells = who[:, :, None] * size + who[:, None, :]
            gram += np.bincount(
                cells.ravel(), weights=(what[:, :, None] * what[:, None, :]).ravel(), minlength=size * size
            )
    return gram.reshape(size, size).astype(np.float32)
