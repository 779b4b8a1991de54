"""Certificates and passwords of the SMTP source: `[ingest.smtp.tls]` and `[[ingest.smtp.users]]`.

Encrypts nothing itself; aiosmtpd and the ssl module do.
"""

import hmac
import ssl
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pydantic import Field

from domain.errors import ConfigError
from domain.options import Options, Secret


class TlsMode(StrEnum):
    """When the encryption begins."""

    STARTTLS = "starttls"  # on the client's request (RFC 3207)
    IMPLICIT = "implicit"  # with the connection (RFC 8314)


class TlsOptions(Options):
    """The `[ingest.smtp.tls]` section."""

    certificate: Path = Field(description="PEM file with the certificate, and the chain behind it.")
    key: Path | None = Field(
        default=None, description="PEM file with the key; default: the certificate's file."
    )
    mode: TlsMode = Field(
        default=TlsMode.STARTTLS, description="starttls: when the client asks. implicit: from the first byte."
    )
    required: bool = Field(default=False, description="Whether mail is refused on an unencrypted connection.")


class SmtpUser(Options):
    """One of `[[ingest.smtp.users]]`: may send from anywhere with the password, over TLS only."""

    name: str = Field(min_length=1, description="Name to sign in with.")
    password: Secret = Field(description='The password by reference, for example { env = "RELAY_PASSWORD" }.')


def server_context(options: TlsOptions) -> ssl.SSLContext:
    """The context to serve with; raises ConfigError where certificate or key cannot be used."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(options.certificate, options.key)
    except OSError as error:  # SSLError is one
        reason = error.strerror or str(error)
        files = " and ".join(str(path) for path in (options.certificate, options.key) if path)
        raise ConfigError(f"ingest.smtp.tls: {files} cannot be used: {reason}") from None
    return context


class PasswordCheck:
    """Says whether name and password belong together; what aiosmtpd calls its authenticator."""

    def __init__(self, users: Sequence[SmtpUser]) -> None:
        """Reads the secrets now, so that a missing one is found at start: raises ConfigError."""
        self._passwords: dict[bytes, bytes] = {}
        for user in users:
            try:
                self._passwords[user.name.encode()] = user.password.reveal().encode()
            except (LookupError, OSError) as error:
                raise ConfigError(f"ingest.smtp.users: the password of {user.name}: {error}") from None

    def __call__(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        """Compare in constant time, whether the name exists or not."""
        known = self._passwords.get(login.login)
        right = hmac.compare_digest(known if known is not None else b"no such user", login.password)
        return AuthResult(success=right and known is not None, handled=False)
