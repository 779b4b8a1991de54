"""What every connector must do: its test inherits the contract of each power that it has.

It says how to build the connector; one without further powers inherits ConnectorContract alone.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Appends, Connector, Finds, Withdraws
from domain.errors import Refused
from domain.publication import Post, Publication

OPENED = datetime(2026, 3, 9, 8, 15, tzinfo=UTC)


def post(number: int, markdown: str = "Some words.") -> Post:
    """A mail of the chain, one hour after the one before."""
    return Post(
        key=f"post-{number}",
        author=("Inès Caron", "Paul Ashby", "Mirela Kovac")[number % 3],
        author_key=("ines@example.com", "paul@example.com", "mirela@example.com")[number % 3],
        at=OPENED + timedelta(hours=number),
        markdown=markdown,
    )


def publication(key: str = "thread-1/wiki") -> Publication:
    """A chain of two mails."""
    return Publication(
        key=key,
        thread_id="thread-1",
        space="wiki",
        place="",
        title="Which badge opens the bicycle room?",
        posts=(post(0, "Which badge opens the bicycle room?"), post(1, "The **blue** one, until eight.")),
        language="en",
        kind="question",
        tags=("badges",),
        readers=frozenset({"ines@example.com", "paul@example.com"}),
    )


class ConnectorContract:
    """Inherited by the test of each connector."""

    @pytest.fixture
    def connector(self) -> Connector:
        raise NotImplementedError

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        """The texts that people see for a key now, in order; empty where nothing is shown."""
        raise NotImplementedError

    async def entries_shown(self, connector: Connector) -> int:
        """How many entries stand in the space."""
        raise NotImplementedError

    async def test_check_names_the_account_and_writes_nothing(self, connector: Connector) -> None:
        assert await connector.check()
        assert await self.entries_shown(connector) == 0

    async def test_a_publication_is_shown_whole_and_in_order(self, connector: Connector) -> None:
        receipt = await connector.publish(publication())

        assert receipt.key == publication().key
        assert receipt.url.startswith(("http://", "https://"))
        shown = await self.posts_shown(connector, receipt.key)
        assert [text[:9] for text in shown] == ["Which bad", "The **blu"]

    async def test_the_same_key_twice_leaves_one_entry(self, connector: Connector) -> None:
        first = await connector.publish(publication())
        second = await connector.publish(publication())

        assert second == first
        assert await self.entries_shown(connector) == 1

    async def test_another_key_makes_another_entry(self, connector: Connector) -> None:
        first = await connector.publish(publication("thread-1/wiki"))
        second = await connector.publish(publication("thread-2/wiki"))

        assert first.url != second.url
        assert await self.entries_shown(connector) == 2

    async def test_letters_of_every_kind_survive(self, connector: Connector) -> None:
        text = "Œuvre, naïveté, 日本語, שלום, 👩‍👩‍👧 and a no-break\u202fspace"
        receipt = await connector.publish(replace(publication(), posts=(post(0, text),)))

        assert await self.posts_shown(connector, receipt.key) == [text]

    async def test_a_publication_without_posts_is_refused(self, connector: Connector) -> None:
        with pytest.raises(Refused):
            await connector.publish(replace(publication(), posts=()))

    def test_every_power_that_it_has_is_under_test(self, connector: Connector) -> None:
        for power, contract in CONTRACTS.items():
            assert isinstance(connector, power) is isinstance(self, contract)


class FindsContract(ConnectorContract):
    """For connectors that can tell whether a publication has landed."""

    async def test_what_landed_is_found_and_what_did_not_is_not(self, connector: Connector) -> None:
        assert isinstance(connector, Finds)
        assert await connector.find(publication().key) is None

        receipt = await connector.publish(publication())

        assert await connector.find(publication().key) == receipt


class AppendsContract(ConnectorContract):
    """For connectors that can add later posts."""

    async def test_appended_posts_come_last_and_only_once(self, connector: Connector) -> None:
        assert isinstance(connector, Appends)
        receipt = await connector.publish(publication())

        await connector.append(receipt, [post(2, "Third.")])
        await connector.append(receipt, [post(1, "Again."), post(2, "Third."), post(3, "Fourth.")])

        shown = await self.posts_shown(connector, receipt.key)
        assert [text[:6] for text in shown] == ["Which ", "The **", "Third.", "Fourth"]


class WithdrawsContract(ConnectorContract):
    """For connectors that can take back what was published."""

    async def test_what_was_withdrawn_is_shown_nowhere_and_never_comes_back(
        self, connector: Connector
    ) -> None:
        assert isinstance(connector, Withdraws)
        receipt = await connector.publish(publication())

        await connector.withdraw(receipt)
        await connector.withdraw(receipt)

        assert await self.posts_shown(connector, receipt.key) == []
        with pytest.raises(Refused):
            await connector.publish(publication())
        if isinstance(connector, Appends):
            with pytest.raises(Refused):
                await connector.append(receipt, [post(2)])
        assert await self.posts_shown(connector, receipt.key) == []


CONTRACTS: dict[type, type[ConnectorContract]] = {
    Finds: FindsContract,
    Appends: AppendsContract,
    Withdraws: WithdrawsContract,
}
