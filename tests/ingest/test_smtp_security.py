"""Encryption, passwords and proxies of the SMTP source, on real sockets with real clients."""

import asyncio
import base64
import smtplib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from domain.errors import ConfigError
from ingest.committer import Committer
from ingest.sources.smtp import start_smtp
from tests.ingest.smtp_setup import NOW, MemoryStore, dialogue, options, reply, serving, until

TLS_FOLDER = Path(__file__).parent.parent / "tls"
CERTIFICATE = {"certificate": TLS_FOLDER / "localhost.crt", "key": TLS_FOLDER / "localhost.key"}
ANN, BOB = "ann@example.com", "bob@example.com"
OUTSIDE = ["10.0.0.0/8"]  # allowed networks in which the tests' client is not
MAIL = b"Subject: x\r\n\r\nbody\r\n"


@pytest.fixture
def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=TLS_FOLDER / "localhost.crt")


@pytest.fixture
def users(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    monkeypatch.setenv("SCANNER_PASSWORD", "correct horse")
    return [{"name": "scanner", "password": {"env": "SCANNER_PASSWORD"}}]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


async def talk(port: int, say: Callable[[smtplib.SMTP], None]) -> None:
    def run() -> None:
        with smtplib.SMTP("localhost", port, timeout=60, local_hostname="client.example") as client:
            say(client)

    await asyncio.to_thread(run)


async def test_starttls_encrypts_and_the_trace_says_so(store: MemoryStore, trusting: ssl.SSLContext) -> None:
    def say(client: smtplib.SMTP) -> None:
        client.starttls(context=trusting)
        client.ehlo()
        assert not client.has_extn("starttls")
        client.sendmail(ANN, BOB, MAIL)

    async with serving(store, listen="localhost:0", tls=CERTIFICATE) as server:
        await talk(server.port, say)
    assert (store.mails[0].content, store.mails[0].protocol) == (MAIL, "ESMTPS")


@pytest.mark.parametrize("mode", ["starttls", "implicit"])
async def test_a_failed_handshake_harms_nobody_else(
    store: MemoryStore, caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    async with serving(store, tls={**CERTIFICATE, "mode": mode}) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        if mode == "starttls":
            await reply(reader)
            for step in (b"EHLO c\r\n", b"STARTTLS\r\n"):
                writer.write(step)
                await reply(reader)
        writer.write(b"this is no handshake\r\n")
        async with asyncio.timeout(60):
            await reader.read()
        writer.close()
        await until(lambda: not server._intake.sessions, "the session ended")
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


async def test_implicit_tls_encrypts_from_the_first_byte(
    store: MemoryStore, trusting: ssl.SSLContext
) -> None:
    def run(port: int) -> None:
        with smtplib.SMTP_SSL("localhost", port, timeout=60, context=trusting) as client:
            assert not client.has_extn("starttls")
            client.sendmail(ANN, BOB, MAIL)

    async with serving(store, listen="localhost:0", tls={**CERTIFICATE, "mode": "implicit"}) as server:
        await asyncio.to_thread(run, server.port)
    assert (store.mails[0].content, store.mails[0].protocol) == (MAIL, "ESMTPS")


async def test_required_tls_refuses_mail_without_it(store: MemoryStore) -> None:
    async with serving(store, tls={**CERTIFICATE, "required": True}) as server:
        replies = await dialogue(server.port, b"EHLO c\r\n", b"MAIL FROM:<ann@example.com>\r\n")
    assert b"STARTTLS" in replies[1]
    assert replies[2].startswith(b"530 5.7.0 ")


async def test_what_was_said_before_starttls_does_not_count_after_it(
    store: MemoryStore, trusting: ssl.SSLContext
) -> None:
    async with serving(store, listen="localhost:0", tls=CERTIFICATE) as server:
        reader, writer = await asyncio.open_connection("localhost", server.port)
        await reply(reader)
        # The command behind STARTTLS came unencrypted: an attacker's, to be thrown away (RFC 3207 section 6).
        writer.write(b"EHLO c\r\nMAIL FROM:<ann@example.com>\r\nSTARTTLS\r\nRSET\r\n")
        for _ in range(3):
            await reply(reader)
        await writer.start_tls(trusting, server_hostname="localhost")
        writer.write(b"NOOP\r\nMAIL FROM:<ann@example.com>\r\n")
        assert (await reply(reader)).startswith(b"250 ")
        assert (await reply(reader)).startswith(b"503 5.5.1 ")
        writer.close()


@pytest.mark.parametrize("mechanism", ["plain", "login"])
async def test_a_user_may_send_from_outside(
    store: MemoryStore, trusting: ssl.SSLContext, users: list[dict[str, Any]], mechanism: str
) -> None:
    def say(client: smtplib.SMTP) -> None:
        client.starttls(context=trusting)
        client.ehlo()
        client.user, client.password = "scanner", "correct horse"
        client.auth(mechanism, getattr(client, f"auth_{mechanism}"))
        client.sendmail(ANN, BOB, MAIL)

    async with serving(
        store, listen="localhost:0", tls=CERTIFICATE, users=users, allowed_networks=OUTSIDE
    ) as server:
        await talk(server.port, say)
    assert store.mails[0].protocol == "ESMTPSA"


@pytest.mark.parametrize(("name", "password"), [("scanner", "wrong"), ("nobody", "none")])
async def test_a_wrong_password_opens_nothing(
    store: MemoryStore, trusting: ssl.SSLContext, users: list[dict[str, Any]], name: str, password: str
) -> None:
    token = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
    codes: list[int] = []

    def say(client: smtplib.SMTP) -> None:
        client.starttls(context=trusting)
        client.ehlo()
        codes.append(client.docmd("AUTH", f"LOGIN {base64.b64encode(name.encode()).decode()}")[0])
        codes.append(client.docmd(base64.b64encode(password.encode()).decode())[0])
        codes.append(client.docmd("AUTH", f"PLAIN {token}")[0])
        codes.append(client.docmd("MAIL", f"FROM:<{ANN}>")[0])

    async with serving(
        store, listen="localhost:0", tls=CERTIFICATE, users=users, allowed_networks=OUTSIDE
    ) as server:
        await talk(server.port, say)
    assert codes == [334, 535, 535, 530]
    assert store.mails == []


async def test_guessing_ends_the_connection(
    store: MemoryStore, trusting: ssl.SSLContext, users: list[dict[str, Any]]
) -> None:
    codes: list[int] = []

    def say(client: smtplib.SMTP) -> None:
        client.starttls(context=trusting)
        client.ehlo()
        for guess in range(6):
            token = base64.b64encode(f"\0scanner\0{guess}".encode()).decode()
            codes.append(client.docmd("AUTH", f"PLAIN {token}")[0])

    async with serving(store, listen="localhost:0", tls=CERTIFICATE, users=users) as server:
        await talk(server.port, say)
    assert codes == [535] * 5 + [421]


async def test_no_password_is_taken_unencrypted(store: MemoryStore, users: list[dict[str, Any]]) -> None:
    async with serving(store, tls=CERTIFICATE, users=users) as server:
        replies = await dialogue(server.port, b"EHLO c\r\n", b"AUTH PLAIN AGEAYg==\r\n")
    assert b"AUTH" not in replies[1]
    assert replies[2].startswith(b"538 5.7.11 ")


async def test_an_outsider_must_sign_in_where_there_are_users(
    store: MemoryStore, users: list[dict[str, Any]]
) -> None:
    async with serving(store, tls=CERTIFICATE, users=users, allowed_networks=OUTSIDE) as server:
        replies = await dialogue(server.port, b"EHLO c\r\n", b"MAIL FROM:<ann@example.com>\r\n")
    assert replies[-1].startswith(b"530 5.7.0 ")


SEND = (
    b"EHLO c.example\r\n",
    b"MAIL FROM:<ann@example.com>\r\n",
    b"RCPT TO:<bob@example.com>\r\n",
    b"DATA\r\n",
    b"x\r\n.\r\n",
)


async def behind_proxy(port: int, line: bytes) -> list[bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(line)
    replies = [await reply(reader)]
    for step in SEND if replies[0].startswith(b"220") else ():
        writer.write(step)
        replies.append(await reply(reader))
    writer.close()
    return replies


async def test_behind_a_trusted_proxy_the_real_peer_counts(store: MemoryStore) -> None:
    async with serving(store, trusted_proxies=["127.0.0.0/8"], allowed_networks=OUTSIDE) as server:
        inside = await behind_proxy(server.port, b"PROXY TCP4 10.1.2.3 10.0.0.1 4000 25\r\n")
        outside = await behind_proxy(server.port, b"PROXY TCP4 192.0.2.7 10.0.0.1 4000 25\r\n")
        silent = await behind_proxy(server.port, b"EHLO c.example\r\n")
    assert inside[-1].startswith(b"250 2.0.0 ")
    assert outside[0].startswith(b"554 5.7.1 ")
    assert not silent[0].startswith(b"220")
    assert [raw.peer for raw in store.mails] == ["c.example ([10.1.2.3])"]


async def test_starttls_behind_a_proxy_does_not_make_the_proxy_the_peer(
    store: MemoryStore, users: list[dict[str, Any]], trusting: ssl.SSLContext
) -> None:
    async with serving(
        store, listen="localhost:0", trusted_proxies=["127.0.0.0/8", "::1"], tls=CERTIFICATE, users=users
    ) as server:
        reader, writer = await asyncio.open_connection("localhost", server.port)
        writer.write(b"PROXY TCP4 192.0.2.7 10.0.0.1 4000 25\r\n")
        await reply(reader)
        for step in (b"EHLO c\r\n", b"STARTTLS\r\n"):
            writer.write(step)
            await reply(reader)
        await writer.start_tls(trusting, server_hostname="localhost")
        writer.write(b"EHLO c\r\n")
        await reply(reader)
        writer.write(b"MAIL FROM:<ann@example.com>\r\n")
        assert (await reply(reader)).startswith(b"530 5.7.0 ")
        writer.close()


async def test_a_proxy_line_from_anyone_else_is_no_command(store: MemoryStore) -> None:
    async with serving(store) as server:
        replies = await dialogue(server.port, b"PROXY TCP4 10.1.2.3 10.0.0.1 4000 25\r\n")
    assert replies[1].startswith(b"500 5.5.2 ")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"tls": {"certificate": "/nowhere/x.pem"}}, "x.pem cannot be used: No such file"),
        ({"tls": {"certificate": __file__}}, "cannot be used"),
        (
            {"tls": CERTIFICATE, "users": [{"name": "ann", "password": {"env": "NOT_SET_ANYWHERE"}}]},
            "password of ann: .*NOT_SET_ANYWHERE is not set",
        ),
    ],
)
async def test_what_cannot_be_used_is_one_sentence_at_start(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        await start_smtp(options(**changed), Committer(MemoryStore().commit), clock=lambda: NOW)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"next_hop": ()}, "next_hop is empty"),
        ({"next_hop": "mail.example.com"}, "not host:port"),
        ({"next_hop": ["a.example:25", "b.example"]}, "b.example"),
        ({"listen": "8025"}, "not host:port"),
        ({"hostname": "two words"}, "not a host name"),
        ({"allowed_networks": ["10.0.0.1/8"]}, "write 10.0.0.0/8"),
        ({"allowed_networks": ["10.0.0.0/8", "intranet"]}, "'intranet' is not a network"),
        ({"users": [{"name": "a", "password": {"env": "A"}}]}, "only taken over TLS"),
        ({"trusted_proxies": ["::1"], "tls": {**CERTIFICATE, "mode": "implicit"}}, "does not go with"),
        ({"colour": "blue"}, "Extra inputs"),
    ],
)
def test_wrong_options_are_named(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        options(**changed)


def test_several_next_hops_are_kept_in_order() -> None:
    assert [str(hop) for hop in options(next_hop=["a.example:25", "[::1]:26"]).next_hops] == [
        "a.example:25",
        "[::1]:26",
    ]
