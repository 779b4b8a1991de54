"""Signing in at the next hop by OAuth2: a fresh token where one is refused, and no token in any reason."""

import base64

import pytest

from connectors.outbound_mail import Bearer, Login, NextHop, RecipientState
from domain.endpoint import TlsPolicy
from domain.errors import SourceError
from domain.oauth2 import Mechanism
from tests.connectors.smtp_peers import ScriptedServer, scripted

MAIL, ANN, BOB, USER = b"Subject: x\r\n\r\n", "ann@example.com", "bob@example.com", "relay@example.com"
OFFER = b"250-scripted.example\r\n250 AUTH XOAUTH2 OAUTHBEARER"
REASONS = b"334 " + base64.b64encode(b'{"status": "invalid_token", "scope": "smtp"}')
WORDS = {
    Mechanism.XOAUTH2: "user=relay@example.com\1auth=Bearer {}\1\1",
    Mechanism.OAUTHBEARER: "n,a=relay@example.com,\1auth=Bearer {}\1\1",
}
LAST_WORDS = {Mechanism.XOAUTH2: "", Mechanism.OAUTHBEARER: "AQ=="}


class NumberedTokens:
    """token-1, then the next one whenever one is discarded."""

    def __init__(self) -> None:
        self.discarded: list[str] = []
        self.refusal: SourceError | None = None

    def token(self) -> str:
        if self.refusal is not None:
            raise self.refusal
        return f"token-{len(self.discarded) + 1}"

    def discard(self, token: str) -> None:
        self.discarded.append(token)


def hop(peer: ScriptedServer, tokens: NumberedTokens, mechanism: Mechanism = Mechanism.XOAUTH2) -> NextHop:
    login = Login(user=USER, proof=Bearer(tokens=tokens, mechanism=mechanism))
    return NextHop([peer.endpoint], hostname="relay.example", login=login, tls=TlsPolicy.NONE)


def said(mechanism: Mechanism, token: str) -> str:
    words = base64.b64encode(WORDS[mechanism].format(token).encode()).decode()
    return f"AUTH {mechanism.upper()} {words}"


@pytest.mark.parametrize("mechanism", Mechanism)
async def test_a_token_is_handed_over_once_for_many_mails(mechanism: Mechanism) -> None:
    async with scripted(EHLO=OFFER, AUTH=b"235 welcome") as peer:
        next_hop = hop(peer, NumberedTokens(), mechanism)
        results = [(await next_hop.deliver(MAIL, ANN, [BOB]))[BOB] for _ in range(3)]
        await next_hop.close()
    assert {result.state for result in results} == {RecipientState.DELIVERED}
    assert [each for each in peer.commands if each.startswith("AUTH")] == [said(mechanism, "token-1")]


@pytest.mark.parametrize("mechanism", Mechanism)
async def test_a_refused_token_is_replaced_once_and_the_mail_goes(mechanism: Mechanism) -> None:
    refused = {said(mechanism, "token-1"): REASONS, LAST_WORDS[mechanism]: b"535 5.7.8 no"}
    tokens = NumberedTokens()
    async with scripted(EHLO=OFFER, AUTH=b"235 welcome", **refused) as peer:
        result = (await hop(peer, tokens, mechanism).deliver(MAIL, ANN, [BOB]))[BOB]
    assert result.state is RecipientState.DELIVERED
    assert tokens.discarded == ["token-1"]
    assert peer.connections == 1


@pytest.mark.parametrize("mechanism", Mechanism)
async def test_where_no_token_is_taken_the_mail_waits_and_the_account_is_left_alone(
    mechanism: Mechanism,
) -> None:
    refused = {LAST_WORDS[mechanism]: b"535 5.7.8 no"}
    async with scripted(EHLO=OFFER, AUTH=REASONS, **refused) as peer:
        next_hop = hop(peer, NumberedTokens(), mechanism)
        results = [(await next_hop.deliver(MAIL, ANN, [BOB]))[BOB] for _ in range(3)]
    for result in results:
        assert result.state is RecipientState.TEMPORARY
        assert f"does not let us sign in as {USER}: 535 5.7.8 no status invalid_token" in result.text
        assert "token-" not in result.text
    assert sum(command.startswith("AUTH") for command in peer.commands) == 2
    assert not peer.contents


async def test_where_there_is_no_token_to_be_had_the_mail_waits() -> None:
    tokens = NumberedTokens()
    tokens.refusal = SourceError("the token endpoint at login.example gives no token: 400")
    async with scripted(EHLO=OFFER) as peer:
        result = (await hop(peer, tokens).deliver(MAIL, ANN, [BOB]))[BOB]
    assert result.state is RecipientState.TEMPORARY
    assert "login.example gives no token" in result.text
    assert not any(command.startswith("AUTH") for command in peer.commands)


async def test_a_server_that_cannot_look_now_costs_no_token() -> None:
    tokens = NumberedTokens()
    async with scripted(EHLO=OFFER, AUTH=b"454 4.7.0 later") as peer:
        result = (await hop(peer, tokens).deliver(MAIL, ANN, [BOB]))[BOB]
    assert (result.state, tokens.discarded) == (RecipientState.TEMPORARY, [])
