"""Admitting only regular expressions that cannot hang: their worst case is counted before they are used.

Python's engine tries ways through a pattern one after another. The number of ways is bounded from the
pattern alone, for a text of at most TEXT_LIMIT characters; patterns beyond WAYS_LIMIT are refused.
"""

import functools
import re
import warnings

TEXT_LIMIT = 250  # characters of a subject that are looked at
PATTERN_LIMIT = 300
WAYS_LIMIT = 40_000_000  # measured: under a tenth of a second on one core in the worst case
WAYS_FROM_A_PLACE = 100  # for patterns looked for in texts of any length: bounded work at each character

_COUNTED = re.compile(r"\{(\d*)(,?)(\d*)\}")
_CHARACTER_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


@functools.lru_cache(maxsize=512)
def compile_bounded(pattern: str) -> re.Pattern[str]:
    """Compile a pattern, case aside; raises ValueError with a sentence where it is wrong or could hang."""
    if len(pattern) > PATTERN_LIMIT:
        raise ValueError(f"the regular expression is longer than {PATTERN_LIMIT} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # "[[" is no mistake yet
            compiled = re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from None
    if _Ways(pattern).count() * TEXT_LIMIT > WAYS_LIMIT:
        raise ValueError(
            "the regular expression could take too long; use at most two * or + and repeat no group that "
            "holds one, or use words"
        )
    return compiled


@functools.lru_cache(maxsize=512)
def compile_linear(pattern: str) -> re.Pattern[str]:
    """Compile a pattern for texts of any length, case aside; raises ValueError with a sentence."""
    compiled = compile_bounded(pattern)
    if _Ways(pattern).count() > WAYS_FROM_A_PLACE:
        raise ValueError(
            "the regular expression could take too long in a long text; bound its repetitions, "
            "for example [0-9]{4,8} instead of [0-9]+, or use words"
        )
    if compiled.match("") is not None:
        raise ValueError("the regular expression fits an empty text, so it would fit any")
    return compiled


def search_bounded(compiled: re.Pattern[str], text: str) -> bool:
    """Whether a pattern from `compile_bounded` is found in the first TEXT_LIMIT characters."""
    return compiled.search(text[:TEXT_LIMIT]) is not None


class _Ways:
    """Counts the ways through a pattern that `re` has already accepted, so that its syntax is right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def count(self) -> int:
        """The ways of the whole pattern from one starting place, capped a little above WAYS_LIMIT."""
        return self._alternatives()

    def _alternatives(self) -> int:
        total = 0
        ways = 1
        while self.at < len(self.pattern) and self.pattern[self.at] != ")":
            if self.pattern[self.at] == "|":
                self.at += 1
                total, ways = total + ways, 1
            else:
                ways = _capped(ways * self._repeated(self._atom()))
        return _capped(total + ways)

    def _atom(self) -> int:
        character = self.pattern[self.at]
        if character == "\\":
            return self._escape()
        if character == "[":
            found = _CHARACTER_CLASS.match(self.pattern, self.at)
            self.at = found.end() if found else len(self.pattern)
            return 1
        if character == "(":
            return self._group()
        self.at += 1
        return 1

    def _escape(self) -> int:
        following = self.pattern[self.at + 1]
        if following.isdigit() and following != "0":
            raise ValueError("the regular expression refers back to a group; that could take too long")
        self.at += 2
        return 1

    def _group(self) -> int:
        self.at += 1
        if self.pattern.startswith("?:", self.at):
            self.at += 2
        elif self.pattern.startswith("?", self.at):
            raise ValueError("in regular expressions only plain groups ( ) and (?: ) are allowed")
        ways = self._alternatives()
        self.at += 1
        return ways

    def _repeated(self, ways: int) -> int:
        """The ways of an atom with the quantifier that follows it, if one does."""
        character = self.pattern[self.at : self.at + 1]
        counted = _COUNTED.match(self.pattern, self.at)
        if character and character in "*+?":
            low, high = {"*": (0, TEXT_LIMIT), "+": (1, TEXT_LIMIT), "?": (0, 1)}[character]
            self.at += 1
        elif counted is not None and counted[0] != "{}":
            low = int(counted[1] or 0)
            high = int(counted[3] or TEXT_LIMIT) if counted[2] else low
            self.at = counted.end()
        else:
            return ways
        if self.pattern[self.at : self.at + 1] in ("?", "+"):  # lazy or possessive
            self.at += 1
        return _repetitions(ways, low, min(high, max(low, TEXT_LIMIT)))


def _repetitions(ways: int, low: int, high: int) -> int:
    total = 0
    for times in range(low, high + 1):
        total += ways ** min(times, 64)
        if total > WAYS_LIMIT:
            break
    return _capped(total)


def _capped(ways: int) -> int:
    return min(ways, WAYS_LIMIT + 1)
