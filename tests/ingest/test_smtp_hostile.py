"""Whatever a peer sends, the service stays up, stores nothing half, and the next peer is served."""

import asyncio
import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.sources.smtp import SmtpServer
from tests.ingest.smtp_setup import MemoryStore, reply, serving, until

ENVELOPE = (b"EHLO c.example\r\n", b"MAIL FROM:<ann@example.com>\r\n", b"RCPT TO:<bob@example.com>\r\n")
WHOLE = b"".join(ENVELOPE) + b"DATA\r\nSubject: whole\r\n\r\nbody\r\n.\r\nQUIT\r\n"


async def say(port: int, *pieces: bytes) -> bytes:
    """Send all pieces, whatever comes back; then all that came back until the peer closes or falls silent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = bytearray()

    async def listen() -> None:
        while piece := await reader.read(65_536):
            answers.extend(piece)

    listening = asyncio.create_task(listen())
    with contextlib.suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(60):
            await listening
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return bytes(answers)


async def is_served(server: SmtpServer, store: MemoryStore) -> bool:
    """Whether an honest peer gets its mail stored after all that."""
    before = len(store.mails)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await reply(reader)
    writer.write(WHOLE)
    codes = [(await reply(reader))[:3] for _ in range(6)]
    writer.close()
    return codes[4] == b"250" and len(store.mails) == before + 1


# What is sent, and what must be among the answers. A connection that is cut while the peer still sends may
# lose its last answers on the way, so these are not asked for.
FLOODS = {
    "a hundred thousand NOOPs": (b"NOOP\r\n" * 100_000, b"250 2.0.0 "),
    "a hundred thousand unknown commands": (b"XYZZY\r\n" * 100_000, b"500 5.5.2 "),
    "an HTTP request": (b"POST / HTTP/1.1\r\nA: b\r\nC: d\r\nE: f\r\nG: h\r\n\r\nRSET\r\n", b"502 5.5.1 "),
    "a million NULs": (b"\0" * 1_000_000 + b"\r\n", b"500 5.5.2 "),
    "an endless command line": (b"EHLO " + b"x" * 5_000_000, b"220 "),
    "only line feeds": (b"\n" * 10_000, b"500 5.5.2 "),
    "no ASCII at all": (b"\xff\r\n" * 10_000, b"500 5.5.2 "),
    "malformed senders": (b"EHLO c\r\n" + b"MAIL FROM:<<<\r\n" * 10_000, b"553 5.1.3 "),
    "over-long lines": ((b"x" * 200_000 + b"\r\n") * 200, b"500 5.5.2 "),
    "a TLS greeting": (bytes.fromhex("16030102000100") + b"\r\n", b"500 5.5.2 "),
}  # fmt: skip


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_is_answered_and_ends(name: str) -> None:
    said, answer = FLOODS[name]
    store = MemoryStore()
    async with serving(store) as server:
        answers = await say(server.port, said)
        assert answer in answers
        assert answers.count(b"\r\n") <= 102
        assert store.mails == []
        assert await is_served(server, store)


async def test_ten_thousand_recipients_get_an_answer_each_and_the_first_ones_the_mail() -> None:
    store = MemoryStore()
    recipients = b"".join(b"RCPT TO:<r%d@example.com>\r\n" % n for n in range(10_000))
    async with serving(store) as server:
        answers = await say(
            server.port, b"".join(ENVELOPE[:2]), recipients, b"DATA\r\nx\r\n.\r\n", b"QUIT\r\n"
        )
        await until(lambda: len(store.mails) == 1, "the mail is stored")
    assert answers.count(b"452 4.5.3 ") == 9000
    assert len(store.mails[0].rcpt_to) == 1000


async def test_a_hundred_megabytes_are_refused_and_not_kept_in_memory() -> None:
    store = MemoryStore()
    async with serving(store, max_size=1_000_000) as server:
        megabyte = (b"x" * 998 + b"\r\n") * 1000
        answers = await say(
            server.port, b"".join(ENVELOPE) + b"DATA\r\n", *[megabyte] * 100, b".\r\n", b"QUIT\r\n"
        )
        assert b"552 5.3.4 " in answers
        assert store.mails == []
        assert await is_served(server, store)


async def test_a_peer_that_drips_is_disconnected_even_in_the_middle_of_a_mail() -> None:
    store = MemoryStore()
    async with serving(store, timeout=0.3) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await reply(reader)
        for step in (*ENVELOPE, b"DATA\r\n"):
            writer.write(step)
            await reply(reader)

        async def drip() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        assert (await reply(reader)).startswith(b"421 4.4.2 ")
        dripping.cancel()
        writer.close()
        assert store.mails == []


async def test_two_hundred_idle_sessions_keep_nobody_out() -> None:
    store = MemoryStore()
    async with serving(store) as server:
        idle = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(200)]
        assert await is_served(server, store)
        for _, writer in idle:
            writer.close()


PIECES = st.sampled_from(
    [
        *ENVELOPE,
        b"HELO c\r\n", b"RSET\r\n", b"NOOP\r\n", b"VRFY ann\r\n", b"HELP\r\n", b"HELP MAIL\r\n", b"EXPN\r\n",
        b"MAIL FROM:<>\r\n", b"MAIL FROM:<@a,@b:x@example.com> SIZE=12 BODY=8BITMIME\r\n", b"MAIL\r\n",
        b"RCPT TO:<postmaster>\r\n", b'RCPT TO:<"a b"@example.com>\r\n', b"RCPT TO:\r\n", b"AUTH PLAIN\r\n",
        b"STARTTLS\r\n", b"QUIT\r\n", b"BDAT 5 LAST\r\n", b"DATA x\r\n", b"\r\n", b"\n", b"\r", b".\r\n",
        b"DATA\r\n", b"Subject: x\r\n\r\nbody\r\n", b"..dots\r\n", b"\r\n.\r\n", b"\n.\n", b"\r.\r",
    ]
)  # fmt: skip


@given(pieces=st.lists(PIECES | st.binary(max_size=40), max_size=25))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_dialogue_gets_replies_and_leaves_the_service_unharmed(pieces: list[bytes]) -> None:
    async def run() -> None:
        store = MemoryStore()
        async with serving(store) as server:
            answers = await say(server.port, *pieces)
            lines = answers.split(b"\r\n")[:-1]
            assert all(line[:3].isdigit() and line[3:4] in (b" ", b"-") for line in lines)
            for raw in store.mails:
                assert raw.rcpt_to
                assert raw.content.count(b"\n") == raw.content.count(b"\r\n")
            assert await is_served(server, store)

    asyncio.run(run())
