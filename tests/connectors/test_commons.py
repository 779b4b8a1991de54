"""The commons connector on a real SQLite file fulfils the contract."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from connectors.base import Admits, Appends, Connector, Finds, Withdraws
from connectors.commons import CommonsConnector
from connectors.registry import Parts, SpaceOptions, build
from store import commons_reading, commons_tables  # noqa: F401
from store.commons import Shelf
from store.commons_entry import Reader
from store.database import Database
from tests.connectors.contract import (
    AppendsContract,
    FindsContract,
    WithdrawsContract,
    markdown_as_seen,
    post,
    publication,
)

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
READER = Reader(email="paul@example.com", internal=True)


class TestCommonsConnector(FindsContract, AppendsContract, WithdrawsContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> Iterator[Database]:
        database = Database(f"sqlite:///{tmp_path}/unchain.db")
        SQLModel.metadata.create_all(database.engine)
        yield database
        database.close()

    @pytest.fixture
    def connector(self, database: Database) -> Connector:
        self.database = database
        options = SpaceOptions.model_validate(
            {"name": "wiki", "connector": {"type": "commons", "form": "wiki"}}
        )
        return build(
            options, Parts(shelf=Shelf(database, url="https://commons.example.com/"), clock=lambda: NOW)
        )

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        assert isinstance(connector, Finds)
        receipt = await connector.find(key)
        if receipt is None:
            return []
        form, slug = receipt.url.rsplit("/", 2)[1:]
        with self.database.read() as session:
            entry = commons_reading.entry(session, READER, form=form, slug=slug)
        return [] if entry is None else [remark.markdown for remark in entry.remarks]

    def literal(self, shown: str) -> str:
        return markdown_as_seen(shown)

    async def entries_shown(self, connector: Connector) -> int:
        with self.database.read() as session:
            return len(commons_reading.recent(session, READER))

    async def test_it_has_every_power(self, connector: Connector) -> None:
        for power in (Finds, Appends, Admits, Withdraws):
            assert isinstance(connector, power)

    async def test_what_is_too_long_is_cut_and_marked(self, connector: Connector) -> None:
        limits = connector.capabilities
        long = replace(publication(), title="t" * 1000, posts=(post(0, "word " * 100_000),))

        receipt = await connector.publish(long)

        [shown] = await self.posts_shown(connector, receipt.key)
        assert len(shown) == limits.post_length
        assert shown.endswith(" …")
        with self.database.read() as session:
            [card] = commons_reading.recent(session, READER)
        assert card.title == "t" * (limits.title_length - 2) + " …"

    async def test_the_address_is_under_the_configured_url(self, connector: Connector) -> None:
        assert isinstance(connector, CommonsConnector)
        receipt = await connector.publish(publication())

        assert receipt.url == "https://commons.example.com/wiki/which-badge-opens-the-bicycle-room"
        assert receipt.published_at == NOW
