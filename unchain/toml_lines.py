"""Finding the line of a key or element in a TOML text that tomllib has accepted: tomllib keeps no lines.

Reads only as much of TOML 1.0 as places need, and reads no values.
"""

import re
import tomllib

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]+")  # numbers, truth values and dates, these with a blank inside
_STRINGS = {
    '"""': re.compile(r'"""(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    "'''": re.compile(r"'''.*?'{3,5}", re.DOTALL),
    '"': re.compile(r'"((?:\\.|[^"\\])*)"'),
    "'": re.compile(r"'([^']*)'"),
}


def line_of(text: str, loc: Path) -> int:
    """The 1-based line of the deepest part of `loc` that the text holds; 1 where there is none.

    `loc` is a path as pydantic gives it: keys and, for arrays, 0-based numbers. Parts that stand for no key,
    such as the tag of a union, are passed over.
    """
    places = _Reader(text).places
    path: Path = ()
    for part in loc:
        if (*path, part) in places:
            path = (*path, part)
    return places[path]


class _Reader:
    """Walks through the text once and notes where each key and element begins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counts: dict[tuple[str, ...], int] = {}
        self.places: dict[Path, int] = {(): 1}
        table: Path = ()
        while self._skip_blanks() < len(text):
            if self._next() == "[":
                table = self._header()
            else:
                self._pair(table)

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip_blanks(self) -> int:
        self._at = self._end(_BLANK)
        return self._at

    def _end(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        return self._at if found is None else found.end()

    def _note(self, path: Path) -> None:
        line = self._text.count("\n", 0, self._at) + 1
        for end in range(1, len(path) + 1):
            self.places.setdefault(path[:end], line)

    def _header(self) -> Path:
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        names = self._names()
        if brackets == 2:
            self._counts[names] = self._counts.get(names, -1) + 1
        path: Path = ()
        for end in range(1, len(names) + 1):
            path = (*path, names[end - 1])
            if names[:end] in self._counts:
                path = (*path, self._counts[names[:end]])
        self._note(path)
        self._at += brackets
        return path

    def _names(self) -> tuple[str, ...]:
        """A key, dotted or not; stops at what follows it."""
        names = [self._name()]
        while self._skip_blanks() < len(self._text) and self._next() == ".":
            self._at += 1
            names.append(self._name())
        return tuple(names)

    def _name(self) -> str:
        self._skip_blanks()
        start, quote = self._at, self._next()
        self._at = self._end(_STRINGS.get(quote, _BARE))
        name = self._text[start : self._at]
        return str(tomllib.loads(f"name = {name}")["name"]) if quote in _STRINGS else name

    def _pair(self, table: Path) -> None:
        start = self._at
        path = (*table, *self._names())
        after, self._at = self._at, start
        self._note(path)
        self._at = after + 1  # behind the =
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip_blanks()
        opening = self._next()
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._table(path)
        else:
            kinds = (kind for quote, kind in _STRINGS.items() if self._text.startswith(quote, self._at))
            self._at = max(self._end(next(kinds, _SCALAR)), self._at + 1)

    def _array(self, path: Path) -> None:
        self._at += 1
        number = 0
        while self._skip_blanks() < len(self._text) and self._next() != "]":
            self._note((*path, number))
            self._value((*path, number))
            number += 1
            self._comma()
        self._at += 1

    def _table(self, path: Path) -> None:
        self._at += 1
        while self._skip_blanks() < len(self._text) and self._next() != "}":
            self._pair(path)
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        self._skip_blanks()
        self._at += self._next() == ","
