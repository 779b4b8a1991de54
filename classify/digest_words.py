"""The tables of words behind digests, read once: turns of phrase, and words that mean nothing alone."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from classify.phrases import PhraseIndex

TABLE = Path(__file__).parent / "digest_words.toml"
BACKGROUND = Path(__file__).parent / "background_words.json"
CUES = ("asks", "courtesy", "answers", "confirms", "decides", "undecided", "matters", "chatter")


@cache
def _table() -> dict[str, dict[str, object]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


@cache
def turns_of_phrase() -> PhraseIndex[str]:
    """The phrases of all cues, each standing for its cue."""
    table = _table()
    return PhraseIndex((str(phrase), cue) for cue in CUES for phrase in _list(table[cue]["phrases"]))


@cache
def stop_words(language: str) -> frozenset[str]:
    """Words that say nothing by themselves, lower case; empty for a language that is not known."""
    return frozenset(str(_table()["stop"].get(language, "")).split())


@cache
def inner_words(language: str) -> frozenset[str]:
    """Small words that may stand within a phrase."""
    return frozenset(str(_table()["inside"].get(language, "")).split())


@cache
def products() -> frozenset[str]:
    """Names that are written with a capital and are no person's."""
    return frozenset(str(_table()["products"]["words"]).split())


@cache
def background() -> Mapping[str, Mapping[str, float]]:
    """By language, the share of invented office threads in which a common word occurs."""
    found: dict[str, dict[str, float]] = json.loads(BACKGROUND.read_text(encoding="utf-8"))
    return found


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
