"""What tests install by npm: exact versions with digests, a Node of their own where the machine's is too old.

Lock files here name no place to download from: npm asks whatever it is set up to ask.
"""

import os
import shutil
from pathlib import Path

from tests.servers import cache, debian

LOCKED = Path(__file__).parent / "npm"
_COMPILER = ("g++", "make", "python3")  # better-sqlite3 is compiled: there is no ready one to be had by npm


def without_tools() -> str:
    """Why nothing can be installed by npm, "" where it can."""
    if not shutil.which("npm"):
        return "npm is not installed"
    if all(shutil.which(program) for program in _COMPILER):
        return ""
    return debian.without_packages(*_COMPILER)


def node() -> tuple[Path, str]:
    """The folder of node and npm's programs, and why there is none, "" where there is."""

    def install(place: Path) -> None:
        shutil.copytree(LOCKED / "node", place, dirs_exist_ok=True)
        npm_ci(place)
        node_itself = place / "node_modules/node/bin/node"
        cache.run([node_itself, "--version"])

    place, reason = cache.installed("node", _contents("node"), install)
    return place / "node_modules/node/bin", reason


def locked(name: str, programs: Path) -> tuple[Path, str]:
    """A folder with the packages that `npm/NAME` pins, compiled for the Node in `programs`."""

    def install(place: Path) -> None:
        shutil.copytree(LOCKED / name, place, dirs_exist_ok=True)
        npm_ci(place, **building(programs))

    return cache.installed(name, _contents(name), install)


def npm_ci(place: Path, **environment: str) -> None:
    """Install just what the lock file of a folder says."""
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    cache.run(["npm", "ci", *quiet], inside=place, **environment)


def building(programs: Path) -> dict[str, str]:
    """The environment in which packages are compiled for a Node: its headers are in its own package."""
    platforms = programs.parent.glob("node_modules/*/include/node/node.h")
    headers = next((path.parent.parent.parent for path in platforms), programs)
    return {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "JOBS": "max",
        "npm_config_build_from_source": "true",
        "npm_config_nodedir": str(headers),
    }


def _contents(name: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((LOCKED / name).iterdir()))
