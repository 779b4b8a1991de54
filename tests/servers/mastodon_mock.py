"""mastodon-mock for tests: somebody else's imitation of Mastodon's API, from PyPI. It is not Mastodon.

It shows that requests have the right shape; whether Mastodon agrees it cannot show.
"""

import contextlib
import secrets
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import cache
from tests.servers.processes import await_answer, free_port, running

BOT = "unchain"
PERSON = "alice"
_WHEELS = Path(__file__).with_name("mastodon_mock.txt")  # versions and hashes, without an index


@dataclass(frozen=True, kw_only=True)
class MastodonMock:
    """A running imitation."""

    url: str  # without a slash at its end
    tokens: dict[str, str]  # access tokens, by account

    def reset(self) -> None:
        """Forget all posts; the accounts and their tokens stay."""
        asked = urllib.request.Request(f"{self.url}/api/v1/_mock/reset", b"", method="POST")
        with urllib.request.urlopen(asked, timeout=60) as answer:
            answer.read()


def missing() -> str:
    """Why it is not to be had, "" where it is."""
    return _environment()[1]


@contextlib.contextmanager
def mastodon_mock(*, requests: int = 0) -> Iterator[MastodonMock]:
    """It with two accounts, BOT and PERSON; answers 429 after so many requests in five minutes, 0 never."""
    folder = Path(tempfile.mkdtemp(prefix="mastodon-"))
    port, log = free_port(), folder / "server.log"
    tokens = {name: secrets.token_hex(16) for name in (BOT, PERSON)}
    (folder / "config.toml").write_text(_config(folder, port, requests, tokens))
    program = _environment()[0] / "bin/mastodon_mock"
    place = ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    try:
        with running([program, "serve", "--config", folder / "config.toml", *place], log=log) as process:
            await_answer(process, port, "/api/v2/instance", log)
            yield MastodonMock(url=f"http://127.0.0.1:{port}", tokens=tokens)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environment() -> tuple[Path, str]:
    return cache.python_environment("mastodon-mock", _WHEELS)


def _config(folder: Path, port: int, requests: int, tokens: dict[str, str]) -> str:
    accounts = "".join(
        f'[[seed.accounts]]\nusername = "{name}"\naccess_token = "{token}"\n'
        f"bot = {str(name == BOT).lower()}\n"
        for name, token in tokens.items()
    )
    return f"""
[database]
path = "{folder}/mastodon.sqlite"
[server]
host = "127.0.0.1"
port = {port}
[auth]
permissive = false
[ratelimit]
enabled = {str(requests > 0).lower()}
limit = {requests or 300}
window_seconds = 300
{accounts}"""
