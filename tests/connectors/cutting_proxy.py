"""A proxy between a connector and its service, real or not, that makes trouble just when it is told to.

Works on plain bytes, one request a connection (our client keeps none open), so the service behind it is what
it is; what it says about its own address is not rewritten.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it came: enough to choose which one gets into trouble."""

    method: str
    path: str  # with its query
    head: bytes = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_write(self) -> bool:
        return self.method in WRITES


Chosen = Callable[[Asked], bool]


def any_request(asked: Asked) -> bool:
    """Chooses each request."""
    return True


def writes(asked: Asked) -> bool:
    """Chooses what may change something, by its method."""
    return asked.is_write


@dataclass
class _Trouble:
    kind: str  # cut | refuse | stall | truncate | garble | say
    chosen: Chosen
    skip: int
    times: float
    answer: bytes = b""
    done: int = 0


class CuttingProxy:
    """Forwards to `upstream` (http://host:port); each kind of trouble is told beforehand."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        assert parts.hostname
        self._host, self._port = parts.hostname, parts.port or 80
        self._path = parts.path.rstrip("/")
        self._troubles: list[_Trouble] = []
        self._stop = asyncio.Event()
        self.asked: list[Asked] = []
        self.url = ""

    @asynccontextmanager
    async def running(self, *, tls: ssl.SSLContext | None = None) -> AsyncIterator["CuttingProxy"]:
        """Listen on a free port of 127.0.0.1 until the end of the block."""
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0, ssl=tls, limit=2**20)
        port = server.sockets[0].getsockname()[1]
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{port}{self._path}"
        try:
            yield self
        finally:
            self._stop.set()
            server.close()

    def cut_answer(self, chosen: Chosen = writes, *, skip: int = 0, times: float = 1) -> None:
        """Hand the request on, wait until it is answered, and answer nothing: nobody knows what was done."""
        self._troubles.append(_Trouble("cut", chosen, skip, times))

    def refuse(self, chosen: Chosen = any_request, *, skip: int = 0, times: float = 1) -> None:
        """Cut the connection without handing the request on."""
        self._troubles.append(_Trouble("refuse", chosen, skip, times))

    def stall(self, chosen: Chosen = writes, *, skip: int = 0, times: float = 1) -> None:
        """Hand the request on and never answer it, with the connection open."""
        self._troubles.append(_Trouble("stall", chosen, skip, times))

    def truncate(self, chosen: Chosen = writes, *, skip: int = 0, times: float = 1) -> None:
        """Hand the request on and answer it with all but the last bytes."""
        self._troubles.append(_Trouble("truncate", chosen, skip, times))

    def garble(self, chosen: Chosen = writes, *, skip: int = 0, times: float = 1) -> None:
        """Hand the request on and answer with a page in HTML, as a proxy that wants a log-in does."""
        page = b"<html><body>Please sign in</body></html>"
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s"
        self._troubles.append(_Trouble("garble", chosen, skip, times, answer % (len(page), page)))

    def say(
        self, status: int, *, headers: str = "", chosen: Chosen = any_request, skip: int = 0, times: float = 1
    ) -> None:
        """Answer a status instead of handing the request on; `headers` are lines that end in CR LF."""
        answer = f"HTTP/1.1 {status} Said\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n"
        self._troubles.append(_Trouble("say", chosen, skip, times, answer.encode()))

    def calm(self) -> None:
        """Make no more trouble."""
        self._troubles.clear()

    def written(self) -> list[Asked]:
        """What was asked so far that may change something."""
        return [asked for asked in self.asked if asked.is_write]

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Either side may go at any moment: that is what this is for. And a test may end before an answer.
        with contextlib.suppress(
            asyncio.CancelledError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
        ):
            await self._forward(reader, writer)
        writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await _request(reader)
        self.asked.append(asked)
        trouble = self._trouble_for(asked)
        if trouble is not None and trouble.kind == "refuse":
            return
        answer = (
            trouble.answer if trouble is not None and trouble.kind == "say" else await self._answer(asked)
        )
        match "" if trouble is None else trouble.kind:
            case "cut":
                return
            case "stall":
                await self._stop.wait()
                return
            case "truncate":
                answer = answer[: len(answer) - min(5, len(answer) // 2)]
            case "garble":
                assert trouble is not None
                answer = trouble.answer
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def _trouble_for(self, asked: Asked) -> _Trouble | None:
        for trouble in self._troubles:
            if not trouble.chosen(asked):
                continue
            if trouble.skip:
                trouble.skip -= 1
            elif trouble.done < trouble.times:
                trouble.done += 1
                return trouble
        return None

    async def _answer(self, asked: Asked) -> bytes:
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(asked.head + asked.body)
            await writer.drain()
            return await reader.read(-1)
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = await reader.readuntil(b"\r\n\r\n")
    method, path, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ", 2)
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
    if b"chunked" in fields.get(b"transfer-encoding", b""):
        body = await _chunks(reader)
    else:
        body = await reader.readexactly(int(fields.get(b"content-length", b"0")))
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    lines.insert(1, b"Connection: close")
    return Asked(method=method, path=path, head=b"\r\n".join(lines), body=body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A chunked body (RFC 9112, section 7.1) as it stands, with its sizes."""
    taken = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.split(b";")[0], 16)
        taken += line + await reader.readexactly(size + 2)
        if size == 0:
            return taken
