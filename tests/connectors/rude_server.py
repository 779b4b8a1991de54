"""A local HTTP server that misbehaves in every way that a service, its proxy or its network can."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

TLS = Path(__file__).parent.parent / "tls"
HUGE = 64 * 2**20


class RudeServer:
    """Remembers what it was asked; the path says how it behaves."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []  # method, path with query, Authorization
        self.bodies: list[bytes] = []
        self.url = ""
        self.app = web.Application(client_max_size=HUGE)
        self.app.router.add_route("*", "/{name:.*}", self._answer)
        self.headers: dict[str, str] = {}  # of the next answers
        self.text = "{}"
        self._stop = asyncio.Event()

    @asynccontextmanager
    async def running(self, *, tls: ssl.SSLContext | None = None) -> AsyncIterator["RudeServer"]:
        runner = web.AppRunner(self.app, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        port = runner.addresses[0][1]
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{port}"
        try:
            yield self
        finally:
            self._stop.set()
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path_qs, request.headers.get("Authorization", "")))
        self.bodies.append(await request.read())
        name, _, detail = request.match_info["name"].partition("/")
        if name == "status":
            return web.Response(
                status=int(detail), text=self.text, headers=self.headers, content_type="application/json"
            )
        if name == "redirect":
            return web.Response(status=int(detail), headers=self.headers)
        if name in {"slow", "dripping", "truncated", "huge", "endless", "cut", "unparsable"}:
            return await getattr(self, f"_{name}")(request)
        return web.json_response({"name": "well-behaved", "id": 7})

    async def _slow(self, request: web.Request) -> web.StreamResponse:
        await self._stop.wait()
        return web.Response()

    async def _dripping(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100000"})
        await response.prepare(request)
        while not self._stop.is_set():
            await response.write(b" ")
            await asyncio.sleep(0.02)
        return response

    async def _truncated(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"name": "well-')
        assert request.transport is not None
        request.transport.close()
        return response

    async def _huge(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=b" " * HUGE)

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 65_536)

    async def _cut(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def _unparsable(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>Please sign in</html>", content_type="text/html")


def server_tls() -> ssl.SSLContext:
    """The certificate of localhost that nobody trusts by itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "localhost.crt", TLS / "localhost.key")
    return context
