"""The IMAP source of `[[ingest.imap]]` (RFC 3501): takes new mails of a folder, by IDLE and by looking.

A mail is touched in the mailbox only after it is stored here. Blocks: run it in a thread of its own.
"""

import logging
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]
from imapclient.exceptions import IMAPClientError, LoginError  # type: ignore[import-untyped]

from domain.errors import SourceError
from domain.mail import RawMail
from ingest.sources.imap_options import AfterTaking, FirstLook, ImapOptions, ImapSecurity

__all__ = ["ImapOptions", "ImapSource", "MailboxMemory", "Position"]

logger = logging.getLogger(__name__)

BATCH_MAILS = 50
BATCH_BYTES = 16 * 1024 * 1024
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
        self, options: ImapOptions, memory: MailboxMemory, *, first_pause: float = FIRST_PAUSE
    ) -> None:
        self._options = options
        self._memory = memory
        self._first_pause = first_pause

    def check(self) -> int:
        """How many mails the folder has; raises SourceError with the reason where it cannot be read."""
        try:
            with self._folder() as (_, folder):
                return int(folder[b"EXISTS"])
        except (OSError, IMAPClientError, LookupError) as error:
            raise SourceError(f"mailbox {self._options.label} cannot be read: {_text(error)}") from None

    def run(self, stop: threading.Event) -> None:
        """Take mails until `stop` is set, connecting again where the connection breaks."""
        pause = 0.0
        while not stop.wait(pause):
            try:
                with self._folder() as (client, folder):
                    if pause:
                        logger.info("mailbox %s is back", self._options.label)
                    pause = 0.0
                    self._follow(client, folder, stop)
            # A source outlives whatever its server or the store does: mails wait in the mailbox meanwhile.
            except Exception as error:  # noqa: BLE001
                if not pause:
                    logger.warning("mailbox %s is gone: %s", self._options.label, _text(error))
                pause = LONGEST_PAUSE if isinstance(error, LoginError) else self._longer(pause)

    def _longer(self, pause: float) -> float:
        return min(max(pause * 2, self._first_pause), LONGEST_PAUSE)

    # imapclient has no types: its clients and replies are Any.
    @contextmanager
    def _folder(self) -> Iterator[tuple[Any, Any]]:
        """Signed in, with the folder selected."""
        options = self._options
        password = options.secret.reveal()
        context = ssl.create_default_context(cafile=options.authority)
        client = IMAPClient(
            options.host,
            options.port,
            ssl=options.security is ImapSecurity.TLS,
            ssl_context=context if options.security is ImapSecurity.TLS else None,
            timeout=SocketTimeout(connect=30, read=120),
        )
        try:
            client.normalise_times = False  # aware times
            if options.security is ImapSecurity.STARTTLS:
                client.starttls(context)
            client.login(options.user, password)
            yield client, client.select_folder(options.folder)
        finally:
            _leave(client)

    def _follow(self, client: Any, folder: Any, stop: threading.Event) -> None:
        position = self._start(folder)
        while not stop.is_set():
            position = self._take_new(client, position, stop)
            if not _has_told_of_news(client):
                self._await_news(client, stop)

    def _start(self, folder: Any) -> Position:
        validity = int(folder[b"UIDVALIDITY"])
        known = self._memory.position(self._options.label)
        if known is not None and known.uid_validity == validity:
            return known
        if known is None and self._options.first_look is FirstLook.NEW:
            start = Position(uid_validity=validity, uid=int(folder[b"UIDNEXT"]) - 1)
            self._memory.accept([], self._options.label, start)
            return start
        # After a change of UIDVALIDITY mails may come a second time: better than one that never comes.
        return Position(uid_validity=validity, uid=0)

    def _take_new(self, client: Any, position: Position, stop: threading.Event) -> Position:
        # "n:*" always names the last mail too, even where its UID is below n (RFC 3501 6.4.8).
        found = client.search(["UID", f"{position.uid + 1}:*"])
        uids = sorted(uid for uid in found if uid > position.uid)
        sizes = {uid: fields[b"RFC822.SIZE"] for uid, fields in client.fetch(uids, ["RFC822.SIZE"]).items()}
        for batch in _batches(uids, sizes):
            if stop.is_set():
                break
            fitting = [uid for uid in batch if sizes.get(uid, 0) <= self._options.max_size]
            for uid in set(batch) - set(fitting):
                logger.warning("mailbox %s: mail %d is too large, left there", self._options.label, uid)
            mails = self._fetch(client, fitting)
            position = Position(uid_validity=position.uid_validity, uid=batch[-1])
            self._memory.accept(list(mails.values()), self._options.label, position)
            self._tidy(client, list(mails))
        return position

    def _fetch(self, client: Any, uids: Sequence[int]) -> dict[int, RawMail]:
        try:
            replies = client.fetch(uids, ["BODY.PEEK[]", "INTERNALDATE"])
        except IMAPClientError as error:
            if isinstance(error, IMAPClient.AbortError) or len(uids) == 1:
                raise
            return self._fetch_singly(client, uids)
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
                logger.warning(
                    "mailbox %s: mail %d is left there: %s", self._options.label, uid, _text(error)
                )
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
        until = time.monotonic() + self._options.poll_seconds
        if not client.has_capability("IDLE"):
            stop.wait(self._options.poll_seconds)
            return
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


def _batches(uids: Sequence[int], sizes: dict[int, int]) -> Iterator[list[int]]:
    batch: list[int] = []
    size = 0
    for uid in uids:
        if batch and (len(batch) == BATCH_MAILS or size + sizes.get(uid, 0) > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(uid)
        size += sizes.get(uid, 0)
    if batch:
        yield batch


def _raw_mail(fields: Any) -> RawMail:
    received_at: datetime = fields[b"INTERNALDATE"]
    return RawMail(
        content=fields[b"BODY[]"], mail_from="", rcpt_to=(), source="imap", received_at=received_at
    )


def _leave(client: Any) -> None:
    try:
        client.logout()
    except (OSError, IMAPClientError):  # what went wrong before is what counts
        with suppress(OSError, IMAPClientError):
            client.shutdown()


def _text(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
