"""Certificates and passwords of the SMTP source: `[ingest.smtp.tls]` and `[[ingest.smtp.users]]`.

Encrypts nothing itself; aiosmtpd and the ssl module do.
"""

import asyncio
import hmac
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from domain.errors import ConfigError
from domain.options import Options, Secret
from ingest.sources.password_file import PasswordFile


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
    """Says whether name and password belong together."""

    def __init__(self, users: Sequence[SmtpUser], file: PasswordFile | None) -> None:
        """Reads the secrets now, so that a missing one is found at start: raises ConfigError."""
        self._file = file
        self._passwords: dict[bytes, bytes] = {}
        # Hashing takes memory and time on purpose: two at a time leave both for the mail.
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")
        for user in users:
            try:
                self._passwords[user.name.encode()] = user.password.reveal().encode()
            except (LookupError, OSError) as error:
                raise ConfigError(f"ingest.smtp.users: the password of {user.name}: {error}") from None

    async def is_right(self, name: bytes, password: bytes) -> bool:
        """Compares in constant time, whether the name exists or not."""
        known = self._passwords.get(name)
        right = hmac.compare_digest(known if known is not None else b"no such user", password)
        if self._file is None:
            return right and known is not None
        loop = asyncio.get_running_loop()
        filed = await loop.run_in_executor(self._threads, self._file.matches, name, password)
        return right if known is not None else filed

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def password_check(users: Sequence[SmtpUser], path: Path | None) -> PasswordCheck | None:
    """What says who may sign in, or None where nobody may; raises ConfigError."""
    if not users and path is None:
        return None
    return PasswordCheck(users, PasswordFile(path) if path is not None else None)
