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
    bounds: tuple[int, ...] = doc.user_data["bounds"]
    lower = doc.to_array([LOWER]).reshape(-1).astype(np.uint64)
    pulls = np.concatenate(
        [
            _word_pulls(lower[begin:end], block, tables, kind)
            for block, (begin, end) in enumerate(pairwise(bounds))
        ]
    )
    words: dict[str, float] = {}
    for place in np.argsort(-np.abs(pulls), kind="stable")[: 3 * MOST_WORDS].tolist():
        token = doc[place].text
        name = _SPOKEN.get(token, token.lower())
        words[name] = words.get(name, 0.0) + float(pulls[place])
    strongest = sorted(words.items(), key=lambda pair: -abs(pair[1]))[:MOST_WORDS]
    chosen = [*strongest, *_mark_pulls(doc.user_data["view"], tables, kind)]
    return tuple(
        Evidence(name=name, weight=round(weight, 4))
        for name, weight in sorted(chosen, key=lambda pair: -abs(pair[1]))
        if abs(weight) >= 1e-4
    )


def _pulls(
    buckets: NDArray[np.int64], tables: Tables, kind: Kind
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the first places of known buckets of a block, and what each adds to the kind above the mean."""
    unique, first, tally = np.unique(buckets, return_index=True, return_counts=True)
    rows, values = scaled(tables.rows, tables.rarity, unique, tally.astype(np.float32))
    weights = tables.weights[rows][:, : len(KINDS)]
    above = values * (weights[:, KINDS.index(kind)] - weights.mean(axis=1))
    return first[tables.rows[unique] > 0], above.astype(np.float64)


def _word_pulls(lower: NDArray[np.uint64], block: int, tables: Tables, kind: Kind) -> NDArray[np.float64]:
    """Return the pull of each word at its first place; a pair's pull is shared by its two words."""
    pulls = np.zeros(len(lower))
    if lower.size:
        places, above = _pulls(bucket(word_keys(lower, block=block)), tables, kind)
        single = places < len(lower)
        np.add.at(pulls, places[single], above[single])
        pairs = places[~single] - len(lower)
        np.add.at(pulls, pairs, above[~single] / 2)
        np.add.at(pulls, pairs + 1, above[~single] / 2)
    return pulls


def _mark_pulls(view: ThreadView, tables: Tables, kind: Kind) -> list[tuple[str, float]]:
    if not view.marks:
        return []
    places, above = _pulls(
        bucket(np.array([mark_key(mark) for mark in view.marks], dtype=np.uint64)), tables, kind
    )
    named = [(view.marks[place], pull) for place, pull in zip(places.tolist(), above.tolist(), strict=True)]
    return sorted(named, key=lambda pair: -abs(pair[1]))[:MOST_MARKS]
