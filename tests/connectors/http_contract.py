"""What every connector that speaks HTTP must do when the service or the way to it makes trouble.

A proxy stands before the service, real or local, and cuts, stalls, garbles and refuses.
"""

import math
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest

from connectors.base import Appends, Connector, Rung
from domain.errors import AuthLost, ConnectorError, Transient, Uncertain
from tests.connectors.contract import ConnectorContract, post, stand_once_in_order
from tests.connectors.cutting_proxy import Asked, CuttingProxy, writes
from tests.connectors.rude_server import TLS, server_tls

MOST_WRITES = 25  # of one publication of two posts; more would be a bug


class HttpContract(ConnectorContract):
    """Inherited besides the contracts of its powers."""

    lost_status = 401  # what the service answers to credentials that it does not know any more
    patience = 1.0  # seconds that a stalled answer is waited for; longer for a real server, which may be slow

    @pytest.fixture
    async def service_url(self) -> str:
        """Where the service answers: http://127.0.0.1:PORT, with its path."""
        raise NotImplementedError

    def build(self, url: str, *, ca_file: Path | None = None, timeout: float = 60) -> Connector:
        """The connector to a service at a URL; with 6,000 requests a minute, so that tests do not wait."""
        raise NotImplementedError

    def secrets(self) -> list[str]:
        """What must never be shown: passwords, tokens."""
        raise NotImplementedError

    def changes(self, asked: Asked) -> bool:
        """Whether a request changes something in the service, beyond signing in."""
        return asked.is_write

    @pytest.fixture
    async def proxy(self, service_url: str) -> AsyncIterator[CuttingProxy]:
        async with CuttingProxy(service_url).running() as proxy:
            yield proxy

    @pytest.fixture
    async def connector(self, proxy: CuttingProxy) -> AsyncIterator[Connector]:
        connector = self.build(proxy.url)
        yield connector
        await connector.aclose()

    async def ends(self, call: Awaitable[object]) -> ConnectorError | None:
        """The error with which a call ends, None where it ends well; it names no secret."""
        error = None
        try:
            await call
        except ConnectorError as raised:
            error = raised
        assert not [secret for secret in self.secrets() if secret in str(error)]
        return error

    async def stands_once(self, connector: Connector, key: str) -> bool:
        return stand_once_in_order(await self.posts_shown(connector, key), "Mine does not.", "until eight.")

    @pytest.mark.parametrize("trouble", ["cut_answer", "truncate", "garble"])
    async def test_whatever_answer_gets_lost_nothing_lands_twice(
        self, connector: Connector, proxy: CuttingProxy, trouble: str
    ) -> None:
        for number in range(MOST_WRITES):
            wanted = self.publication(f"{trouble}-{number}/wiki")
            getattr(proxy, trouble)(self.changes, skip=number)
            before = len(proxy.asked)
            error = await self.ends(connector.publish(wanted))
            proxy.calm()
            if sum(map(self.changes, proxy.asked[before:])) <= number:  # every write has had its trouble
                assert (number > 0, error) == (True, None)
                return
            assert type(error) in {Transient, Uncertain, type(None)}  # it may have looked by itself
            if connector.capabilities.rung is Rung.NEITHER:
                assert type(error) is Uncertain
                assert await self.entries_shown(connector) == 1
                return
            assert (await connector.publish(wanted)).key == wanted.key
            assert await self.stands_once(connector, wanted.key)
            assert await self.entries_shown(connector) == number + 1
        pytest.fail("it writes without end")

    async def test_whatever_answer_to_an_append_gets_lost_nothing_lands_twice(
        self, connector: Connector, proxy: CuttingProxy
    ) -> None:
        if not isinstance(connector, Appends):
            return
        receipt = await connector.publish(self.publication())
        for number in range(MOST_WRITES):
            posts = [post(2 + 2 * number, f"Once{number}."), post(3 + 2 * number, f"Next{number}.")]
            proxy.cut_answer(self.changes, skip=number)
            error = await self.ends(connector.append(receipt, posts))
            proxy.calm()
            if error is None:
                assert number > 0
                return
            assert type(error) in {Transient, Uncertain}
            await connector.append(receipt, posts)
            shown = await self.posts_shown(connector, receipt.key)
            assert stand_once_in_order(shown, f"Once{number}.", f"Next{number}.")
        pytest.fail("it writes without end")

    async def test_an_answer_that_never_comes_is_not_waited_for(self, proxy: CuttingProxy) -> None:
        hasty = self.build(proxy.url, timeout=self.patience)
        proxy.stall(self.changes)
        error = await self.ends(hasty.publish(self.publication()))
        await hasty.aclose()
        proxy.calm()

        assert type(error) in {Transient, Uncertain}
        again = self.build(proxy.url)
        if again.capabilities.rung is Rung.NEITHER:
            assert type(error) is Uncertain
        else:
            await again.publish(self.publication())
        assert await self.entries_shown(again) == 1
        await again.aclose()

    async def test_a_connection_that_breaks_before_the_service_has_it_loses_nothing(
        self, connector: Connector, proxy: CuttingProxy
    ) -> None:
        proxy.refuse(self.changes)
        error = await self.ends(connector.publish(self.publication()))

        assert type(error) in {Transient, Uncertain}
        assert await self.entries_shown(connector) == 0
        await connector.publish(self.publication())
        assert await self.entries_shown(connector) == 1

    async def test_a_service_that_is_away_is_tried_again(self, proxy: CuttingProxy) -> None:
        async with CuttingProxy(proxy.url).running() as gone:
            connector = self.build(gone.url)
        error = await self.ends(connector.publish(self.publication()))
        await connector.aclose()

        assert type(error) is Transient

    async def test_a_rate_limit_is_waited_for_as_long_as_the_service_says(self, proxy: CuttingProxy) -> None:
        for number in range(MOST_WRITES):
            proxy.say(429, headers="Retry-After: 77\r\n", chosen=self.changes, skip=number)
            limited = self.build(proxy.url)
            wanted = self.publication(f"limit-{number}/wiki")
            error, after = await self.ends(limited.publish(wanted)), await self.ends(limited.publish(wanted))
            proxy.calm()
            await limited.aclose()
            if error is None:
                assert number > 0
                return
            assert isinstance(error, Transient)
            assert error.retry_after == 77
            assert isinstance(after, Transient)
            assert "left alone" in str(after)  # nothing is asked meanwhile
            later = self.build(proxy.url)
            await later.publish(wanted)
            assert await self.stands_once(later, wanted.key)
            assert await self.entries_shown(later) == number + 1
            await later.aclose()
        pytest.fail("it writes without end")

    async def test_a_service_that_is_overloaded_is_tried_again(
        self, connector: Connector, proxy: CuttingProxy
    ) -> None:
        proxy.say(503, chosen=self.changes)
        assert type(await self.ends(connector.publish(self.publication()))) is Transient

        await connector.publish(self.publication())
        assert await self.entries_shown(connector) == 1

    async def test_a_lost_account_is_said_and_works_again_when_it_is_back(
        self, connector: Connector, proxy: CuttingProxy
    ) -> None:
        self.lose_account(proxy)
        for call in (connector.publish(self.publication()), connector.publish(self.publication())):
            assert type(await self.ends(call)) is AuthLost

        proxy.calm()
        await connector.publish(self.publication())
        assert await self.entries_shown(connector) == 1

    def lose_account(self, proxy: CuttingProxy) -> None:
        """Let the service not know our credentials any more."""
        proxy.say(self.lost_status, times=math.inf)

    async def test_a_certificate_that_is_not_trusted_is_refused_before_anything_is_sent(
        self, service_url: str
    ) -> None:
        async with CuttingProxy(service_url).running(tls=server_tls()) as proxy:
            trusting_nobody = self.build(proxy.url)
            error = await self.ends(trusting_nobody.publish(self.publication()))
            await trusting_nobody.aclose()
            assert type(error) is Transient
            assert "certificate" in str(error)
            assert proxy.asked == []

            knowing = self.build(proxy.url, ca_file=TLS / "localhost.crt")
            assert await knowing.publish(self.publication())
            await knowing.aclose()

    async def test_its_answers_to_reads_may_get_lost_too(
        self, connector: Connector, proxy: CuttingProxy
    ) -> None:
        receipt = await connector.publish(self.publication())
        proxy.garble(lambda asked: not writes(asked), times=math.inf)
        proxy.truncate(writes, times=math.inf)
        if isinstance(connector, Appends):
            error = await self.ends(connector.append(receipt, [post(2, "Third.")]))
            assert type(error) in {Transient, Uncertain}
        proxy.calm()
        assert await self.entries_shown(connector) == 1
