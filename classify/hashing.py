"""Turns a thread's view, tokenised by spaCy, into hashed counts: words, pairs of words, letters, marks.

Only numbers leave this module. Which word stands behind a number cannot be read back from a trained pipeline;
for evidence, the words of the thread being judged are hashed and matched, never a stored vocabulary.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import LOWER  # type: ignore[import-not-found]  # compiled, without stubs
from spacy.strings import hash_string  # type: ignore[attr-defined]
from spacy.tokens import Doc

from classify.features import ThreadView

BITS = 19
BUCKETS = 1 << BITS
BLOCKS = (
    "subject",
    "opening",
    "answers",
    "passed_on",
    "letters",
    "starts",
    "marks",
    "signs",
)  # each is scaled to length 1
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xC2B2AE3D27D4EB4F)
_LETTER_RUNS = (3, 4, 5)

_SENTENCE = re.compile(r"[^\n.?!]*[^\W\d_][^\n.?!]*[.?!]?")
_FIRST_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SENTENCES = 60
_KEPT = 8192  # keys of marks and signs, which are few and come again

Buckets = NDArray[np.int64]
Values = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Hashed features of one thread: per block the buckets, each once and ascending, and their counts."""

    blocks: tuple[tuple[Buckets, Values], ...]  # in the order of BLOCKS


def count(doc: Doc) -> Counts:
    """Count the features of a tokenised view (see `WordTokenizer.of_view`)."""
    view: ThreadView = doc.user_data["view"]
    keys = (
        *(word_keys(lower, block=number) for number, lower in enumerate(words_by_place(doc))),
        letter_keys(view),
        start_keys(view),
        np.array([mark_key(mark) for mark in view.marks], dtype=np.uint64),
        np.array([sign_key(sign) for sign in view.signs], dtype=np.uint64),
    )
    return _tally(keys)


def words_by_place(doc: Doc) -> list[NDArray[np.uint64]]:
    """Return for each text of a tokenised view the hashes of its words in lower case."""
    bounds: tuple[int, ...] = doc.user_data["bounds"]
    lower = doc.to_array([LOWER]).reshape(-1).astype(np.uint64)
    return [lower[begin:end] for begin, end in pairwise(bounds)]


def word_keys(words: NDArray[np.uint64], *, block: int) -> NDArray[np.uint64]:
    """Return the keys of the words and then of the pairs of neighbours."""
    salt = np.array([block + 1], dtype=np.uint64) * _MIX
    pairs = words[:-1] * _SPREAD + (words[1:] ^ (words[1:] >> np.uint64(29)))
    keys: NDArray[np.uint64] = np.concatenate([words, pairs]) ^ salt
    return keys


@lru_cache(maxsize=_KEPT)
def mark_key(mark: str) -> np.uint64:
    """Return the key of a mark of form."""
    key: int = hash_string(f"mark {mark}")
    return np.uint64(key)


@lru_cache(maxsize=_KEPT)
def sign_key(sign: str) -> np.uint64:
    """Return the key of a sign of a sensitive matter."""
    key: int = hash_string(f"sign {sign}")
    return np.uint64(key)


def bucket(keys: NDArray[np.uint64]) -> Buckets:
    """Return the buckets of the keys (multiplicative hashing, upper bits)."""
    return ((keys * _SPREAD) >> np.uint64(64 - BITS)).astype(np.int64)


def start_keys(view: ThreadView) -> NDArray[np.uint64]:
    """Return keys of how sentences begin: one to three words, by place, questions apart."""
    names: list[str] = []
    for place in ("subject", "opening", "answers"):
        sentences = islice(_SENTENCE.finditer(getattr(view, place)), _SENTENCES)
        for number, sentence in enumerate(map(re.Match.group, sentences)):
            asks = "?" if sentence.rstrip().endswith("?") else ""
            name = ""
            for word in islice(_FIRST_WORDS.finditer(sentence.lower()), 3):
                name = f"{name} {word.group()}"
                names.append(f"start {place}{asks}{name}")
                if number == 0 and place == "opening":
                    names.append(f"first{name}")
    return np.array([hash_string(name) for name in names], dtype=np.uint64)


def letter_keys(view: ThreadView) -> NDArray[np.uint64]:
    """Return keys of all runs of three to five letters, digits made equal and white space one blank."""
    text = f"{view.subject}\n{view.opening}\n{view.answers}\n{view.passed_on}"
    plain = " ".join(text.lower().split())
    points = np.frombuffer(plain.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    points[(points >= ord("0")) & (points <= ord("9"))] = ord("0")
    keys = []
    rolling = points
    for run in range(2, max(_LETTER_RUNS) + 1):
        if points.size < run:
            break
        rolling = rolling[: points.size - run + 1] * _SPREAD + points[run - 1 :]
        if run in _LETTER_RUNS:
            keys.append(rolling ^ np.uint64(run))
    return np.concatenate(keys) if keys else np.zeros(0, np.uint64)


def _tally(keys: Sequence[NDArray[np.uint64]]) -> Counts:
    """Count the keys of all blocks by bucket; sorted at once, since each call of numpy costs."""
    sizes = [len(each) for each in keys]
    cells = bucket(np.concatenate(keys)).astype(np.int32)
    cells += np.repeat(np.arange(len(keys), dtype=np.int32) << BITS, sizes)
    cells.sort()
    firsts = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]])[: len(cells)])
    counts = np.diff(firsts, append=len(cells)).astype(np.float32)
    cells = cells[firsts]
    buckets = (cells & (BUCKETS - 1)).astype(np.int64)
    ends = np.searchsorted(cells, np.arange(len(keys) + 1) << BITS).tolist()
    return Counts(blocks=tuple((buckets[begin:end], counts[begin:end]) for begin, end in pairwise(ends)))
