"""A real Ghost for tests, from npm, on SQLite: an owner, an integration with its keys, open comments."""

import base64
import contextlib
import hashlib
import http.cookiejar
import json
import secrets
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import cache, node
from tests.servers.processes import await_answer, free_port, running

VERSION = "6.65.0"
# The digest of the package; the lock file in it pins all else.
_DIGEST = "D369qivOmfn4YwvBD1DljOGsHnJzBEQhBsiFnBZD+GjWrBpdZQYYNHneiQcKQVJwUom8eHWml1n5FRLQIwVFOg=="
_OWNER = "owner@example.com"
_FOLDERS = ("adapters", "data", "files", "images", "logs", "media", "public", "settings")


@dataclass(frozen=True, kw_only=True)
class Ghost:
    """A running blog."""

    url: str  # without a slash at its end
    admin_key: str  # id:secret
    content_key: str


def missing() -> str:
    """Why there is no Ghost to be had, "" where there is."""
    return node.without() or _installed()[1]


@contextlib.contextmanager
def ghost() -> Iterator[Ghost]:
    """A running blog without posts of ours."""
    folder = Path(tempfile.mkdtemp(prefix="ghost-"))
    port, programs, package = free_port(), node.node()[0], _installed()[0] / "package"
    url, log = f"http://127.0.0.1:{port}", folder / "server.log"
    for name in _FOLDERS:
        (folder / "content" / name).mkdir(parents=True)
    shutil.copytree(package / "content/themes", folder / "content/themes")
    (folder / "config.production.json").write_text(json.dumps(_config(folder, port)))
    (folder / "current").symlink_to(package)  # it looks for itself in the folder where it is started
    environment = {"NODE_ENV": "production", **node.environment()}
    try:
        command = [programs / "node", "current/index.js"]
        with running(command, log=log, folder=folder, environment=environment) as process:
            await_answer(process, port, "/ghost/api/admin/site/", log)
            yield _set_up(url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _installed() -> tuple[Path, str]:
    return cache.installed("ghost", f"{VERSION} {_DIGEST} {node.sqlite()}", _install)


def _install(place: Path) -> None:
    cache.run(["npm", "pack", "--silent", f"ghost@{VERSION}"], inside=place)
    packed = place / f"ghost-{VERSION}.tgz"
    digest = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    if digest != _DIGEST:
        raise OSError(f"{packed.name} is not what it was when its digest was written down")
    cache.run(["tar", "xzf", packed], inside=place)
    package = place / "package"
    wanted = json.loads((package / "package.json").read_text())["packageManager"].partition("+")[0]
    cache.run(["npm", "install", "--prefix", place / "pnpm", "--no-audit", "--no-fund", wanted], inside=place)
    only_locked = ["install", "--prod", "--no-optional", "--frozen-lockfile", "--ignore-scripts"]
    pnpm = place / "pnpm/node_modules/.bin/pnpm"
    cache.run([pnpm, *only_locked], inside=package, CI="1", **node.environment())
    node.put_sqlite_into(package)


def _config(folder: Path, port: int) -> dict[str, object]:
    file = {"filename": str(folder / "content/data/ghost.db")}
    nowhere = {"host": "127.0.0.1", "port": 9, "ignoreTLS": True}
    return {
        "url": f"http://127.0.0.1:{port}",
        "server": {"host": "127.0.0.1", "port": port},
        "database": {"client": "better-sqlite3", "connection": file, "useNullAsDefault": True},
        "mail": {"transport": "SMTP", "options": nowhere},
        "paths": {"contentPath": str(folder / "content")},
        "privacy": {"useUpdateCheck": False, "useGravatar": False, "useRpcPing": False},
        "security": {"staffDeviceVerification": False},
        "logging": {"level": "info", "transports": ["stdout"]},
    }


def _set_up(url: str) -> Ghost:
    """Make the owner and an integration, and let everybody comment."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(jar)

    def call(method: str, path: str, body: object) -> str:
        headers = {"Content-Type": "application/json", "Origin": url}
        address = f"{url}/ghost/api/admin{path}"
        asked = urllib.request.Request(address, json.dumps(body).encode(), headers, method=method)
        with opener.open(asked, timeout=120) as answer:
            return str(answer.read().decode())

    password = f"Pw-{secrets.token_hex(12)}"
    owner = {"name": "Owner", "email": _OWNER, "password": password, "blogTitle": "Blog"}
    call("POST", "/authentication/setup/", {"setup": [owner]})
    call("POST", "/session/", {"username": _OWNER, "password": password})
    made = call("POST", "/integrations/?include=api_keys", {"integrations": [{"name": "Unchain"}]})
    call("PUT", "/settings/", {"settings": [{"key": "comments_enabled", "value": "all"}]})
    keys = {key["type"]: key["secret"] for key in json.loads(made)["integrations"][0]["api_keys"]}
    return Ghost(url=url, admin_key=keys["admin"], content_key=keys["content"])
