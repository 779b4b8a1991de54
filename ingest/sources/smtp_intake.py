"""What happens to a mail that a session has received: judged by its bytes, committed, answered.

Shared by all sessions of a server; knows nothing of sockets and commands.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from domain.mail import RawMail
from ingest.committer import CommitFailed, Committer, QueueFull
from ingest.sources.listener_options import ListenerOptions
from ingest.sources.smtp_limits import PeerLimits
from ingest.sources.smtp_security import PasswordCheck
from ingest.sources.smtp_syntax import count_hops, has_smuggling_line_ends, undo_dot_stuffing


class OpenSession(Protocol):
    """A session as its server sees it."""

    receiving: bool  # between DATA and its reply: not to be cut off when we stop

    def hang_up(self, farewell: str = "") -> None:
        """Close the connection, with a last reply where one is given."""

    def abort(self) -> None:
        """Cut the connection."""


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What every session of one server shares."""

    options: ListenerOptions
    hostname: str
    committer: Committer[Any]
    clock: Callable[[], datetime]
    limits: PeerLimits
    has_no_room: Callable[[], bool]  # whether the disk is so full that no mail should begin
    source: str = "smtp"
    tls: ssl.SSLContext | None = None
    password_check: PasswordCheck | None = None
    sessions: set[OpenSession] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(
        self, received: bytes, *, sender: str, recipients: Sequence[str], peer: str, protocol: str
    ) -> str:
        """The reply to a mail; one with 250 means that it is on disk.

        `received` is DATA's content with the line end before it and the end mark.
        """
        if has_smuggling_line_ends(received):
            return "550 5.5.2 A line of the mail ends without <CR><LF>"
        content = undo_dot_stuffing(received)
        if count_hops(content) > self.options.hop_limit:
            return "554 5.4.6 Too many hops: the mail goes round in circles"
        raw = RawMail(
            content=content,
            mail_from="" if sender == "<>" else sender,
            rcpt_to=tuple(dict.fromkeys(recipients)),
            source=self.source,
            received_at=self.clock(),
            peer=peer,
            protocol=protocol,
        )
        return await self._commit(raw)

    async def _commit(self, raw: RawMail) -> str:
        try:
            await self.committer.submit(raw)
        except QueueFull:
            return "452 4.3.1 Too much mail is waiting, try again later"
        except CommitFailed as error:
            full = error.storage_full
            return "452 4.3.1 The disk is full" if full else "451 4.3.0 The mail could not be stored"
        return "250 2.0.0 Stored"
