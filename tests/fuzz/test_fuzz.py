"""A short run of each fuzz target; `make fuzz` runs them for long."""

import os
import platform
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.seeds import seeds
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parent.parent.parent
RUNS = {"mail": 250, "fields": 350, "enclosed": 150, "journal": 350}  # whole mails take longer than texts
USUAL_RUNS = 1_000


def run_target(target: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz", target, *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_that_the_fuzzer_makes_up_breaks_a_promise(target: str, tmp_path: Path) -> None:
    ended = run_target(target, tmp_path, f"-runs={RUNS.get(target, USUAL_RUNS)}")

    assert ended.returncode == 0, ended.stderr[-6_000:]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(
    platform.machine() != "x86_64" or sys.platform != "linux",
    reason="atheris has no wheel for this machine: the changes are made without looking where they lead",
)
def test_the_fuzzer_sees_which_code_it_reaches(tmp_path: Path) -> None:
    assert find_spec("atheris") is not None

    ended = run_target("threads", tmp_path, "-runs=200", str(tmp_path))

    assert "INITED cov:" in ended.stderr
    assert len(list(tmp_path.iterdir())) > len(seeds("threads"))


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_has_seeds_to_begin_with(target: str) -> None:
    assert len(set(seeds(target))) >= 10


def test_one_input_can_be_run_again(tmp_path: Path) -> None:
    path = tmp_path / "crash-1"
    path.write_bytes(b"\x01<p>Words</p>")

    assert run_target("html", tmp_path, path.name).returncode == 0


def test_a_broken_promise_ends_the_run_and_leaves_the_input(tmp_path: Path) -> None:
    program = (
        "import sys, tests.fuzz.targets as t, tests.fuzz.__main__ as m\n"
        "def broken(content):\n    assert len(content) < 20\n"
        "t.TARGETS['plain'] = broken\n"
        "sys.argv = ['fuzz', 'plain', sys.argv[1], '-runs=1000']\nm.main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, check=False
    )

    assert ended.returncode != 0
    assert list(tmp_path.glob("crash-*")) or find_spec("atheris") is None
