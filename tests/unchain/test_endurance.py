"""Many mails through committer, ledger and courier: all are delivered, and nothing is kept of them."""

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from connectors.dsn import Reporter
from connectors.outbound_mail import NextHop
from domain.delivery import Balance
from domain.endpoint import Endpoint
from domain.mail import RawMail
from store import mails
from store.database import Database
from tests.servers.processes import free_port
from tests.unchain.moody_hop import MoodyHop
from unchain.courier import Courier
from unchain.ledger import Ledger

SENDERS = 30
SIZE = 4000
WARM_UP, MAILS = 300, 2000
PATIENCE = 240


class Relay:
    """What the edge puts together, in this process."""

    def __init__(self, database: Database, hop: MoodyHop, port: int) -> None:
        self.database = database
        self.hop = hop
        self.courier = Courier(
            database=database,
            next_hop=NextHop([Endpoint(host="127.0.0.1", port=port)], hostname="relay.acme.example"),
            reporter=Reporter(hostname="relay.acme.example", address="unchain@acme.example"),
            first_retry=timedelta(seconds=1),
            keep_trying=timedelta(days=5),
            owner="edge",
            clock=lambda: datetime.now(UTC),
        )
        self.ledger = Ledger(database, self.courier, mails.accept)

    async def take(self, first: int, number: int) -> None:
        """Accept so many mails from many senders at a time, and wait until all are handed on."""
        numbers = iter(range(first, first + number))

        async def send() -> None:
            for each in numbers:
                await self.ledger.committer.submit(composed(each))

        await asyncio.gather(*(send() for _ in range(SENDERS)))
        async with asyncio.timeout(PATIENCE):
            while (await asyncio.to_thread(self.balance)).queued:
                await asyncio.sleep(0.05)

    def balance(self) -> Balance:
        with self.database.read() as session:
            return mails.balance(session)


def composed(number: int) -> RawMail:
    header = f"Message-ID: <{number}@acme.example>\r\nSubject: {number}\r\n\r\n".encode()
    return RawMail(
        content=header + Random(number).randbytes(SIZE // 2).hex().encode() + b"\r\n",
        mail_from="ann@acme.example",
        rcpt_to=("bob@acme.example",),
        source="smtp",
        received_at=datetime.now(UTC),
    )


@pytest.fixture
async def relay(database: Database) -> AsyncIterator[Relay]:
    port = free_port()
    hop = MoodyHop(port)
    hop.start()
    made = Relay(database, hop, port)
    stop = asyncio.Event()
    delivering = asyncio.create_task(made.courier.run(stop, made.ledger.committer.record))
    yield made
    stop.set()
    await asyncio.wait_for(delivering, 60)
    await made.ledger.committer.close()
    hop.stop()


@pytest.fixture
def tracing() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def held(relay: Relay) -> tuple[int, int]:
    """Bytes and tasks that live now, but for what the next hop remembers."""
    relay.hop.taken.answered.clear()
    gc.collect()
    return tracemalloc.get_traced_memory()[0], len(asyncio.all_tasks())


@pytest.mark.timeout(2 * PATIENCE)
async def test_thousands_of_mails_leave_nothing_in_memory(relay: Relay, tracing: None) -> None:
    await relay.take(0, WARM_UP)
    memory, tasks = held(relay)
    await relay.take(WARM_UP, MAILS)
    memory_later, tasks_later = held(relay)

    assert relay.balance().delivered == WARM_UP + MAILS
    # Senders and the courier's own come and go; a task that each mail leaves behind would make thousands.
    assert tasks_later < tasks + SENDERS
    assert not relay.courier._under_way
    assert relay.ledger.committer._held == relay.ledger.committer._held_bytes == 0
    # An object that is kept of each mail takes more than this.
    assert memory_later - memory < MAILS * 100


@pytest.mark.timeout(2 * PATIENCE)
async def test_the_write_ahead_log_does_not_grow_with_the_mails(relay: Relay, tmp_path: Path) -> None:
    await relay.take(0, WARM_UP)
    (log,) = tmp_path.rglob("*.db-wal")  # it is there once something has been written
    first = log.stat().st_size
    await relay.take(WARM_UP, MAILS)

    assert log.stat().st_size <= max(2 * first, 16 * 1024 * 1024)
    assert log.stat().st_size < MAILS * SIZE


@pytest.mark.timeout(2 * PATIENCE)
async def test_what_is_accepted_is_delivered_though_garbage_is_collected_all_the_time(
    relay: Relay,
) -> None:
    over = asyncio.Event()

    async def collect() -> None:
        while not over.is_set():
            gc.collect()
            await asyncio.sleep(0.001)  # a mail takes longer; without it no other thread has its turn

    gc.freeze()  # what lives already needs no look each time
    collecting = asyncio.create_task(collect())
    await relay.take(0, 300)
    over.set()
    await collecting
    gc.unfreeze()

    balance = relay.balance()
    assert balance.accepted == balance.delivered == relay.hop.taken.answered.total() == 300
