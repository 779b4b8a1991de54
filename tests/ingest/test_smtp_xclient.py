"""XCLIENT (Postfix's XCLIENT_README): a server in front tells whose mail it is, and we decide by that one."""

import asyncio
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.networks import parse_address
from ingest.sources.smtp import SmtpServer
from ingest.sources.xclient import ToldClient, parse_xclient
from tests.ingest.smtp_setup import MemoryStore, dialogue, reply, serving
from tests.servers.debian import without

FRONT: dict[str, Any] = {"xclient_from": ["127.0.0.0/8", "::1"], "allowed_networks": ["10.0.0.0/8"]}
EHLO = b"EHLO front.example\r\n"
ENVELOPE = (EHLO, b"MAIL FROM:<ann@example.com>\r\n", b"RCPT TO:<bob@example.com>\r\n")
MAIL = (*ENVELOPE, b"DATA\r\n", b"x\r\n.\r\n")
TLS_FOLDER = Path(__file__).parent.parent / "tls"
CERTIFICATE = {"certificate": TLS_FOLDER / "localhost.crt", "key": TLS_FOLDER / "localhost.key"}

READ = {
    "an address": ("ADDR=10.1.2.3", ToldClient(address=parse_address("10.1.2.3"), changes_address=True)),
    "an IPv6 address": (
        "ADDR=IPV6:2001:db8::1",
        ToldClient(address=parse_address("2001:db8::1"), changes_address=True),
    ),
    "small letters": (
        "addr=ipv6:2001:db8::1 proto=esmtp",
        ToldClient(address=parse_address("2001:db8::1"), changes_address=True, protocol="ESMTP"),
    ),
    "an address that is not known": ("ADDR=[UNAVAILABLE]", ToldClient(changes_address=True)),
    "a name that is not known now": ("NAME=[TEMPUNAVAIL]", ToldClient()),
    "xtext": ("LOGIN=ann+40example.com HELO=a+2bb", ToldClient(login="ann@example.com", greeting="a+b")),
    "all there are": (
        "NAME=c.example ADDR=10.1.2.3 PORT=4711 PROTO=SMTP HELO=pc LOGIN=ann DESTADDR=10.0.0.1 DESTPORT=25",
        ToldClient(
            address=parse_address("10.1.2.3"), changes_address=True, name="c.example", protocol="SMTP",
            greeting="pc", login="ann",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_is_told_is_read(name: str) -> None:
    argument, expected = READ[name]
    assert parse_xclient(argument) == expected


@pytest.mark.parametrize(
    "argument",
    [
        "", "  ", "ADDR", "ADDR=", "ADDR=pc.example", "ADDR=10.1.2.3.4", "ADDR=IPV6:10.1.2.x", "COLOUR=blue",
        "=x", "PORT=65536", "PORT=-1", "PORT=²", "PORT=99999999999999999999", "PROTO=HTTP", "HELO=a+4",
        "HELO=a+zz", "HELO=a=b", "HELO=caf\xe9", "HELO=a+0Ab", "NAME=a+00b", "LOGIN=a+0D+0ARCPT", "HELO=",
        f"HELO={'x' * 256}", "ADDR=10.1.2.3 ADDR", "DESTADDR=here", "DESTPORT=smtp",
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(argument: str) -> None:
    with pytest.raises(ValueError, match=r"Syntax|Bad"):
        parse_xclient(argument)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


async def test_the_client_that_is_told_of_is_the_peer(store: MemoryStore) -> None:
    told = b"XCLIENT NAME=pc.example ADDR=10.1.2.3 HELO=pc PROTO=ESMTP\r\n"
    async with serving(store, **FRONT) as server:
        replies = await dialogue(server.port, EHLO, told, *MAIL)
    assert b"250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n" in replies[1]
    assert replies[2].startswith(b"220 relay.example ")
    assert replies[-1].startswith(b"250 2.0.0 ")
    # Its greeting, not the one of the server in front.
    assert [raw.peer for raw in store.mails] == ["pc (pc.example [10.1.2.3])"]


async def test_a_told_client_from_outside_is_refused_at_once(store: MemoryStore) -> None:
    for told in (b"ADDR=192.0.2.7", b"ADDR=[UNAVAILABLE]", b"NAME=x HELO=y", b"ADDR=IPV6:2001:db8::1"):
        async with serving(store, **FRONT) as server:
            replies = await dialogue(server.port, EHLO, b"XCLIENT " + told + b"\r\n", b"NOOP\r\n")
        assert replies[2].startswith(b"554 5.7.1 ")
        assert replies[3] == b""


async def test_who_may_speak_for_others_may_not_send_for_that(store: MemoryStore) -> None:
    async with serving(store, **FRONT) as server:
        replies = await dialogue(server.port, *ENVELOPE)
    assert replies[2].startswith(b"554 5.7.1 ")


async def test_whom_the_server_in_front_has_signed_in_may_send_from_outside(store: MemoryStore) -> None:
    told = b"XCLIENT ADDR=192.0.2.7 LOGIN=ann+40example.com\r\n"
    async with serving(store, **FRONT) as server:
        replies = await dialogue(server.port, EHLO, told, *MAIL)
        after = await dialogue(server.port, EHLO, told, EHLO, b"XCLIENT ADDR=192.0.2.7\r\n")
    assert replies[-1].startswith(b"250 ")
    assert (store.mails[0].peer, store.mails[0].protocol) == ("front.example ([192.0.2.7])", "ESMTPA")
    assert after[-1].startswith(b"554 5.7.1 ")


async def test_the_session_begins_again(store: MemoryStore) -> None:
    async with serving(store, **FRONT) as server:
        replies = await dialogue(
            server.port,
            EHLO,
            b"XCLIENT ADDR=10.1.2.3\r\n",
            b"MAIL FROM:<ann@example.com>\r\n",
            *ENVELOPE[:2],
            b"XCLIENT ADDR=10.1.2.4\r\n",
            b"RSET\r\n",
            b"XCLIENT ADDR=10.1.2.4\r\n",
            *MAIL,
        )
    assert [line[:9] for line in replies[2:]] == [
        b"220 relay", b"503 5.5.1", b"250-relay", b"250 2.0.0", b"503 5.5.1", b"250 2.0.0", b"220 relay",
        b"250-relay", b"250 2.0.0", b"250 2.0.0", b"354 End w", b"250 2.0.0",
    ]  # fmt: skip
    assert store.mails[0].peer == "front.example ([10.1.2.4])"


async def test_nobody_else_may_speak_for_others(store: MemoryStore) -> None:
    async with serving(store) as server:
        replies = await dialogue(server.port, EHLO, b"XCLIENT ADDR=10.1.2.3\r\n", *MAIL)
        malformed = await dialogue(server.port, EHLO, b"XCLIENT\r\n")
    assert b"XCLIENT" not in replies[1]
    assert replies[2].startswith(b"550 5.7.0 ")
    assert malformed[-1].startswith(b"550 5.7.0 ")
    assert store.mails[0].peer == "front.example ([127.0.0.1])"


async def test_a_malformed_command_changes_nothing(store: MemoryStore) -> None:
    async with serving(store, **FRONT) as server:
        replies = await dialogue(server.port, EHLO, b"XCLIENT ADDR=10.1.2.3 \xff=\r\n", *ENVELOPE[1:2])
    assert replies[2].startswith(b"501 5.5.4 ")
    assert replies[3].startswith(b"554 5.7.1 ")


async def test_limits_count_the_told_client_and_not_the_server_in_front(store: MemoryStore) -> None:
    changed: dict[str, Any] = {**FRONT, "max_sessions_per_peer": 1, "rate_limit": {"mails": 1, "exempt": []}}
    steps = (EHLO, b"XCLIENT ADDR=10.1.2.3\r\n", *ENVELOPE, b"RSET\r\n", ENVELOPE[1])
    async with serving(store, **changed) as server:
        first = await held(server, b"10.1.2.3")
        second = await dialogue(server.port, EHLO, b"XCLIENT ADDR=10.1.2.3\r\n")
        other = await held(server, b"10.1.2.4")
        for writer in (first, other):
            writer.close()
    assert second[-1].startswith(b"421 4.7.0 ")
    async with serving(store, **changed) as server:
        assert (await dialogue(server.port, *steps))[-1].startswith(b"450 4.7.1 ")
        assert not [peer for peer in server._intake.limits._peers.values() if peer.sessions > 1]


async def held(server: SmtpServer, address: bytes) -> asyncio.StreamWriter:
    """An open session of a told client."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await reply(reader)
    for step in (EHLO, b"XCLIENT ADDR=" + address + b"\r\n"):
        writer.write(step)
        said = await reply(reader)
    assert said.startswith(b"220 ")
    return writer


async def test_starttls_after_it_keeps_the_told_client(store: MemoryStore) -> None:
    trusting = ssl.create_default_context(cafile=TLS_FOLDER / "localhost.crt")
    async with serving(store, **FRONT, listen="localhost:0", tls=CERTIFICATE) as server:
        reader, writer = await asyncio.open_connection("localhost", server.port)
        await reply(reader)
        for step in (EHLO, b"XCLIENT ADDR=10.1.2.3 HELO=pc\r\n", EHLO, b"STARTTLS\r\n"):
            writer.write(step)
            await reply(reader)
        await writer.start_tls(trusting, server_hostname="localhost")
        for step in MAIL:
            writer.write(step)
            said = await reply(reader)
        writer.close()
    assert said.startswith(b"250 ")
    assert (store.mails[0].peer, store.mails[0].protocol) == ("pc ([10.1.2.3])", "ESMTPS")


async def test_it_goes_with_the_proxy_protocol(store: MemoryStore) -> None:
    changed: dict[str, Any] = {"trusted_proxies": ["127.0.0.0/8"], "xclient_from": ["10.9.9.9/32"]}
    async with serving(store, **changed) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"PROXY TCP4 10.9.9.9 10.0.0.1 4000 25\r\n")
        await reply(reader)
        for step in (EHLO, b"XCLIENT ADDR=10.1.2.3\r\n", *MAIL):
            writer.write(step)
            said = await reply(reader)
        writer.close()
    assert said.startswith(b"250 ")
    assert store.mails[0].peer == "front.example ([10.1.2.3])"


async def test_swaks_speaks_it(store: MemoryStore) -> None:
    lack = without("swaks", "swaks")
    if lack:
        pytest.skip(lack)
    async with serving(store, **FRONT) as server:
        said = await asyncio.to_thread(
            subprocess.run,
            [
                "swaks", "--server", "127.0.0.1", "--port", str(server.port), "--from", "ann@example.com",
                "--to", "bob@example.com", "--helo", "front.example", "--timeout", "20",
                "--xclient", "ADDR=10.1.2.3 NAME=pc.example HELO=pc PROTO=ESMTP",
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert said.returncode == 0, said.stdout
    assert store.mails[0].peer == "pc (pc.example [10.1.2.3])"
