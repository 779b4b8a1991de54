"""A real Bluesky PDS (personal data server) for tests, with a directory of identities of its own, from npm.

There is no AppView: what people wrote is read from their own repositories.
"""

import contextlib
import json
import secrets
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import node
from tests.servers.processes import await_answer, free_port, running

BOT = "unchain"
PERSON = "alice"


@dataclass(frozen=True, kw_only=True)
class BlueskyPds:
    """A running server."""

    url: str  # without a slash at its end
    passwords: dict[str, str]  # app passwords, by account
    dids: dict[str, str]  # by account

    def handle(self, name: str) -> str:
        """The handle of an account."""
        return f"{name}.test"


def missing() -> str:
    """Why there is no PDS to be had, "" where there is."""
    return node.without() or _installed()[1]


@contextlib.contextmanager
def bluesky_pds(**settings: str) -> Iterator[BlueskyPds]:
    """A running server with two accounts: BOT and PERSON; `settings` as `PDS_RATE_LIMITS_ENABLED="1"`."""
    folder = Path(tempfile.mkdtemp(prefix="pds-"))
    port, log = free_port(), folder / "server.log"
    programs, url = node.node()[0], f"http://127.0.0.1:{port}"
    environment = {**_environment(folder, port), **node.environment(), **settings}
    try:
        command = [programs / "node", _installed()[0] / "server.mjs"]
        with running(command, log=log, folder=folder, environment=environment) as process:
            await_answer(process, port, "/xrpc/_health", log)
            made = {name: _account(url, name) for name in (BOT, PERSON)}
            passwords = {name: password for name, (_, password) in made.items()}
            yield BlueskyPds(
                url=url, passwords=passwords, dids={name: did for name, (did, _) in made.items()}
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _installed() -> tuple[Path, str]:
    return node.locked("pds")


def _environment(folder: Path, port: int) -> dict[str, str]:
    for name in ("blobs", "blobs-on-their-way"):
        (folder / name).mkdir()
    return {
        "NODE_ENV": "production",
        "PDS_HOSTNAME": "localhost",
        "PDS_PORT": str(port),
        "PDS_DATA_DIRECTORY": str(folder),
        "PDS_BLOBSTORE_DISK_LOCATION": str(folder / "blobs"),
        "PDS_BLOBSTORE_DISK_TMP_LOCATION": str(folder / "blobs-on-their-way"),
        "PDS_JWT_SECRET": secrets.token_hex(32),
        "PDS_DPOP_SECRET": secrets.token_hex(32),
        "PDS_ADMIN_PASSWORD": secrets.token_hex(16),
        "PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX": secrets.token_hex(32),
        "PDS_SERVICE_HANDLE_DOMAINS": ".test",
        "PDS_INVITE_REQUIRED": "false",
        "PDS_DEV_MODE": "true",
        "PDS_DISABLE_SSRF_PROTECTION": "true",
        "LOG_ENABLED": "1",
    }


def _account(url: str, name: str) -> tuple[str, str]:
    """Make an account; its DID and an app password."""
    asked = {"email": f"{name}@example.com", "handle": f"{name}.test", "password": secrets.token_hex(12)}
    account = _call(f"{url}/xrpc/com.atproto.server.createAccount", asked)
    address = f"{url}/xrpc/com.atproto.server.createAppPassword"
    made = _call(address, {"name": "tests"}, str(account["accessJwt"]))
    return str(account["did"]), str(made["password"])


def _call(address: str, body: object, token: str = "") -> dict[str, object]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    asked = urllib.request.Request(address, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return dict(json.load(answer))
