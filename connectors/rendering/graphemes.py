"""What a reader takes for one letter: extended grapheme clusters (Unicode Standard Annex #29, section 3).

Rule GB9c (conjuncts of Indic scripts, since Unicode 15.1) is left out, as services with older tables do: we
may count more letters than a service there, never less. What `unicodedata` does not know is listed here.
"""

import unicodedata
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache

JOINER, NON_JOINER = "\u200d", "\u200c"


class _Break(IntEnum):
    """Grapheme_Cluster_Break, with Extended_Pictographic as one more; SpacingMark counts as Extend."""

    OTHER = 0
    CONTROL = 1
    EXTEND = 2
    JOINER = 3
    PREPEND = 4
    REGIONAL = 5
    PICTOGRAPH = 6
    L = 7
    V = 8
    T = 9
    LV = 10
    LVT = 11


_RANGES: tuple[tuple[_Break, str], ...] = (
    (_Break.PREPEND, "600-605 6DD 70F 890-891 8E2 D4E 110BD 110CD 111C2-111C3 113D1 1193F 11941 11A84-11A89"),
    (_Break.PREPEND, "11D46 11F02"),
    (_Break.EXTEND, "200C E33 EB3 FF9E-FF9F 1F3FB-1F3FF E0020-E007F"),
    # Marks that stand for themselves, as the annex lists them under SpacingMark.
    (
        _Break.OTHER,
        "102B-102C 1038 1062-1064 1067-106D 1083 1087-108C 108F 109A-109C 1A61 1A63-1A64 AA7B AA7D",
    ),
    (_Break.OTHER, "11720-11721"),
    (_Break.REGIONAL, "1F1E6-1F1FF"),
    (_Break.L, "1100-115F A960-A97C"),
    (_Break.V, "1160-11A7 D7B0-D7C6"),
    (_Break.T, "11A8-11FF D7CB-D7FB"),
    # Wider than the property by symbols that nobody joins; it only says what a joiner joins.
    (
        _Break.PICTOGRAPH,
        "A9 AE 203C 2049 2122 2139 2190-21FF 2300-23FF 24C2 25A0-27BF 2900-297F 2B00-2BFF 3030",
    ),
    (_Break.PICTOGRAPH, "303D 3297 3299 1F000-1F1E5 1F200-1F3FA 1F400-1FAFF 1FC00-1FFFD"),
)


def graphemes(text: str) -> Iterator[str]:
    """The letters of a text as its readers see them, in order; together they are the text."""
    start, regionals, may_join = 0, 0, False
    before: _Break | None = None
    for at, letter in enumerate(text):
        now = _break_of(letter)
        if before is not None and _parts(before, now, regionals, may_join):
            yield text[start:at]
            start, regionals = at, 0
        regionals += now is _Break.REGIONAL
        # Whether a pictograph and marks stand before here, and then a joiner (GB11).
        may_join = now is _Break.PICTOGRAPH or (may_join and now in {_Break.EXTEND, _Break.JOINER})
        before = now
    if text:
        yield text[start:]


def _parts(before: _Break, now: _Break, regionals: int, may_join: bool) -> bool:
    """Whether a new letter begins between two characters."""
    if before is _Break.CONTROL or now is _Break.CONTROL:  # GB4, GB5; CR LF counts as two here, never as less
        return True
    if now in {_Break.EXTEND, _Break.JOINER} or before is _Break.PREPEND:  # GB9, GB9a, GB9b
        return False
    if now is _Break.REGIONAL and before is _Break.REGIONAL:  # GB12, GB13
        return regionals % 2 == 0
    if now is _Break.PICTOGRAPH and before is _Break.JOINER:  # GB11
        return not may_join
    return (before, now) not in _HANGUL


_HANGUL = frozenset(  # GB6, GB7, GB8
    [(_Break.L, now) for now in (_Break.L, _Break.V, _Break.LV, _Break.LVT)]
    + [(before, now) for before in (_Break.V, _Break.LV) for now in (_Break.V, _Break.T)]
    + [(before, _Break.T) for before in (_Break.T, _Break.LVT)]
)


@lru_cache(maxsize=4096)
def _break_of(letter: str) -> _Break:
    if letter == JOINER:
        return _Break.JOINER
    code = ord(letter)
    if 0xAC00 <= code <= 0xD7A3:
        return _Break.LV if (code - 0xAC00) % 28 == 0 else _Break.LVT
    if (listed := _listed().get(code)) is not None:
        return listed
    category = unicodedata.category(letter)
    if category in {"Mn", "Me", "Mc"}:
        return _Break.EXTEND
    return _Break.CONTROL if category in {"Cc", "Cf", "Zl", "Zp", "Cs"} else _Break.OTHER


@lru_cache(maxsize=1)
def _listed() -> dict[int, _Break]:
    found: dict[int, _Break] = {}
    for kind, ranges in _RANGES:
        for each in ranges.split():
            first, _, last = each.partition("-")
            found.update(dict.fromkeys(range(int(first, 16), int(last or first, 16) + 1), kind))
    return found
