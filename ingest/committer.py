"""Group commit: many sessions hand in raw mails, one thread writes what has gathered in one transaction.

A submitted mail is safe when `submit` returns, never before. What else the edge has to write, such as what
became of a delivery, is recorded along with them: one writer waits for no lock. Knows neither SMTP nor SQL.
"""

import asyncio
import errno
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.errors import StoreError
from domain.mail import RawMail

logger = logging.getLogger(__name__)

# After so many single failures in a row the store is at fault, not a mail: trying the rest one by one
# could hold the sessions for a lock's time-out each.
FAILURES_IN_A_ROW = 3
# A transaction costs the more the fewer share it. Where so many shared the last one, the next waits this long
# for others to come; a peer that talks to us alone is answered at once.
BUSY = 3
GATHER_SECONDS = 0.002


class QueueFull(StoreError):
    """As many mails wait for the disk as may wait; nothing was taken."""


class CommitFailed(StoreError):
    """The mail could not be written; nothing of it was kept."""

    def __init__(self, message: str, *, storage_full: bool) -> None:
        super().__init__(message)
        self.storage_full = storage_full


Record = TypeVar("Record")


@dataclass(frozen=True, kw_only=True)
class _Waiting(Generic[Record]):
    entry: RawMail | Record
    size: int  # bytes that count against the bound
    done: asyncio.Future[None]


class Committer(Generic[Record]):
    """Writes submitted mails and records in groups through `commit`, which stores all it is given or raises.

    `commit` runs in a thread of the committer's own, one call at a time. Bounds on mails and bytes keep a
    slow disk from filling the memory.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[RawMail | Record]], None],
        *,
        max_mails: int = 1000,
        max_bytes: int = 256 * 1024 * 1024,
        max_group: int = 100,
    ) -> None:
        self._commit = commit
        self._max_mails = max_mails
        self._max_bytes = max_bytes
        self._max_group = max_group
        self._waiting: deque[_Waiting[Record]] = deque()
        self._held = 0  # mails and records waiting or being written
        self._held_bytes = 0
        self._writer: asyncio.Task[None] | None = None
        self._closed = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="committer")

    async def submit(self, raw: RawMail) -> None:
        """Return when the mail is durably stored; raises QueueFull or CommitFailed, and then it is not.

        Cancelling the wait does not take the mail back: it may still be written.
        """
        if self._closed:
            raise QueueFull("no mail is taken any more: the service is stopping")
        if self._held >= self._max_mails or self._held_bytes + len(raw.content) > self._max_bytes:
            raise QueueFull("too many mails are waiting to be written to disk; try again later")
        await self._enqueue(raw, len(raw.content))

    async def record(self, record: Record) -> None:
        """Return when a record is durably stored; raises CommitFailed, and then it is not.

        Never refused: it is about mail that has been taken already.
        """
        await self._enqueue(record, 0)

    def _enqueue(self, entry: RawMail | Record, size: int) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(entry=entry, size=size, done=done))
        self._held += 1
        self._held_bytes += size
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_groups())
        return done

    async def close(self) -> None:
        """Take no more mails and return when all that were taken are written or answered."""
        self._closed = True
        if self._writer is not None:
            await self._writer
        self._thread.shutdown()

    async def _write_groups(self) -> None:
        loop = asyncio.get_running_loop()
        busy = False
        while self._waiting:
            if busy and len(self._waiting) < self._max_group:
                await asyncio.sleep(GATHER_SECONDS)
            size = min(len(self._waiting), self._max_group)
            busy = size >= BUSY
            group = [self._waiting.popleft() for _ in range(size)]
            entries = [waiting.entry for waiting in group]
            errors = await loop.run_in_executor(self._thread, self._write, entries)
            for waiting, error in zip(group, errors, strict=True):
                self._held -= 1
                self._held_bytes -= waiting.size
                _resolve(waiting.done, error)
        self._writer = None

    def _write(self, entries: Sequence[RawMail | Record]) -> list[CommitFailed | None]:
        """In the thread: the outcome for each entry, in order."""
        error = self._try(entries)
        if error is None:
            return [None] * len(entries)
        if len(entries) > 1 and not error.storage_full:
            return self._write_singly(entries)
        logger.error("%d mail(s) could not be stored: %s", len(entries), error)
        # On a full disk there is often room for what a record changes: no mail must keep it out.
        records = [entry for entry in entries if not isinstance(entry, RawMail)]
        later = self._try(records) if 0 < len(records) < len(entries) else error
        return [error if isinstance(entry, RawMail) else later for entry in entries]

    def _write_singly(self, entries: Sequence[RawMail | Record]) -> list[CommitFailed | None]:
        outcomes: list[CommitFailed | None] = []
        in_a_row = 0
        for entry in entries:
            error = self._try([entry])
            in_a_row = in_a_row + 1 if error else 0
            outcomes.append(error)
            if error and in_a_row == FAILURES_IN_A_ROW:
                outcomes.extend([error] * (len(entries) - len(outcomes)))
                break
        failed = [error for error in outcomes if error is not None]
        if failed:
            logger.error("%d of %d mails could not be stored: %s", len(failed), len(entries), failed[-1])
        return outcomes

    def _try(self, entries: Sequence[RawMail | Record]) -> CommitFailed | None:
        try:
            self._commit(entries)
        # Whatever the store raises, each session must be answered and the next group written.
        except Exception as error:  # noqa: BLE001
            # Only the first line: what follows in a database's error are the values, and so mail text.
            reason = str(error).partition("\n")[0][:200]
            return CommitFailed(f"{type(error).__name__}: {reason}", storage_full=is_storage_full(error))
        return None


def is_storage_full(error: BaseException) -> bool:
    """Whether an error, or what caused it, says that the disk or quota is full."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _resolve(done: asyncio.Future[None], error: CommitFailed | None) -> None:
    if done.done():  # the session has gone: its client will send the mail again
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
