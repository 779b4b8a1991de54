"""One SMTP dialogue (RFC 5321): aiosmtpd's, with its greeting, DATA, address and reply code replaced.

Ours reads mail byte for byte in large pieces and answers with enhanced codes (RFC 2034). What becomes of
a received mail is in smtp_intake.py, opening the port in smtp.py, reading commands in smtp_loop.py.
"""

import asyncio
import re
from collections import defaultdict

from ingest.sources.smtp_intake import Intake
from ingest.sources.smtp_peer import FOREIGN
from ingest.sources.smtp_security import TlsMode
from ingest.sources.smtp_sign_in import SmtpSignIn
from ingest.sources.smtp_syntax import END_OF_MAIL, needs_utf8, parse_path, with_enhanced_code
from ingest.sources.xclient import ATTRIBUTES

PIECE = 64 * 1024  # how much of a mail is read at a time, in bytes
ERROR_LIMIT = 50  # replies of class 5 in one connection: whoever gets that many is no mail server


class SmtpSession(SmtpSignIn):
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
            loop=asyncio.get_running_loop(),
        )
        self._intake = intake
        self._start_afresh()

    def _start_afresh(self) -> None:
        super()._start_afresh()
        self._errors = 0  # replies of class 5 so far
        self._greeting = False  # replies to HELO and EHLO carry no enhanced codes (RFC 2034)

    async def push(self, status: str | bytes) -> None:
        """Send a reply, with an enhanced code where the RFC wants one."""
        text = status if isinstance(status, str) else status.decode("ascii")
        await self._say((text if self._greeting else with_enhanced_code(text)).encode("utf-8"))
        if text.startswith("5"):
            self._errors += 1
            self._peer.made_an_error()
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
        if self._may_tell:
            extensions.append(" ".join(("XCLIENT", *ATTRIBUTES)))
        return (*extensions, "ENHANCEDSTATUSCODES")

    def _in_transaction(self) -> bool:
        return self.envelope is not None and bool(self.envelope.mail_from)

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

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """STARTTLS (RFC 3207), once and where there is a certificate."""
        if self._is_encrypted():
            await self.push("503 5.5.1 The connection is encrypted already")
        elif not self.tls_context:
            await self.push("502 5.5.1 There is no encryption here")
        else:
            await super().smtp_STARTTLS(arg)

    async def smtp_VRFY(self, arg: str | None) -> None:
        """VRFY, which tells nobody who is there (RFC 5321 3.5.3)."""
        if not await self.check_auth_needed("VRFY"):
            await self.push("252 2.5.0 Send a mail to find out" if arg else "501 5.5.4 Syntax: VRFY address")

    async def smtp_HELP(self, arg: str | None) -> None:
        """HELP."""
        await self.push("214 2.0.0 See RFC 5321")

    async def check_auth_needed(self, caller_method: str) -> bool:
        """Refuse a peer from outside that has not signed in."""
        assert self.session is not None
        if self.session.authenticated or self._allowed:
            return False
        could = self._intake.password_check is not None
        await self.push("530 5.7.0 Sign in first, over TLS" if could else FOREIGN)
        return True

    async def smtp_MAIL(self, arg: str | None) -> None:
        """MAIL FROM; UTF-8 in an address needs the extension asked for (RFC 6531)."""
        if arg and needs_utf8(arg) and "SMTPUTF8" not in arg.upper().split():
            await self.push("553 5.6.7 A UTF-8 address needs the SMTPUTF8 option")
        elif self._intake.has_no_room():
            await self.push("452 4.3.1 The disk is nearly full, try again later")
        elif not self._peer.may_send():
            await self.push("450 4.7.1 Too many mails from your address, try again later")
        else:
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
        elif not self._peer.may_address():
            await self.push("452 4.5.3 Too many recipients from your address, try again later")
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
        self._inflow.put_back(b"\r\n")
        await self.push("354 End with <CR><LF>.<CR><LF>")
        received = await self._receive()
        if received is None:
            reply = "552 5.3.4 The mail is larger than this server takes"
        else:
            reply = await self._intake.take(
                received,
                sender=self.envelope.mail_from or "",
                recipients=self.envelope.rcpt_tos,
                peer=self._trace_name(),
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
                piece = await self._inflow.readuntil(END_OF_MAIL)
                complete = True
            except asyncio.LimitOverrunError as overrun:
                piece = await self._inflow.read(overrun.consumed)
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
        extended = self.session.extended_smtp and self._told.protocol != "SMTP"
        name = "UTF8SMTP" if self.envelope.smtp_utf8 else "ESMTP" if extended else "SMTP"
        if name != "SMTP":
            name += "S" if self._is_encrypted() else ""
            name += "A" if self.session.authenticated else ""
        return name
