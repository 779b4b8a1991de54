"""What tests install by npm: exact versions with digests, a Node of their own where the machine's is too old.

Lock files here name no place to download from: npm asks whatever it is set up to ask.
"""

import os
import shutil
from pathlib import Path

from tests.servers import cache

LOCKED = Path(__file__).parent / "npm"
SQLITE = "better-sqlite3"


def without() -> str:
    """Why there is no Node to be had, "" where there is."""
    return node()[1] if shutil.which("npm") else "npm is not installed"


def node() -> tuple[Path, str]:
    """The folder of node and npm's programs, and why there is none, "" where there is."""

    def install(place: Path) -> None:
        shutil.copytree(LOCKED / "node", place, dirs_exist_ok=True)
        npm_ci(place)
        node_itself = place / "node_modules/node/bin/node"
        cache.run([node_itself, "--version"])

    place, reason = cache.installed("node", _contents("node"), install)
    return place / "node_modules/node/bin", reason


def locked(name: str) -> tuple[Path, str]:
    """A folder with the packages that `npm/NAME` pins."""

    def install(place: Path) -> None:
        shutil.copytree(LOCKED / name, place, dirs_exist_ok=True)
        npm_ci(place, "--ignore-scripts")
        put_sqlite_into(place)

    return cache.installed(name, _contents(name, SQLITE), install)


def npm_ci(place: Path, *more: str) -> None:
    """Install just what the lock file of a folder says."""
    cache.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", *more], inside=place)


def put_sqlite_into(place: Path) -> None:
    """Let Node's own SQLite stand for better-sqlite3: npm has that as C++ alone, which takes minutes."""
    there = place / "node_modules" / SQLITE
    shutil.rmtree(there, ignore_errors=True)
    shutil.copytree(LOCKED / SQLITE, there)


def sqlite() -> str:
    """What is put in the place of better-sqlite3, for what it is installed with."""
    return _contents(SQLITE)


def environment() -> dict[str, str]:
    """The environment in which this Node comes before that of the machine."""
    return {"PATH": f"{node()[0]}{os.pathsep}{os.environ['PATH']}"}


def _contents(*names: str) -> str:
    files = (path for name in names for path in sorted((LOCKED / name).iterdir()))
    return "".join(path.read_text(encoding="utf-8") for path in files)
