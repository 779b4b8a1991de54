"""What we send is encrypted as the policy says, and in doubt not sent where encryption is required."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from connectors.outbound_mail import NextHop
from domain.endpoint import Endpoint, TlsPolicy
from tests.connectors.smtp_peers import scripted

TLS_FOLDER = Path(__file__).parent.parent / "tls"
OWN = TLS_FOLDER / "localhost.crt"
MAIL, ANN, BOB = b"Subject: x\r\n\r\n", "ann@example.com", "bob@example.com"
OFFER = b"250-scripted.example\r\n250 STARTTLS"


class Remembering:
    """Notes whether each mail came encrypted."""

    def __init__(self) -> None:
        self.encrypted: list[bool] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.encrypted.append(session.ssl is not None)
        return "250 2.0.0 taken"


@asynccontextmanager
async def encrypting() -> AsyncIterator[tuple[Remembering, int]]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(OWN, TLS_FOLDER / "localhost.key")
    seen = Remembering()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(seen, tls_context=context, hostname="tls.example", loop=loop), "127.0.0.1", 0
    )
    yield seen, server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


def hop(endpoint: Endpoint, policy: TlsPolicy, authority: Path | None = None) -> NextHop:
    return NextHop([endpoint], hostname="relay.example", tls=policy, tls_authority=authority, timeout=60)


@pytest.mark.parametrize(
    ("policy", "authority", "state", "encrypted"),
    [
        (TlsPolicy.NONE, None, "delivered", [False]),
        (TlsPolicy.OPPORTUNISTIC, None, "delivered", [True]),
        (TlsPolicy.REQUIRED, OWN, "delivered", [True]),
        (TlsPolicy.REQUIRED, None, "temporary", []),
    ],
    ids=["none", "opportunistic", "required", "required, unknown certificate"],
)
async def test_the_policy_decides(
    policy: TlsPolicy, authority: Path | None, state: str, encrypted: list[bool]
) -> None:
    async with encrypting() as (seen, port):
        next_hop = hop(Endpoint(host="localhost", port=port), policy, authority)
        results = await next_hop.deliver(MAIL, ANN, [BOB])
        await next_hop.close()
    assert results[BOB].state.value == state
    assert seen.encrypted == encrypted


async def test_required_refuses_a_name_that_is_not_in_the_certificate() -> None:
    async with encrypting() as (seen, port):
        results = await hop(Endpoint(host="127.0.0.2", port=port), TlsPolicy.REQUIRED, OWN).deliver(
            MAIL, ANN, [BOB]
        )
    assert results[BOB].state.value == "temporary"
    assert seen.encrypted == []


async def test_required_sends_nothing_to_a_server_without_encryption() -> None:
    async with scripted() as peer:
        results = await hop(peer.endpoint, TlsPolicy.REQUIRED).deliver(MAIL, ANN, [BOB])
    assert results[BOB].state.value == "temporary"
    assert not any(command.startswith("MAIL") for command in peer.commands)


@pytest.mark.parametrize("reply", [b"454 4.7.0 no certificate", b"220 go on"])
async def test_opportunistic_goes_in_clear_where_the_offered_encryption_fails(reply: bytes) -> None:
    async with scripted(EHLO=OFFER, STARTTLS=reply) as peer:
        results = await hop(peer.endpoint, TlsPolicy.OPPORTUNISTIC).deliver(MAIL, ANN, [BOB])
    assert results[BOB].state.value == "delivered"
    assert peer.connections == 2


async def test_required_keeps_the_mail_where_the_offered_encryption_fails() -> None:
    async with scripted(EHLO=OFFER, STARTTLS=b"454 4.7.0 no certificate") as peer:
        results = await hop(peer.endpoint, TlsPolicy.REQUIRED).deliver(MAIL, ANN, [BOB])
    assert results[BOB].state.value == "temporary"
    assert peer.contents == []
