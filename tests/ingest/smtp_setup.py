"""A started SMTP server over a store that can be told to fail, for the tests of the SMTP source."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from domain.mail import RawMail
from ingest.committer import Committer
from ingest.sources.smtp import SmtpOptions, SmtpServer, room_for_all, start_smtp

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


class MemoryStore:
    """Keeps what is committed; can refuse, and can wait until it is let go on."""

    def __init__(self) -> None:
        self.groups: list[tuple[RawMail, ...]] = []
        self.error: Exception | None = None
        self.refuses: Callable[[RawMail], bool] = lambda raw: False
        self.go = threading.Event()
        self.go.set()
        self.entered = threading.Event()

    def commit(self, mails: Sequence[RawMail]) -> None:
        self.entered.set()
        assert self.go.wait(30)
        if self.error is not None:
            raise self.error
        if any(self.refuses(raw) for raw in mails):
            raise ValueError("a row does not fit")
        self.groups.append(tuple(mails))

    @property
    def mails(self) -> list[RawMail]:
        return [raw for group in self.groups for raw in group]


def options(**changed: Any) -> SmtpOptions:
    return SmtpOptions.model_validate(
        {"listen": "127.0.0.1:0", "next_hop": "127.0.0.1:25", "hostname": "relay.example", **changed}
    )


@asynccontextmanager
async def serving(
    store: MemoryStore, *, has_no_room: Callable[[], bool] = room_for_all, **changed: Any
) -> AsyncIterator[SmtpServer]:
    committer = Committer(store.commit)
    server = await start_smtp(options(**changed), committer, clock=lambda: NOW, has_no_room=has_no_room)
    try:
        yield server
    finally:
        await server.close(grace=5)
        await committer.close()


async def dialogue(port: int, *steps: bytes) -> list[bytes]:
    """Say each step and collect the reply to each, the greeting first; ends at the end of the stream."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    replies = [await reply(reader)]
    for step in steps:
        writer.write(step)
        await writer.drain()
        replies.append(await reply(reader))
    writer.close()
    await writer.wait_closed()
    return replies


async def reply(reader: asyncio.StreamReader) -> bytes:
    """One reply, of one or several lines; b"" where the peer has closed."""
    lines = b""
    async with asyncio.timeout(60):
        while True:
            line = await reader.readline()
            lines += line
            if not line or line[3:4] == b" ":
                return lines


async def until(condition: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"never happened: {what}") from None
