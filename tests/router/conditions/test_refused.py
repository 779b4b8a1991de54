"""Condition values that the config must not hold, and the sentence for each."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.linear_regex import TEXT_LIMIT, compile_bounded, search_bounded
from router.conditions.registry import CONDITION_NAMES, ConditionTable
from router.options import RuleOptions

REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("empty table", {}, "an empty table would always hold"),
    ("unknown condition", {"subjct": "x"}, "Extra inputs are not permitted"),
    ("unknown kind", {"kind": "questions"}, "'question'"),
    ("no kind at all", {"kind": []}, "write at least one"),
    ("confidence over one", {"confidence": 80}, "less than or equal to 1"),
    ("moves over one", {"moves": 2.0}, "write true, false or a number from 0 to 1"),
    ("a language by name", {"language": "French"}, "pattern"),
    ("internal as a number", {"internal": 1}, "boolean"),
    ("messages as a number", {"messages": 3}, "valid dictionary"),
    ("an empty range", {"messages": {}}, "write min, max or both"),
    ("a range upside down", {"messages": {"min": 3, "max": 2}}, "min is greater than max"),
    ("a period upside down", {"age": {"min": "2d", "max": "3h"}}, "min is greater than max"),
    ("a duration without unit", {"quiet": {"min": "20"}}, "for example 30m, 4h or 2d"),
    ("a duration as a number", {"quiet": {"min": 20}}, "for example 30m, 4h or 2d"),
    ("a header field with a colon", {"header": {"field": "X-A:"}}, "pattern"),
    ("words and regex", {"subject": {"words": "a", "regex": "b"}}, "not both"),
    ("neither words nor regex", {"subject": {}}, "write words or regex"),
    ("a broken regex", {"subject": {"regex": "(a"}}, "not a regular expression"),
    ("a blank word", {"subject": " "}, "at least 1 character"),
    ("a time that says nothing", {"time": {}}, "write days, begin, end, since or until"),
    ("an unknown day", {"time": {"days": "monday"}}, "'mon'"),
    ("an empty any", {"any": []}, "write at least one"),
    ("an empty table within any", {"any": [{}]}, "an empty table would always hold"),
]
SLOW = [
    "(a+)+b",
    "(a|b)*c",
    "(a|a)*b",
    "(.*a){12}",
    "a*a*a*b",
    r"^(\w+\s?)*$",
    "(?:a?){30}a{30}",
    "(a*)*",
    "((a{1,50}){1,50})x",
    r"(a)\1*",
    "(?=a*)b",
    "(?i)a",
    "(?P<x>a)",
    "a{,}a{,}a{,}",
    "x" * 301,
]
QUICK = [
    "^Q[1-4]",
    "budget.*2026",
    r"\[RFC\]",
    "(?:budget|forecast)s?",
    r"\bq[1-4]\s*-?\s*20\d\d",
    "[]a]",
    "[^]a(*]+",
    r"a\{2,3\}\*\(",
    "a{}",
    "x{2,3}?y++",
    "é",
    "[[]x]",
]


@pytest.mark.parametrize(
    ("table", "sentence"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_wrong_value_is_refused_with_a_sentence(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        ConditionTable.model_validate(table)

    assert sentence in str(refusal.value)


@pytest.mark.parametrize("pattern", SLOW)
def test_a_regex_that_could_hang_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"regular expression"):
        compile_bounded(pattern)


@pytest.mark.parametrize("pattern", QUICK)
def test_an_ordinary_regex_is_accepted(pattern: str) -> None:
    assert compile_bounded(pattern).pattern == pattern


@given(pattern=st.text(alphabet="ab.*+?|(){}2,[]^\\$", max_size=24))
@settings(max_examples=300, deadline=None)
def test_whatever_regex_is_accepted_ends_soon(pattern: str) -> None:
    try:
        compiled = compile_bounded(pattern)
    except ValueError:
        return
    began = time.process_time()

    search_bounded(compiled, "a" * 10_000)
    search_bounded(compiled, "ab" * 5_000 + "c")

    assert time.process_time() - began < 5  # CPU seconds; a pattern that hangs takes hours


def test_only_the_beginning_of_a_text_is_searched() -> None:
    assert search_bounded(compile_bounded("end"), "x" * (TEXT_LIMIT - 3) + "end")
    assert not search_bounded(compile_bounded("end"), "x" * TEXT_LIMIT + "end")


def test_the_schema_explains_every_condition_to_editors() -> None:
    definitions = RuleOptions.model_json_schema()["$defs"]

    for name in CONDITION_NAMES:
        reference = definitions["ConditionTable"]["properties"][name]["$ref"]
        assert definitions[reference.removeprefix("#/$defs/")]["description"]
    assert "null" not in json.dumps(definitions)


def test_the_schema_offers_the_kinds_and_both_ways_to_write_them() -> None:
    definitions = RuleOptions.model_json_schema()["$defs"]

    one, many = definitions["KindCondition"]["anyOf"]

    assert one == many["items"] == {"$ref": "#/$defs/Kind"}
    assert "knowledge" in definitions["Kind"]["enum"]


def test_a_rule_survives_being_written_and_read_again() -> None:
    rule = RuleOptions.model_validate(
        {
            "name": "r",
            "when": [{"kind": "question", "quiet": {"min": "90m"}, "time": {"begin": "08:00"}}],
            "unless": [{"any": [{"subject": {"regex": "^x"}}, {"list": "a@example.com"}]}],
            "to": "wiki",
        }
    )

    assert RuleOptions.model_validate_json(rule.model_dump_json(exclude_none=True)) == rule
