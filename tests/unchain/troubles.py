"""What a database has to bear: a disk that is full for a while, and another process that holds its lock."""

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[str]:
    """A file system of its own at `folder`; gives why there is none, "" where there is. Needs root."""
    folder.mkdir()
    if os.geteuid() != 0:
        yield "only root can mount a small disk"
        return
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        yield f"no small disk can be mounted: {mounted.stderr.strip()}"
        return
    try:
        yield ""
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """The disk of a folder has no byte left."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        size, chunk = 0, 64 * 1024 * 1024
        while chunk >= 4096:
            try:
                os.posix_fallocate(file.fileno(), size, chunk)
                size += chunk
            except OSError:
                chunk //= 2
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process writes to the database and does not come to an end."""
    with contextlib.closing(sqlite3.connect(database, timeout=60, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
