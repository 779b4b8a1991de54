"""Several commands in one go (RFC 2920), to servers that answer as they may, and to some as they must
not.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from connectors.outbound_mail import NextHop, RecipientState
from domain.endpoint import Endpoint
from tests.connectors.smtp_peers import scripted

EHLO = b"250-scripted.example\r\n250 PIPELINING"
MAIL = b"Subject: x\r\n\r\nhello\r\n"
ANN, BOB, EVE = "ann@example.com", "bob@example.com", "eve@example.com"


@asynccontextmanager
async def deaf_until_data(replies: bytes) -> AsyncIterator[tuple[Endpoint, list[bytes]]]:
    """A server that says nothing to an envelope before it has seen DATA; then `replies`, all at once."""
    envelopes: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 deaf.example\r\n")
        await reader.readline()
        writer.write(EHLO + b"\r\n")
        envelopes.append(await reader.readuntil(b"DATA\r\n"))
        writer.write(replies)
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 2.0.0 taken\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield Endpoint(host="127.0.0.1", port=server.sockets[0].getsockname()[1]), envelopes


async def deliver(endpoint: Endpoint, *recipients: str) -> Sequence[tuple[RecipientState, int]]:
    hop = NextHop([endpoint], hostname="relay.example", timeout=5)
    results = await hop.deliver(MAIL, ANN, recipients)
    await hop.close()
    return [(results[each].state, results[each].code) for each in recipients]


async def test_an_envelope_goes_out_in_one_piece() -> None:
    answers = b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n550 5.1.1 unknown\r\n354 go on\r\n"
    async with deaf_until_data(answers) as (endpoint, envelopes):
        outcome = await deliver(endpoint, BOB, EVE)

    assert outcome == [(RecipientState.DELIVERED, 250), (RecipientState.PERMANENT, 550)]
    commands = [line.partition(b" ")[0] for line in envelopes[0].split(b"\r\n") if line]
    assert commands == [b"MAIL", b"RCPT", b"RCPT", b"DATA"]


async def test_replies_in_many_lines_and_pieces_are_told_apart() -> None:
    answers = b"250-2.1.0 ok\r\n250-and\r\n250 more\r\n450-4.2.0 wait\r\n450 4.2.0 a little\r\n354 go on\r\n"
    async with deaf_until_data(answers.replace(b"450", b"250").replace(b"4.2.0", b"2.2.0")) as (endpoint, _):
        assert await deliver(endpoint, BOB) == [(RecipientState.DELIVERED, 250)]


async def test_a_refused_sender_is_the_answer_for_everybody() -> None:
    refusals = {"MAIL": b"550 5.7.1 not you", "RCPT": b"503 5.5.1 first MAIL", "DATA": b"503 5.5.1 no"}
    async with scripted(EHLO=EHLO, **refusals) as peer:
        assert await deliver(peer.endpoint, BOB, EVE) == [(RecipientState.PERMANENT, 550)] * 2
    assert peer.contents == []


async def test_where_all_are_refused_no_mail_goes_though_the_server_would_take_it() -> None:
    async with scripted(EHLO=EHLO, RCPT=b"550 5.1.1 unknown") as peer:
        assert await deliver(peer.endpoint, BOB, EVE) == [(RecipientState.PERMANENT, 550)] * 2
    assert peer.contents == []


async def test_a_temporary_refusal_of_the_content_leaves_all_waiting() -> None:
    async with scripted(EHLO=EHLO, DATA=b"451 4.3.0 later") as peer:
        assert await deliver(peer.endpoint, BOB) == [(RecipientState.TEMPORARY, 451)]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_hangs_up_in_the_middle_has_taken_nothing(command: str) -> None:
    async with scripted(EHLO=EHLO, **{command: b"421 4.3.2 shutting down"}) as peer:
        assert await deliver(peer.endpoint, BOB) == [(RecipientState.TEMPORARY, 0)]


async def test_what_is_no_reply_ends_the_connection_and_loses_nothing() -> None:
    async with scripted(EHLO=EHLO, RCPT=b"hello there") as peer:
        assert await deliver(peer.endpoint, BOB) == [(RecipientState.TEMPORARY, 0)]


async def test_after_a_farewell_a_kept_connection_is_not_used_again() -> None:
    async with scripted(EHLO=EHLO, end=b"250 taken\r\n421 4.4.2 bye") as peer:
        hop = NextHop([peer.endpoint], hostname="relay.example", timeout=5)
        states = [(await hop.deliver(MAIL, ANN, [BOB]))[BOB].state for _ in range(3)]
        await hop.close()
    assert states == [RecipientState.DELIVERED] * 3
    assert len(peer.contents) == 3
