"""The SMTP server of `[ingest.smtp]`: takes mail from allowed hosts and answers 250 when it is committed.

The dialogue is in smtp_session.py; sending on is the connectors' work.
"""

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Any

from domain.endpoint import Endpoint
from domain.errors import ListenError
from ingest.committer import Committer
from ingest.sources.listener_options import ListenerOptions
from ingest.sources.smtp_intake import Intake
from ingest.sources.smtp_limits import PeerLimits
from ingest.sources.smtp_options import SmtpMode, SmtpOptions
from ingest.sources.smtp_security import TlsMode, password_check, server_context
from ingest.sources.smtp_session import SmtpSession

__all__ = ["SmtpMode", "SmtpOptions", "SmtpServer", "start_smtp"]

GRACE = 30.0  # seconds that a mail under way has to arrive when we stop
_REASONS = {
    errno.EADDRINUSE: "another program listens there; stop it or choose another port",
    errno.EACCES: "this user may not; choose a port above 1023 or grant CAP_NET_BIND_SERVICE",
    errno.EADDRNOTAVAIL: "this machine has no such address; 0.0.0.0 is all of them",
}


class SmtpServer:
    """A listening server."""

    def __init__(self, server: asyncio.Server, intake: Intake) -> None:
        self._server = server
        self._intake = intake
        self.port: int = server.sockets[0].getsockname()[1]  # the real one where 0 was asked for

    async def close(self, grace: float = GRACE) -> None:
        """Listen no more, let mails under way finish for `grace` seconds, and tell the others 421."""
        self._server.close()
        self._intake.stopping.set()
        deadline = asyncio.get_running_loop().time() + grace
        while self._intake.sessions:
            late = asyncio.get_running_loop().time() >= deadline
            for session in list(self._intake.sessions):
                if late:
                    session.abort()
                elif not session.receiving:
                    session.hang_up("421 4.3.2 Service is stopping")
            await asyncio.sleep(0.02)
        await self._server.wait_closed()
        if self._intake.password_check is not None:
            self._intake.password_check.close()


def room_for_all() -> bool:
    """No disk is nearly full where nobody looks."""
    return False


async def start_smtp(
    options: SmtpOptions,
    committer: Committer[Any],
    *,
    clock: Callable[[], datetime],
    has_no_room: Callable[[], bool] = room_for_all,
) -> SmtpServer:
    """Listen on `options.listen`; each accepted mail goes through `committer`.

    While `has_no_room` says so, no mail is begun: its sender is told to come again.

    Raises ListenError, or ConfigError where a certificate or password is missing.
    """
    return await start_server(
        SmtpSession,
        options,
        committer,
        clock=clock,
        has_no_room=has_no_room,
        source="smtp",
        shared=options.processes > 1,
    )


async def start_server(
    session: type[SmtpSession],
    options: ListenerOptions,
    committer: Committer[Any],
    *,
    clock: Callable[[], datetime],
    has_no_room: Callable[[], bool],
    source: str,
    shared: bool,
) -> SmtpServer:
    """Listen with a kind of session; `source` is what its mails are said to come from.

    A `shared` port is one that other processes of ours listen on, too.
    """
    intake = Intake(
        options=options,
        hostname=options.hostname or socket.getfqdn(),
        committer=committer,
        clock=clock,
        limits=PeerLimits(
            options.rate_limit,
            max_sessions=options.max_sessions_per_peer,
            exempt=options.exempt_networks,
            clock=asyncio.get_running_loop().time,
        ),
        has_no_room=has_no_room,
        source=source,
        tls=server_context(options.tls) if options.tls else None,
        password_check=password_check(options.users, options.password_file),
    )
    implicit = intake.tls if options.tls and options.tls.mode is TlsMode.IMPLICIT else None
    server = await listen(session(intake).another, options.endpoint, tls=implicit, shared=shared)
    return SmtpServer(server, intake)


async def listen(
    factory: Callable[[], asyncio.Protocol],
    where: Endpoint,
    *,
    tls: ssl.SSLContext | None = None,
    shared: bool = False,
) -> asyncio.Server:
    """Open `where` for sessions that `factory` makes; raises ListenError with the reason in a sentence."""
    # aiosmtpd tells every command, and so every address, at info level.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(
            factory, where.host, where.port, backlog=512, ssl=tls, reuse_port=shared or None
        )
    except OSError as error:
        # asyncio wraps the system's error in one with its own text but the same number.
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        raise ListenError(f"cannot listen on {where}: {reason}") from None
