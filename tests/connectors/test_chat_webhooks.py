"""Slack, Teams and Mattermost by incoming webhook, against local servers that follow their published API."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest

from connectors.base import Connector
from connectors.registry import Parts, SpaceOptions, build
from domain.errors import AuthLost
from tests.connectors.chat_servers import HOOK, ChatServer, MattermostServer, SlackServer, TeamsServer
from tests.connectors.contract import post, publication
from tests.connectors.cutting_proxy import CuttingProxy
from tests.connectors.http_contract import HttpContract
from tests.fakes import no_shelf

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
CHANNEL = "https://chat.example.com/channels/questions"


class ChatContract(HttpContract):
    """What the three have in common: one message for each publication."""

    type: ClassVar[str]
    server_class: ClassVar[type[ChatServer]]
    lost_status = 404

    @pytest.fixture(autouse=True)
    def _secret_file(self, tmp_path: Path) -> None:
        self.secret = tmp_path / "hook"

    @pytest.fixture
    async def service_url(self) -> AsyncIterator[str]:
        async with self.server_class().running() as self.server:
            yield self.server.url

    def build(self, url: str, *, ca_file: Path | None = None, timeout: float = 60) -> Connector:
        self.secret.write_text(url + "\n")
        connector = {
            "type": self.type,
            "url": {"file": self.secret},
            "channel_url": CHANNEL,
            "ca_file": ca_file,
            "timeout": timeout,
            "requests_per_minute": 6000,
        }
        options = SpaceOptions.model_validate({"name": "chat", "connector": connector})
        return build(options, Parts(shelf=no_shelf(), clock=lambda: NOW))

    def secrets(self) -> list[str]:
        return ["X9fK2s3cr3t"]

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        return self.server.messages[-1:]

    async def entries_shown(self, connector: Connector) -> int:
        return len(self.server.messages)

    async def came_alive(self, connector: Connector, key: str) -> list[str]:
        return self.server.alive

    async def test_the_reader_is_led_to_the_channel(self, connector: Connector) -> None:
        receipt = await connector.publish(publication())

        assert receipt.url == CHANNEL
        assert receipt.published_at == NOW
        [shown] = self.server.messages
        assert shown.startswith("Which badge opens the bicycle room?\n")
        assert "Paul Ashby, 9 March 2026, 09:15 UTC" in shown
        assert "between Inès Caron and Paul Ashby" in shown

    async def test_many_posts_are_cut_with_a_mark(self, connector: Connector) -> None:
        long = tuple(post(number, f"Number {number}. " + "word `x` " * 60) for number in range(200))
        await connector.publish(replace(publication(), posts=long))

        [shown] = self.server.messages
        assert "Number 1." in shown
        assert "Number 199." not in shown
        assert "…" in shown

    async def test_an_address_that_is_none_is_for_the_admin(self, connector: Connector) -> None:
        for kept in ("", "hooks.example.com/T0/B0"):
            self.secret.write_text(kept)
            with pytest.raises(AuthLost, match="no web address"):
                await connector.publish(publication())
        self.secret.unlink()
        with pytest.raises(AuthLost, match="cannot be read"):
            await connector.check()


class KnownHookContract(ChatContract):
    """For chats that can be asked whether they know the webhook."""

    async def test_a_webhook_that_is_not_known_is_told_by_the_check(
        self, connector: Connector, proxy: CuttingProxy
    ) -> None:
        self.secret.write_text(proxy.url.replace(HOOK, "/hooks/gone"))
        with pytest.raises(AuthLost):
            await connector.check()


class TestSlack(KnownHookContract):
    type = "slack"
    server_class = SlackServer


class TestMattermost(KnownHookContract):
    type = "mattermost"
    server_class = MattermostServer


class TestTeams(ChatContract):
    type = "teams"
    server_class = TeamsServer

    async def test_a_card_of_many_short_lines_stays_within_the_limit(self, connector: Connector) -> None:
        lines = "\\\n".join("é" for _ in range(5000))
        await connector.publish(replace(publication(), posts=(post(0, lines),)))
        assert len(self.server.messages) == 1
