"""An author's name as the header gives it, and whether a line of the mail's text begins with it.

Knows the ways in which people write one name: accents left out, family name first, a middle initial, a title.
"""

import re
import unicodedata
from dataclasses import dataclass

MAX_NAME_WORDS = 6
MAX_DISPLAY = 150
MAX_TITLES = 3  # "Prof. Dr. med."

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")  # "Anna Berg (Harbour)"
_ORGANISATION = re.compile(r"\s(?:via|par|por|über)\s|\s[-–—|/@•]\s|[|<]", re.IGNORECASE)
_TITLES = frozenset(
    {
        *("dr", "herr", "frau", "mag", "dipl", "ing", "prof", "m", "me", "maitre", "mme", "mlle", "pr"),
        *("mr", "mrs", "ms", "miss", "msc", "sr", "sra", "dott", "ir", "lic"),
    }
)


@dataclass(frozen=True, kw_only=True)
class AuthorName:
    """A name in the forms in which it may stand in a text, as folded words; empty where none is known."""

    full: frozenset[tuple[str, ...]] = frozenset()  # given and family name, in either order
    alone: frozenset[tuple[str, ...]] = frozenset()  # what means the author only as a whole line

    def behind(self, line: str) -> str | None:
        """What follows the full name at the head of a line; None where the line begins otherwise."""
        text = _folded(line)
        words = [(match.group().lower(), match.end()) for match in _WORD.finditer(text)]
        first = 0
        while first < min(len(words), MAX_TITLES) and _is_title(words[first][0]):
            first += 1
        for begin in {0, first}:
            ends = [end for form in self.full if (end := _match(form, words, begin))]
            if ends:
                return text[max(ends) :]
        return None

    def is_whole(self, line: str) -> bool:
        """Whether a line is the author's given name, or the only one there is, and nothing else."""
        return bool(self.alone) and line[-1:] not in ",:;!?" and _words(line) in self.alone

    def is_foreign(self, text: str) -> bool:
        """Whether a text shares no word with the full name of the author, as far as that is known."""
        words = set(_words(text))
        return bool(self.full and words) and all(words.isdisjoint(form) for form in self.full)


def author_name(display: str) -> AuthorName:
    """The name in a mail's From; an address or a text with digits in its place is none."""
    bare = _ORGANISATION.split(
        _ASIDE.sub(" ", display[:MAX_DISPLAY]).strip(" '\"").replace("’", "'"), maxsplit=1
    )[0]
    if "@" in bare or any(letter.isdigit() for letter in bare):
        return AuthorName()
    family, given = _comma_parted(bare)
    words = (*given, *family)
    if not words or len(words) > MAX_NAME_WORDS:
        return AuthorName()
    if len(words) == 1:
        return AuthorName(alone=frozenset([words]))
    orders = {words, (*words[1:], words[0]), (words[-1], *words[:-1]), (*family, *given)}
    orders |= {(words[0], words[-1]), (words[-1], words[0])}
    called = given or words[:-1]
    return AuthorName(
        full=frozenset(orders),
        alone=frozenset(called[:length] for length in range(1, len(called) + 1)),
    )


def _comma_parted(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Family name and given names where a comma or capitals tell them apart; else all words and nothing."""
    before, comma, behind = (part.strip() for part in name.partition(","))
    if comma and behind and not (" " in before and behind.isupper() and not before.isupper()):
        return _words(before), _words(behind)
    first, _blank, others = before.partition(" ")
    if len(first) > 2 and first.isupper() and others and not others.isupper():
        return _words(first), _words(others)  # "BERG Anna"
    return _words(before), ()  # "Anna Berg, CPA" has no more of a name behind its comma


def _words(text: str) -> tuple[str, ...]:
    """The words of a name, folded, without titles and initials unless nothing else is there."""
    words = tuple(_WORD.findall(_folded(text).lower()))
    longer = tuple(word for word in words if len(word) > 1 and word not in _TITLES)
    return longer or words


def _match(form: tuple[str, ...], words: list[tuple[str, int]], begin: int) -> int:
    """Where a form of the name that begins at a word ends, initials between passed over; 0 if it doesn't."""
    position = begin
    for part in form:
        while position > begin and position < len(words) and len(words[position][0]) == 1:
            position += 1
        if position == len(words) or words[position][0] != part:
            return 0
        position += 1
    return words[position - 1][1]


def _is_title(word: str) -> bool:
    return len(word) == 1 or word in _TITLES


def _folded(text: str) -> str:
    """A text without accents: people leave them out of addresses and headers."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
