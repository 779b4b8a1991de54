"""`unchain password` asks twice, shows nothing, and prints a line that lets its owner in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.errors import ConfigError
from ingest.sources.password_file import PasswordFile
from unchain.cli import app


def at_a_terminal(name: str, *answers: str) -> tuple[str, str]:
    """What the command prints, and what its terminal shows; each answer is typed when it asks."""
    ours, theirs = os.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "unchain", "password", name],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,  # else it would ask the terminal of whoever runs the tests
    )
    os.close(theirs)
    shown = b""
    for answer in answers:
        asked = len(shown)
        while b": " not in shown[asked:]:  # the blank comes when echoing is off
            shown += os.read(ours, 1000)
        os.write(ours, answer.encode() + b"\n")
    printed, _ = running.communicate(timeout=60)
    os.close(ours)
    assert running.returncode == 0
    return printed.decode(), shown.decode()


def test_the_line_lets_its_owner_in_and_nothing_shows_the_password(tmp_path: Path) -> None:
    printed, shown = at_a_terminal("zoé", "ein Wort", "ein Wort")
    assert "Wort" not in printed + shown
    assert printed.count("\n") == 1
    path = tmp_path / "people"
    path.write_text(printed, encoding="utf-8")
    people = PasswordFile(path)
    assert people.matches("zoé".encode(), b"ein Wort")
    assert not people.matches("zoé".encode(), b"ein wort")


def test_two_different_passwords_are_asked_for_again() -> None:
    ended = CliRunner().invoke(app, ["password", "ann"], input="a\nb\nc\nc\n")
    assert ended.exit_code == 0
    assert ended.stdout.splitlines()[-1].startswith("ann:$scrypt$")


@pytest.mark.parametrize("name", ["", "a:b", " ann", "#ann", "a\nb"])
def test_a_name_that_no_line_can_hold_is_refused(name: str) -> None:
    ended = CliRunner().invoke(app, ["password", name], input="a\na\n")
    assert isinstance(ended.exception, ConfigError)
    assert "scrypt" not in ended.stdout
