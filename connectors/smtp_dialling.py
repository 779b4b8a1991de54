"""Opening connections to a mail server: greeting and encryption (RFC 5321, RFC 3207, RFC 8314).

Signing in is in smtp_sign_in.py, what is said then in smtp_connection.py.
"""

import logging
import ssl
from dataclasses import dataclass
from pathlib import Path

from aiosmtplib import SMTP, SMTPException, SMTPHeloError

from connectors.smtp_connection import FINAL_REPLY_TIMEOUT, SmtpConnection
from connectors.smtp_sign_in import Login, sign_in
from domain.endpoint import Endpoint, TlsPolicy

logger = logging.getLogger(__name__)


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
        await sign_in(client, endpoint, dialling.login)
    return SmtpConnection(
        client, patience=dialling.patience, final_reply_timeout=dialling.final_reply_timeout
    )


async def _greet(endpoint: Endpoint, dialling: Dialling) -> SMTP:
    """Connect and say EHLO, or HELO to an old server."""
    implicit = dialling.tls is TlsPolicy.IMPLICIT
    client = SMTP(
        hostname=endpoint.host,
        port=endpoint.port,
        local_hostname=dialling.hostname,
        timeout=dialling.patience,
        start_tls=False,
        use_tls=implicit,
        tls_context=dialling.tls_context if implicit else None,
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
