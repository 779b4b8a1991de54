"""LMTP: another greeting, a reply for each recipient, and else what SMTP promises."""

import asyncio
import smtplib
from collections.abc import AsyncIterator

import pytest

from ingest.committer import Committer
from ingest.sources.lmtp import LmtpOptions, start_lmtp
from ingest.sources.smtp import SmtpServer
from tests.ingest.smtp_setup import NOW, MemoryStore, reply

LHLO = b"LHLO front.example\r\n"
ENVELOPE = (
    b"MAIL FROM:<ann@example.com>\r\n",
    b"RCPT TO:<bob@example.com>\r\n",
    b"RCPT TO:<eve@example.com>\r\n",
    b"DATA\r\n",
)

Served = tuple[MemoryStore, SmtpServer]


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    store = MemoryStore()
    committer = Committer(store.commit)
    options = LmtpOptions(listen="127.0.0.1:0", hostname="relay.example")
    server = await start_lmtp(options, committer, clock=lambda: NOW)
    yield store, server
    await server.close(grace=5)
    await committer.close()


async def send(port: int) -> list[bytes]:
    """The replies to a mail for two."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reply(reader)
    for step in (LHLO, *ENVELOPE):
        writer.write(step)
        await reply(reader)
    writer.write(b"Subject: x\r\n\r\n..dot\r\n.\r\n")
    replies = [await reply(reader), await reply(reader)]
    writer.write(b"NOOP\r\n")
    assert (await reply(reader)).startswith(b"250 ")
    writer.close()
    return replies


async def test_a_mail_gets_a_reply_for_each_recipient(served: Served) -> None:
    store, server = served
    replies = await send(server.port)
    assert [line[:10] for line in replies] == [b"250 2.0.0 "] * 2
    [raw] = store.mails
    assert (raw.content, raw.source) == (b"Subject: x\r\n\r\n.dot\r\n", "lmtp")
    assert raw.rcpt_to == ("bob@example.com", "eve@example.com")
    assert (raw.peer, raw.protocol) == ("front.example ([127.0.0.1])", "LMTP")


async def test_a_failed_commit_is_told_to_each_recipient(served: Served) -> None:
    store, server = served
    store.error = RuntimeError("database is locked")
    assert [line[:10] for line in await send(server.port)] == [b"451 4.3.0 "] * 2
    assert store.mails == []


async def test_the_standard_client_is_understood(served: Served) -> None:
    store, server = served

    def talk() -> None:
        with smtplib.LMTP("127.0.0.1", server.port, local_hostname="front.example") as client:
            client.sendmail("ann@example.com", ["bob@example.com"], b"Subject: one\r\n\r\n")

    await asyncio.to_thread(talk)
    assert len(store.mails) == 1


@pytest.mark.parametrize("greeting", [b"EHLO c\r\n", b"HELO c\r\n"])
async def test_an_smtp_greeting_is_refused(served: Served, greeting: bytes) -> None:
    _, server = served
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await reply(reader)
    writer.write(greeting)
    assert (await reply(reader)).startswith(b"500 5.5.1 ")
    writer.close()
