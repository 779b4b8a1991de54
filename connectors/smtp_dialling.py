"""Opening connections to a mail server: greeting, encryption, signing in (RFC 5321, RFC 3207, RFC 4954).

What is said on them is in smtp_connection.py.
"""

import logging
import ssl
from dataclasses import dataclass
from pathlib import Path

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPHeloError

from connectors.smtp_connection import FINAL_REPLY_TIMEOUT, SmtpConnection
from domain.endpoint import Endpoint, TlsPolicy
from domain.options import Secret

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Login:
    """By what we sign in."""

    user: str
    password: Secret  # read anew for each connection, so that a changed file needs no restart


class LoginRefused(SMTPException):
    """The server does not take our name and password: asking again soon could lock the account."""


@dataclass(frozen=True, kw_only=True)
class Dialling:
    """How connections are opened."""

    hostname: str  # what we call ourselves
    patience: float  # how long to wait for the connection and for each reply, in seconds
    final_reply_timeout: float = FINAL_REPLY_TIMEOUT  # and for the reply to a whole mail
    tls: TlsPolicy = TlsPolicy.OPPORTUNISTIC
    tls_context: ssl.SSLContext | None = None  # None where tls is "none"
    login: Login | None = None


async def connect(endpoint: Endpoint, dialling: Dialling) -> SmtpConnection:
    """Open a connection, greet and sign in; raises OSError, SMTPException or, as one, LoginRefused."""
    client = await _greet(endpoint, dialling)
    offered = client.supports_extension("starttls")
    if dialling.tls is TlsPolicy.REQUIRED or (dialling.tls is TlsPolicy.OPPORTUNISTIC and offered):
        try:
            await client.starttls(tls_context=dialling.tls_context)
            await client.ehlo()
        except (OSError, SMTPException) as error:
            client.close()
            if dialling.tls is TlsPolicy.REQUIRED:
                raise
            logger.warning("%s offers encryption that fails, mail goes in clear: %s", endpoint, error)
            client = await _greet(endpoint, dialling)
    if dialling.login is not None:
        await _sign_in(client, endpoint, dialling.login)
    return SmtpConnection(
        client, patience=dialling.patience, final_reply_timeout=dialling.final_reply_timeout
    )


async def _greet(endpoint: Endpoint, dialling: Dialling) -> SMTP:
    """Connect and say EHLO, or HELO to an old server."""
    client = SMTP(
        hostname=endpoint.host,
        port=endpoint.port,
        local_hostname=dialling.hostname,
        timeout=dialling.patience,
        start_tls=False,
    )
    try:
        await client.connect()
        try:
            await client.ehlo()
        except SMTPHeloError:
            await client.helo()
    except (OSError, SMTPException):
        client.close()
        raise
    return client


async def _sign_in(client: SMTP, endpoint: Endpoint, login: Login) -> None:
    """Sign in by the first of CRAM-MD5, PLAIN and LOGIN that the server offers and takes."""
    try:
        # The config asks for encryption already; this keeps the password in whatever the peer pretends.
        if client.get_transport_info("sslcontext") is None and not endpoint.is_loopback:
            raise LoginRefused("the connection is not encrypted: our password only goes over TLS")
        try:
            password = login.password.reveal()
        except (LookupError, OSError) as error:
            raise LoginRefused(f"our password cannot be read: {error}") from None
        try:
            await client.login(login.user, password)
        except SMTPAuthenticationError as error:
            said = " ".join(error.message.split())
            if error.code // 100 == 4:  # RFC 4954 section 6: it cannot look now
                raise SMTPException(f"signing in as {login.user} is put off: {error.code} {said}") from None
            raise LoginRefused(f"does not let us sign in as {login.user}: {error.code} {said}") from None
    except (OSError, SMTPException):
        client.close()
        raise


def tls_context(policy: TlsPolicy, authority: Path | None = None) -> ssl.SSLContext | None:
    """The context for a policy; `authority` is a PEM file to trust besides the system's. Raises OSError."""
    if policy is TlsPolicy.NONE:
        return None
    context = ssl.create_default_context()
    if authority is not None:
        context.load_verify_locations(cafile=authority)
    if policy is TlsPolicy.OPPORTUNISTIC:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
