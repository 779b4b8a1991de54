"""The Maildir source of `[[ingest.maildir]]`: takes mails as they come into `new` or `cur`, never from `tmp`.

A mail is touched only after it is stored here. Blocks: run it in a thread of its own. Archives: maildir.py.
"""

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from watchfiles import watch

from domain.errors import SourceError
from domain.mail import RawMail
from ingest.sources.imap_options import AfterTaking
from ingest.sources.maildir import is_maildir
from ingest.sources.maildir_options import MaildirOptions
from ingest.sources.room import HasNoRoom, await_room, room_enough

logger = logging.getLogger(__name__)

SOURCE = "maildir-watch"  # other than that of imported archives, whose threads nobody is told about
BATCH_MAILS = 50
BATCH_BYTES = 16 * 1024 * 1024
LONGEST_PAUSE = 300.0  # seconds
_PARTS = ("new", "cur")


class MailMemory(Protocol):
    """What remembers mails; the store happens to fit."""

    def take(self, mails: Sequence[RawMail]) -> None:
        """Store those that are not stored yet, in one transaction; raises where nothing was stored."""


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A file that may be a mail."""

    path: Path
    size: int
    modified: datetime

    @property
    def name(self) -> str:
        """What stays the same when a mail program moves the file or changes its flags."""
        return self.path.name.partition(":2,")[0]


class MaildirWatch:
    """Reads one Maildir."""

    def __init__(
        self,
        options: MaildirOptions,
        memory: MailMemory,
        *,
        first_pause: float = 1.0,
        has_no_room: HasNoRoom = room_enough,
    ) -> None:
        """While `has_no_room` says so, mails are left in the Maildir."""
        self._options = options
        self._memory = memory
        self._has_no_room = has_no_room
        self._first_pause = first_pause
        self._done: set[str] = set()  # names that were taken, or are left there, as long as they are there
        self._told: set[str] = set()  # names of those of which it was said that they cannot be read

    def check(self) -> int:
        """How many mails there are; raises SourceError where the Maildir cannot be read."""
        try:
            return len(self._look())
        except OSError as error:
            raise SourceError(f"{self._options.path} cannot be read: {error.strerror or error}") from None

    def run(self, stop: threading.Event) -> None:
        """Take mails until `stop` is set; where the Maildir or the store fails, try again."""
        pause = 0.0
        while not stop.wait(pause):
            try:
                for _ in self._occasions(stop):
                    self.take_new(stop)
                    if pause:
                        logger.info("Maildir %s can be read again", self._options.path)
                    pause = 0.0
            # A source outlives whatever its files or the store do: mails wait in the Maildir meanwhile.
            except Exception as error:  # noqa: BLE001
                if not pause:
                    text = " ".join(str(error).split())[:200]
                    logger.warning("Maildir %s cannot be read: %s", self._options.path, text)
                pause = min(max(pause * 2, self._first_pause), LONGEST_PAUSE)

    def take_new(self, stop: threading.Event) -> None:
        """Take what has not been taken yet; raises OSError or what the memory raises."""
        found = self._look()
        present = {each.name for each in found}
        self._done &= present
        self._told &= present
        for batch in _batches([each for each in found if each.name not in self._done]):
            await_room(self._has_no_room, stop, f"Maildir {self._options.path}")
            if stop.is_set():
                return
            mails = [(each, raw) for each in batch if (raw := self._read(each)) is not None]
            if mails:
                self._memory.take([raw for _, raw in mails])
            for each, _ in mails:
                self._done.add(each.name)
                self._tidy(each)

    def _occasions(self, stop: threading.Event) -> Iterator[None]:
        """Now, whenever something has changed, and every so often besides."""
        yield
        # Folders that are not there raise here, and the watch goes on after the pause.
        changes = watch(
            *(self._options.path / part for part in _PARTS),
            watch_filter=None,
            debounce=200,
            stop_event=stop,
            rust_timeout=max(1, int(self._options.poll_seconds * 1000)),
            yield_on_timeout=True,
            raise_interrupt=False,
            recursive=False,
        )
        for _ in changes:
            yield

    def _look(self) -> list[_Found]:
        """The files in `new` and `cur`, oldest names first."""
        found: list[_Found] = []
        for part in _PARTS:
            with os.scandir(self._options.path / part) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                        continue
                    try:
                        stat = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # moved or deleted this moment
                    modified = datetime.fromtimestamp(stat.st_mtime, UTC)
                    found.append(_Found(path=Path(entry.path), size=stat.st_size, modified=modified))
        return sorted(found, key=lambda each: each.path.name)

    def _read(self, found: _Found) -> RawMail | None:
        """The mail; None where it is not to be had, which is told once."""
        if found.size > self._options.max_size:
            self._set_aside(found, "it is larger than max_size")
            return None
        try:
            content = found.path.read_bytes()
        except FileNotFoundError:
            return None  # a mail program has moved it from new to cur: the next look finds it there
        except OSError as error:
            self._set_aside(found, error.strerror or str(error))
            return None
        if not content:
            self._set_aside(found, "it is empty")
            return None
        return RawMail(content=content, mail_from="", rcpt_to=(), source=SOURCE, received_at=found.modified)

    def _set_aside(self, found: _Found, reason: str) -> None:
        if found.name not in self._told:
            self._told.add(found.name)
            logger.warning("%s is left there: %s", found.path, reason)

    def _tidy(self, found: _Found) -> None:
        """Move or delete what is stored here, as the options say."""
        try:
            if self._options.after is AfterTaking.DELETE:
                found.path.unlink(missing_ok=True)
            elif self._options.move_to is not None:
                self._move(found, self._options.move_to)
        except FileNotFoundError:
            self._done.discard(found.name)  # moved from new to cur meanwhile; known when it is found there
        except OSError as error:
            logger.warning("%s is stored but stays there: %s", found.path, error.strerror or error)

    def _move(self, found: _Found, target: Path) -> None:
        if not is_maildir(target):
            for part in (*_PARTS, "tmp"):
                (target / part).mkdir(parents=True, exist_ok=True)
        found.path.rename(target / found.path.parent.name / found.path.name)


def _batches(found: Sequence[_Found]) -> Iterator[list[_Found]]:
    batch: list[_Found] = []
    size = 0
    for each in found:
        if batch and (len(batch) == BATCH_MAILS or size + each.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += each.size
    if batch:
        yield batch
