"""The loop of an SMTP dialogue: reads commands, calls their methods and watches the clock.

aiosmtpd's own, with what costs most of its CPU replaced: it finds its methods by introspection for each
connection, reads through streams and tasks, and sets a timer and writes log lines for each command. What
commands do is in smtp_session.py.
"""

import asyncio
import logging
from collections import Counter
from typing import Self, cast

from aiosmtpd.smtp import ALLOWED_BEFORE_STARTTLS, SMTP, TLSSetupException

from ingest.sources.smtp_stream import Conversation, Inflow

logger = logging.getLogger(__name__)

# How often a command may come in one connection: enough for a server that keeps its connection for
# thousands of mails, an end for one that floods or guesses passwords.
CALL_LIMITS = {
    "MAIL": 10_000, "RCPT": 100_000, "DATA": 10_000, "RSET": 10_000, "XCLIENT": 10_000, "AUTH": 5,
}  # fmt: skip
CALL_LIMIT = 100  # of any other command
UNKNOWN_LIMIT = 5  # commands that do not exist in one connection
LINGER = 5.0  # seconds that a peer has to fetch our last replies; one that reads nothing would never go


class SmtpLoop(SMTP):
    """A connection; the subclass says who may talk and what is answered."""

    _line: asyncio.Transport  # set, as the two below, when the connection is made
    _inflow: Inflow
    _conversation: Conversation

    def _start_afresh(self) -> None:
        """Forget what is said of one connection."""
        self._calls: Counter[str] = Counter()  # commands so far, by name
        self.receiving = False  # between DATA and its reply: not to be cut off when we stop
        self._silent_until = 0.0  # when the peer has been silent for too long, by the event loop's clock
        self._writable: asyncio.Future[None] | None = None  # set while the peer does not fetch our replies

    async def _let_in(self) -> bool:
        """Whether the peer may talk to us; where not, it has been told so. Anybody may, unless overridden."""
        return True

    def hang_up(self, farewell: str = "") -> None:
        """Close the connection, with a last reply where one is given."""
        if self.transport is None or self.transport.is_closing():
            return
        if farewell:
            self._line.write(farewell.encode("ascii") + b"\r\n")
        self._line.close()
        if self._line.get_write_buffer_size():
            self.loop.call_later(LINGER, self._line.abort)

    def abort(self) -> None:
        """Cut the connection; a mail under way is not answered."""
        if self.transport is not None:
            self._line.abort()

    def another(self) -> Self:
        """A session for the next connection, with the settings of this one, which serves as the model only.

        aiosmtpd finds its own methods by introspection for each connection: a quarter of a mail's CPU.
        """
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        made._start_afresh()
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the dialogue; STARTTLS makes the connection a second time, and the dialogue goes on."""
        self._set_rset_state()  # type: ignore[no-untyped-call]
        self.session = self._create_session()
        self.session.peer = transport.get_extra_info("peername")
        self.transport = transport
        self._line = cast(asyncio.Transport, transport)  # uvloop's are none by their class
        self._reset_timeout()
        if self._tls_protocol is not None:
            self._inflow.clear()  # what was said in the clear does not count (RFC 3207 section 4.2)
            self._inflow.transport = self._line
            self.session.ssl = self._tls_protocol._extra
            return
        self._inflow = Inflow(self._line, self.line_length_limit)
        self._meet()
        self._conversation = Conversation(self._handle_client())
        self._handler_coroutine = cast("asyncio.Task[None]", self._conversation)  # aiosmtpd's QUIT ends it
        self._conversation.more()

    def _meet(self) -> None:
        """See who has come, before the dialogue begins."""

    def data_received(self, data: bytes) -> None:
        """Go on with the dialogue."""
        self._inflow.feed(data)
        self._conversation.more()

    def eof_received(self) -> bool:
        """A peer that will say no more is still answered: what it has said may hold a whole mail."""
        self._inflow.end()
        self._conversation.more()
        return self._line.get_extra_info("sslcontext") is None  # TLS cannot stay half open

    def connection_lost(self, error: Exception | None) -> None:
        """End the dialogue where it is."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        if self._original_transport is not None:  # else TLS would hear of its end a second time
            self._original_transport.close()
        self.resume_writing()
        self._conversation.cancel()
        self.transport = None

    def pause_writing(self) -> None:
        """The peer does not fetch our replies."""
        self._writable = self.loop.create_future()

    def resume_writing(self) -> None:
        """It does again."""
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    async def _say(self, reply: bytes) -> None:
        """Send lines and wait until the peer fetches them; raises ConnectionError where it is gone."""
        if self._line.is_closing():
            raise ConnectionResetError("the connection is closed")
        self._line.write(reply + b"\r\n")
        if self._writable is not None:
            await self._writable

    async def _handle_client(self) -> None:
        """The dialogue, command by command; replaces aiosmtpd's, which takes three times the CPU."""
        try:
            if await self._let_in():
                await self._welcome()
                while self.transport is not None and not self.transport.is_closing():
                    await self._obey(await self._read_command())
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # a peer that goes away is nothing to report
        finally:
            self.hang_up()

    async def _welcome(self) -> None:
        await self.push(f"220 {self.hostname} {self.__ident__}")

    async def _read_command(self) -> bytes | None:
        """The next line without its end; None where it was too long to be kept."""
        complete = True
        while True:
            try:
                line = await self._inflow.readuntil()
            except asyncio.LimitOverrunError as overrun:
                complete = False
                await self._inflow.read(overrun.consumed)
            else:
                return line.rstrip(b"\r\n") if complete else None

    async def _obey(self, line: bytes | None) -> None:
        assert self.session is not None
        verb, _, argument = (line or b"").partition(b" ")
        command = verb.upper().decode("ascii", "replace")
        if line is None or len(line) > self.command_size_limit:
            await self.push("500 5.5.2 The command line is too long")
        elif self.require_starttls and not self._tls_protocol and command not in ALLOWED_BEFORE_STARTTLS:
            await self.push("530 5.7.0 Say STARTTLS first")
        elif command not in self._smtp_methods:
            await self._refuse_unknown()
        elif self._calls[command] >= CALL_LIMITS.get(command, CALL_LIMIT):
            self.hang_up(f"421 4.7.0 {command} came too many times")
        else:
            self._calls[command] += 1
            self._reset_timeout()
            await self._call(command, argument.strip().decode("utf-8", "surrogateescape") or None)

    async def _refuse_unknown(self) -> None:
        self._calls[""] += 1
        if self._calls[""] >= UNKNOWN_LIMIT:
            self.hang_up("502 5.5.1 Too many unknown commands, goodbye")
        else:
            await self.push("500 5.5.2 Command not recognised")

    async def _call(self, command: str, argument: str | None) -> None:
        try:
            await getattr(self, f"smtp_{command}")(argument)
        except (ConnectionError, asyncio.IncompleteReadError):
            raise
        except TLSSetupException as error:
            logger.info("a peer asked for encryption and failed at it: %s", error.__cause__)
            self.hang_up()
            self.connection_lost(error)  # the connection below has not come so far that it would call this
        # A fault of ours is never the mail's: the peer keeps it and tries again.
        except Exception:
            logger.exception("SMTP session failed")
            await self.push("451 4.3.0 Local error, try again later")

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Count the peer's silence from now; the timer itself is set anew only when it goes off."""
        now = self.loop.time()
        self._silent_until = now + (duration or self._timeout_duration)
        if self._timeout_handle is None or self._timeout_handle.when() > self._silent_until:
            self._set_alarm()

    def _set_alarm(self) -> None:
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        self._timeout_handle = self.loop.call_at(self._silent_until, self._timeout_cb)

    def _timeout_cb(self) -> None:
        if self.loop.time() < self._silent_until:
            self._set_alarm()
        else:
            self.hang_up("421 4.4.2 Nothing heard for too long, closing")
