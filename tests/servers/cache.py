"""What tests install from npm or PyPI: once, in folders outside of the tests, by one process at a time.

Each thing has a folder of its own, named by a digest of what goes into it: another version is another folder.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

PATIENCE = 900  # seconds for one installation


def folder() -> Path:
    """Where all of it is kept; the environment variable UNCHAIN_TEST_SERVERS names another place."""
    given = os.environ.get("UNCHAIN_TEST_SERVERS")
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(given) if given else Path(base) / "unchain-test-servers"


def installed(name: str, contents: str, install: Callable[[Path], None]) -> tuple[Path, str]:
    """A folder in which `install` has put `contents`, and why it could not, "" where it has."""
    digest = hashlib.sha256(f"{sys.version}\n{contents}".encode()).hexdigest()[:12]
    place = folder() / f"{name}-{digest}"
    folder().mkdir(parents=True, exist_ok=True)
    with _only_one(folder() / f"{name}.lock"):
        if (place / "complete").exists():
            return place, ""
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        try:
            install(place)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stdout", None) or b""
            return place, f"{name} could not be installed: {error} {said[-500:].decode(errors='replace')}"
        (place / "complete").touch()
    return place, ""


def python_environment(name: str, wheels: Path) -> tuple[Path, str]:
    """A virtual environment with what a file of versions and hashes names, and why not, "" where there is."""

    def install(place: Path) -> None:
        run([sys.executable, "-m", "venv", place])
        pip = [place / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", wheels])

    return installed(name, wheels.read_text(encoding="utf-8"), install)


def run(command: list[str | Path], *, inside: Path | None = None, **environment: str) -> None:
    """One step of an installation; raises subprocess.SubprocessError with what it has said."""
    subprocess.run(
        [str(word) for word in command],
        cwd=inside,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE,
        check=True,
    )


@contextlib.contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # given back when the file is closed, by kill -9 too
        yield
