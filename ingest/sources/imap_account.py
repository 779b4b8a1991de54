"""All folders of one `[[ingest.imap]]`: each has a connection of its own, as IDLE tells of one only.

Blocks: run it in a thread of its own. Reading a folder is in imap.py.
"""

import logging
import threading

from imapclient.exceptions import IMAPClientError  # type: ignore[import-untyped]

from domain.errors import SourceError
from ingest.sources.imap import FIRST_PAUSE, LONGEST_PAUSE, ImapSource, MailboxMemory
from ingest.sources.imap_connection import signed_in, tokens_of
from ingest.sources.imap_options import ImapOptions
from ingest.sources.room import HasNoRoom, room_enough

logger = logging.getLogger(__name__)

_WILDCARDS = frozenset("*%")  # RFC 3501 section 6.3.8


class ImapAccount:
    """Reads the folders of an account, those too that come to fit its patterns later."""

    def __init__(
        self,
        options: ImapOptions,
        memory: MailboxMemory,
        *,
        first_pause: float = FIRST_PAUSE,
        has_no_room: HasNoRoom = room_enough,
    ) -> None:
        """While `has_no_room` says so, mails are left in the mailbox."""
        self._has_no_room = has_no_room
        self._options = options
        self._memory = memory
        self._first_pause = first_pause
        self._tokens = tokens_of(options)
        self._named = [name for name in options.folders if not _WILDCARDS & set(name)]
        self._patterns = [name for name in options.folders if _WILDCARDS & set(name)]

    def check(self) -> dict[str, int]:
        """How many mails each folder has; raises SourceError where one cannot be read."""
        names = [*self._named, *self._fitting()]
        if not names:
            raise SourceError(f"mailbox {self._options.label}: no folder fits")
        return {name: self._source(name).check() for name in dict.fromkeys(names)}

    def run(self, stop: threading.Event) -> None:
        """Read all folders until `stop` is set."""
        readers: dict[str, threading.Thread] = {}
        self._start(self._named, readers, stop)
        pause = 0.0
        while self._patterns and not stop.wait(pause):
            try:
                self._start(self._fitting(), readers, stop)
                pause = self._options.poll_seconds
            except SourceError as error:
                if pause in (0.0, self._options.poll_seconds):
                    logger.warning("%s", error)
                    pause = 0.0
                pause = min(max(pause * 2, self._first_pause), LONGEST_PAUSE)
        for reader in readers.values():
            reader.join()

    def _start(self, names: list[str], readers: dict[str, threading.Thread], stop: threading.Event) -> None:
        for name in names:
            if name not in readers:
                source = self._source(name)
                readers[name] = threading.Thread(target=source.run, args=(stop,), name=f"imap {name}")
                readers[name].start()

    def _source(self, name: str) -> ImapSource:
        return ImapSource(
            self._options.of(name),
            self._memory,
            tokens=self._tokens,
            first_pause=self._first_pause,
            has_no_room=self._has_no_room,
        )

    def _fitting(self) -> list[str]:
        """The folders that fit the patterns now, but not the one that mails are moved to."""
        if not self._patterns:
            return []
        try:
            with signed_in(self._options, self._tokens) as client:
                found = [entry for pattern in self._patterns for entry in client.list_folders("", pattern)]
        except (OSError, IMAPClientError, LookupError, SourceError) as error:
            text = " ".join(str(error).split())[:200] or type(error).__name__
            raise SourceError(f"folders of {self._options.label} cannot be listed: {text}") from None
        holding = [name for flags, _, name in found if not {b"\\noselect", b"\\nonexistent"} & _lower(flags)]
        return [name for name in dict.fromkeys(holding) if name != self._options.move_to]


def _lower(flags: tuple[bytes, ...]) -> set[bytes]:
    return {flag.lower() for flag in flags}
