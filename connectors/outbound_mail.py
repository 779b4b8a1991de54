"""Delivery to the next hop by SMTP: originals, redirect replies and notifications alike.

Tells for each recipient what became of it and never retries: the worker does, after `retry_delay`.
"""

import asyncio
import logging
import re
import socket
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from aiosmtplib import SMTPException

from connectors.smtp_connection import (
    FINAL_REPLY_TIMEOUT,
    RecipientResult,
    RecipientState,
    SmtpConnection,
    Unsent,
    temporary,
)
from connectors.smtp_dialling import Dialling, connect, tls_context
from connectors.smtp_sign_in import Bearer, Login, LoginRefused
from domain.endpoint import Endpoint, TlsPolicy

__all__ = [
    "Bearer",
    "Login",
    "NextHop",
    "RecipientResult",
    "RecipientState",
    "expired",
    "retry_delay",
    "trace_header",
]

logger = logging.getLogger(__name__)

# A greylisting server wants some minutes; one that is down for a night must not be tried at each of them.
FIRST_DELAY = timedelta(minutes=5)
LONGEST_DELAY = timedelta(hours=2)
DEADLINE = 780.0  # seconds: all time-outs added up for many recipients would outlast any lease on the work
FAILING_SECONDS = 60.0  # how long a server that did not answer comes after the others
KEEP_TRYING = timedelta(days=5)  # RFC 5321 4.5.4.1: at least four to five days


class NextHop:
    """The mail servers that get what we send, in order of preference; connections are kept and used again.

    A mail is handed over at least once: when the connection breaks after the mail was sent but before the
    reply came, nobody knows whether it was taken. That counts as temporary, so it is sent again (RFC 1047):
    a mail that comes twice is seen by its Message-ID, a lost one is not seen at all.
    An 8-bit mail goes as it is even to a server without 8BITMIME: converting would change it.
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        hostname: str = "",
        timeout: float = 60.0,
        final_reply_timeout: float = FINAL_REPLY_TIMEOUT,
        deadline: float = DEADLINE,
        tls: TlsPolicy = TlsPolicy.OPPORTUNISTIC,
        tls_authority: Path | None = None,
        login: Login | None = None,
        max_idle: int = 20,
        idle_seconds: float = 20.0,
        mails_per_connection: int = 200,
    ) -> None:
        """`timeout` is for connecting and for each command, `deadline` for a whole delivery, in seconds.

        `tls_authority` is a PEM file with certificates to trust besides the system's; raises OSError where
        it cannot be read.
        """
        if not endpoints:
            raise ValueError("a next hop needs at least one host:port")
        self._endpoints = tuple(endpoints)
        self._dialling = Dialling(
            hostname=hostname or socket.getfqdn(),
            patience=timeout,
            final_reply_timeout=final_reply_timeout,
            tls=tls,
            tls_context=tls_context(tls, tls_authority),
            login=login,
        )
        self._deadline = deadline
        self._max_idle = max_idle
        self._idle_seconds = idle_seconds
        self._mails_per_connection = mails_per_connection
        self._failing_until: dict[Endpoint, float] = {}  # by the event loop's clock
        self._refusing: dict[
            Endpoint, str
        ] = {}  # those of them that did not let us sign in, and what they said
        self._idle: deque[SmtpConnection] = deque()

    async def deliver(
        self, content: bytes, mail_from: str, rcpt_to: Sequence[str]
    ) -> dict[str, RecipientResult]:
        """Hand a mail over; a result for each recipient, whatever happens. "" is the null reverse-path."""
        waiting = list(dict.fromkeys(rcpt_to))
        results: dict[str, RecipientResult] = {}
        try:
            async with asyncio.timeout(self._deadline):
                while waiting:
                    outcome = await self._deliver(content, mail_from, waiting)
                    results |= outcome
                    waiting = _too_many(outcome)  # for these the same mail goes once more, now
        except TimeoutError:
            late = temporary(f"4.4.7 not done within {self._deadline:.0f} s")
            results |= dict.fromkeys(waiting, late)
        return results

    async def _deliver(
        self, content: bytes, mail_from: str, recipients: Sequence[str]
    ) -> dict[str, RecipientResult]:
        kept = self._take_idle()
        if kept is not None:
            try:
                return self._keep(kept, await kept.deliver(content, mail_from, recipients))
            except Unsent:
                pass  # a kept connection that turns out dead says nothing about the mail: a new one does
        try:
            fresh = await self._connect()
            return self._keep(fresh, await fresh.deliver(content, mail_from, recipients))
        except (OSError, SMTPException, Unsent) as error:
            return dict.fromkeys(recipients, temporary(f"4.4.1 {error}"))

    async def check(self) -> str:
        """The name by which the first server that answers greets; raises OSError where none does."""
        try:
            connection = await self._connect()
        except SMTPException as error:
            raise OSError(str(error)) from None
        await connection.quit()
        return connection.server_name

    async def close(self) -> None:
        """Say goodbye on the kept connections."""
        while self._idle:
            await self._idle.popleft().quit()

    def _take_idle(self) -> SmtpConnection | None:
        while self._idle:
            connection = self._idle.pop()  # the one used last is the likeliest to be alive
            if connection.is_fresh(self._idle_seconds):
                return connection
            connection.part()
        return None

    def _keep(
        self, connection: SmtpConnection, results: dict[str, RecipientResult]
    ) -> dict[str, RecipientResult]:
        worn = connection.mails >= self._mails_per_connection
        if worn or len(self._idle) >= self._max_idle or not connection.is_fresh(self._idle_seconds):
            connection.part()
        else:
            self._idle.append(connection)
        return results

    async def _connect(self) -> SmtpConnection:
        now = asyncio.get_running_loop().time()
        # One that failed lately comes last, so that not every mail waits for its time-out.
        order = sorted(self._endpoints, key=lambda endpoint: self._failing_until.get(endpoint, 0.0) > now)
        reasons: list[str] = []
        for endpoint in order:
            if endpoint in self._refusing and self._failing_until.get(endpoint, 0.0) > now:
                reasons.append(f"{endpoint}: {self._refusing[endpoint]}")
                continue  # each mail that waits would try the wrong password, until the account is locked
            try:
                connection = await connect(endpoint, self._dialling)
            except (OSError, SMTPException) as error:
                self._note_failure(endpoint, error)
                reasons.append(f"{endpoint}: {error}")
            else:
                self._refusing.pop(endpoint, None)
                if self._failing_until.pop(endpoint, None) is not None:
                    logger.info("next hop %s answers again", endpoint)
                return connection
        raise ConnectionError("; ".join(reasons))

    def _note_failure(self, endpoint: Endpoint, error: OSError | SMTPException) -> None:
        if endpoint not in self._failing_until:
            logger.warning("next hop %s cannot be used: %s", endpoint, error)
        self._failing_until[endpoint] = asyncio.get_running_loop().time() + FAILING_SECONDS
        self._refusing.pop(endpoint, None)
        if isinstance(error, LoginRefused):
            self._refusing[endpoint] = str(error)


def _too_many(results: Mapping[str, RecipientResult]) -> list[str]:
    """Those refused only for their number (RFC 5321 4.5.3.1.10), where others of the same mail were taken."""
    if not any(result.state is RecipientState.DELIVERED for result in results.values()):
        return []
    return [
        address
        for address, result in results.items()
        if result.code == 452 and result.text.startswith("4.5.3")
    ]


def trace_header(  # the fields of RFC 5321 4.4, each by name
    *, peer: str, by: str, protocol: str, trace_id: str, at: datetime, only_recipient: str = ""
) -> bytes:
    """The Received line to put in front of a mail that goes on, with its line end.

    `only_recipient` names the recipient of a mail that has just one: with more it would tell who got Bcc.
    """
    source = f"from {_safe(peer)}\r\n\t" if peer else ""
    target = f"\r\n\tfor <{_safe(only_recipient)}>" if only_recipient.isascii() and only_recipient else ""
    line = f"Received: {source}by {_safe(by)} with {_safe(protocol)} id {_safe(trace_id)}{target};\r\n\t"
    return (line + format_datetime(at) + "\r\n").encode("ascii", "replace")


def retry_delay(
    attempts: int, *, first: timedelta = FIRST_DELAY, longest: timedelta = LONGEST_DELAY
) -> timedelta:
    """How long to wait after `attempts` failed ones (1 or more): doubles each time up to `longest`."""
    doublings = min(max(attempts, 1) - 1, 20)
    return min(first * (1 << doublings), longest)


def expired(received_at: datetime, now: datetime, *, keep_trying: timedelta = KEEP_TRYING) -> bool:
    """Whether a mail that could not be delivered is to be given up and its sender told."""
    return now - received_at >= keep_trying


def _safe(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", text)
