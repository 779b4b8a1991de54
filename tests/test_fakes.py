"""The fake connectors keep the contract that real ones keep, so that what is proved with them holds."""

import pytest

from connectors.base import Connector
from tests.connectors.contract import (
    AppendsContract,
    ConnectorContract,
    FindsContract,
    WithdrawsContract,
    markdown_as_seen,
)
from tests.fakes import FakeConnector, PlainConnector


class TestPlainConnector(ConnectorContract):
    @pytest.fixture
    def connector(self) -> Connector:
        return PlainConnector("wiki")

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        assert isinstance(connector, PlainConnector)
        return [post.markdown for post in connector.posts.get(key, [])]

    def literal(self, shown: str) -> str:
        return markdown_as_seen(shown)

    async def entries_shown(self, connector: Connector) -> int:
        assert isinstance(connector, PlainConnector)
        return len(connector.posts)


class TestFakeConnector(TestPlainConnector, FindsContract, AppendsContract, WithdrawsContract):
    @pytest.fixture
    def connector(self) -> Connector:
        return FakeConnector("wiki")
