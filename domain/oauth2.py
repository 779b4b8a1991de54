"""Handing an OAuth2 token to a mail server: what IMAP and SMTP say alike (SASL, RFC 7628).

Where tokens come from is for others to say.
"""

import json
from contextlib import suppress
from enum import StrEnum
from typing import Protocol


class Mechanism(StrEnum):
    """How a token is handed to the mail server."""

    XOAUTH2 = "xoauth2"  # Google's and Microsoft's own
    OAUTHBEARER = "oauthbearer"  # RFC 7628


class TokenSource(Protocol):
    """What gives access tokens; blocks while it asks for one."""

    def token(self) -> str:
        """An access token; raises SourceError where none is to be had."""

    def discard(self, token: str) -> None:
        """Do not give this token again: a mail server has refused it."""


def first_words(mechanism: Mechanism, user: str, token: str) -> bytes:
    """The client's first message, not encoded: who signs in and by which token."""
    if mechanism is Mechanism.XOAUTH2:
        return f"user={user}\1auth=Bearer {token}\1\1".encode()
    name = user.replace("=", "=3D").replace(",", "=2C")  # RFC 5801 section 4
    return f"n,a={name},\1auth=Bearer {token}\1\1".encode()


def last_words(mechanism: Mechanism) -> bytes:
    """What a client says to a server's reasons, so that it ends the dialogue (RFC 7628 section 3.2.3)."""
    return b"\1" if mechanism is Mechanism.OAUTHBEARER else b""


def objection(challenge: bytes) -> str:
    """What a server says in its JSON about a token (RFC 7628 section 3.2.2), "" where that is nothing."""
    with suppress(ValueError, RecursionError):
        said = json.loads(challenge)
        if isinstance(said, dict):
            return " ".join(f"{key} {said[key]}" for key in ("status", "error", "scope") if key in said)[:100]
    return ""
