"""Signing in at a mail server by password or OAuth2 token (RFC 4954, RFC 7628); never where others listen."""

import asyncio
import base64
import binascii
from dataclasses import dataclass

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException

from domain.endpoint import Endpoint
from domain.errors import SourceError
from domain.oauth2 import Mechanism, TokenSource, first_words, last_words, objection
from domain.options import Secret


@dataclass(frozen=True, kw_only=True)
class Bearer:
    """Tokens in place of a password."""

    tokens: TokenSource
    mechanism: Mechanism


@dataclass(frozen=True, kw_only=True)
class Login:
    """By what we sign in; a password is read anew for each connection: a changed file needs no restart."""

    user: str
    proof: Secret | Bearer


class LoginRefused(SMTPException):
    """The server does not take our name and password: asking again soon could lock the account."""


async def sign_in(client: SMTP, endpoint: Endpoint, login: Login) -> None:
    """Sign in on a connection that has been greeted; closes it and raises OSError or SMTPException else."""
    try:
        # The config asks for encryption already; this keeps the password in whatever the peer pretends.
        if client.get_transport_info("sslcontext") is None and not endpoint.is_loopback:
            raise LoginRefused("the connection is not encrypted: our password only goes over TLS")
        if isinstance(login.proof, Bearer):
            await _by_token(client, login.user, login.proof)
        else:
            await _by_password(client, login.user, login.proof)
    except (OSError, SMTPException):
        client.close()
        raise


async def _by_password(client: SMTP, user: str, secret: Secret) -> None:
    """By the first of CRAM-MD5, PLAIN and LOGIN that the server offers and takes."""
    try:
        password = secret.reveal()
    except (LookupError, OSError) as error:
        raise LoginRefused(f"our password cannot be read: {error}") from None
    try:
        await client.login(user, password)
    except SMTPAuthenticationError as error:
        raise _refusal(user, error.code, error.message) from None


async def _by_token(client: SMTP, user: str, bearer: Bearer) -> None:
    """By a token, and by a fresh one where it is refused: it may have been revoked before its time."""
    for is_last in (False, True):
        try:
            token = await asyncio.to_thread(bearer.tokens.token)
        except SourceError as error:
            raise LoginRefused(f"there is no token to sign in with: {error}") from None
        code, said = await _hand_over(client, bearer.mechanism, user, token)
        if code == 235:
            return
        refusal = _refusal(user, code, said)
        if not isinstance(refusal, LoginRefused):
            raise refusal
        bearer.tokens.discard(token)
        if is_last:
            raise refusal


async def _hand_over(client: SMTP, mechanism: Mechanism, user: str, token: str) -> tuple[int, str]:
    """The server's last reply with its reasons: these come as a challenge, which wants an answer."""
    words = base64.b64encode(first_words(mechanism, user, token))
    reply = await client.execute_command(b"AUTH", mechanism.value.upper().encode(), words)
    reasons = ""
    if reply.code == 334:
        try:
            reasons = objection(base64.b64decode(reply.message))
        except binascii.Error:
            reasons = ""
        reply = await client.execute_command(base64.b64encode(last_words(mechanism)))
    return reply.code, f"{reply.message} {reasons}"


def _refusal(user: str, code: int, message: str) -> SMTPException:
    said = " ".join(message.split())
    if code // 100 == 4:  # RFC 4954 section 6: it cannot look now
        return SMTPException(f"signing in as {user} is put off: {code} {said}")
    return LoginRefused(f"does not let us sign in as {user}: {code} {said}")
