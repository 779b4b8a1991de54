"""docs/rules.md names everything that config.toml understands, and its examples are right."""

import re
import tomllib
from pathlib import Path

import pytest

from router.audience import GATES
from router.budget import BudgetOptions
from router.conditions.registry import CONDITION_NAMES, NESTING, ConditionTable
from router.options import RuleOptions

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]
ROWS = re.findall(r"^\| `?([a-z ]+)`? \|", PAGE, re.MULTILINE)
SMALL_EXAMPLES = re.findall(r"`(\{ .*? \})`(?:,| \|)", PAGE)


@pytest.mark.parametrize("name", [*CONDITION_NAMES, *GATES, *RuleOptions.model_fields])
def test_the_page_has_a_row_for(name: str) -> None:
    assert name in ROWS


@pytest.mark.parametrize("word", [*NESTING, *BudgetOptions.model_fields])
def test_the_page_explains(word: str) -> None:
    assert f"`{word}`" in PAGE


def test_the_page_names_no_condition_that_does_not_exist() -> None:
    table = PAGE.partition("## Conditions")[2].partition("## What people")[0]

    assert set(re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE)) == set(CONDITION_NAMES)


@pytest.mark.parametrize("name", CONDITION_NAMES)
def test_the_page_has_an_example_that_is_right_for(name: str) -> None:
    tables = [
        ConditionTable.model_validate(tomllib.loads(f"x = {text}")["x"])
        for text in SMALL_EXAMPLES
        if f" {name} =" in text
    ]

    assert name in {condition.name for table in tables for condition in table.conditions()}


def test_the_longer_examples_are_right() -> None:
    rules = [RuleOptions.model_validate(rule) for example in EXAMPLES for rule in example.get("rules", ())]

    assert len(rules) == 2


def test_the_budget_shown_is_the_default() -> None:
    (budget,) = [example["budget"] for example in EXAMPLES if "budget" in example]

    assert BudgetOptions.model_validate(budget) == BudgetOptions()
