"""The house rules that a reader relies on: sizes, names, imports, and docs that name everything there is."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.registry import CONNECTOR_TYPES, ConnectorOptions
from router.conditions.registry import CONDITION_NAMES
from unchain.cli.checking import json_schema, written_config
from unchain.config import Config, load

ROOT = Path(__file__).parent.parent
PACKAGES = ("domain", "ingest", "classify", "router", "connectors", "store", "web", "unchain")
CODE = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
FORBIDDEN = re.compile(r"^(utils?|common|helpers?|misc|manager|service|data|info)\.py$")


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [p for p in CODE if "migrations" not in p.parts], ids=shown)
def test_no_file_is_longer_than_three_hundred_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", [p for p in CODE if "migrations" not in p.parts], ids=shown)
def test_no_function_is_longer_than_forty_lines(path: Path) -> None:
    functions = (
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert [each.name for each in functions if (each.end_lineno or 0) - each.lineno >= 40] == []


@pytest.mark.parametrize("path", CODE, ids=shown)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(('"""', "'''"))


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [shown(path) for path in CODE if FORBIDDEN.match(path.name)] == []


def test_imports_go_one_way() -> None:
    ended = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout


def test_the_edge_never_loads_what_analyses() -> None:
    program = (
        "import unchain.roles.edge, sys; "
        "print([name for name in ('spacy', 'numpy', 'py3langid') if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "[]"


def test_the_config_at_the_top_is_what_init_writes() -> None:
    expected = written_config(
        name="Example",
        domain="example.com",
        next_hop="mail.example.com:25",
        url="https://commons.example.com",
    )
    assert (ROOT / "config.toml").read_text(encoding="utf-8") == expected
    assert load(ROOT / "config.toml").organisation.name == "Example"


def test_the_schema_beside_the_config_is_the_one_that_check_prints() -> None:
    assert json.loads((ROOT / "config.schema.json").read_text(encoding="utf-8")) == json_schema()


def test_every_section_of_the_config_is_documented() -> None:
    page = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
    missing = [name for name in Config.model_fields if f"`[{name}" not in page and f"`[[{name}" not in page]
    assert missing == []


def test_every_command_is_documented() -> None:
    from typer.main import get_command

    from unchain.cli import app

    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    names = get_command(app).commands  # type: ignore[attr-defined]
    assert [name for name in names if f"unchain {name}" not in page] == []


def test_every_condition_is_documented() -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert [name for name in CONDITION_NAMES if f"`{name}`" not in page] == []


def test_every_connector_is_documented_with_its_rung_and_when_it_was_proven() -> None:
    page = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")
    rows = {cells[1].strip(): cells for line in page.splitlines() if len(cells := line.split("|")) == 7}
    assert [name for name in CONNECTOR_TYPES if f"`{name}`" not in rows or f"\n## {name}\n" not in page] == []
    for name in CONNECTOR_TYPES:
        assert "rung" in rows[f"`{name}`"][3]
        proven = rows[f"`{name}`"][5]
        assert re.search(r"\d{4}-\d\d-\d\d", proven) or "every test run" in proven


def test_every_connector_that_can_be_configured_can_be_built() -> None:
    options = ConnectorOptions.__origin__.__args__  # type: ignore[attr-defined]
    types = [kind for each in options for kind in each.model_fields["type"].annotation.__args__]
    assert sorted(types) == sorted(CONNECTOR_TYPES)
