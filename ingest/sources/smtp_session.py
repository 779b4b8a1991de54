"""One SMTP dialogue (RFC 5321): aiosmtpd's, with its greeting, DATA, address and reply code replaced.

Ours reads mail byte for byte in large pieces and answers with enhanced codes (RFC 2034). What becomes of
a received mail is in smtp_intake.py, opening the port in smtp.py, reading commands in smtp_loop.py.
"""

import asyncio
import re
from collections import defaultdict
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiosmtpd.proxy_protocol import get_proxy

from ingest.sources.smtp_intake import Intake
from ingest.sources.smtp_loop import SmtpLoop
from ingest.sources.smtp_security import TlsMode
from ingest.sources.smtp_syntax import END_OF_MAIL, needs_utf8, parse_path, peer_name, with_enhanced_code

PIECE = 64 * 1024  # how much of a mail is read at a time, in bytes
PROXY_TIMEOUT = 10.0  # a proxy sends its line at once
ERROR_LIMIT = 50  # replies of class 5 in one connection: whoever gets that many is no mail server


class SmtpSession(SmtpLoop):
    """A peer's connection."""

    line_length_limit = PIECE  # the stream's buffer; lines of a mail may be of any length
    command_size_limit = 2048  # RFC 5321 asks for 512 and more with extensions; UTF-8 addresses are long
    command_size_limits = defaultdict(lambda: 2048)  # noqa: RUF012 (as aiosmtpd declares it)

    def __init__(self, intake: Intake) -> None:
        tls = intake.options.tls
        implicit = tls is not None and tls.mode is TlsMode.IMPLICIT
        super().__init__(
            None,
            data_size_limit=intake.options.max_size,
            enable_SMTPUTF8=True,
            hostname=intake.hostname,
            ident="ESMTP",
            timeout=intake.options.timeout,
            tls_context=None if implicit else intake.tls,
            require_starttls=tls is not None and tls.required,
            auth_require_tls=not implicit,
            authenticator=intake.password_check,
            loop=asyncio.get_running_loop(),
        )
        self._intake = intake
        self._start_afresh()

    def _start_afresh(self) -> None:
        super()._start_afresh()
        self._address: IPv4Address | IPv6Address | None = None  # the peer's, behind a trusted proxy
        self._allowed = False  # whether it is in the allowed networks
        self._errors = 0  # replies of class 5 so far
        self._greeting = False  # replies to HELO and EHLO carry no enhanced codes (RFC 2034)
        self.receiving = False  # between DATA and its reply: not to be cut off when we stop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the session in, and see who it is."""
        super().connection_made(transport)
        self._intake.sessions.add(self)
        if self._tls_protocol is None:  # STARTTLS makes the connection a second time
            peer = transport.get_extra_info("peername")
            self._see_peer(peer[0] if peer else "")
            if self._is_in(self._intake.options.trusted_proxies):
                self._proxy_timeout = PROXY_TIMEOUT

    def connection_lost(self, error: Exception | None) -> None:
        """Count the session out."""
        self._intake.sessions.discard(self)
        super().connection_lost(error)

    async def _see_proxy(self) -> bool:
        """Where a proxy speaks for the peer, learn who that is (PROXY protocol); False where it does not."""
        if self._proxy_timeout is None:
            return True
        self._reset_timeout(self._proxy_timeout)
        told = await get_proxy(self._reader)
        if not told.valid:
            self.hang_up()
            return False
        if told.src_addr is not None:  # else the proxy speaks for itself, as in a health check
            self._see_peer(str(told.src_addr))
        self._reset_timeout()
        return True

    async def _let_in(self) -> bool:
        """Whether the peer may talk to us; where not, it has been told so."""
        if not await self._see_proxy():
            return False
        refusal = None
        if self._intake.password_check is None and not self._allowed:
            refusal = "554 5.7.1 This server takes no mail from your address"
        elif len(self._intake.sessions) > self._intake.options.max_sessions:
            refusal = "421 4.3.2 Too many connections, try again later"
        if refusal is not None:
            self.hang_up(refusal)
        return refusal is None

    def _see_peer(self, written: str) -> None:
        try:
            address = ip_address(written.partition("%")[0])
        except ValueError:
            self._address = None
        else:
            self._address = (isinstance(address, IPv6Address) and address.ipv4_mapped) or address
        self._allowed = self._is_in(self._intake.options.allowed_networks)

    def _is_in(self, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
        return self._address is not None and any(self._address in network for network in networks)

    def abort(self) -> None:
        """Cut the connection; a mail under way is not answered."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def push(self, status: str | bytes) -> None:
        """Send a reply, with an enhanced code where the RFC wants one."""
        text = status if isinstance(status, str) else status.decode("ascii")
        await super().push(text if self._greeting else with_enhanced_code(text))
        self._errors += text.startswith("5")
        if self._errors == ERROR_LIMIT:
            self.hang_up("421 4.7.0 Too many errors")

    async def smtp_HELO(self, hostname: str) -> None:
        """HELO (RFC 5321 4.1.1.1)."""
        await self._greet(hostname, ())

    async def smtp_EHLO(self, hostname: str) -> None:
        """EHLO with all that we can, in one piece."""
        await self._greet(hostname, self._extensions())

    def _extensions(self) -> tuple[str, ...]:
        extensions = [f"SIZE {self.data_size_limit}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
        if self.tls_context and not self._tls_protocol:
            extensions.append("STARTTLS")
        if self._intake.password_check and self._is_encrypted():
            extensions.append("AUTH PLAIN LOGIN")
        return (*extensions, "ENHANCEDSTATUSCODES")

    def _is_encrypted(self) -> bool:
        return self.transport is not None and self.transport.get_extra_info("sslcontext") is not None

    async def _greet(self, hostname: str, extensions: tuple[str, ...]) -> None:
        if not hostname:
            await self.push("501 5.5.4 Say who you are: EHLO host.example.com")
            return
        assert self.session is not None
        self._set_rset_state()  # type: ignore[no-untyped-call]
        self.session.extended_smtp = bool(extensions)
        self.session.host_name = hostname
        lines = (self.hostname, *extensions)
        self._greeting = True
        try:
            await self.push("\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))
        finally:
            self._greeting = False

    async def smtp_AUTH(self, arg: str) -> None:
        """AUTH PLAIN and LOGIN (RFC 4954), where there are users and the connection is encrypted."""
        if self._intake.password_check is None:
            await self.push("502 5.5.1 There is nobody to sign in as")
            return
        mechanism, space, initial = (arg or "").partition(" ")
        await super().smtp_AUTH(mechanism.upper() + space + initial)

    async def check_auth_needed(self, caller_method: str) -> bool:
        """Refuse a peer from outside that has not signed in."""
        assert self.session is not None
        if self.session.authenticated or self._allowed:
            return False
        await self.push("530 5.7.0 Sign in first, over TLS")
        return True

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
        assert self.envelope is not None
        # The line end of the DATA command itself belongs to the end mark of an empty mail. Putting it back
        # in front also keeps what an impatient peer has sent already.
        self._reader._buffer[:0] = b"\r\n"  # type: ignore[attr-defined]
        await self.push("354 End with <CR><LF>.<CR><LF>")
        received = await self._receive()
        if received is None:
            reply = "552 5.3.4 The mail is larger than this server takes"
        else:
            assert self.session is not None
            reply = await self._intake.take(
                received,
                sender=self.envelope.mail_from or "",
                recipients=self.envelope.rcpt_tos,
                peer=peer_name(self.session.host_name or "", self._address),
                protocol=self._protocol_name(),
            )
        await self._answer(reply)

    async def _answer(self, reply: str) -> None:
        await self.push(reply)

    async def _receive(self) -> bytes | None:
        """The mail between the DATA command's line end and the end mark, or None where it is too large."""
        pieces: list[bytes] = []
        size = 0
        limit = self._intake.options.max_size + len(END_OF_MAIL)
        complete = False
        while not complete:
            try:
                piece = await self._reader.readuntil(END_OF_MAIL)
                complete = True
            except asyncio.LimitOverrunError as overrun:
                piece = await self._reader.read(overrun.consumed)
            self._reset_timeout()
            size += len(piece)
            pieces.append(piece)
            if size > limit:
                pieces.clear()  # read on to the end: the peer hears the reply only there
        return b"".join(pieces) if size <= limit else None

    def _protocol_name(self) -> str:
        """As a trace header names it (RFC 3848, RFC 6531)."""
        assert self.session is not None
        assert self.envelope is not None
        name = "UTF8SMTP" if self.envelope.smtp_utf8 else "ESMTP" if self.session.extended_smtp else "SMTP"
        if name != "SMTP":
            name += "S" if self._is_encrypted() else ""
            name += "A" if self.session.authenticated else ""
        return name
