"""Access tokens for mail servers that take no password: `[ingest.imap.oauth2]` and its like (RFC 6749).

By a refresh token that an admin has been given, or by the client's own credentials (as in Microsoft 365).
Blocks: for sources that run in a thread of their own.
"""

import json
import logging
import os
import ssl
import threading
import time
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

from pydantic import Field, field_validator, model_validator

from domain.endpoint import Endpoint
from domain.errors import SourceError
from domain.oauth2 import Mechanism
from domain.options import Options, Secret

logger = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds for each answer of the token endpoint
MARGIN = 300.0  # seconds before its end from which a token is not used any more; a tenth of a short life
USUAL_LIFE = 3600.0  # seconds, where the endpoint does not say
_LONGEST_ANSWER = 256 * 1024


class Oauth2Options(Options):
    """Signing in by OAuth2 in place of a password."""

    token_url: str = Field(description="The provider's token endpoint; https, or http on one's own machine.")
    client_id: str = Field(min_length=1, description="The id under which Unchain is registered there.")
    client_secret: Secret | None = Field(
        default=None, description="Its secret by reference; left out for a public client."
    )
    refresh_token: Secret | None = Field(
        default=None,
        description="Token that the mailbox's owner has granted, by reference; left out: client credentials.",
    )
    scope: str = Field(default="", description="What to ask for, where the provider wants it said.")
    mechanism: Mechanism = Field(default=Mechanism.XOAUTH2, description="xoauth2 or oauthbearer (RFC 7628).")

    @field_validator("token_url")
    @classmethod
    def _is_safe_from_listeners(cls, url: str) -> str:
        parts = urlsplit(url)
        nearby = Endpoint(host=parts.hostname or "", port=0).is_loopback
        if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and nearby)):
            raise ValueError(f"{url!r} must begin with https://: secrets and tokens pass through it")
        return url

    @model_validator(mode="after")
    def _has_something_to_show(self) -> Self:
        if self.refresh_token is None and self.client_secret is None:
            raise ValueError("oauth2 needs a refresh_token, or a client_secret for client credentials")
        return self


class TokenRefused(SourceError):
    """The provider gives no token for what we have: asking again soon is of no use."""


class Tokens:
    """Gives access tokens, asked for once and used until shortly before their end; for many threads."""

    def __init__(
        self,
        options: Oauth2Options,
        context: ssl.SSLContext,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._clock = clock
        self._lock = threading.Lock()
        self._opener: OpenerDirector = build_opener(_NoRedirects(), HTTPSHandler(context=context))
        self._token = ""
        self._good_until = 0.0
        self._granted = ""  # the refresh token that the provider gave last, where it changes them

    def token(self) -> str:
        """An access token. Raises TokenRefused, or SourceError where the provider cannot be asked now."""
        with self._lock:
            if not self._token or self._clock() >= self._good_until:
                self._renew()
            return self._token

    def discard(self, token: str) -> None:
        """Do not use this token again: the mail server has refused it."""
        with self._lock:
            if token == self._token:
                self._token = ""

    def _renew(self) -> None:
        said = self._ask(self._form())
        token, life = said.get("access_token"), said.get("expires_in", USUAL_LIFE)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise SourceError(f"{self._place} answers without an access token")
        try:
            seconds = float(life)  # type: ignore[arg-type]  # anything that JSON can hold
        except (TypeError, ValueError):
            seconds = USUAL_LIFE
        self._token = token
        self._good_until = self._clock() + seconds - min(MARGIN, seconds / 10)
        self._keep_grant(said.get("refresh_token"))

    def _form(self) -> dict[str, str]:
        """What is posted (RFC 6749 sections 2.3.1, 4.4.2 and 6)."""
        options = self._options
        form = {"client_id": options.client_id}
        try:
            if options.client_secret is not None:
                form["client_secret"] = options.client_secret.reveal()
            if options.refresh_token is not None:
                granted = self._granted or options.refresh_token.reveal()
                form |= {"grant_type": "refresh_token", "refresh_token": granted}
            else:
                form["grant_type"] = "client_credentials"
        except (LookupError, OSError) as error:
            raise TokenRefused(f"oauth2: {error}") from None
        return form | ({"scope": options.scope} if options.scope else {})

    def _ask(self, form: dict[str, str]) -> dict[str, object]:
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        # The options admit https, and http only on this machine.
        request = Request(self._options.token_url, urlencode(form).encode(), headers)  # noqa: S310
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                return _fields(answer)
        except HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except (OSError, HTTPException) as error:
            reason = error.reason if isinstance(error, URLError) else error
            raise SourceError(f"{self._place} cannot be asked for a token: {reason}") from None

    def _refusal(self, error: HTTPError) -> SourceError:
        said = _fields(error.fp) if error.fp is not None else {}
        reason = " ".join(f"{said.get('error', '')} {said.get('error_description', '')}".split())[:300]
        sentence = f"{self._place} gives no token: {error.code} {reason or error.reason}"
        if said.get("error") == "invalid_grant":
            sentence += "; have the mailbox's owner grant access anew and put the new refresh_token in place"
        # RFC 6749 section 5.2: 400 and 401 are about what we sent; 429 and 5xx pass.
        return TokenRefused(sentence) if error.code in (400, 401, 403) else SourceError(sentence)

    @property
    def _place(self) -> str:
        return f"the token endpoint at {urlsplit(self._options.token_url).hostname}"

    def _keep_grant(self, fresh: object) -> None:
        """Some providers give a new refresh token with each access token, and the old one ends with it."""
        options = self._options
        if options.refresh_token is None or not isinstance(fresh, str) or not fresh:
            return
        known, self._granted = self._granted, fresh
        try:
            if fresh in (known, options.refresh_token.reveal()):
                return
            if options.refresh_token.file is not None:
                _rewrite(options.refresh_token.file, fresh)
            elif not known:
                logger.warning(
                    "%s changes the refresh token; the new one is lost at a restart: refer to a file, "
                    "which is kept up to date",
                    self._place,
                )
        except (LookupError, OSError) as error:
            logger.error("the new refresh token of %s cannot be kept: %s", self._place, error)


class _NoRedirects(HTTPRedirectHandler):
    """Secrets go where the config says and nowhere else; a redirect is then an error."""

    def redirect_request(self, *_: object) -> None:
        return None


def _fields(answer: HTTPResponse | IO[bytes]) -> dict[str, object]:
    """The JSON object of an answer, empty where there is none."""
    try:
        found = json.loads(answer.read(_LONGEST_ANSWER))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _rewrite(path: Path, text: str) -> None:
    """Replace a secret's file by one that nobody else may read, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
