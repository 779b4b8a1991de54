"""Mail servers that misbehave on purpose, for the tests of outbound mail."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from domain.endpoint import Endpoint

HANG = b"(hang)"  # never answer
CLOSE = b"(close)"  # close the connection without an answer


@dataclass
class ScriptedServer:
    """Answers each command by its first word as told, and 250 else; keeps what it got."""

    replies: Mapping[str, bytes]
    endpoint: Endpoint = field(default_factory=lambda: Endpoint(host="127.0.0.1", port=0))
    worn: Mapping[str, bytes] = field(default_factory=dict)  # on a connection that had a mail before
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        used = False
        try:
            await self._say(writer, self.replies.get("greeting", b"220 scripted.example"))
            while line := await reader.readline():
                text = line.decode().strip()
                self.commands.append(text)
                word = text.partition(" ")[0]
                default = b"354 go on" if word == "DATA" else b"250 fine"
                replies = {**self.replies, **self.worn} if used else self.replies
                reply = replies.get(text, replies.get(word, default))
                await self._say(writer, reply)
                if reply.startswith(b"354"):
                    self.contents.append(await reader.readuntil(b"\r\n.\r\n"))
                    await self._say(writer, replies.get("end", b"250 taken"))
                    used = True
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, reply: bytes) -> None:
        if reply == HANG:
            await asyncio.Event().wait()
        if reply == CLOSE:
            raise ConnectionResetError
        writer.write(reply + b"\r\n")
        await writer.drain()


@asynccontextmanager
async def scripted(**replies: bytes) -> AsyncIterator[ScriptedServer]:
    """A running ScriptedServer."""
    peer = ScriptedServer(replies)
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(peer.talk(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    peer.endpoint = Endpoint(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    try:
        yield peer
    finally:
        server.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()
