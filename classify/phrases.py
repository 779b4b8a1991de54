"""Finds which of many phrases a text holds, as whole words, without case and accents, in one pass.

Used by the sensitive gate and for the cues of kinds. Phrases are prose; a closing * lets a word go on.
"""

import re
import unicodedata
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Tag = TypeVar("Tag", bound=Hashable)

_SIGNS = re.compile(r"[^a-z0-9'$&-]+")
_ELISION = re.compile(r"\b([ldjmtscn]|qu)'(?=\w)")
_STEM = 3  # no phrase that goes on within its first word is shorter


def plain(text: str) -> str:
    """Return the text in lower case without accents, apostrophes straight, other signs as single blanks."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("’", "'"))
    bare = _SIGNS.sub(" ", bare.encode("ascii", "ignore").decode("ascii"))
    return _ELISION.sub(r"\1' ", bare).strip() if "'" in bare else bare.strip()


class PhraseIndex(Generic[Tag]):
    """Phrases, each with what it stands for."""

    def __init__(self, phrases: Iterable[tuple[str, Tag]]) -> None:
        by_word: dict[str, list[tuple[list[str], Tag]]] = {}  # first word whole; the words after it
        self._by_stem: dict[str, list[tuple[str, Tag]]] = {}  # first word goes on; by its first letters
        for phrase, tag in phrases:
            first, *rest = plain(phrase.rstrip("*")).split(" ")
            if phrase.endswith("*") and not rest:
                self._by_stem.setdefault(first[:_STEM], []).append((first, tag))
            else:
                rest += ["*"] if phrase.endswith("*") else []
                by_word.setdefault(first, []).append((rest, tag))
        # Many phrases begin with a word such as "we": the second word rules nearly all of them out.
        self._loose = {first: _loose(entries) for first, entries in by_word.items()}
        self._by_two = {
            first: {second: _fitting(entries, second) for second in _seconds(entries)}
            for first, entries in by_word.items()
        }

    def find(self, text: str) -> dict[Tag, int]:
        """Return what the phrases in a plain text stand for, and how often, in order of first place."""
        found: dict[Tag, int] = {}
        words = text.split(" ")
        by_two, by_stem = self._by_two, self._by_stem
        telling = {word for word in set(words) if word in by_two or word[:_STEM] in by_stem}
        for place in [number for number, word in enumerate(words) if word in telling]:
            word = words[place]
            if word in by_two:
                second = words[place + 1] if place + 1 < len(words) else ""
                for rest, tag in by_two[word].get(second) or self._loose[word]:
                    if not rest or _follows(words, place + 1, rest):
                        found[tag] = found.get(tag, 0) + 1
            if word[:_STEM] in by_stem:
                for stem, tag in by_stem[word[:_STEM]]:
                    if word.startswith(stem):
                        found[tag] = found.get(tag, 0) + 1
        return found


def _loose(entries: list[tuple[list[str], Tag]]) -> list[tuple[list[str], Tag]]:
    """The entries that do not name their second word whole."""
    return [entry for entry in entries if not entry[0] or entry[0][1:] == ["*"]]


def _seconds(entries: list[tuple[list[str], Tag]]) -> set[str]:
    return {rest[0] for rest, _ in entries if rest and rest[1:] != ["*"]}


def _fitting(entries: list[tuple[list[str], Tag]], second: str) -> list[tuple[list[str], Tag]]:
    """The entries that may go on with a word, in their order."""
    return [entry for entry in entries if not entry[0] or entry[0][1:] == ["*"] or entry[0][0] == second]


def _follows(words: list[str], place: int, rest: list[str]) -> bool:
    """Tell whether the words go on with the rest of a phrase; before a "*" the last may be longer."""
    if rest[-1] != "*":
        return words[place : place + len(rest)] == rest
    whole, stem = rest[:-2], rest[-2]
    last = place + len(whole)
    return words[place:last] == whole and last < len(words) and words[last].startswith(stem)
