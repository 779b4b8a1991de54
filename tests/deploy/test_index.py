"""docs/deploy/README.md names each recipe, and each recipe says which test runs it."""

import re

import pytest

from tests.deploy.page import FOLDER

ROOT = FOLDER.parent.parent
PAGES = sorted(path.name for path in FOLDER.glob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("name", PAGES)
def test_the_index_names_each_recipe(name: str) -> None:
    assert f"]({name})" in (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_recipe_names_the_test_that_runs_it(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    (test,) = set(re.findall(r"`(tests/deploy/test_\w+\.py)`", text))
    assert name in (ROOT / test).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", *PAGES])
def test_no_link_leads_nowhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", (FOLDER / name).read_text(encoding="utf-8")):
        assert (FOLDER / target).exists(), target


@pytest.mark.parametrize("page", ["README.md", "docs/mail.md"])
def test_the_recipes_are_linked_from(page: str) -> None:
    assert "deploy/README.md)" in (ROOT / page).read_text(encoding="utf-8")
