"""Commands and replies on an open SMTP connection, several in one go where the server allows it (RFC 2920).

aiosmtplib opens, greets and encrypts; it takes one command at a time, and more CPU a mail than all of ours.
Knows replies, not mails.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from aiosmtplib import SMTPException, SMTPResponse

_LONGEST_REPLIES = 1024 * 1024  # bytes waiting; a server that sends more is no mail server


class Dialogue(asyncio.Protocol):
    """Takes over a connection on which nothing is under way."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._received = bytearray()
        self._replies: list[SMTPResponse] = []
        self._lines: list[str] = []  # of the reply that is coming in
        self._wanted = 0  # replies that are waited for
        self._waiter: asyncio.Future[None] | None = None
        self._lost = False
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        """Whether something can be said."""
        return not self._lost and not self._transport.is_closing()

    def close(self) -> None:
        """Close the connection without a word."""
        self._transport.close()

    def say(self, words: bytes) -> None:
        """Send without waiting for an answer."""
        if self.is_open:
            self._transport.write(words)

    async def ask(self, words: bytes, *, replies: int = 1, patience: float) -> Sequence[SMTPResponse]:
        """Send, and wait for so many replies for `patience` seconds; raises OSError or SMTPException."""
        if not self.is_open:
            raise ConnectionError("the connection is lost")
        self._replies, self._wanted = [], replies
        self._waiter = asyncio.get_running_loop().create_future()
        alarm = asyncio.get_running_loop().call_later(patience, self._give_up, patience)
        self._transport.write(words)
        try:
            await self._waiter
        finally:
            alarm.cancel()
            self._waiter = None
        if len(self._replies) > replies:  # a farewell: what comes next would get the wrong answer
            self._transport.close()
        return self._replies[:replies]

    def data_received(self, data: bytes) -> None:
        """Take in replies (RFC 5321 section 4.2.1)."""
        self._received += data
        if len(self._received) > _LONGEST_REPLIES:
            self._fail(SMTPException("the server's reply is endless"))
        *lines, rest = self._received.split(b"\n")
        self._received = rest
        for line in lines:
            self._take_line(bytes(line))
        if self._waiter is None:
            # Said unasked, such as 421 before it hangs up: nothing on this connection can be relied on.
            self._transport.close()
        elif len(self._replies) >= self._wanted and not self._waiter.done():
            self._waiter.set_result(None)

    def _take_line(self, line: bytes) -> None:
        code = line[:3]
        if not code.isdigit():
            self._fail(SMTPException(f"no proper reply: {line[:100].decode('utf-8', 'replace')}"))
            return
        self._lines.append(line[4:].decode("utf-8", "replace").strip())
        if line[3:4] != b"-":
            self._replies.append(SMTPResponse(int(code), "\n".join(self._lines)))
            self._lines = []

    def _give_up(self, seconds: float) -> None:
        self._fail(TimeoutError(f"no reply within {seconds:.0f} s"))

    def eof_received(self) -> None:
        """The server says no more."""
        self._fail(ConnectionError("the server closed the connection"))

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone."""
        self._lost = True
        reason = ConnectionError("the connection is lost")
        reason.__cause__ = error
        self._fail(reason)

    def _fail(self, error: Exception) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
        with suppress(OSError):
            self._transport.close()
