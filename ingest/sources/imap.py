"""The IMAP source of `[[ingest.imap]]` (RFC 3501): takes new mails of a folder, by IDLE and by looking.

A mail is touched in the mailbox only after it is stored here. Blocks: run it in a thread of its own.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from imapclient import IMAPClient  # type: ignore[import-untyped]
from imapclient.exceptions import IMAPClientError, LoginError  # type: ignore[import-untyped]

from domain.errors import SourceError
from domain.mail import RawMail
from ingest.sources.imap_connection import READ_PATIENCE, signed_in, tokens_of
from ingest.sources.imap_options import AfterTaking, FirstLook, ImapOptions
from ingest.sources.oauth2 import TokenRefused, Tokens
from ingest.sources.room import HasNoRoom, await_room, room_enough

__all__ = ["ImapOptions", "ImapSource", "MailboxMemory", "Position"]

logger = logging.getLogger(__name__)

BATCH_MAILS = 50
BATCH_BYTES = 16 * 1024 * 1024
ASKED_AT_ONCE = 500  # mails whose sizes are asked for in one command, which servers limit to some kB
WINDOW = 50_000  # UIDs searched at once: the answer is one line, and imaplib takes at most 1 MB of one
LONGEST_WAIT = 25 * 60.0  # seconds; a server may hang up on who is silent for 29 minutes (RFC 2177)
DEATHS = 3  # broken connections at one and the same mail, after which it is left where it is
FIRST_PAUSE = 5.0  # seconds before connecting again; doubles up to the longest
LONGEST_PAUSE = 300.0  # and at once after a refused password, so that no account gets locked
_IDLE_STEP = 1.0  # how soon a stop is noticed, in seconds


@dataclass(frozen=True, kw_only=True)
class Position:
    """How far a folder has been read."""

    uid_validity: int  # where it changes, all UIDs are new (RFC 3501 2.3.1.1)
    uid: int  # the last one taken


class MailboxMemory(Protocol):
    """What remembers mails and positions; the store happens to fit."""

    def position(self, label: str) -> Position | None:
        """How far the folder with this label has been read, None where never."""

    def accept(self, mails: Sequence[RawMail], label: str, position: Position) -> None:
        """Store the mails and the new position in one transaction; raises where nothing was stored."""


class ImapSource:
    """Reads one folder."""

    def __init__(
        self,
        options: ImapOptions,
        memory: MailboxMemory,
        *,
        tokens: Tokens | None = None,
        first_pause: float = FIRST_PAUSE,
        patience: float = READ_PATIENCE,
        has_no_room: HasNoRoom = room_enough,
    ) -> None:
        """`options` name one folder; `tokens` are those of its account, where several folders share them.

        While `has_no_room` says so, mails are left in the mailbox.
        """
        self._options = options
        self._memory = memory
        self._tokens = tokens or tokens_of(options)
        self._first_pause = first_pause
        self._has_no_room = has_no_room
        self._patience = patience  # how long a server may be silent when it has been asked, in seconds
        self._pause = 0.0
        self._under_way: Sequence[int] = ()  # UIDs of the mails that are being fetched
        self._deaths: Counter[int] = Counter()  # of connections, by the mails that were being fetched then

    def check(self) -> int:
        """How many mails the folder has; raises SourceError with the reason where it cannot be read."""
        try:
            with self._folder() as (_, folder):
                return int(folder[b"EXISTS"])
        except (OSError, IMAPClientError, LookupError, SourceError) as error:
            raise SourceError(f"mailbox {self._options.label} cannot be read: {_text(error)}") from None

    def run(self, stop: threading.Event) -> None:
        """Take mails until `stop` is set, connecting again where the connection breaks."""
        while not stop.wait(self._pause):
            try:
                with self._folder() as (client, folder):
                    self._follow(client, folder, stop)
            # A source outlives whatever its server or the store does: mails wait in the mailbox meanwhile.
            except Exception as error:  # noqa: BLE001
                self._deaths.update(self._under_way)
                self._under_way = ()
                if not self._pause:
                    logger.warning("mailbox %s is gone: %s", self._options.label, _text(error))
                refused = isinstance(error, LoginError | TokenRefused)
                longer = min(max(self._pause * 2, self._first_pause), LONGEST_PAUSE)
                self._pause = LONGEST_PAUSE if refused else longer

    # imapclient has no types: its clients and replies are Any.
    @contextmanager
    def _folder(self) -> Iterator[tuple[Any, Any]]:
        """Signed in, with the folder selected."""
        with signed_in(self._options, self._tokens, patience=self._patience) as client:
            yield client, client.select_folder(self._options.folder)

    def _follow(self, client: Any, folder: Any, stop: threading.Event) -> None:
        position = self._start(folder)
        position = self._take_new(client, position, stop, upto=int(folder.get(b"UIDNEXT", 0)))
        if self._pause:  # only now: a server that lets us in and dies at once must not be asked all the time
            logger.info("mailbox %s is back", self._options.label)
            self._pause = 0.0
        while not stop.is_set():
            if not _has_told_of_news(client):
                self._await_news(client, stop)
            position = self._take_new(client, position, stop)

    def _start(self, folder: Any) -> Position:
        validity = int(folder[b"UIDVALIDITY"])
        known = self._memory.position(self._options.label)
        if known is not None and known.uid_validity == validity:
            return known
        if known is not None:
            self._deaths.clear()  # they were of other mails
        if known is None and self._options.first_look is FirstLook.NEW:
            start = Position(uid_validity=validity, uid=int(folder[b"UIDNEXT"]) - 1)
            self._memory.accept([], self._options.label, start)
            return start
        # After a change of UIDVALIDITY mails may come a second time: better than one that never comes.
        return Position(uid_validity=validity, uid=0)

    def _take_new(self, client: Any, position: Position, stop: threading.Event, *, upto: int = 0) -> Position:
        """Take what came after `position`; `upto` is the UID up to which there may be very many."""
        for uids in _new_uids(client, position.uid, upto):
            replies = client.fetch(uids, ["RFC822.SIZE"])
            sizes = {uid: fields.get(b"RFC822.SIZE", 0) for uid, fields in replies.items()}
            for batch in _batches(uids, sizes, self._deaths):
                await_room(self._has_no_room, stop, f"mailbox {self._options.label}")
                if stop.is_set():
                    return position
                mails = self._fetch(client, self._fitting(batch, sizes))
                position = Position(uid_validity=position.uid_validity, uid=batch[-1])
                self._memory.accept(list(mails.values()), self._options.label, position)
                self._tidy(client, list(mails))
        return position

    def _fitting(self, batch: Sequence[int], sizes: dict[int, int]) -> list[int]:
        """Those of a batch that can be taken."""
        fitting: list[int] = []
        for uid in batch:
            if sizes.get(uid, 0) > self._options.max_size:
                self._leave_there(uid, "it is larger than max_size")
            elif self._deaths[uid] >= DEATHS:
                self._leave_there(uid, "the connection breaks whenever it is fetched")
            else:
                fitting.append(uid)
        return fitting

    def _leave_there(self, uid: int, reason: str) -> None:
        logger.warning("mailbox %s: mail %d is left there: %s", self._options.label, uid, reason)

    def _fetch(self, client: Any, uids: Sequence[int]) -> dict[int, RawMail]:
        if not uids:
            return {}
        self._under_way = uids
        try:
            replies = client.fetch(uids, ["BODY.PEEK[]", "INTERNALDATE"])
        except IMAPClientError as error:
            if isinstance(error, IMAPClient.AbortError):
                raise
            self._under_way = ()
            if len(uids) == 1:
                raise
            return self._fetch_singly(client, uids)
        self._under_way = ()
        # One that has been deleted meanwhile is missing from the reply, or has no content.
        return {
            uid: _raw_mail(replies[uid]) for uid in uids if replies.get(uid, {}).get(b"BODY[]") is not None
        }

    def _fetch_singly(self, client: Any, uids: Sequence[int]) -> dict[int, RawMail]:
        """One mail that the server cannot read must not hold up the others."""
        mails: dict[int, RawMail] = {}
        for uid in uids:
            try:
                mails |= self._fetch(client, [uid])
            except IMAPClientError as error:
                if isinstance(error, IMAPClient.AbortError):
                    raise
                self._leave_there(uid, _text(error))
        return mails

    def _tidy(self, client: Any, uids: Sequence[int]) -> None:
        """Move or delete what is stored here, as the options say."""
        if not uids or self._options.after is AfterTaking.KEEP:
            return
        if self._options.after is AfterTaking.MOVE:
            if not client.folder_exists(self._options.move_to):
                client.create_folder(self._options.move_to)
            if client.has_capability("MOVE"):
                client.move(uids, self._options.move_to)
                return
            client.copy(uids, self._options.move_to)
        client.delete_messages(uids)
        if client.has_capability("UIDPLUS"):
            client.uid_expunge(uids)
        # Without UIDPLUS an EXPUNGE would also remove what others have marked: the mark has to do.

    def _await_news(self, client: Any, stop: threading.Event) -> None:
        """Return when there may be new mails, at the latest after the poll interval."""
        longest = min(self._options.poll_seconds, LONGEST_WAIT)
        if not client.has_capability("IDLE"):
            stop.wait(longest)
            return
        until = time.monotonic() + longest
        client.idle()
        while not stop.is_set() and time.monotonic() < until:
            begun = time.monotonic()
            told = client.idle_check(timeout=_IDLE_STEP)
            # Back early with nothing means that the stream has ended; idle_done finds out.
            if any(b"EXISTS" in line for line in told) or (
                not told and time.monotonic() - begun < _IDLE_STEP / 2
            ):
                break
        client.idle_done()


def _has_told_of_news(client: Any) -> bool:
    """Whether the server spoke of mails in its last replies: it would not say so again while we wait."""
    _, told = client._imap.response("EXISTS")
    return bool(told != [None])


def _new_uids(client: Any, after: int, upto: int) -> Iterator[list[int]]:
    """The UIDs above `after`, in their order and in portions that fit into a command."""
    first = after + 1
    while True:
        last = first + WINDOW - 1 if first + WINDOW <= upto else 0
        # "n:*" always names the last mail too, even where its UID is below n (RFC 3501 6.4.8).
        found = client.search(["UID", f"{first}:{last or '*'}"])
        uids = sorted(uid for uid in found if uid >= first)
        for begin in range(0, len(uids), ASKED_AT_ONCE):
            yield uids[begin : begin + ASKED_AT_ONCE]
        if not last:
            return
        first = last + 1


def _batches(uids: Sequence[int], sizes: dict[int, int], suspects: Counter[int]) -> Iterator[list[int]]:
    """Mails to be fetched together; one at which a connection broke goes alone."""
    batch: list[int] = []
    size = 0
    for uid in uids:
        alone = bool(suspects[uid] or (batch and suspects[batch[-1]]))
        if batch and (alone or len(batch) == BATCH_MAILS or size + sizes.get(uid, 0) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(uid)
        size += sizes.get(uid, 0)
    if batch:
        yield batch


def _raw_mail(fields: Any) -> RawMail:
    # A date that no program can read comes as none at all.
    received_at: datetime = fields.get(b"INTERNALDATE") or datetime.now(UTC)
    return RawMail(
        content=fields[b"BODY[]"], mail_from="", rcpt_to=(), source="imap", received_at=received_at
    )


def _text(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
