"""What one peer may do in a while: counted across its connections, come back with time, bounded in memory."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from ingest.sources import smtp_limits
from ingest.sources.networks import Address, neighbourhood, parse_address
from ingest.sources.smtp import SmtpServer
from ingest.sources.smtp_limits import Allowance, LimitedPeer, PeerLimits, RateLimitOptions
from tests.ingest.smtp_setup import MemoryStore, dialogue, reply, serving, until

TLS_FOLDER = Path(__file__).parent.parent / "tls"
CERTIFICATE = {"certificate": TLS_FOLDER / "localhost.crt", "key": TLS_FOLDER / "localhost.key"}
PROXIED: dict[str, Any] = {
    "trusted_proxies": ["127.0.0.0/8"],
    "allowed_networks": ["10.0.0.0/8", "192.0.2.0/24"],
}
NO_EXEMPTION: list[str] = []


@dataclass
class Clock:
    """Seconds that pass when told to."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def limits(clock: Clock, *, max_sessions: int = 5, exempt: str = "10.0.0.0/8", **changed: Any) -> PeerLimits:
    return PeerLimits(
        RateLimitOptions(**changed), max_sessions=max_sessions, exempt=(ip_network(exempt),), clock=clock
    )


def outsider(number: int = 1) -> Address:
    return ip_address(f"192.0.2.{number}")


def test_what_was_used_comes_back_evenly() -> None:
    allowance = Allowance()
    assert [allowance.use(0.0, 3, 60.0) for _ in range(5)] == [True, True, True, False, False]
    assert not allowance.use(19.0, 3, 60.0)
    assert allowance.use(20.0, 3, 60.0)
    assert not allowance.use(20.0, 3, 60.0)
    assert [allowance.use(1000.0, 3, 60.0) for _ in range(4)] == [True, True, True, False]


def test_mails_and_recipients_of_all_sessions_of_a_peer_count_together() -> None:
    clock = Clock()
    kept = limits(clock, mails=2, recipients=3)
    first, second = kept.arrive(outsider()), kept.arrive(outsider())
    assert [first.may_send(), second.may_send(), first.may_send()] == [True, True, False]
    assert [each.may_address() for each in (first, second, first, second)] == [True, True, True, False]
    assert kept.arrive(outsider(2)).may_send()
    clock.now += 30
    assert first.may_send()


def test_nothing_limits_an_exempt_peer_but_its_wrong_passwords() -> None:
    kept = limits(Clock(), max_sessions=1, mails=1, recipients=1, errors=1, wrong_passwords=2)
    peers = [kept.arrive(ip_address("10.1.1.1")) for _ in range(50)]
    for peer in peers:
        peer.made_an_error()
        assert peer.may_connect()
        assert peer.may_send()
        assert peer.may_address()
    assert [peers[0].may_try_password() for _ in range(3)] == [True, True, False]
    assert peers[0].may_connect()


def test_wrong_passwords_block_a_peer_for_a_while_in_all_its_connections() -> None:
    clock = Clock()
    kept = limits(clock, wrong_passwords=3, block=600)
    tries = [kept.arrive(outsider()).may_try_password() for _ in range(4)]
    assert tries == [True, True, True, False]
    peer = kept.arrive(outsider())
    assert not peer.may_connect()
    clock.now += 599
    assert not peer.may_connect()
    assert not peer.may_try_password()
    assert kept.arrive(outsider(2)).may_connect()


def test_right_passwords_do_not_count() -> None:
    peer = limits(Clock(), wrong_passwords=2).arrive(outsider())
    for _ in range(20):
        assert peer.may_try_password()
        peer.password_was_right()


def test_many_errors_block_a_peer() -> None:
    clock = Clock()
    peer = limits(clock, errors=10, block=60).arrive(outsider())
    for _ in range(10):
        peer.made_an_error()
    assert peer.may_connect()
    peer.made_an_error()
    assert not peer.may_connect()
    clock.now += 60
    assert peer.may_connect()


def test_a_host_that_changes_its_ipv6_address_stays_the_same_peer() -> None:
    first, second, other = (ip_address(f"2001:db8:0:{each}") for each in ("1::a", "1:ffff::b", "2::a"))
    assert neighbourhood(first) == neighbourhood(second) != neighbourhood(other)
    assert parse_address("::ffff:192.0.2.1") == outsider()
    assert parse_address("fe80::1%eth0") == ip_address("fe80::1")
    kept = limits(Clock(), max_sessions=1)
    assert kept.arrive(first).may_connect()
    assert not kept.arrive(second).may_connect()


def test_peers_that_were_quiet_are_forgotten_and_those_with_sessions_never() -> None:
    clock = Clock()
    kept = limits(clock)
    staying = kept.arrive(outsider(1))
    kept.arrive(outsider(2)).leave()
    clock.now += smtp_limits.MEMORY + 1
    for _ in range(4):
        kept.arrive(outsider(3)).leave()
    assert len(kept) == 2
    assert kept.arrive(outsider(1)) is staying
    assert staying.sessions == 2


def test_a_million_addresses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_limits, "MOST_PEERS", 100)
    kept = limits(Clock())
    staying = kept.arrive(outsider())
    for number in range(5000):
        kept.arrive(ip_address(0x20010DB8 << 96 | number << 64)).leave()
    assert len(kept) <= 102
    assert kept.arrive(outsider()) is staying


def test_a_blocked_peer_is_remembered_as_long_as_it_is_blocked() -> None:
    clock = Clock()
    kept = limits(clock, wrong_passwords=1, block=7200)
    guesser = kept.arrive(outsider())
    assert [guesser.may_try_password(), guesser.may_try_password()] == [True, False]
    guesser.leave()
    clock.now += 7000
    for number in range(2, 30):
        kept.arrive(outsider(number)).leave()
    assert not kept.arrive(outsider()).may_connect()
    assert isinstance(guesser, LimitedPeer)


# On the wire.

ENVELOPE = (b"EHLO c.example\r\n", b"MAIL FROM:<ann@example.com>\r\n", b"RCPT TO:<bob@example.com>\r\n")


async def proxied(server: SmtpServer, address: str, *steps: bytes) -> list[bytes]:
    """A dialogue in which a proxy says that the peer has `address`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"PROXY TCP4 {address} 10.0.0.1 4000 25\r\n".encode())
    replies = [await reply(reader)]
    for step in steps:
        writer.write(step)
        replies.append(await reply(reader))
    writer.close()
    return replies


@asynccontextmanager
async def strict(store: MemoryStore, **changed: Any) -> AsyncIterator[SmtpServer]:
    """A server that limits all but 10.0.0.0/8, behind a proxy."""
    rate = {"exempt": ["10.0.0.0/8"], **changed.pop("rate_limit", {})}
    async with serving(store, **PROXIED, rate_limit=rate, **changed) as server:
        yield server


async def test_more_mails_than_allowed_get_450_and_other_peers_and_exempt_ones_none() -> None:
    store = MemoryStore()
    steps = (*ENVELOPE, b"RSET\r\n", *ENVELOPE[1:], b"RSET\r\n", ENVELOPE[1])
    async with strict(store, rate_limit={"mails": 2}) as server:
        limited = await proxied(server, "192.0.2.1", *steps)
        again = await proxied(server, "192.0.2.1", *ENVELOPE[:2])
        other = await proxied(server, "192.0.2.2", *ENVELOPE[:2])
        exempt = await proxied(server, "10.1.1.1", *steps)
    assert limited[-1].startswith(b"450 4.7.1 ")
    assert again[-1].startswith(b"450 4.7.1 ")
    assert other[-1].startswith(b"250 ")
    assert exempt[-1].startswith(b"250 ")


async def test_more_recipients_than_allowed_get_452_and_the_mail_goes_to_the_others() -> None:
    store = MemoryStore()
    steps = (*ENVELOPE, *[b"RCPT TO:<r%d@example.com>\r\n" % n for n in range(3)], b"DATA\r\n", b"x\r\n.\r\n")
    async with strict(store, rate_limit={"recipients": 2}) as server:
        replies = await proxied(server, "192.0.2.1", *steps)
    assert [line[:9] for line in replies[3:7]] == [b"250 2.0.0", b"250 2.0.0", b"452 4.5.3", b"452 4.5.3"]
    assert store.mails[0].rcpt_to == ("bob@example.com", "r0@example.com")


async def test_more_connections_of_one_peer_than_allowed_get_421() -> None:
    store = MemoryStore()
    async with strict(store, max_sessions_per_peer=2) as server:
        held = []
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"PROXY TCP4 192.0.2.1 10.0.0.1 4000 25\r\n")
            assert (await reply(reader)).startswith(b"220 ")
            held.append(writer)
        assert (await proxied(server, "192.0.2.1"))[0].startswith(b"421 4.7.0 ")
        assert (await proxied(server, "192.0.2.2"))[0].startswith(b"220 ")
        assert (await proxied(server, "10.1.1.1"))[0].startswith(b"220 ")
        held.pop().close()
        await until(lambda: len(server._intake.sessions) == 1, "one of the two has left")
        assert (await proxied(server, "192.0.2.1"))[0].startswith(b"220 ")
        held.pop().close()


async def test_by_default_nothing_limits_the_companys_own_servers() -> None:
    store = MemoryStore()
    async with serving(store, max_sessions_per_peer=1, rate_limit={"mails": 1, "recipients": 1}) as server:
        held = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(5)]
        for reader, writer in held:
            assert (await reply(reader)).startswith(b"220 ")
            for step in ENVELOPE:
                writer.write(step)
                assert (await reply(reader)).startswith(b"250")
        for _, writer in held:
            writer.close()


async def guess(server: SmtpServer, password: str) -> list[bytes]:
    """A connection in which one password is tried; the replies from that to the next command."""
    trusting = ssl.create_default_context(cafile=TLS_FOLDER / "localhost.crt")
    reader, writer = await asyncio.open_connection("localhost", server.port)
    replies = [await reply(reader)]
    if replies[0].startswith(b"220"):
        for step in (b"EHLO c\r\n", b"STARTTLS\r\n"):
            writer.write(step)
            await reply(reader)
        await writer.start_tls(trusting, server_hostname="localhost")
        token = base64.b64encode(f"\0scanner\0{password}".encode())
        for step in (b"EHLO c\r\n", b"AUTH PLAIN " + token + b"\r\n", b"NOOP\r\n"):
            writer.write(step)
            replies.append(await reply(reader))
    writer.close()
    return [line[:9] for line in replies if not line.startswith(b"250-")]


async def test_guessing_in_ever_new_connections_blocks_the_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCANNER_PASSWORD", "correct horse")
    users = [{"name": "scanner", "password": {"env": "SCANNER_PASSWORD"}}]
    rate = {"wrong_passwords": 3, "exempt": NO_EXEMPTION}
    secured: dict[str, Any] = {"listen": "localhost:0", "tls": CERTIFICATE, "users": users}
    async with serving(MemoryStore(), **secured, rate_limit=rate) as server:
        guessed = [await guess(server, f"wrong {n}") for n in range(3)]
        right = await guess(server, "correct horse")
        later = await guess(server, "correct horse")
    assert guessed == [[b"220 relay", b"535 5.7.8", b"250 2.0.0"]] * 3
    assert right == [b"220 relay", b"421 4.7.0", b""]
    assert later == [b"421 4.7.0"]


async def test_guessing_from_an_exempt_network_ends_signing_in_but_not_the_mail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SCANNER_PASSWORD", "correct horse")
    users = [{"name": "scanner", "password": {"env": "SCANNER_PASSWORD"}}]
    secured: dict[str, Any] = {"listen": "localhost:0", "tls": CERTIFICATE, "users": users}
    async with serving(MemoryStore(), **secured, rate_limit={"wrong_passwords": 1}) as server:
        assert (await guess(server, "wrong"))[1] == b"535 5.7.8"
        assert (await guess(server, "correct horse"))[1:] == [b"454 4.7.0", b"250 2.0.0"]


async def test_a_disk_that_is_nearly_full_refuses_a_mail_before_it_is_sent() -> None:
    store = MemoryStore()
    short = [True]
    async with serving(store, has_no_room=lambda: short[0]) as server:
        refused = await dialogue(server.port, *ENVELOPE[:2], b"NOOP\r\n")
        short[0] = False
        taken = await dialogue(server.port, *ENVELOPE, b"DATA\r\n", b"x\r\n.\r\n")
    assert refused[2].startswith(b"452 4.3.1 ")
    assert refused[3].startswith(b"250 ")
    assert taken[-1].startswith(b"250 ")
