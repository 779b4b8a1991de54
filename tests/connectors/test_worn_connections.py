"""A connection that the next hop has had enough of: a new one is opened at once, and no try is lost."""

import pytest

from connectors.outbound_mail import NextHop, RecipientState
from tests.connectors.smtp_peers import scripted

MAIL, ANN, BOB = b"Subject: x\r\n\r\n", "ann@example.com", "bob@example.com"
PIPELINING = b"250-scripted.example\r\n250 PIPELINING"
PLAIN = b"250 scripted.example"


@pytest.mark.parametrize("greeting", [PIPELINING, PLAIN], ids=["pipelining", "one by one"])
@pytest.mark.parametrize(
    ("word", "reply"),
    [
        ("MAIL", b"421 4.7.0 too many mails on this connection"),
        ("MAIL", b"452 4.5.3 too many messages this session"),
        ("MAIL", b"451 4.7.0 timeout waiting for client input"),
        ("RCPT", b"421 4.3.2 going away"),
        ("DATA", b"421 4.3.2 going away"),
        ("end", b"421 4.3.2 going away"),
    ],
)
async def test_a_refusal_of_a_used_connection_is_tried_on_a_new_one(
    word: str, reply: bytes, greeting: bytes
) -> None:
    async with scripted(EHLO=greeting) as peer:
        peer.worn = {word: reply}
        next_hop = NextHop([peer.endpoint], hostname="relay.example")
        results = [(await next_hop.deliver(MAIL, ANN, [BOB]))[BOB] for _ in range(3)]
        await next_hop.close()
    assert [result.state for result in results] == [RecipientState.DELIVERED] * 3
    assert peer.connections == 3
    assert len(peer.contents) == 3 + (word == "end") * 2  # refused with the content in hand, it is sent anew


@pytest.mark.parametrize("reply", [b"421 4.3.2 going away", b"452 4.3.1 disk full"])
async def test_a_new_connection_that_says_so_too_is_believed(reply: bytes) -> None:
    async with scripted() as peer:
        next_hop = NextHop([peer.endpoint], hostname="relay.example")
        await next_hop.deliver(MAIL, ANN, [BOB])
        peer.replies = peer.worn = {"MAIL": reply}
        result = (await next_hop.deliver(MAIL, ANN, [BOB]))[BOB]
        await next_hop.close()
    assert result.state is RecipientState.TEMPORARY
    assert reply[:3].decode() in f"{result.code} {result.text}"
    assert peer.connections == 2


async def test_a_recipient_who_is_put_off_is_asked_about_once() -> None:
    async with scripted() as peer:
        peer.worn = {"RCPT": b"450 4.2.0 greylisted"}
        next_hop = NextHop([peer.endpoint], hostname="relay.example")
        results = [(await next_hop.deliver(MAIL, ANN, [BOB]))[BOB] for _ in range(2)]
        await next_hop.close()
    assert [result.state for result in results] == [RecipientState.DELIVERED, RecipientState.TEMPORARY]
    assert peer.connections == 1
