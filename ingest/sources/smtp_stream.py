"""What a peer has sent, and the dialogue that reads it: both without asyncio's streams and tasks.

Those take two turns of the event loop and a future for each command; here the dialogue goes on in the turn in
which the command comes in, as in a protocol written by hand. Knows nothing of SMTP.
"""

import asyncio
import logging
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any

logger = logging.getLogger(__name__)


@coroutine
def _until_more_comes() -> Generator[None, None, None]:
    yield


class Inflow:
    """The bytes that have come in and that nobody has read, read as from an asyncio.StreamReader.

    Only in a dialogue that a Conversation runs.
    """

    def __init__(self, transport: asyncio.ReadTransport, limit: int) -> None:
        """`limit` is how many bytes may lie before a mark that is looked for."""
        self.transport = transport
        self._limit = limit
        self._buffer = bytearray()
        self._ended = False
        self._paused = False

    def feed(self, data: bytes) -> None:
        """Take in what has come; the peer is held back while twice the limit lies unread."""
        self._buffer += data
        if len(self._buffer) > 2 * self._limit and not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def end(self) -> None:
        """The peer will send no more."""
        self._ended = True

    def put_back(self, data: bytes) -> None:
        """Let the next reader see this first."""
        self._buffer[:0] = data

    def clear(self) -> None:
        """Forget what has not been read."""
        self._buffer.clear()

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        """All up to and with a mark.

        Raises LimitOverrunError where it does not come within the limit (nothing is read then), and
        IncompleteReadError where the peer has ended without it.
        """
        looked = 0
        while True:
            found = self._buffer.find(separator, looked)
            if found > self._limit:
                raise asyncio.LimitOverrunError("the mark comes too late", found)
            if found >= 0:
                return self._take(found + len(separator))
            looked = max(0, len(self._buffer) + 1 - len(separator))
            if looked > self._limit:
                raise asyncio.LimitOverrunError("the mark does not come", looked)
            if self._ended:
                raise asyncio.IncompleteReadError(self._take(len(self._buffer)), None)
            await self._more()

    async def read(self, n: int = -1) -> bytes:
        """Up to `n` bytes or all there are, at least one; none where the peer has ended."""
        while not self._buffer and not self._ended:
            await self._more()
        return self._take(len(self._buffer) if n < 0 else min(n, len(self._buffer)))

    async def readexactly(self, n: int) -> bytes:
        """`n` bytes; raises IncompleteReadError where the peer has ended before."""
        while len(self._buffer) < n:
            if self._ended:
                raise asyncio.IncompleteReadError(self._take(len(self._buffer)), n)
            await self._more()
        return self._take(n)

    async def _more(self) -> None:
        self._resume()
        await _until_more_comes()

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        if len(self._buffer) <= self._limit:
            self._resume()
        return taken

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            self.transport.resume_reading()


class Conversation:
    """Runs a dialogue as an asyncio.Task would, but goes on at once when `more` says that bytes have come.

    The dialogue may await futures and what is built on them, but nothing that asks for the current task.
    """

    def __init__(self, dialogue: Coroutine[Any, None, None]) -> None:
        self._dialogue = dialogue
        self._awaited: asyncio.Future[Any] | None = None  # what it waits for, where not for bytes
        self._running = False
        self._over = False

    def more(self) -> None:
        """Begin, or go on with the bytes that have come in."""
        if self._awaited is None:
            self._go_on()

    def _go_on(self, _: object = None) -> None:
        if self._running or self._over:
            return
        self._awaited = None
        self._running = True
        try:
            self._wait_for(self._dialogue.send(None))
        except StopIteration:
            self._over = True
        # As in a task, nobody waits for the end: what nobody has foreseen must be told somewhere.
        except Exception:
            self._over = True
            logger.exception("an SMTP dialogue failed")
        finally:
            self._running = False

    def _wait_for(self, awaited: "asyncio.Future[Any] | None") -> None:
        self._awaited = awaited
        if awaited is not None:
            awaited._asyncio_future_blocking = False
            awaited.add_done_callback(self._go_on)

    def cancel(self) -> None:
        """End the dialogue where it waits; from within it nothing happens: it ends with the connection."""
        if self._running or self._over:
            return
        self._over = True
        if self._awaited is not None:
            self._awaited.remove_done_callback(self._go_on)
            self._awaited.cancel()
        self._dialogue.close()
