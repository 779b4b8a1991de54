"""A long work on the database in short transactions: nobody who accepts mail waits for the whole of it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sqlmodel import Session

from store.database import Database

AT_ONCE = 2000  # rows changed in one transaction: some tens of milliseconds
# Who waits for SQLite's lock looks every tenth of a second: without a break it could always come too late.
BREATH = 0.12  # seconds

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_slices(
    database: Database,
    items: Sequence[Item],
    act: Callable[[Session, Sequence[Item]], Sequence[Result]],
    *,
    at_once: int = 0,
    breath: float | None = None,
) -> Iterator[Result]:
    """What `act` gives for each `at_once` of the items (0: AT_ONCE), in a transaction of its own.

    `breath` is how many seconds others have in between.
    Ended in between, what was done is done, and the rest is as it was.
    """
    step = at_once or AT_ONCE
    for start in range(0, len(items), step):
        if start:
            threading.Event().wait(BREATH if breath is None else breath)
        with database.write() as session:
            done = act(session, items[start : start + step])
        yield from done
