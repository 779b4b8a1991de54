"""The LMTP server of `[ingest.lmtp]` (RFC 2033): for a mail server in front that wants a word per recipient.

The dialogue is SMTP's with another greeting and as many replies to a mail as it has recipients.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import Field

from ingest.committer import Committer
from ingest.sources.listener_options import ListenerOptions
from ingest.sources.smtp import SmtpServer, room_for_all, start_server
from ingest.sources.smtp_session import SmtpSession


class LmtpOptions(ListenerOptions):
    """The `[ingest.lmtp]` section: as `[ingest.smtp]`, on a port of its own."""

    listen: str = Field(
        default="127.0.0.1:8024", description="host:port to listen on; port 0 takes a free one."
    )


class LmtpSession(SmtpSession):
    """A peer's connection."""

    async def smtp_LHLO(self, hostname: str) -> None:
        """LHLO, the greeting of LMTP."""
        await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:
        """Refused: whoever says HELO expects one reply to a mail, not several."""
        await self.push("500 5.5.1 This is LMTP: say LHLO")

    async def smtp_EHLO(self, hostname: str) -> None:
        """Refused as HELO is."""
        await self.smtp_HELO(hostname)

    async def _answer(self, reply: str) -> None:
        assert self.envelope is not None
        for _ in self.envelope.rcpt_tos:
            await self.push(reply)

    def _protocol_name(self) -> str:
        return super()._protocol_name().replace("ESMTP", "LMTP").replace("UTF8SMTP", "UTF8LMTP")


async def start_lmtp(
    options: LmtpOptions,
    committer: Committer[Any],
    *,
    clock: Callable[[], datetime],
    has_no_room: Callable[[], bool] = room_for_all,
    shared: bool = False,
) -> SmtpServer:
    """Listen on `options.listen`, which other processes of ours may share; raises as `start_smtp` does."""
    return await start_server(
        LmtpSession, options, committer, clock=clock, has_no_room=has_no_room, source="lmtp", shared=shared
    )
