"""Names the words and marks of a thread that counted for the kind that won.

The words come from the thread at hand: they are hashed again and looked up, since none is stored.
"""

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc

from classify.features import ThreadView
from classify.hashing import BLOCKS, bucket, mark_key, word_keys, words_by_place
from classify.scorer import KINDS, Scaled, ScaledBlock, Tables
from classify.tokens import ADDRESS, LINK, NUMBER
from domain.classification import Evidence, Kind

MOST_WORDS, MOST_MARKS = 6, 4
_SPOKEN = {NUMBER: "a number", LINK: "a link", ADDRESS: "an address"}


def evidence(doc: Doc, tables: Tables, kind: Kind) -> tuple[Evidence, ...]:
    """Return the words and marks with the largest weights for the kind, largest first; `doc` is scored."""
    blocks: Scaled = doc.user_data["scaled"]
    pulls = np.concatenate(
        [
            _word_pulls(lower, number, blocks[number], tables, kind)
            for number, lower in enumerate(words_by_place(doc))
        ]
    )
    words: dict[str, float] = {}
    for place in np.argsort(-np.abs(pulls), kind="stable")[: 3 * MOST_WORDS].tolist():
        token = doc[place].text
        name = _SPOKEN.get(token, token.lower())
        words[name] = words.get(name, 0.0) + float(pulls[place])
    strongest = sorted(words.items(), key=lambda pair: -abs(pair[1]))[:MOST_WORDS]
    chosen = [*strongest, *_mark_pulls(doc.user_data["view"], blocks[BLOCKS.index("marks")], tables, kind)]
    return tuple(
        Evidence(name=name, weight=round(weight, 4))
        for name, weight in sorted(chosen, key=lambda pair: -abs(pair[1]))
        if abs(weight) >= 1e-4
    )


def _pulls(
    keys: NDArray[np.uint64], block: ScaledBlock, tables: Tables, kind: Kind
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the first places of the known keys of a block, and what each adds to the kind above the mean."""
    rows, values = block
    seen, first = np.unique(tables.rows[bucket(keys)], return_index=True)  # as the block's rows, ascending
    weights = tables.weights[rows, : len(KINDS)]
    mean = weights.sum(axis=1) / np.float32(len(KINDS))
    return first[seen > 0], values * (weights[:, KINDS.index(kind)] - mean)


def _word_pulls(
    lower: NDArray[np.uint64], number: int, block: ScaledBlock, tables: Tables, kind: Kind
) -> NDArray[np.float64]:
    """Return the pull of each word at its first place; a pair's pull is shared by its two words."""
    pulls = np.zeros(len(lower))
    if lower.size:
        places, above = _pulls(word_keys(lower, block=number), block, tables, kind)
        single = places < len(lower)
        pulls[places[single]] = above[single]
        pairs, halves = places[~single] - len(lower), above[~single] / 2
        pulls[pairs] += halves  # no place comes twice
        pulls[pairs + 1] += halves
    return pulls


def _mark_pulls(view: ThreadView, block: ScaledBlock, tables: Tables, kind: Kind) -> list[tuple[str, float]]:
    if not view.marks:
        return []
    keys = np.array([mark_key(mark) for mark in view.marks], dtype=np.uint64)
    places, above = _pulls(keys, block, tables, kind)
    named = [(view.marks[place], pull) for place, pull in zip(places.tolist(), above.tolist(), strict=True)]
    return sorted(named, key=lambda pair: -abs(pair[1]))[:MOST_MARKS]
