"""The generic webhook: signed as Standard Webhooks say, with and without a receiver that honours our key."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest
from aiohttp import web

from connectors.base import Connector, Rung
from connectors.registry import Parts, SpaceOptions, build
from domain.errors import AuthLost, Uncertain
from tests.connectors.contract import (
    AppendsContract,
    WithdrawsContract,
    markdown_as_seen,
    post,
    publication,
)
from tests.connectors.cutting_proxy import Asked
from tests.connectors.http_contract import HttpContract
from tests.fakes import no_shelf

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"nobody-must-see-this-key").decode()


class Receiver:
    """A receiver as the docs tell how to write one; it may or may not remember the ids that it has seen."""

    def __init__(self, *, honours_key: bool) -> None:
        self.honours_key = honours_key
        self.entries: dict[str, list[dict[str, str]]] = {}  # id: posts
        self.taken_back: set[str] = set()
        self.answered: dict[str, web.Response] = {}
        self.events: list[dict[str, object]] = []
        self.answer: dict[str, str] | None = None  # instead of its own

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application(client_max_size=2**22)
        app.router.add_post("/hook", self._post)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        finally:
            await runner.cleanup()

    async def _post(self, request: web.Request) -> web.Response:
        raw, name = await request.read(), request.headers["webhook-id"]
        stamp = request.headers["webhook-timestamp"]
        digest = hmac.digest(b"nobody-must-see-this-key", f"{name}.{stamp}.".encode() + raw, hashlib.sha256)
        if request.headers["webhook-signature"] != f"v1,{base64.b64encode(digest).decode()}":
            return web.Response(status=401)
        event = json.loads(raw)
        if self.honours_key and event["event"] != "withdrawn" and event.get("key") in self.taken_back:
            return web.Response(status=410)
        if not self.honours_key or name not in self.answered:
            self.answered[name] = self._take(event)
        return web.json_response(body=self.answered[name].body)

    def _take(self, event: dict[str, object]) -> web.Response:
        self.events.append(event)
        key, posts = str(event.get("key")), event.get("posts", [])
        assert isinstance(posts, list)
        match event["event"]:
            case "published":
                key = key if self.honours_key else f"{key} {len(self.entries)}"
                self.entries[key] = list(posts)
            case "appended":
                there = {each["key"] for each in self.entries[key]}
                self.entries[key] += [each for each in posts if each["key"] not in there]
            case "withdrawn":
                self.entries.pop(key, None)
                self.taken_back.add(key)
        own = {"id": key, "url": f"https://own.example/{len(self.entries)}"}
        return web.json_response(own if self.answer is None else self.answer)


class WebhookContract(HttpContract):
    honours_key: ClassVar[bool]

    @pytest.fixture(autouse=True)
    def _secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOOK_SECRET", SECRET)

    @pytest.fixture
    async def service_url(self) -> AsyncIterator[str]:
        self.receiver = Receiver(honours_key=self.honours_key)
        async with self.receiver.running() as url:
            yield url

    def build(
        self, url: str, *, ca_file: Path | None = None, timeout: float = 60, page_url: str | None = None
    ) -> Connector:
        connector = {
            "type": "webhook",
            "url": url,
            "secret": {"env": "HOOK_SECRET"},
            "page_url": page_url,
            "honours_key": self.honours_key,
            "ca_file": ca_file,
            "timeout": timeout,
            "requests_per_minute": 6000,
        }
        options = SpaceOptions.model_validate({"name": "own", "connector": connector})
        return build(options, Parts(shelf=no_shelf(), clock=lambda: NOW))

    def secrets(self) -> list[str]:
        return [SECRET, SECRET.removeprefix("whsec_"), "nobody-must-see-this-key"]

    def changes(self, asked: Asked) -> bool:
        return b'"event":"check"' not in asked.body

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        shown = [posts for name, posts in self.receiver.entries.items() if name.split(" ")[0] == key]
        return [each["markdown"] for each in shown[-1]] if shown else []

    def literal(self, shown: str) -> str:
        return markdown_as_seen(shown)

    async def entries_shown(self, connector: Connector) -> int:
        return len(self.receiver.entries)

    async def test_an_event_holds_names_but_no_address(self, connector: Connector) -> None:
        unnamed = replace(post(2), author="zoe@example.com")
        await connector.publish(replace(publication(), posts=(*publication().posts, unnamed)))

        [event] = self.receiver.events
        assert "@" not in json.dumps(event)
        assert (event["event"], event["kind"], event["tags"]) == ("published", "question", ["badges"])

    async def test_a_receiver_that_names_no_page_leaves_it_to_the_config(self, connector: Connector) -> None:
        self.receiver.answer = {}
        wanted = publication()
        with pytest.raises(Uncertain if not self.honours_key else Exception, match="set page_url"):
            await connector.publish(wanted)

    async def test_a_wrong_secret_is_for_the_admin(
        self, connector: Connector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for secret, reason in (("other", "401"), ("", "empty"), ("whsec_???", "cannot be read")):
            monkeypatch.setenv("HOOK_SECRET", secret)
            with pytest.raises(AuthLost, match=reason):
                await connector.check()
        assert self.receiver.events == []

    async def test_check_names_the_account_and_writes_nothing(self, connector: Connector) -> None:
        assert (await connector.check()).startswith("webhook at http://127.0.0.1:")
        assert self.receiver.events == [{"event": "check"}]


class TestWebhook(WebhookContract):
    honours_key = False

    async def test_it_stands_on_no_rung(self, connector: Connector) -> None:
        assert connector.capabilities.rung is Rung.NEITHER


class TestKeyedWebhook(WebhookContract, AppendsContract, WithdrawsContract):
    honours_key = True

    async def test_it_stands_on_the_first_rung(self, connector: Connector) -> None:
        assert connector.capabilities.rung is Rung.KEY
