"""Signing in at the next hop: only where nobody listens in, and a wrong password never bounces a mail."""

import asyncio
import base64
import hmac
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, Session

from connectors.outbound_mail import Login, NextHop, RecipientState
from connectors.smtp_sign_in import LoginRefused, sign_in
from domain.endpoint import Endpoint, TlsPolicy
from domain.options import Secret
from tests.connectors.smtp_peers import scripted

TLS_FOLDER = Path(__file__).parent.parent / "tls"
CERTIFICATE = TLS_FOLDER / "localhost.crt"
MAIL, ANN, BOB = b"Subject: x\r\n\r\n", "ann@example.com", "bob@example.com"
USER, PASSWORD = "relay", "très secret"


class Guarded:
    """Takes mail only from who signs in; counts the tries."""

    def __init__(self, *mechanisms: str) -> None:
        self.mechanisms = mechanisms
        self.tries: list[str] = []
        self.taken = 0

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object
    ) -> AuthResult:
        self.tries.append(mechanism)
        right = getattr(login, "password", b"") == PASSWORD.encode()
        return AuthResult(success=right, handled=False)

    async def auth_CRAM__MD5(self, server: SMTP, args: Sequence[str]) -> AuthResult:
        self.tries.append("CRAM-MD5")
        challenge = b"<1896.697170952@guarded.example>"
        answer = await server.challenge_auth(challenge)
        if answer is MISSING:
            return AuthResult(success=False)
        name, _, digest = bytes(answer).rpartition(b" ")
        expected = hmac.new(PASSWORD.encode(), challenge, "md5").hexdigest().encode()
        right = name == USER.encode() and hmac.compare_digest(digest, expected)
        return AuthResult(success=right, handled=False)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken += 1
        return "250 2.0.0 taken"


@asynccontextmanager
async def guarded(*mechanisms: str) -> AsyncIterator[tuple[Guarded, int]]:
    """A server that asks for a password over TLS by these mechanisms."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE, TLS_FOLDER / "localhost.key")
    guard = Guarded(*mechanisms)
    excluded = {"PLAIN", "LOGIN", "CRAM-MD5"} - set(mechanisms)

    def session() -> SMTP:
        return SMTP(
            guard,
            tls_context=context,
            hostname="guarded.example",
            authenticator=guard.authenticate,
            auth_required=True,
            auth_exclude_mechanism=excluded,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    yield guard, server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


def hop(port: int, secret: Path, policy: TlsPolicy = TlsPolicy.REQUIRED) -> NextHop:
    login = Login(user=USER, proof=Secret(file=secret))
    endpoint = Endpoint(host="localhost", port=port)
    return NextHop(
        [endpoint], hostname="relay.example", tls=policy, tls_authority=CERTIFICATE, login=login, timeout=60
    )


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
async def test_each_mechanism_signs_in_once_for_many_mails(mechanism: str, secret: Path) -> None:
    async with guarded(mechanism) as (guard, port):
        next_hop = hop(port, secret)
        for _ in range(3):
            results = await next_hop.deliver(MAIL, ANN, [BOB])
            assert results[BOB].state is RecipientState.DELIVERED
        assert await next_hop.check() == "guarded.example"
        await next_hop.close()
    assert guard.taken == 3
    assert guard.tries == [mechanism] * 2  # for the mails, and for the check


async def test_a_wrong_password_keeps_the_mail_and_is_not_tried_for_each(secret: Path) -> None:
    secret.write_text("wrong\n", encoding="utf-8")
    async with guarded("PLAIN") as (guard, port):
        next_hop = hop(port, secret)
        results = [(await next_hop.deliver(MAIL, ANN, [BOB]))[BOB] for _ in range(5)]
        await next_hop.close()
    assert {result.state for result in results} == {RecipientState.TEMPORARY}
    for result in results:
        assert f"does not let us sign in as {USER}: 535" in result.text
        assert "wrong" not in result.text
    assert len(guard.tries) == 1


async def test_a_password_that_was_put_right_is_used_without_a_restart(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.outbound_mail.FAILING_SECONDS", 0.0)
    secret.write_text("wrong\n", encoding="utf-8")
    async with guarded("PLAIN") as (_, port):
        next_hop = hop(port, secret)
        before = (await next_hop.deliver(MAIL, ANN, [BOB]))[BOB]
        secret.write_text(PASSWORD, encoding="utf-8")
        after = (await next_hop.deliver(MAIL, ANN, [BOB]))[BOB]
        await next_hop.close()
    assert (before.state, after.state) == (RecipientState.TEMPORARY, RecipientState.DELIVERED)


async def test_a_password_that_cannot_be_read_keeps_the_mail(secret: Path) -> None:
    secret.unlink()
    async with guarded("PLAIN") as (guard, port):
        result = (await hop(port, secret).deliver(MAIL, ANN, [BOB]))[BOB]
    assert result.state is RecipientState.TEMPORARY
    assert "our password cannot be read" in result.text
    assert guard.tries == []


@pytest.mark.parametrize("code", [530, 534, 535, 538])
async def test_a_server_that_asks_us_to_sign_in_bounces_nothing(code: int) -> None:
    async with scripted(MAIL=b"%d 5.7.0 sign in first" % code) as peer:
        results = await NextHop([peer.endpoint], hostname="relay.example").deliver(MAIL, ANN, [BOB])
    assert results[BOB].state is RecipientState.TEMPORARY
    assert results[BOB].code == code


async def test_a_server_that_cannot_look_now_is_asked_again(secret: Path) -> None:
    offer = b"250-scripted.example\r\n250 AUTH PLAIN"
    async with scripted(EHLO=offer, AUTH=b"454 4.7.0 later") as peer:
        login = Login(user=USER, proof=Secret(file=secret))
        next_hop = NextHop([peer.endpoint], hostname="relay.example", login=login, tls=TlsPolicy.NONE)
        results = [(await next_hop.deliver(MAIL, ANN, [BOB]))[BOB] for _ in range(2)]
    assert [result.state for result in results] == [RecipientState.TEMPORARY] * 2
    assert peer.connections == 2


async def test_on_this_machine_the_password_may_go_in_clear(secret: Path) -> None:
    offer = b"250-scripted.example\r\n250 AUTH PLAIN"
    async with scripted(EHLO=offer, AUTH=b"235 welcome") as peer:
        login = Login(user=USER, proof=Secret(file=secret))
        next_hop = NextHop([peer.endpoint], hostname="relay.example", login=login, tls=TlsPolicy.NONE)
        results = await next_hop.deliver(MAIL, ANN, [BOB])
    assert results[BOB].state is RecipientState.DELIVERED
    words = next(command for command in peer.commands if command.startswith("AUTH PLAIN "))
    assert base64.b64decode(words.split()[2]).decode() == f"\0{USER}\0{PASSWORD}"


async def test_to_another_machine_it_never_goes_in_clear(secret: Path) -> None:
    from aiosmtplib import SMTP as Client

    async with scripted(EHLO=b"250-scripted.example\r\n250 AUTH PLAIN") as peer:
        client = Client(hostname=peer.endpoint.host, port=peer.endpoint.port, start_tls=False)
        await client.connect()
        far = Endpoint(host="mail.example.com", port=25)
        with pytest.raises(LoginRefused, match="only goes over TLS"):
            await sign_in(client, far, Login(user=USER, proof=Secret(file=secret)))
    assert not any(command.startswith("AUTH") for command in peer.commands)
