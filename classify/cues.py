"""Counts turns of phrase that show what a writer is doing (asking, weighing, scheduling …) as marks.

The phrases are in `cues.toml`. They carry what a thousand labelled threads are too few to teach.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from classify.phrases import PhraseIndex, plain

TABLE = Path(__file__).parent / "cues.toml"
_STEPS = (1, 2, 4, 8)


def cue_marks(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Return a mark for each cue that a text (named by its place) holds, with how often, in steps."""
    marks = []
    for place, text in texts:
        for cue, times in shipped_cues().find(plain(text)).items():
            marks += [f"{place} {cue}: ≥{step}" for step in _STEPS if times >= step]
    return marks


@cache
def shipped_cues() -> PhraseIndex[str]:
    """Read the table of cues once."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return PhraseIndex(
        (phrase, cue.replace("_", " ")) for cue, entry in table.items() for phrase in entry["phrases"]
    )
