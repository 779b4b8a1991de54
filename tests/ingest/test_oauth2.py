"""Mailboxes by OAuth2: a real Dovecot that asks a provider about tokens, and the provider is this test."""

import contextlib
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError

from domain.errors import SourceError
from ingest.sources.imap import ImapOptions, ImapSource
from ingest.sources.imap_connection import trusting
from ingest.sources.oauth2 import Oauth2Options, TokenRefused, Tokens
from tests.ingest.test_imap import Memory, put, reading, signed_in, until
from tests.servers.dovecot import Dovecot, dovecot, missing

USER = "ann@example.com"


class Provider:
    """Gives tokens and says whom they belong to."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.valid: set[str] = set()
        self.grants = {"grant-0"}
        self.rotates = False
        self.life: object = 3600
        self.answer: tuple[int, bytes] | None = None  # instead of a token
        self.url = ""

    def token(self, form: dict[str, str]) -> tuple[int, bytes]:
        self.forms.append(form)
        if self.answer is not None:
            return self.answer
        grant = form.get("refresh_token", "")
        if form["grant_type"] == "refresh_token" and grant not in self.grants:
            return 400, b'{"error": "invalid_grant", "error_description": "the grant has been revoked"}'
        said: dict[str, object] = {"access_token": f"token-{len(self.forms)}", "expires_in": self.life}
        self.valid.add(f"token-{len(self.forms)}")
        if self.rotates and grant:
            self.grants = {f"grant-{len(self.forms)}"}
            said["refresh_token"] = f"grant-{len(self.forms)}"
        return 200, json.dumps(said).encode()

    def introspect(self, form: dict[str, str]) -> tuple[int, bytes]:
        active = form.get("token") in self.valid
        return 200, json.dumps({"active": active, "username": USER} if active else {"active": False}).encode()


@contextlib.contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            code, answer = (provider.token if self.path == "/token" else provider.introspect)(form)
            self.send_response(code)
            if code in (302, 307):
                self.send_header("Location", provider.url + "elsewhere")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(Provider()) as running:
        yield running


@pytest.fixture
def server(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    reason = missing()
    if reason:
        pytest.skip(reason)
    settings = tmp_path_factory.mktemp("dovecot") / "oauth2.conf"
    settings.write_text(
        f"introspection_url = {provider.url}introspect\nintrospection_mode = post\n"
        "force_introspection = yes\nusername_attribute = username\n"
        "active_attribute = active\nactive_value = true\n"
    )
    lines = f"""
auth_mechanisms = plain xoauth2 oauthbearer
auth_failure_delay = 0
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {settings}
}}
"""
    with dovecot(lines=lines) as running:
        yield running


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_SECRET", "s3cret")
    monkeypatch.setenv("GRANT", "grant-0")


def section(provider: Provider, **changed: Any) -> dict[str, Any]:
    return {
        "token_url": provider.url + "token",
        "client_id": "unchain",
        "client_secret": {"env": "CLIENT_SECRET"},
        "refresh_token": {"env": "GRANT"},
        **changed,
    }


def options(server: Dovecot, oauth2: dict[str, Any], user: str = USER) -> ImapOptions:
    return ImapOptions.model_validate(
        {"host": "127.0.0.1", "port": server.port, "security": "none", "user": user, "oauth2": oauth2}
    )


def tokens(provider: Provider, clock: Any = None, **changed: Any) -> Tokens:
    chosen = Oauth2Options.model_validate(section(provider, **changed))
    return Tokens(chosen, trusting(None), **({"clock": clock} if clock else {}))


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_mail_is_taken_by_token(server: Dovecot, provider: Provider, mechanism: str) -> None:
    memory = Memory()
    with signed_in(server, USER) as client:
        put(client, "one")
        with reading(options(server, section(provider, mechanism=mechanism)), memory):
            until(lambda: memory.subjects == [b"one"], "the mail is taken")
            put(client, "two")
            until(lambda: len(memory.mails) == 2, "the next one is taken")
    assert len(provider.forms) == 1


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_a_revoked_token_is_renewed_once_and_unnoticed(
    server: Dovecot, provider: Provider, mechanism: str
) -> None:
    source = ImapSource(options(server, section(provider, mechanism=mechanism)), Memory())
    assert source.check() == 0
    assert source.check() == 0
    assert len(provider.forms) == 1
    provider.valid.clear()
    assert source.check() == 0
    assert len(provider.forms) == 2


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_a_token_for_somebody_else_is_told_after_one_renewal(
    server: Dovecot, provider: Provider, mechanism: str
) -> None:
    stranger = options(server, section(provider, mechanism=mechanism), user="bob@example.com")
    with pytest.raises(SourceError, match="the token is not accepted") as caught:
        ImapSource(stranger, Memory()).check()
    assert len(provider.forms) == 2
    assert "token-" not in str(caught.value)


def test_a_token_is_used_until_shortly_before_its_end(provider: Provider) -> None:
    now = [0.0]
    giver = tokens(provider, clock=lambda: now[0])
    assert giver.token() == "token-1"
    now[0] = 3299.0
    assert giver.token() == "token-1"
    now[0] = 3300.0
    assert giver.token() == "token-2"


@pytest.mark.parametrize("life", ["60", None, "soon", {}])
def test_a_life_said_in_an_odd_way_does_no_harm(provider: Provider, life: object) -> None:
    provider.life = life
    giver = tokens(provider)
    assert giver.token() == giver.token() == "token-1"


def test_what_is_posted_is_what_the_provider_expects(provider: Provider) -> None:
    tokens(provider).token()
    tokens(provider, refresh_token=None, scope="https://outlook.office365.com/.default").token()
    by_grant, by_client = provider.forms
    same = {"client_id": "unchain", "client_secret": "s3cret"}
    assert by_grant == {**same, "grant_type": "refresh_token", "refresh_token": "grant-0"}
    scope = "https://outlook.office365.com/.default"
    assert by_client == {**same, "grant_type": "client_credentials", "scope": scope}


def test_a_grant_that_changes_is_kept_in_its_file(provider: Provider, tmp_path: Path) -> None:
    provider.rotates, provider.life = True, 0
    file = tmp_path / "grant"
    file.write_text("grant-0\n")
    giver = tokens(provider, refresh_token={"file": str(file)})
    assert [giver.token(), giver.token()] == ["token-1", "token-2"]
    assert file.read_text() == "grant-2\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert tokens(provider, refresh_token={"file": str(file)}).token() == "token-3"


def test_a_grant_that_changes_in_vain_is_told(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    provider.rotates, provider.life = True, 0
    giver = tokens(provider)
    with caplog.at_level(logging.WARNING):
        assert [giver.token(), giver.token()] == ["token-1", "token-2"]
    assert caplog.text.count("refer to a file") == 1
    assert "grant-" not in caplog.text


@pytest.mark.parametrize(
    ("answer", "sentence", "final"),
    [
        ((400, b'{"error": "invalid_grant"}'), "have the mailbox's owner grant access anew", True),
        ((401, b'{"error": "invalid_client"}'), "401 invalid_client", True),
        ((400, b"<html>"), "400 Bad Request", True),
        ((503, b""), "503 Service Unavailable", False),
        ((429, b""), "429", False),
        ((302, b""), "302", False),
        ((307, b""), "307", False),
        ((200, b"[]"), "without an access token", False),
        ((200, b'{"access_token": "a\\nb"}'), "without an access token", False),
        ((200, b"[" * 100_000), "without an access token", False),
    ],
)
def test_what_the_provider_refuses_is_told(
    provider: Provider, answer: tuple[int, bytes], sentence: str, final: bool
) -> None:
    provider.answer = answer
    with pytest.raises(SourceError, match=sentence) as caught:
        tokens(provider).token()
    assert isinstance(caught.value, TokenRefused) is final
    assert "s3cret" not in str(caught.value)
    assert len(provider.forms) == 1  # a redirect gets no secrets


def test_a_provider_that_is_away_and_a_secret_that_is_missing_are_told(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match="cannot be asked for a token"):
        tokens(provider, token_url="http://127.0.0.1:1/token").token()
    monkeypatch.delenv("CLIENT_SECRET")
    with pytest.raises(TokenRefused, match="CLIENT_SECRET is not set"):
        tokens(provider).token()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"token_url": "http://login.example.com/token"}, "must begin with https://"),
        ({"token_url": "file:///etc/passwd"}, "must begin with https://"),
        ({"refresh_token": None, "client_secret": None}, "needs a refresh_token, or a client_secret"),
        ({"mechanism": "plain"}, "xoauth2"),
    ],
)
def test_wrong_options_are_named(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Oauth2Options.model_validate(section(Provider(), token_url="https://x.example/t") | changed)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"secret": {"env": "X"}}, "either secret, its password, or oauth2"),
        ({"oauth2": None}, "either secret, its password, or oauth2"),
        ({"security": "none"}, "only goes over an encrypted connection"),
    ],
)
def test_a_mailbox_has_one_means_of_signing_in(changed: dict[str, Any], sentence: str) -> None:
    oauth2 = section(Provider(), token_url="https://x.example/t")
    with pytest.raises(ValidationError, match=sentence):
        ImapOptions.model_validate({"host": "mail.example.com", "user": USER, "oauth2": oauth2} | changed)
