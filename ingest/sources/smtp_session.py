"""One SMTP dialogue (RFC 5321): aiosmtpd's, with its DATA, greeting, address and reply code replaced.

Ours reads mail byte for byte in large pieces, answers with enhanced codes (RFC 2034) and says 250 only for
mail that is on disk. Opening the port is in smtp.py.
"""

import asyncio
import collections
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

from aiosmtpd.smtp import SMTP

from domain.mail import RawMail
from ingest.committer import CommitFailed, Committer, QueueFull
from ingest.sources.smtp_options import SmtpOptions
from ingest.sources.smtp_syntax import (
    END_OF_MAIL,
    count_hops,
    has_smuggling_line_ends,
    needs_utf8,
    parse_path,
    undo_dot_stuffing,
    with_enhanced_code,
)

logger = logging.getLogger(__name__)

PIECE = 64 * 1024  # how much of a mail is read at a time, in bytes
SAFE_NAME = re.compile(r"[A-Za-z0-9.:_\[\]-]{1,255}")
# How often a command may come in one connection: enough for a server that keeps its connection for
# thousands of mails, an end for one that floods.
CALL_LIMITS = {"*": 100, "MAIL": 10_000, "RCPT": 100_000, "DATA": 10_000, "RSET": 10_000, "EHLO": 20}


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What every session of one server shares."""

    options: SmtpOptions
    hostname: str
    committer: Committer
    clock: Callable[[], datetime]
    sessions: set["SmtpSession"] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


class SmtpSession(SMTP):
    """A peer's connection."""

    line_length_limit = PIECE  # the stream's buffer; lines of a mail may be of any length
    command_size_limit = 2048  # RFC 5321 asks for 512 and more with extensions; UTF-8 addresses are long
    command_size_limits = collections.defaultdict(lambda: 2048)  # noqa: RUF012 (as aiosmtpd declares it)
    source = "smtp"

    def __init__(self, intake: Intake) -> None:
        super().__init__(
            None,
            data_size_limit=intake.options.max_size,
            enable_SMTPUTF8=True,
            hostname=intake.hostname,
            ident="ESMTP",
            timeout=intake.options.timeout,
            command_call_limit=CALL_LIMITS,
            loop=asyncio.get_running_loop(),
        )
        self._intake = intake
        self._greeting = False  # replies to HELO and EHLO carry no enhanced codes (RFC 2034)
        self.receiving = False  # between DATA and its reply: not to be cut off when we stop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the session in."""
        super().connection_made(transport)
        self._intake.sessions.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Count the session out."""
        self._intake.sessions.discard(self)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        with suppress(ConnectionError):  # a peer that goes away is nothing to report
            refusal = self._refusal()
            if refusal is None:
                await super()._handle_client()
            else:
                await self.push(refusal)
                self.hang_up()

    def _refusal(self) -> str | None:
        if not self._is_allowed():
            return "554 5.7.1 This server takes no mail from your address"
        if len(self._intake.sessions) > self._intake.options.max_sessions:
            return "421 4.3.2 Too many connections, try again later"
        return None

    def _is_allowed(self) -> bool:
        peer = self._peer_address()
        return peer is not None and any(peer in network for network in self._intake.options.allowed_networks)

    def _peer_address(self) -> IPv4Address | IPv6Address | None:
        assert self.session is not None
        peer = self.session.peer
        try:
            address = ip_address(peer[0].partition("%")[0]) if peer else None
        except ValueError:
            return None
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            return address.ipv4_mapped
        return address

    def hang_up(self, farewell: str = "") -> None:
        """Close the connection, with a last reply where one is given."""
        if self.transport is None or self.transport.is_closing():
            return
        if farewell:
            self._writer.write(farewell.encode("ascii") + b"\r\n")
        self.transport.close()

    def abort(self) -> None:
        """Cut the connection; a mail under way is not answered and not kept."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def _timeout_cb(self) -> None:
        self.hang_up("421 4.4.2 Nothing heard for too long, closing")

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours is never the mail's: the peer keeps it and tries again."""
        logger.error("SMTP session failed", exc_info=error)
        return "451 4.3.0 Local error, try again later"

    async def push(self, status: str | bytes) -> None:
        """Send a reply, with an enhanced code where the RFC wants one."""
        text = status if isinstance(status, str) else status.decode("ascii")
        await super().push(text if self._greeting else with_enhanced_code(text))

    async def smtp_HELO(self, hostname: str) -> None:
        """HELO (RFC 5321 4.1.1.1)."""
        await self._greet(hostname, extended=())

    async def smtp_EHLO(self, hostname: str) -> None:
        """EHLO with all that we can, in one piece."""
        await self._greet(hostname, extended=self.extensions())

    def extensions(self) -> tuple[str, ...]:
        """The lines that EHLO lists."""
        size = f"SIZE {self.data_size_limit}"
        return (size, "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES")

    async def _greet(self, hostname: str, *, extended: tuple[str, ...]) -> None:
        if not hostname:
            await self.push("501 5.5.4 Say who you are: EHLO host.example.com")
            return
        assert self.session is not None
        self._set_rset_state()  # type: ignore[no-untyped-call]
        self.session.extended_smtp = bool(extended)
        self.session.host_name = hostname
        lines = (self.hostname, *extended)
        self._greeting = True
        try:
            await self.push("\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))
        finally:
            self._greeting = False

    async def smtp_MAIL(self, arg: str | None) -> None:
        """MAIL FROM; UTF-8 in an address needs the extension asked for (RFC 6531)."""
        if arg and needs_utf8(arg) and "SMTPUTF8" not in arg.upper().split():
            await self.push("553 5.6.7 A UTF-8 address needs the SMTPUTF8 option")
            return
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RCPT TO, up to the limit."""
        assert self.envelope is not None
        if len(self.envelope.rcpt_tos) >= self._intake.options.max_recipients:
            await self.push("452 4.5.3 Too many recipients, send the mail again for the others")
        elif arg and needs_utf8(arg) and not self.envelope.smtp_utf8:
            await self.push("553 5.6.7 A UTF-8 address needs the SMTPUTF8 option")
        elif arg and re.search(r":\s*<>", arg):
            await self.push("501 5.1.3 The null address receives no mail")
        else:
            await super().smtp_RCPT(arg)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        return parse_path(arg)

    async def smtp_DATA(self, arg: str | None) -> None:
        """DATA: read the mail, have it committed, and only then say 250."""
        assert self.envelope is not None
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        if not self.envelope.rcpt_tos or arg:
            await self.push("501 5.5.4 Syntax: DATA" if arg else "503 5.5.1 Say RCPT TO first")
            return
        self.receiving = True
        try:
            await self._take_mail()
        finally:
            self.receiving = False
            self._set_post_data_state()  # type: ignore[no-untyped-call]
        if self._intake.stopping.is_set():
            self.hang_up("421 4.3.2 Service is stopping")

    async def _take_mail(self) -> None:
        # The line end of the DATA command itself belongs to the end mark of an empty mail. Putting it back
        # in front also keeps what an impatient peer has sent already.
        self._reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]
        await self.push("354 End with <CR><LF>.<CR><LF>")
        received = await self._receive()
        for reply in await self._answer(received):
            await self.push(reply)

    async def _receive(self) -> bytes | None:
        """The mail between the DATA command's line end and the end mark, or None where it is too large."""
        pieces: list[bytes] = []
        size = 0
        limit = self._intake.options.max_size
        complete = False
        while not complete:
            try:
                piece = await self._reader.readuntil(END_OF_MAIL)
                complete = True
            except asyncio.LimitOverrunError as overrun:
                piece = await self._reader.read(overrun.consumed)
            self._reset_timeout()
            size += len(piece)
            if size <= limit + len(END_OF_MAIL):
                pieces.append(piece)
            else:
                pieces.clear()  # read on to the end: the peer hears the reply only there
        if size > limit + len(END_OF_MAIL):
            return None
        return b"".join(pieces)

    async def _answer(self, received: bytes | None) -> list[str]:
        """The replies to a mail: one in SMTP."""
        if received is None:
            return ["552 5.3.4 The mail is larger than this server takes"]
        if has_smuggling_line_ends(received):
            return ["550 5.5.2 A line of the mail ends without <CR><LF>"]
        content = undo_dot_stuffing(received)
        if count_hops(content) > self._intake.options.hop_limit:
            return ["554 5.4.6 Too many hops: the mail goes round in circles"]
        return [await self._commit(content)]

    async def _commit(self, content: bytes) -> str:
        try:
            await self._intake.committer.submit(self._raw_mail(content))
        except QueueFull:
            return "452 4.3.1 Too much mail is waiting, try again later"
        except CommitFailed as error:
            full = error.storage_full
            return "452 4.3.1 The disk is full" if full else "451 4.3.0 The mail could not be stored"
        return "250 2.0.0 Stored"

    def _raw_mail(self, content: bytes) -> RawMail:
        assert self.envelope is not None
        sender = self.envelope.mail_from or ""
        return RawMail(
            content=content,
            mail_from="" if sender == "<>" else sender,
            rcpt_to=tuple(dict.fromkeys(self.envelope.rcpt_tos)),
            source=self.source,
            received_at=self._intake.clock(),
            peer=self._peer_name(),
            protocol=self.protocol_name(),
        )

    def protocol_name(self) -> str:
        """The protocol as a trace header names it (RFC 3848, RFC 6531)."""
        assert self.session is not None
        assert self.envelope is not None
        if self.envelope.smtp_utf8:
            return "UTF8SMTP"
        return "ESMTP" if self.session.extended_smtp else "SMTP"

    def _peer_name(self) -> str:
        assert self.session is not None
        name = self.session.host_name or ""
        address = self._peer_address()
        literal = f"IPv6:{address}" if isinstance(address, IPv6Address) else str(address)
        return f"{name if SAFE_NAME.fullmatch(name) else 'unknown'} ([{literal}])"
