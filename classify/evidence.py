"""Names the words and marks of a thread that counted for the kind that won.

The words come from the thread at hand: they are hashed again and looked up, since none is stored.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import LOWER  # type: ignore[import-not-found]  # compiled, without stubs
from spacy.tokens import Doc

from classify.features import ThreadView
from classify.hashing import bucket, mark_key, word_keys
from classify.scorer import KINDS, Tables, scaled
from classify.tokens import ADDRESS, LINK, NUMBER
from domain.classification import Evidence, Kind

MOST_WORDS, MOST_MARKS = 6, 4
_SPOKEN = {NUMBER: "a number", LINK: "a link", ADDRESS: "an address"}


def evidence(doc: Doc, tables: Tables, kind: Kind) -> tuple[Evidence, ...]:
    """Return the words and marks with the largest weights for the kind, largest first."""
    pulls: dict[str, float] = {}
    bounds: tuple[int, ...] = doc.user_data["bounds"]
    lower = doc.to_array([LOWER]).reshape(-1).astype(np.uint64)
    for block, (begin, end) in enumerate(pairwise(bounds)):
        for place, pull in _word_pulls(lower[begin:end], block, tables, kind).items():
            token = doc[begin + place].text
            name = _SPOKEN.get(token, token.lower())
            pulls[name] = pulls.get(name, 0.0) + pull
    words = sorted(pulls.items(), key=lambda pair: -abs(pair[1]))[:MOST_WORDS]
    chosen = [*words, *_mark_pulls(doc.user_data["view"], tables, kind)]
    return tuple(
        Evidence(name=name, weight=round(weight, 4))
        for name, weight in sorted(chosen, key=lambda pair: -abs(pair[1]))
        if abs(weight) >= 1e-4
    )


def _pull(buckets: NDArray[np.int64], tables: Tables, kind: Kind) -> dict[int, float]:
    """Return what each known bucket of a block adds to the kind above the mean of all kinds."""
    unique, tally = np.unique(buckets, return_counts=True)
    rows, values = scaled(tables.rows, tables.rarity, unique, tally.astype(np.float32))
    weights = tables.weights[rows][:, : len(KINDS)]
    above = values * (weights[:, KINDS.index(kind)] - weights.mean(axis=1))
    return dict(zip(unique[tables.rows[unique] > 0].tolist(), above.tolist(), strict=True))


def _word_pulls(lower: NDArray[np.uint64], block: int, tables: Tables, kind: Kind) -> dict[int, float]:
    """Return the pull of single words by their first place; a pair's pull is shared by its two words."""
    if not lower.size:
        return {}
    buckets = bucket(word_keys(lower, block=block))
    of_bucket = _pull(buckets, tables, kind)
    pulls: dict[int, float] = {}
    seen: set[int] = set()
    for number, each in enumerate(buckets.tolist()):
        if each in seen or each not in of_bucket:
            continue
        seen.add(each)
        if number < len(lower):
            pulls[number] = pulls.get(number, 0.0) + of_bucket[each]
        else:
            for place in (number - len(lower), number - len(lower) + 1):
                pulls[place] = pulls.get(place, 0.0) + of_bucket[each] / 2
    return pulls


def _mark_pulls(view: ThreadView, tables: Tables, kind: Kind) -> list[tuple[str, float]]:
    if not view.marks:
        return []
    buckets = bucket(np.array([mark_key(mark) for mark in view.marks], dtype=np.uint64))
    of_bucket = _pull(buckets, tables, kind)
    named = [(mark, of_bucket.get(int(each), 0.0)) for mark, each in zip(view.marks, buckets, strict=True)]
    return sorted(named, key=lambda pair: -abs(pair[1]))[:MOST_MARKS]
