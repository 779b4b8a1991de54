"""Finding the line of a key in a TOML text that tomllib has already accepted: tomllib keeps no lines."""

import re
from collections.abc import Iterator

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*([A-Za-z0-9_.\-"' ]+?)\s*=""")


def line_of(text: str, loc: tuple[str | int, ...]) -> int:
    """The 1-based line of the deepest part of `loc` that the text holds; 1 where there is none.

    `loc` is a path as pydantic gives it: keys and, for arrays, 0-based numbers.
    """
    best_line, best_depth = 1, 0
    for number, path in _places(text):
        shared = _shared(path, loc)
        if shared == len(path) and shared > best_depth:
            best_line, best_depth = number, shared
    return _within_value(text.splitlines(), best_line, loc[best_depth:])


def _places(text: str) -> Iterator[tuple[int, tuple[str | int, ...]]]:
    table: tuple[str | int, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    depth = 0
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line) if depth == 0 else None
        if header:
            names = _parts(header[2])
            if header[1] == "[[":
                counts[names] = counts.get(names, -1) + 1
            table = _numbered(names, counts)
            yield number, table
            continue
        key = _KEY.match(line) if depth == 0 else None
        if key:
            yield number, table + _parts(key[1])
        depth += _brackets(line)


def _numbered(names: tuple[str, ...], counts: dict[tuple[str, ...], int]) -> tuple[str | int, ...]:
    path: tuple[str | int, ...] = ()
    for end in range(1, len(names) + 1):
        path += (names[end - 1],)
        if names[:end] in counts:
            path += (counts[names[:end]],)
    return path


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _brackets(line: str) -> int:
    depth, quote = 0, ""
    for sign in line:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#":
            break
        else:
            depth += (sign in "[{") - (sign in "]}")
    return depth


def _shared(path: tuple[str | int, ...], loc: tuple[str | int, ...]) -> int:
    return next(
        (i for i, (a, b) in enumerate(zip(path, loc, strict=False)) if a != b), min(len(path), len(loc))
    )


def _within_value(lines: list[str], start: int, rest: tuple[str | int, ...]) -> int:
    """The line inside a value of several lines that names the deepest key of `rest`."""
    depth = 0
    found = start
    words = [part for part in rest if isinstance(part, str)]
    for number in range(start, len(lines) + 1):
        line = lines[number - 1]
        if number > start and words and re.search(rf"\b{re.escape(words[-1])}\b\s*=", line):
            return number
        depth += _brackets(line)
        if depth <= 0:
            break
    return found
