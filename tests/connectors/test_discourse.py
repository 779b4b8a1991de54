"""The Discourse connector fulfils the contract at a local server that follows the published API."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.base import Connector
from connectors.registry import Parts, SpaceOptions, build
from domain.errors import AuthLost
from domain.publication import Receipt
from tests.connectors.chat_servers import forum_text
from tests.connectors.contract import (
    AnswersContract,
    AppendsContract,
    FindsContract,
    WithdrawsContract,
    post,
    publication,
    stand_once_in_order,
)
from tests.connectors.discourse_server import CATEGORY, KEY, USER, DiscourseServer
from tests.connectors.http_contract import HttpContract
from tests.fakes import no_shelf


class TestDiscourse(HttpContract, FindsContract, AppendsContract, AnswersContract, WithdrawsContract):
    lost_status = 403

    @pytest.fixture(autouse=True)
    def _key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DISCOURSE_KEY", KEY)

    @pytest.fixture
    async def service_url(self) -> AsyncIterator[str]:
        self.server = DiscourseServer()
        async with self.server.running() as url:
            yield url

    def build(self, url: str, *, ca_file: Path | None = None, timeout: float = 60) -> Connector:
        connector = {
            "type": "discourse",
            "url": url,
            "user": USER,
            "key": {"env": "DISCOURSE_KEY"},
            "category": CATEGORY,
            "ca_file": ca_file,
            "timeout": timeout,
            "requests_per_minute": 6000,
        }
        options = SpaceOptions.model_validate({"name": "forum", "connector": connector})
        return build(options, Parts(shelf=no_shelf(), clock=lambda: datetime.now(UTC)))

    def secrets(self) -> list[str]:
        return [KEY]

    async def raws(self, connector: Connector, key: str) -> list[str]:
        receipt = await connector.find(key)  # type: ignore[attr-defined]
        if receipt is None:
            return []
        return [str(each["raw"]) for each in self.server.topics[int(receipt.entry_id)].posts]

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        return [forum_text(raw)[0] for raw in await self.raws(connector, key)]

    async def came_alive(self, connector: Connector, key: str) -> list[str]:
        return [each for raw in await self.raws(connector, key) for each in forum_text(raw)[1]]

    async def entries_shown(self, connector: Connector) -> int:
        return len(self.server.standing())

    async def answer_as_somebody(self, connector: Connector, receipt: Receipt, text: str) -> str:
        self.server.answer(int(receipt.entry_id), text)
        return "Mirela Kovac"

    async def test_a_long_conversation_is_read_in_batches(self, connector: Connector) -> None:
        posts = tuple(post(number, f"Number {number}.") for number in range(45))
        wanted = replace(publication(), posts=posts)
        await connector.publish(wanted)
        await connector.publish(wanted)

        shown = await self.posts_shown(connector, wanted.key)
        assert len(shown) == 45
        assert stand_once_in_order(shown, *(f"Number {number}." for number in range(45)))

    async def test_a_wrong_key_is_for_the_admin(
        self, connector: Connector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DISCOURSE_KEY", "other")
        with pytest.raises(AuthLost, match="renew the credentials"):
            await connector.check()
