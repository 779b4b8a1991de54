"""A connection to an IMAP server (RFC 3501): encrypted, signed in by password or OAuth2, nothing selected."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]
from imapclient.exceptions import IMAPClientError, LoginError  # type: ignore[import-untyped]

from domain.oauth2 import first_words, last_words, objection
from ingest.sources.imap_options import ImapOptions, ImapSecurity
from ingest.sources.oauth2 import Tokens

CONNECT_PATIENCE, READ_PATIENCE = 30.0, 120.0  # seconds


def tokens_of(options: ImapOptions) -> Tokens | None:
    """What gives the tokens of a mailbox, None where it has a password."""
    return None if options.oauth2 is None else Tokens(options.oauth2, trusting(options.authority))


# imapclient has no types: its clients are Any.
@contextmanager
def signed_in(
    options: ImapOptions, tokens: Tokens | None, *, patience: float = READ_PATIENCE
) -> Iterator[Any]:
    """A client that may be asked; raises OSError, IMAPClientError, LookupError or SourceError."""
    client = _open(options, patience)
    try:
        if tokens is None:
            assert options.secret is not None
            client.login(options.user, options.secret.reveal())
        else:
            client = _by_token(client, options, tokens, patience)
        yield client
    finally:
        _leave(client)


def _open(options: ImapOptions, patience: float) -> Any:
    context = None if options.security is ImapSecurity.NONE else trusting(options.authority)
    client = IMAPClient(
        options.host,
        options.port,
        ssl=options.security is ImapSecurity.TLS,
        ssl_context=context if options.security is ImapSecurity.TLS else None,
        timeout=SocketTimeout(connect=CONNECT_PATIENCE, read=patience),
    )
    client.normalise_times = False  # aware times
    if options.security is ImapSecurity.STARTTLS:
        try:
            client.starttls(context)
        except (OSError, IMAPClientError):
            _leave(client)
            raise
    return client


def _by_token(client: Any, options: ImapOptions, tokens: Tokens, patience: float) -> Any:
    """The client, or another one: a token may have been revoked before its time, so a fresh one is tried."""
    token = tokens.token()
    try:
        _authenticate(client, options, token)
        return client
    except LoginError:
        tokens.discard(token)
    fresh = tokens.token()
    _leave(client)
    again = _open(options, patience)
    try:
        _authenticate(again, options, fresh)
    except (OSError, IMAPClientError):
        _leave(again)
        tokens.discard(fresh)
        raise
    return again


def _authenticate(client: Any, options: ImapOptions, token: str) -> None:
    """Hand over a token; the server's reasons come as a challenge, which wants an answer too."""
    assert options.oauth2 is not None
    mechanism = options.oauth2.mechanism
    objections: list[str] = []

    def answer(challenge: bytes) -> bytes:
        if not challenge.strip():
            return first_words(mechanism, options.user, token)
        objections.append(objection(challenge))
        return last_words(mechanism)

    try:
        client.sasl_login(mechanism.value.upper(), answer)
    except IMAPClientError as error:
        if isinstance(error, IMAPClient.AbortError):
            raise
        raise LoginError(f"the token is not accepted: {' '.join([str(error), *objections])}") from None


def trusting(authority: Path | None) -> ssl.SSLContext:
    """A context that trusts the system's certificates and those of a PEM file; raises OSError."""
    context = ssl.create_default_context()
    if authority is not None:
        context.load_verify_locations(cafile=authority)
    return context


def _leave(client: Any) -> None:
    try:
        client.logout()
    except (OSError, IMAPClientError):  # what went wrong before is what counts
        with suppress(OSError, IMAPClientError):
            client.shutdown()
