"""The line of each key and element, however the TOML is written."""

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unchain.toml_lines import line_of

TEXT = '''\
# [no.section]
title = "a # b [c] \\" = d"
long = """
[not.a.section]
not_a_key = 1
"""
raw = \'\'\'
quiet = 3
\'\'\'

[web]  # a remark with ] in it
listen = "x:1"
"odd key" = 1
deep.er.key = 2

[ingest . smtp]
when = 1979-05-27 07:32:00

[[rules]]
name = "one"
when = [
    # kind = "in a remark"
    { kind = ["a", "b"], size = { min = 1 } },
    { kind = ["a",
              "c"] },
    [1, [2,
         3]],
]

[rules.more]
x = 1

[[rules]]
name = "kind = two"
when = [{ kind = "d" }]
also.this = true
'''
AT = {
    ("title",): 2,
    ("long",): 3,
    ("raw",): 7,
    ("quiet",): 1,
    ("not",): 1,
    ("web",): 11,
    ("web", "listen"): 12,
    ("web", "odd key"): 13,
    ("web", "deep"): 14,
    ("web", "deep", "er", "key"): 14,
    ("web", "missing"): 11,
    ("ingest",): 16,
    ("ingest", "smtp"): 16,
    ("ingest", "smtp", "when"): 17,
    ("rules",): 19,
    ("rules", 0): 19,
    ("rules", 0, "name"): 20,
    ("rules", 0, "to"): 19,
    ("rules", 0, "when"): 21,
    ("rules", 0, "when", 0): 23,
    ("rules", 0, "when", 0, "kind", 1): 23,
    ("rules", 0, "when", 0, "size", "min"): 23,
    ("rules", 0, "when", 1, "kind"): 24,
    ("rules", 0, "when", 1, "kind", 1): 25,
    ("rules", 0, "when", 1, "tag", "kind", 1): 25,
    ("rules", 0, "when", 2, 1): 26,
    ("rules", 0, "when", 2, 1, 1): 27,
    ("rules", 0, "more", "x"): 31,
    ("rules", 1): 33,
    ("rules", 1, "name"): 34,
    ("rules", 1, "when", 0, "kind"): 35,
    ("rules", 1, "also", "this"): 36,
    ("rules", 2, "name"): 19,
    (): 1,
}


@pytest.mark.parametrize(("loc", "line"), AT.items(), ids=str)
def test_the_line_of(loc: tuple[str | int, ...], line: int) -> None:
    tomllib.loads(TEXT)
    assert line_of(TEXT, loc) == line


def test_lines_that_end_as_on_windows_count_as_one() -> None:
    assert line_of(TEXT.replace("\n", "\r\n"), ("rules", 1, "name")) == 34


def test_an_empty_text_has_one_line() -> None:
    assert line_of("", ("web", "listen")) == 1


KEYS = st.text("abcxyz-_ .=[]#\"'", min_size=1, max_size=6)
SCALARS = st.one_of(st.integers(), st.booleans(), st.text("ab \n#[]{}=\"'\\", max_size=8))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
def test_every_place_that_tomllib_sees_is_found_on_its_line(document: dict[str, Any]) -> None:
    lines: list[str] = []
    wanted: dict[tuple[str | int, ...], int] = {}
    for key, value in document.items():
        wanted[key,] = len(lines) + 1
        lines.append(f"{quoted(key)} =")
        write(value, (key,), lines, wanted)
    text = "\n".join(lines)
    assert tomllib.loads(text) == document

    assert {loc: line_of(text, loc) for loc in wanted} == wanted


def write(
    value: object, loc: tuple[str | int, ...], lines: list[str], wanted: dict[tuple[str | int, ...], int]
) -> None:
    """Write a value behind what stands there, each element of an array on a line of its own."""
    if isinstance(value, dict):
        lines[-1] += " {"
        for number, (key, inner) in enumerate(value.items()):
            wanted[*loc, key] = len(lines)
            lines[-1] += f"{', ' if number else ' '}{quoted(key)} ="
            write(inner, (*loc, key), lines, wanted)
        lines[-1] += " }"
    elif isinstance(value, list):
        lines[-1] += " [ # an array ]"
        for number, inner in enumerate(value):
            wanted[*loc, number] = len(lines) + 1
            lines.append("")
            write(inner, (*loc, number), lines, wanted)
            lines[-1] += " ,"
        lines.append("]")
    else:
        lines[-1] += f" {quoted(value) if isinstance(value, str) else str(value).lower()}"


def quoted(text: str) -> str:
    """A basic string of TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
