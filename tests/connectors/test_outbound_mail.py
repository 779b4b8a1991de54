"""Mail reaches the next hop byte for byte, and each recipient's fate is told truly."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.outbound_mail import (
    NextHop,
    RecipientResult,
    RecipientState,
    expired,
    retry_delay,
    trace_header,
)
from domain.endpoint import Endpoint
from tests.connectors.smtp_peers import CLOSE, HANG, scripted
from unchain.demo.sink import Sink

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ANN, BOB, EVE = "ann@example.com", "bob@example.com", "eve@example.com"
MAIL = b"Subject: hi\r\n\r\nhello\r\n"

Started = tuple[Sink, Endpoint]


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[Started]:
    sink = Sink(tmp_path / "sink")
    port = await sink.start()
    yield sink, Endpoint(host="127.0.0.1", port=port)
    await sink.close()


def hop(*endpoints: Endpoint, timeout: float = 20.0, final_reply_timeout: float = 20.0) -> NextHop:
    return NextHop(
        endpoints, hostname="relay.example", timeout=timeout, final_reply_timeout=final_reply_timeout
    )


def states(results: dict[str, RecipientResult]) -> dict[str, str]:
    return {address: result.state.value for address, result in results.items()}


MAILS = {
    "plain": MAIL,
    "dots": b".x\r\nSubject: dots\r\n\r\n.\r\n..\r\n.hidden\r\n...\r\n",
    "raw 8-bit": b"Subject: \xe9t\xe9\r\n\r\n\xff\xfe\x80 caf\xc3\xa9\r\n",
    "NUL and controls": b"X: y\r\n\r\n" + bytes(b for b in range(256) if b not in (10, 13)) + b"\r\n",
    "lone CR": b"Subject: cr\r\n\r\none\rtwo\r\r\n.\rx\r\n",
    "very long line": b"Subject: long\r\n\r\n" + b"x" * 300_000 + b"\r\nend\r\n",
    "two megabytes": b"S: x\r\n\r\n" + b"all the lines are equal here\r\n" * 70_000,
    "blank": b"\r\n",
}


@pytest.mark.parametrize("name", MAILS)
async def test_a_mail_arrives_byte_for_byte(sink: Started, name: str) -> None:
    server, endpoint = sink
    results = await hop(endpoint).deliver(MAILS[name], ANN, [BOB, EVE])
    assert states(results) == {BOB: "delivered", EVE: "delivered"}
    [mail] = server.mails()
    assert mail.content == MAILS[name]
    assert (mail.envelope_from, mail.rcpt_to) == (ANN, (BOB, EVE))


async def test_bare_line_feeds_become_line_ends_since_smtp_has_no_others(sink: Started) -> None:
    server, endpoint = sink
    await hop(endpoint).deliver(b"Subject: own\n\n.one\ntwo", ANN, [BOB])
    assert server.mails()[0].content == b"Subject: own\r\n\r\n.one\r\ntwo\r\n"


async def test_the_null_reverse_path_is_passed_on(sink: Started) -> None:
    server, endpoint = sink
    await hop(endpoint).deliver(MAIL, "", [BOB])
    assert server.mails()[0].envelope_from == ""


async def test_each_recipient_has_its_own_result(sink: Started) -> None:
    server, endpoint = sink
    server.answer(BOB, "550 5.1.1 no such user")
    server.answer(EVE, "450 4.2.1 come again")
    results = await hop(endpoint).deliver(MAIL, ANN, [ANN, BOB, EVE])
    assert results[ANN].state is RecipientState.DELIVERED
    assert results[BOB] == RecipientResult(
        state=RecipientState.PERMANENT, code=550, text="5.1.1 no such user"
    )
    assert results[EVE] == RecipientResult(state=RecipientState.TEMPORARY, code=450, text="4.2.1 come again")
    assert server.mails()[0].rcpt_to == (ANN,)


async def test_a_connection_is_used_again_also_after_a_refusal() -> None:
    async with scripted(**{"RCPT TO:<bob@example.com>": b"550 no"}) as peer:
        next_hop = hop(peer.endpoint)
        for recipient in (EVE, BOB, EVE):
            await next_hop.deliver(MAIL, ANN, [recipient])
        await next_hop.close()
    assert peer.connections == 1
    assert len(peer.contents) == 2
    assert peer.commands[-1] == "QUIT"


async def test_a_kept_connection_that_died_is_replaced_without_a_word(tmp_path: Path) -> None:
    first = Sink(tmp_path / "a")
    port = await first.start()
    next_hop = hop(Endpoint(host="127.0.0.1", port=port))
    await next_hop.deliver(MAIL, ANN, [BOB])
    await first.close()
    second = Sink(tmp_path / "b")
    await second.start(port=port)
    results = await next_hop.deliver(MAIL, ANN, [BOB])
    await second.close()
    assert states(results) == {BOB: "delivered"}
    assert len(second.mails()) == 1


async def test_a_kept_connection_that_says_421_is_replaced(sink: Started) -> None:
    _, endpoint = sink
    async with scripted(**{f"MAIL FROM:<{EVE}>": b"421 4.4.2 idle too long"}) as peer:
        next_hop = hop(peer.endpoint, endpoint)
        await next_hop.deliver(MAIL, ANN, [BOB])
        results = await next_hop.deliver(MAIL, EVE, [BOB])
        await next_hop.close()
    assert peer.connections == 2
    assert "421 4.4.2 idle too long" in results[BOB].text


async def test_many_deliveries_at_once_all_arrive(sink: Started) -> None:
    server, endpoint = sink
    next_hop = hop(endpoint)
    mails = [f"Subject: {n}\r\n\r\n".encode() for n in range(40)]
    results = await asyncio.gather(*(next_hop.deliver(mail, ANN, [BOB]) for mail in mails))
    await next_hop.close()
    assert all(states(result) == {BOB: "delivered"} for result in results)
    assert sorted(mail.content for mail in server.mails()) == sorted(mails)


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


async def test_nobody_there_is_temporary(closed_port: int) -> None:
    results = await hop(Endpoint(host="127.0.0.1", port=closed_port)).deliver(MAIL, ANN, [BOB, EVE])
    assert states(results) == {BOB: "temporary", EVE: "temporary"}
    assert results[BOB].code == 0
    assert str(closed_port) in results[BOB].text


async def test_the_next_server_is_tried_where_one_does_not_answer(closed_port: int, sink: Started) -> None:
    server, endpoint = sink
    results = await hop(Endpoint(host="127.0.0.1", port=closed_port), endpoint).deliver(MAIL, ANN, [BOB])
    assert states(results) == {BOB: "delivered"}
    assert len(server.mails()) == 1


# What the peer does, and what becomes of the mail.
MISFORTUNES: dict[str, tuple[dict[str, bytes], str, int]] = {
    "greets with 554": ({"greeting": b"554 go away"}, "temporary", 0),
    "greets with nonsense": ({"greeting": b"hello?"}, "temporary", 0),
    "closes instead of greeting": ({"greeting": CLOSE}, "temporary", 0),
    "hangs before greeting": ({"greeting": HANG}, "temporary", 0),
    "refuses EHLO and HELO": ({"EHLO": b"550 no", "HELO": b"550 no"}, "temporary", 0),
    "knows only HELO": ({"EHLO": b"500 what"}, "delivered", 250),
    "refuses the sender for now": ({"MAIL": b"451 4.3.0 later"}, "temporary", 451),
    "refuses the sender for good": ({"MAIL": b"550 5.7.1 never"}, "permanent", 550),
    "closes at MAIL": ({"MAIL": CLOSE}, "temporary", 0),
    "says 421 at RCPT": ({"RCPT": b"421 4.3.2 stopping"}, "temporary", 0),
    "hangs at RCPT": ({"RCPT": HANG}, "temporary", 0),
    "refuses DATA for now": ({"DATA": b"451 4.3.0 later"}, "temporary", 451),
    "refuses DATA for good": ({"DATA": b"554 5.7.1 never"}, "permanent", 554),
    "answers DATA with 250": ({"DATA": b"250 eh"}, "temporary", 0),
    "refuses the content": ({"end": b"554 5.6.0 spam"}, "permanent", 554),
    "has no room": ({"end": b"452 4.3.1 full"}, "temporary", 452),
    "closes after the mail": ({"end": CLOSE}, "temporary", 0),
    "hangs after the mail": ({"end": HANG}, "temporary", 0),
    "answers nonsense": ({"end": b"taken, thanks"}, "temporary", -1),
}


@pytest.mark.parametrize("name", MISFORTUNES)
async def test_whatever_the_peer_does_has_a_result(name: str) -> None:
    replies, state, code = MISFORTUNES[name]
    async with scripted(**replies) as peer:
        next_hop = hop(peer.endpoint, timeout=1.0, final_reply_timeout=1.0)
        results = await next_hop.deliver(MAIL, ANN, [BOB, EVE])
        await next_hop.close()
    assert states(results) == {BOB: state, EVE: state}
    assert results[EVE].code == max(code, 0)


async def test_an_unknown_outcome_says_so() -> None:
    async with scripted(end=CLOSE) as peer:
        results = await hop(peer.endpoint).deliver(MAIL, ANN, [BOB])
    assert "unknown whether the mail was taken" in results[BOB].text


async def test_8bit_and_size_are_announced_to_those_who_know_them() -> None:
    async with scripted(EHLO=b"250-scripted.example\r\n250-SIZE 1000000\r\n250 8BITMIME") as peer:
        await hop(peer.endpoint).deliver(b"S: x\r\n\r\ncaf\xe9\r\n", ANN, [BOB])
    assert "MAIL FROM:<ann@example.com> SIZE=14 BODY=8BITMIME" in peer.commands


async def test_utf8_addresses_go_only_to_those_who_know_them(sink: Started) -> None:
    server, endpoint = sink
    taken = await hop(endpoint).deliver(MAIL, ANN, ["zoé@example.com", BOB])
    async with scripted() as peer:
        refused = await hop(peer.endpoint).deliver(MAIL, ANN, ["zoé@example.com", BOB])
    assert states(taken) == {"zoé@example.com": "delivered", BOB: "delivered"}
    assert server.mails()[0].rcpt_to == ("zoé@example.com", BOB)
    assert states(refused) == {"zoé@example.com": "permanent", BOB: "delivered"}
    assert refused["zoé@example.com"].text.startswith("5.6.7 ")


@pytest.mark.parametrize("address", ["a> SIZE=1", "a\r\nDATA", "", "a b@example.com", "a\udcff@example.com"])
async def test_an_address_never_becomes_another_command(sink: Started, address: str) -> None:
    server, endpoint = sink
    results = await hop(endpoint).deliver(MAIL, ANN, [address, BOB])
    assert states(results) == {address: "permanent", BOB: "delivered"}
    assert server.mails()[0].rcpt_to == (BOB,)


async def test_a_quoted_address_is_sent_as_it_is(sink: Started) -> None:
    server, endpoint = sink
    await hop(endpoint).deliver(MAIL, ANN, ['"john <j> doe"@example.com'])
    assert server.mails()[0].rcpt_to == ('"john <j> doe"@example.com',)


async def test_a_cancelled_delivery_leaves_no_connection_behind() -> None:
    async with scripted(MAIL=HANG) as peer:
        next_hop = hop(peer.endpoint)
        delivery = asyncio.create_task(next_hop.deliver(MAIL, ANN, [BOB]))
        async with asyncio.timeout(60):
            while not any(command.startswith("MAIL") for command in peer.commands):
                await asyncio.sleep(0.01)
        delivery.cancel()
        with pytest.raises(asyncio.CancelledError):
            await delivery
        assert not next_hop._idle


async def test_a_server_that_did_not_answer_comes_last_for_a_while(
    closed_port: int, tmp_path: Path, sink: Started
) -> None:
    _, endpoint = sink
    dead = Endpoint(host="127.0.0.1", port=closed_port)
    next_hop = NextHop([dead, endpoint], hostname="relay.example", max_idle=0)
    await next_hop.deliver(MAIL, ANN, [BOB])
    late = Sink(tmp_path / "late")
    await late.start(port=closed_port)
    await next_hop.deliver(MAIL, ANN, [BOB])
    await sink[0].close()
    results = await next_hop.deliver(MAIL, ANN, [BOB])
    await late.close()
    assert len(sink[0].mails()) == 2
    assert states(results) == {BOB: "delivered"}
    assert len(late.mails()) == 1


async def test_recipients_above_the_servers_limit_get_the_mail_in_another_round(sink: Started) -> None:
    people = [f"r{number}@example.com" for number in range(7)]
    server, endpoint = sink
    server.most_recipients = 3
    results = await hop(endpoint).deliver(MAIL, ANN, people)
    assert set(states(results).values()) == {"delivered"}
    assert [len(mail.rcpt_to) for mail in server.mails()] == [3, 3, 1]


async def test_a_server_that_takes_no_recipient_at_all_is_not_asked_again_at_once() -> None:
    async with scripted(RCPT=b"452 4.5.3 too many") as peer:
        results = await hop(peer.endpoint).deliver(MAIL, ANN, [BOB, EVE])
    assert states(results) == {BOB: "temporary", EVE: "temporary"}
    assert sum(command.startswith("RCPT") for command in peer.commands) == 2


async def test_the_deadline_forgets_nobody_who_got_the_mail() -> None:
    replies = {f"RCPT TO:<{EVE}>": b"452 4.5.3 too many", "MAIL": b"250 fine"}
    async with scripted(**replies) as peer:
        next_hop = NextHop([peer.endpoint], hostname="relay.example", deadline=0.5)
        delivery = asyncio.create_task(next_hop.deliver(MAIL, ANN, [BOB, EVE]))
        async with asyncio.timeout(60):
            while not peer.contents:
                await asyncio.sleep(0)
            replies["MAIL"] = HANG
            peer.replies = replies
            results = await delivery
    assert results[BOB].state is RecipientState.DELIVERED
    assert results[EVE].text.startswith("4.4.7 ")


async def test_a_delivery_ends_at_its_deadline_and_counts_as_temporary() -> None:
    async with scripted(MAIL=HANG) as peer:
        next_hop = NextHop([peer.endpoint], hostname="relay.example", deadline=0.3)
        results = await next_hop.deliver(MAIL, ANN, [BOB])
    assert states(results) == {BOB: "temporary"}
    assert results[BOB].text.startswith("4.4.7 ")
    assert not next_hop._idle


async def test_a_server_that_goes_and_comes_back_is_logged_once_each(
    closed_port: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "connectors.outbound_mail")
    next_hop = hop(Endpoint(host="127.0.0.1", port=closed_port))
    for _ in range(3):
        await next_hop.deliver(MAIL, ANN, [BOB])
    server = Sink(tmp_path / "late")
    await server.start(port=closed_port)
    for _ in range(3):
        await next_hop.deliver(MAIL, ANN, [BOB])
    await next_hop.close()
    await server.close()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "cannot be used" in caplog.text
    assert "answers again" in caplog.text


async def test_check_tells_whether_anyone_answers(closed_port: int, sink: Started) -> None:
    assert await hop(sink[1]).check() == "sink.example"
    with pytest.raises(OSError, match=str(closed_port)):
        await hop(Endpoint(host="127.0.0.1", port=closed_port)).check()


def test_the_trace_header_has_the_fields_of_the_rfc() -> None:
    line = trace_header(
        peer="client.example ([192.0.2.7])",
        by="relay.example",
        protocol="ESMTP",
        trace_id="42",
        at=NOW,
        only_recipient=BOB,
    )
    assert line == (
        b"Received: from client.example ([192.0.2.7])\r\n\tby relay.example with ESMTP id 42"
        b"\r\n\tfor <bob@example.com>;\r\n\tMon, 23 Nov 2026 14:00:00 +0000\r\n"
    )


def test_the_trace_header_cannot_be_broken_out_of() -> None:
    line = trace_header(peer="x\r\nBcc: eve", by="b\n", protocol="SMTP", trace_id="1\r\n\r\n", at=NOW)
    assert line.count(b"\n") == 3
    assert b"\nBcc" not in line


def test_delays_grow_up_to_the_longest() -> None:
    minutes = [retry_delay(attempts).total_seconds() / 60 for attempts in (1, 2, 3, 4, 5, 6, 1000)]
    assert minutes == [5, 10, 20, 40, 80, 120, 120]
    assert retry_delay(2, first=timedelta(seconds=1)) == timedelta(seconds=2)


def test_a_mail_is_given_up_after_days_only() -> None:
    assert not expired(NOW, NOW + timedelta(days=4, hours=23))
    assert expired(NOW, NOW + timedelta(days=5))
