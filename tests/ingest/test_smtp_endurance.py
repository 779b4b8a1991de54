"""Peers that hold on: large, slow, silent or many; each costs little and is let go."""

import asyncio
import contextlib
import socket
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from ingest.sources import smtp_loop
from tests.ingest.smtp_setup import MemoryStore, reply, serving, until
from tests.ingest.test_smtp_hostile import ENVELOPE, is_served, say

TLS_FOLDER = Path(__file__).parent.parent / "tls"
CERTIFICATE = {"certificate": TLS_FOLDER / "localhost.crt", "key": TLS_FOLDER / "localhost.key"}


async def test_of_a_hundred_megabytes_nothing_is_held() -> None:
    store = MemoryStore()
    megabyte = (b"x" * 998 + b"\r\n") * 1000
    async with serving(store, max_size=1_000_000) as server:
        tracemalloc.start()
        try:
            mail = (b"".join(ENVELOPE) + b"DATA\r\n", *[megabyte] * 100, b".\r\n", b"QUIT\r\n")
            answers = await say(server.port, *mail)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert b"552 5.3.4 " in answers
    assert peak < 8_000_000  # the limit, the stream's buffers on both sides, and the tests' own client
    assert store.mails == []


DRIPS: dict[str, tuple[tuple[bytes, ...], dict[str, Any]]] = {
    "a command": ((), {}),
    "after STARTTLS": ((b"EHLO c\r\n", b"STARTTLS\r\n"), {"tls": CERTIFICATE}),
    "the line of a proxy": ((), {"trusted_proxies": ["127.0.0.0/8"]}),
}


@pytest.mark.parametrize("name", DRIPS)
async def test_a_peer_that_drips_is_let_go(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.smtp_peer.PROXY_TIMEOUT", 0.3)
    steps, changed = DRIPS[name]
    async with serving(MemoryStore(), timeout=0.3, **changed) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        if "trusted_proxies" not in changed:
            await reply(reader)
        for step in steps:
            writer.write(step)
            await reply(reader)

        async def drip() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(b"\x16")
                    await writer.drain()
                    await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        await until(lambda: not server._intake.sessions, "the session has ended")
        dripping.cancel()
        writer.close()


async def test_a_peer_that_reads_no_reply_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_loop, "LINGER", 0.1)
    async with serving(MemoryStore(), timeout=0.3) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as peer:
            await until(lambda: len(server._intake.sessions) == 1, "it is there")
            (session,) = server._intake.sessions
            ours = session.transport.get_extra_info("socket")  # type: ignore[attr-defined]
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.setblocking(False)
            flood = b"".join(ENVELOPE[:2]) + ENVELOPE[2] * 100_000
            with contextlib.suppress(BlockingIOError, ConnectionError):
                while flood:
                    flood = flood[peer.send(flood) :]
                    await asyncio.sleep(0)
            await until(lambda: not server._intake.sessions, "the session has ended")


async def test_peers_that_vanish_in_any_state_are_let_go() -> None:
    async with serving(MemoryStore(), timeout=0.3) as server:
        held = []
        for said in (b"", b"EHL", b"".join(ENVELOPE), b"".join(ENVELOPE) + b"DATA\r\nSubject: half"):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            await reply(reader)
            writer.write(said)
            held.append(writer)  # says nothing more and never closes: as a host without power
        await until(lambda: not server._intake.sessions, "all of them have ended")
        for writer in held:
            writer.close()


async def test_five_hundred_sessions_are_served_and_one_more_is_told_to_come_again() -> None:
    store = MemoryStore()
    async with serving(store) as server:
        idle = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(499)]
        for reader, _ in idle:
            assert (await reply(reader)).startswith(b"220 ")
        assert await is_served(server, store)
        await until(lambda: len(server._intake.sessions) == 499, "the honest peer has left")
        idle.append(await asyncio.open_connection("127.0.0.1", server.port))
        assert (await reply(idle[-1][0])).startswith(b"220 ")
        idle.append(await asyncio.open_connection("127.0.0.1", server.port))
        assert (await reply(idle[-1][0])).startswith(b"421 4.3.2 ")
        for _, writer in idle:
            writer.close()


OUTSIDERS = {
    "an outside recipient": b"<eve@elsewhere.example>",
    "one of ours": b"<bob@example.com>",
    "postmaster": b"<postmaster>",
    "a percent": b"<eve%elsewhere.example@example.com>",
    "a bang path": b"<elsewhere.example!eve>",
    "a source route": b"<@example.com:eve@elsewhere.example>",
}


@pytest.mark.parametrize("name", OUTSIDERS)
async def test_whoever_is_outside_and_not_signed_in_may_name_nobody(name: str) -> None:
    store = MemoryStore()
    user = {"name": "scanner", "password": {"file": __file__}}
    changed: dict[str, Any] = {"allowed_networks": ["10.0.0.0/8"], "tls": CERTIFICATE, "users": [user]}
    said = b"EHLO c\r\nMAIL FROM:<ann@example.com> AUTH=<>\r\nMAIL FROM:<ann@example.com>\r\n"
    async with serving(store, **changed) as server:
        rest = b"RCPT TO:" + OUTSIDERS[name] + b"\r\nDATA\r\nXCLIENT ADDR=10.1.1.1\r\nQUIT\r\n"
        answers = await say(server.port, said, rest)
    codes = [line[:9] for line in answers.split(b"\r\n")[:-1] if line[3:4] == b" "]
    assert codes[2:6] == [b"530 5.7.0"] * 4
    assert codes[6] == b"550 5.7.0"
    assert store.mails == []
