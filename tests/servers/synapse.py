"""A real Matrix homeserver for tests: Synapse from PyPI in a virtual environment of its own, on SQLite.

It talks to no other server.
"""

import contextlib
import hashlib
import hmac
import json
import secrets
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import cache
from tests.servers.processes import await_answer, free_port, run, running

SERVER_NAME = "example.test"
BOT = "unchain"
PERSON = "alice"
_WHEELS = Path(__file__).with_name("synapse.txt")  # versions and hashes, without an index
_UNLIMITED = "{per_second: 1000, burst_count: 1000}"


@dataclass(frozen=True, kw_only=True)
class Synapse:
    """A running homeserver."""

    url: str  # without a slash at its end
    folder: Path
    tokens: dict[str, str]  # access tokens, by the local part of the account

    def user(self, name: str) -> str:
        """The whole name of an account."""
        return f"@{name}:{SERVER_NAME}"

    def call(self, method: str, path: str, account: str, body: object = None) -> dict[str, object]:
        """What an account is answered by the client-server API; `path` begins after `/_matrix/client/v3`."""
        return _call(f"{self.url}/_matrix/client/v3{path}", method, body, self.tokens[account])


def missing() -> str:
    """Why there is no Synapse to be had, "" where there is."""
    return _environment()[1]


@contextlib.contextmanager
def synapse(*, messages_per_second: float = 1000, burst: int = 1000) -> Iterator[Synapse]:
    """A running homeserver with two accounts: BOT and PERSON; its limit of messages can be lowered."""
    folder = Path(tempfile.mkdtemp(prefix="synapse-"))
    port, secret = free_port(), secrets.token_hex(16)
    python = _environment()[0] / "bin/python"
    limit = f"{{per_second: {messages_per_second}, burst_count: {burst}}}"
    (folder / "homeserver.yaml").write_text(_config(folder, port, secret, limit))
    (folder / "signing.key").write_text(_signing_key(python))
    url, log = f"http://127.0.0.1:{port}", folder / "server.log"
    command = [python, "-m", "synapse.app.homeserver", "-c", folder / "homeserver.yaml"]
    try:
        with running(command, log=log, folder=folder) as process:
            await_answer(process, port, "/_matrix/client/versions", log)
            tokens = {name: _register(url, secret, name) for name in (BOT, PERSON)}
            yield Synapse(url=url, folder=folder, tokens=tokens)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environment() -> tuple[Path, str]:
    return cache.python_environment("synapse", _WHEELS)


def _config(folder: Path, port: int, secret: str, messages: str) -> str:
    return f"""
server_name: {SERVER_NAME}
public_baseurl: http://127.0.0.1:{port}/
report_stats: false
pid_file: {folder}/synapse.pid
signing_key_path: {folder}/signing.key
media_store_path: {folder}/media
macaroon_secret_key: {secrets.token_hex(16)}
form_secret: {secrets.token_hex(16)}
registration_shared_secret: {secret}
trusted_key_servers: []
federation_domain_whitelist: []
url_preview_enabled: false
database: {{name: sqlite3, args: {{database: {folder}/synapse.sqlite}}}}
listeners:
  - {{port: {port}, bind_addresses: ['127.0.0.1'], type: http, tls: false,
     resources: [{{names: [client, media]}}]}}
rc_message: {messages}
rc_room_creation: {_UNLIMITED}
rc_joins: {{local: {_UNLIMITED}, remote: {_UNLIMITED}}}
rc_invites: {{per_room: {_UNLIMITED}, per_user: {_UNLIMITED}, per_issuer: {_UNLIMITED}}}
rc_login: {{address: {_UNLIMITED}, account: {_UNLIMITED}, failed_attempts: {_UNLIMITED}}}
"""


def _signing_key(python: Path) -> str:
    return run([python.with_name("generate_signing_key")])


def _register(url: str, secret: str, name: str) -> str:
    """Make an account with the shared secret, as Synapse's admin API wants it; its access token."""
    address = f"{url}/_synapse/admin/v1/register"
    nonce, password = str(_call(address, "GET")["nonce"]), secrets.token_hex(12)
    signed = "\0".join((nonce, name, password, "notadmin"))
    mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha1).hexdigest()
    account = {"nonce": nonce, "username": name, "password": password, "admin": False, "mac": mac}
    return str(_call(address, "POST", account)["access_token"])


def _call(address: str, method: str, body: object = None, token: str = "") -> dict[str, object]:
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    asked = urllib.request.Request(address, content, headers, method=method)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return dict(json.load(answer))
