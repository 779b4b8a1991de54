"""The SMTP source on a real socket: 250 means committed, byte for byte; all else gets the right code."""

import asyncio
import errno
import smtplib
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.errors import ListenError
from ingest.committer import Committer
from ingest.sources.smtp import start_smtp
from tests.ingest.smtp_setup import NOW, MemoryStore, dialogue, options, reply, serving, until

CLIENTS = ThreadPoolExecutor(32)  # more than the event loop's own, which are fewer than the parallel clients
ENVELOPE = (b"EHLO c.example\r\n", b"MAIL FROM:<ann@example.com>\r\n", b"RCPT TO:<bob@example.com>\r\n")


async def send(
    port: int, content: bytes, *, sender: str = "ann@example.com", to: tuple[str, ...] = ("bob@example.com",)
) -> tuple[int, bytes]:
    """By a real client; the reply to the mail. smtplib rewrites line ends, so content goes in ready."""

    def talk() -> tuple[int, bytes]:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
            client.ehlo("client.example")
            code, text = client.mail(sender, ["BODY=8BITMIME"])
            for recipient in to:
                code, text = client.rcpt(recipient)
                assert code == 250, text
            client.putcmd("DATA")
            assert client.getreply()[0] == 354
            stuffed = content.replace(b"\r\n.", b"\r\n..")
            client.send((b"." if content.startswith(b".") else b"") + stuffed + b".\r\n")
            return client.getreply()

    return await asyncio.get_running_loop().run_in_executor(CLIENTS, talk)


MAILS = {
    "plain": b"Subject: hi\r\n\r\nhello\r\n",
    "empty": b"",
    "only a line end": b"\r\n",
    "dots": b"Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\n...\r\nend.\r\n",
    "begins with a dot": b".x\r\n\r\n.\r\n",
    "raw 8-bit": b"Subject: \xe9t\xe9\r\n\r\n\xff\xfe\x80 caf\xc3\xa9\r\n",
    "every byte but line ends": b"X: y\r\n\r\n" + bytes(b for b in range(256) if b not in (10, 13)) + b"\r\n",
    "lone CR": b"Subject: cr\r\n\r\none\rtwo\r\r\n",
    "very long line": b"Subject: long\r\n\r\n" + b"x" * 300_000 + b"\r\nend\r\n",
    "end mark across two reads": b"S: x\r\n\r\n" + (b"y" * 65_520 + b"\r\n.\r\n") * 3,
    "a megabyte of lines": b"S: x\r\n\r\n" + b"all the lines are equal here\r\n" * 35_000,
}


@pytest.mark.parametrize("name", MAILS)
async def test_a_mail_is_stored_byte_for_byte(name: str) -> None:
    store = MemoryStore()
    async with serving(store) as server:
        code, text = await send(server.port, MAILS[name], to=("bob@example.com", "eve@example.com"))
    assert code == 250, text
    [raw] = store.mails
    assert raw.content == MAILS[name]
    assert (raw.mail_from, raw.rcpt_to) == ("ann@example.com", ("bob@example.com", "eve@example.com"))
    assert (raw.source, raw.received_at) == ("smtp", NOW)
    assert (raw.peer, raw.protocol) == ("client.example ([127.0.0.1])", "ESMTP")


async def test_the_null_reverse_path_is_taken() -> None:
    store = MemoryStore()
    async with serving(store) as server:
        assert (await send(server.port, b"bounce\r\n", sender=""))[0] == 250
    assert store.mails[0].mail_from == ""


async def test_250_comes_only_after_the_commit() -> None:
    store = MemoryStore()
    store.go.clear()
    async with serving(store) as server:
        sending = asyncio.create_task(send(server.port, b"x\r\n"))
        await until(store.entered.is_set, "the commit began")
        assert not sending.done()
        store.go.set()
        assert (await sending)[0] == 250


async def test_twenty_sessions_at_once_are_committed_in_groups() -> None:
    store = MemoryStore()
    store.go.clear()
    async with serving(store) as server:
        sending = [asyncio.create_task(send(server.port, f"mail {n}\r\n".encode())) for n in range(20)]
        await until(store.entered.is_set, "the first commit began")
        waiting = lambda: server._intake.committer._held == 20  # noqa: E731
        await until(waiting, "all twenty wait for the disk")
        store.go.set()
        codes = [code for code, _ in await asyncio.gather(*sending)]
    assert codes == [250] * 20
    assert len(store.mails) == 20
    assert len(store.groups) <= 3


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("database is locked"), (451, b"4.3.0")),
        (OSError(errno.ENOSPC, "No space left on device"), (452, b"4.3.1")),
    ],
    ids=["broken database", "full disk"],
)
async def test_a_failed_commit_is_a_temporary_refusal(error: Exception, expected: tuple[int, bytes]) -> None:
    store = MemoryStore()
    store.error = error
    async with serving(store) as server:
        code, text = await send(server.port, b"x\r\n")
        assert (code, text[:5]) == expected
        store.error = None
        assert (await send(server.port, b"again\r\n"))[0] == 250
    assert [raw.content for raw in store.mails] == [b"again\r\n"]


async def test_a_full_queue_is_a_temporary_refusal() -> None:
    store = MemoryStore()
    committer = Committer(store.commit, max_mails=1)
    server = await start_smtp(options(), committer, clock=lambda: NOW)
    store.go.clear()
    first = asyncio.create_task(send(server.port, b"first\r\n"))
    await until(store.entered.is_set, "the commit began")
    code, text = await send(server.port, b"second\r\n")
    store.go.set()
    assert (code, text[:5]) == (452, b"4.3.1")
    assert (await first)[0] == 250
    await server.close()
    await committer.close()
    assert [raw.content for raw in store.mails] == [b"first\r\n"]


def cut(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def half_close(writer: asyncio.StreamWriter) -> None:
    writer.write_eof()


@pytest.mark.parametrize("leave", [cut, half_close])
async def test_a_client_that_leaves_in_the_middle_of_a_mail_stores_nothing(
    leave: Callable[[asyncio.StreamWriter], None],
) -> None:
    store = MemoryStore()
    async with serving(store) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await reply(reader)
        for step in (*ENVELOPE, b"DATA\r\n"):
            writer.write(step)
            await reply(reader)
        writer.write(b"Subject: half\r\n\r\nthis is no\r\n")
        await writer.drain()
        leave(writer)
        await until(lambda: not server._intake.sessions, "the session ended")
        writer.close()
        assert (await send(server.port, b"whole\r\n"))[0] == 250
    assert [raw.content for raw in store.mails] == [b"whole\r\n"]


async def test_a_foreign_peer_is_refused_at_the_door() -> None:
    store = MemoryStore()
    async with serving(store, allowed_networks=["10.0.0.0/8"]) as server:
        replies = await dialogue(server.port, b"EHLO c.example\r\n")
    assert replies[0].startswith(b"554 5.7.1 ")
    assert replies[1] == b""
    assert store.mails == []


async def test_ehlo_lists_what_is_supported() -> None:
    async with serving(MemoryStore(), max_size=2000) as server:
        _, ehlo = await dialogue(server.port, b"EHLO c.example\r\n")
    assert ehlo.split(b"\r\n")[:-1] == [
        b"250-relay.example",
        b"250-SIZE 2000",
        b"250-8BITMIME",
        b"250-SMTPUTF8",
        b"250-PIPELINING",
        b"250 ENHANCEDSTATUSCODES",
    ]


SMUGGLED = {
    "bare LF": b"a\nb\r\n.\r\n",
    "LF dot LF": b"a\n.\nMAIL FROM:<x@example.com>\r\n.\r\n",
    "LF dot CRLF": b"a\n.\r\nMAIL FROM:<x@example.com>\r\n.\r\n",
    "CRLF dot LF": b"a\r\n.\nMAIL FROM:<x@example.com>\r\n.\r\n",
    "CR dot CRLF": b"a\r.\r\nMAIL FROM:<x@example.com>\r\n.\r\n",
    "CR dot CR": b"a\r.\rMAIL FROM:<x@example.com>\r\n.\r\n",
}


@pytest.mark.parametrize("name", SMUGGLED)
async def test_smuggling_by_odd_line_ends_is_refused(name: str) -> None:
    store = MemoryStore()
    async with serving(store) as server:
        replies = await dialogue(server.port, *ENVELOPE, b"DATA\r\n", SMUGGLED[name], b"NOOP\r\n")
    assert replies[-2].startswith(b"550 5.5.2 ")
    assert replies[-1].startswith(b"250 ")
    assert store.mails == []


async def test_too_large_is_refused_before_and_after_and_the_session_goes_on() -> None:
    store = MemoryStore()
    large = b"x" * 3000 + b"\r\n"
    async with serving(store, max_size=2000) as server:
        announced = await dialogue(server.port, ENVELOPE[0], b"MAIL FROM:<a@example.com> SIZE=2001\r\n")
        sent = await dialogue(server.port, *ENVELOPE, b"DATA\r\n", large + b".\r\n", b"NOOP\r\n")
        fits = await send(server.port, b"y" * 1998 + b"\r\n")
        above = await send(server.port, b"y" * 1999 + b"\r\n")
    assert announced[-1].startswith(b"552 5.3.4 ")
    assert sent[-2].startswith(b"552 5.3.4 ")
    assert sent[-1].startswith(b"250 ")
    assert (fits[0], above[0]) == (250, 552)
    assert len(store.mails) == 1


async def test_more_recipients_than_allowed_are_told_to_come_again() -> None:
    store = MemoryStore()
    steps = [b"RCPT TO:<r%d@example.com>\r\n" % n for n in range(103)]
    async with serving(store, max_recipients=100) as server:
        replies = await dialogue(server.port, *ENVELOPE[:2], *steps, b"DATA\r\n", b"x\r\n.\r\n")
    assert [line[:9] for line in replies[102:107]] == [b"250 2.0.0"] + [b"452 4.5.3"] * 3 + [b"354 End w"]
    assert replies[-1].startswith(b"250 2.0.0 ")
    assert len(store.mails[0].rcpt_to) == 100


async def test_a_mail_that_went_round_too_often_is_refused() -> None:
    store = MemoryStore()
    hop = b"Received: from a by b;\r\n\tMon, 23 Nov 2026 14:00:00 +0000\r\n"
    async with serving(store, hop_limit=5) as server:
        refused = await send(server.port, hop * 6 + b"\r\nbody\r\n")
        taken = await send(server.port, hop * 5 + b"\r\nReceived: in the body\r\n")
    assert (refused[0], refused[1][:5], taken[0]) == (554, b"5.4.6", 250)
    assert len(store.mails) == 1


async def test_commands_sent_at_once_are_answered_in_order() -> None:
    store = MemoryStore()
    async with serving(store) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"".join(ENVELOPE) + b"DATA\r\nSubject: eager\r\n\r\n..x\r\n.\r\nNOOP\r\nQUIT\r\n")
        codes = [(await reply(reader))[:3] for _ in range(8)]
        writer.close()
    assert codes == [b"220", b"250", b"250", b"250", b"354", b"250", b"250", b"221"]
    assert store.mails[0].content == b"Subject: eager\r\n\r\n.x\r\n"


REFUSED = {
    "no greeting": (b"MAIL FROM:<a@example.com>\r\n", b"503 5.5.1"),
    "empty EHLO": (b"EHLO\r\n", b"501 5.5.4"),
    "unknown command": (b"FLY me\r\n", b"500 5.5.2"),
    "over-long command": (b"EHLO " + b"x" * 200_000 + b"\r\n", b"500 5.5.2"),
    "mail before RCPT": (b"EHLO c\r\nMAIL FROM:<a@example.com>\r\nDATA\r\n", b"503 5.5.1"),
    "malformed path": (b"EHLO c\r\nMAIL FROM:<a b@example.com>\r\n", b"553 5.1.3"),
    "not UTF-8": (b"EHLO c\r\nMAIL FROM:<\xff@example.com> SMTPUTF8\r\n", b"553 5.1.3"),
    "UTF-8 without asking": ("EHLO c\r\nMAIL FROM:<zoé@example.com>\r\n".encode(), b"553 5.6.7"),
    "null recipient": (b"EHLO c\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<>\r\n", b"501 5.1.3"),
    "control character": (b"EHLO c\r\nMAIL FROM:<a\x00b@example.com>\r\n", b"553 5.1.3"),
    "unknown parameter": (b"EHLO c\r\nMAIL FROM:<a@example.com> NOTIFY=NEVER\r\n", b"555 5.5.4"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_wrong_gets_its_code(name: str) -> None:
    said, expected = REFUSED[name]
    store = MemoryStore()
    async with serving(store) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(said)
        await reply(reader)
        answers = [await reply(reader) for _ in range(said.count(b"\r\n"))]
        writer.close()
    assert answers[-1].startswith(expected)
    assert store.mails == []


async def test_utf8_addresses_are_taken_when_asked_for() -> None:
    store = MemoryStore()
    async with serving(store) as server:
        replies = await dialogue(
            server.port,
            b"EHLO c.example\r\n",
            "MAIL FROM:<zoé@exämple.com> SMTPUTF8\r\n".encode(),
            "RCPT TO:<jürgen@example.com>\r\n".encode(),
            b"DATA\r\n",
            b"x\r\n.\r\n",
        )
    assert replies[-1].startswith(b"250 ")
    assert (store.mails[0].mail_from, store.mails[0].rcpt_to) == ("zoé@exämple.com", ("jürgen@example.com",))
    assert store.mails[0].protocol == "UTF8SMTP"


async def test_a_silent_peer_is_disconnected() -> None:
    async with serving(MemoryStore(), timeout=0.2) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await reply(reader)
        assert (await reply(reader)).startswith(b"421 4.4.2 ")
        assert await reply(reader) == b""
        writer.close()


async def test_more_connections_than_allowed_are_told_to_come_again() -> None:
    async with serving(MemoryStore(), max_sessions=1) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await reply(reader)
        assert (await dialogue(server.port))[0].startswith(b"421 4.3.2 ")
        writer.close()


async def test_close_lets_a_mail_under_way_finish_and_ends_idle_sessions() -> None:
    store = MemoryStore()
    async with serving(store) as server:
        idle, idle_writer = await asyncio.open_connection("127.0.0.1", server.port)
        await reply(idle)
        busy, busy_writer = await asyncio.open_connection("127.0.0.1", server.port)
        await reply(busy)
        for step in (*ENVELOPE, b"DATA\r\n"):
            busy_writer.write(step)
            await reply(busy)
        closing = asyncio.create_task(server.close())
        assert (await reply(idle)).startswith(b"421 4.3.2 ")
        busy_writer.write(b"late but whole\r\n.\r\n")
        assert (await reply(busy)).startswith(b"250 ")
        assert (await reply(busy)).startswith(b"421 4.3.2 ")
        await closing
        idle_writer.close()
        busy_writer.close()
    assert [raw.content for raw in store.mails] == [b"late but whole\r\n"]


async def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match=f"cannot listen on 127.0.0.1:{port}: another program listens"):
            await start_smtp(
                options(listen=f"127.0.0.1:{port}"), Committer(MemoryStore().commit), clock=lambda: NOW
            )


async def test_an_address_of_another_machine_is_one_sentence() -> None:
    with pytest.raises(ListenError, match="this machine has no such address"):
        await start_smtp(options(listen="192.0.2.1:0"), Committer(MemoryStore().commit), clock=lambda: NOW)
