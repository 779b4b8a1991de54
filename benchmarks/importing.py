"""Importing a mailbox: ours against a floor that only puts raw mails into SQLite, a transaction a batch.

Judging is not in it: what the classifier costs is a matter of its own.
Run: python -m benchmarks.importing [ROUNDS]
"""

import hashlib
import sqlite3
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.comparing import in_turn, show
from benchmarks.mailbox import mails
from domain.mail import RawMail
from ingest.parse import read
from ingest.sources.registry import open_archive
from store.database import Database
from store.migrate import upgrade
from unchain.importing import BATCH, Importer

MAILS = 3000


def main() -> None:
    """Print the table for a generated mailbox."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "list.mbox"
        path.write_bytes(
            b"".join(b"From list Mon Jan  5 08:00:00 2026\n" + mail + b"\n" for mail in mails(MAILS))
        )
        raws = [mail.raw for mail in open_archive(path)]
        ways: dict[str, Callable[[], object]] = {
            "import": _importing(path, folder, rounds + 1),
            "reading alone": lambda: [read(raw) for raw in raws],
            "raw rows alone": _floor(raws, folder),
        }
        spent = in_turn(ways, rounds=rounds)
    show(f"{len(raws):,} generated mails, {rounds} rounds", spent, ours="import", mails=len(raws))


def _importing(path: Path, folder: Path, times: int) -> Callable[[], None]:
    """Ours, into a new database each time; making its tables is not counted."""
    waiting = [Database(f"sqlite:///{folder / f'ours{number}.db'}") for number in range(times)]
    for database in waiting:
        upgrade(database)

    def run() -> None:
        database = waiting.pop()
        report = Importer(database=database, clock=lambda: datetime.now(UTC)).run(
            open_archive(path), path, lambda _: None
        )
        database.close()
        if report.added != MAILS:
            raise SystemExit(f"only {report.added} of {MAILS} mails came in: the figures would be void")

    return run


def _floor(raws: list[RawMail], folder: Path) -> Callable[[], None]:
    """Digest, compression and one row a mail; as safe on disk as ours."""
    numbers = count()

    def run() -> None:
        database = sqlite3.connect(folder / f"floor{next(numbers)}.db")
        database.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE raw (id INTEGER PRIMARY KEY, digest TEXT, content BLOB, size INTEGER)"
        )
        for start in range(0, len(raws), BATCH):
            with database:
                database.executemany(
                    "INSERT INTO raw (digest, content, size) VALUES (?, ?, ?)",
                    [_row(raw.content) for raw in raws[start : start + BATCH]],
                )
        database.close()

    return run


def _row(content: bytes) -> tuple[str, bytes, int]:
    return hashlib.sha256(content).hexdigest(), zlib.compress(content, 1), len(content)


if __name__ == "__main__":
    main()
