"""The courier against a real next hop: at least once, never dropped, the sender told, nobody told twice."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from connectors.dsn import Reporter
from connectors.outbound_mail import NextHop
from domain.delivery import Balance
from domain.endpoint import Endpoint
from domain.job import JobKind
from domain.mail import RawMail
from store import mails, people, queue, reachability
from store.database import Database
from store.tables import JobRow
from tests.connectors.smtp_peers import scripted
from tests.fakes import FakeClock
from tests.unchain.workshop import ANA, BOB, CLEO, START, mail
from unchain import courier as courier_module
from unchain.courier import Courier
from unchain.demo.sink import Sink
from unchain.ledger import Ledger
from unchain.outcomes import Look, Outcome

DEADLINE = 20
KEEP_TRYING = timedelta(days=5)
TELL_DELAY = timedelta(hours=4)


class Depot:
    """A database, a sink and couriers between them."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.sink = Sink(folder)
        self.clock = FakeClock(START)
        self.port = 0
        self._names = (f"edge {number}" for number in count(1))

    def courier(self, *, port: int | None = None, tell_delay: timedelta = TELL_DELAY) -> Courier:
        """A courier; it must be made where a loop runs."""
        endpoint = Endpoint(host="127.0.0.1", port=self.port if port is None else port)
        return Courier(
            database=self.database,
            next_hop=NextHop([endpoint], hostname="relay.acme.example", timeout=5),
            reporter=Reporter(hostname="relay.acme.example", address="unchain@acme.example"),
            first_retry=timedelta(minutes=5),
            keep_trying=KEEP_TRYING,
            tell_delay=tell_delay,
            owner=next(self._names),
            clock=self.clock,
        )

    def accept(
        self,
        *recipients: str,
        sender: str = ANA,
        source: str = "smtp",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        raw = RawMail(
            content=mail(0, headers=headers),
            mail_from=sender,
            rcpt_to=recipients,
            source=source,
            received_at=self.clock.now,
        )
        with self.database.write() as session:
            mails.accept(session, [raw], own_address="unchain@acme.example")

    def balance(self) -> Balance:
        with self.database.read() as session:
            return mails.balance(session)

    def forward_jobs(self) -> int:
        with self.database.read() as session:
            return queue.counts(session).get((JobKind.FORWARD, "ready"), 0)

    def held_back(self) -> bool:
        """Whether the forward job waits for its next try."""
        with self.database.read() as session:
            (job,) = session.execute(select(JobRow).where(col(JobRow.kind) == JobKind.FORWARD)).scalars()
            return job.lease_until is None and job.run_at > self.clock.now

    def notifications(self) -> list[tuple[tuple[str, ...], EmailMessage]]:
        """Recipients and content of what reached the sink with the null sender."""
        return [
            (sunk.rcpt_to, message_from_bytes(sunk.content, policy=policy.default))
            for sunk in self.sink.mails()
            if not sunk.envelope_from
        ]


@pytest.fixture
async def depot(database: Database, tmp_path: Path) -> AsyncIterator[Depot]:
    made = Depot(database, tmp_path / "sink")
    made.port = await made.sink.start()
    yield made
    await made.sink.close()


@asynccontextmanager
async def running(courier: Courier) -> AsyncIterator[Courier]:
    stop = asyncio.Event()
    ledger = Ledger(courier._database, courier, mails.accept)
    work = asyncio.create_task(courier.run(stop, ledger.committer.record))
    try:
        yield courier
    finally:
        stop.set()
        await asyncio.wait_for(work, DEADLINE)
        await ledger.committer.close()


async def until(condition: Callable[[], bool], what: str) -> None:
    try:
        async with asyncio.timeout(DEADLINE):
            while not condition():
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"never happened: {what}") from None


async def test_a_mail_goes_on_whole_to_all_its_recipients(depot: Depot) -> None:
    depot.accept(BOB, CLEO)
    async with running(depot.courier()):
        await until(lambda: depot.balance().delivered == 2, "delivered")

    (sunk,) = depot.sink.mails()
    assert (sunk.envelope_from, set(sunk.rcpt_to)) == (ANA, {BOB, CLEO})
    assert sunk.content.endswith(mail(0))
    assert sunk.content.startswith(b"Received: ")
    assert depot.forward_jobs() == 0
    assert depot.balance().holds


async def test_a_mail_that_comes_while_it_waits_goes_at_once(depot: Depot) -> None:
    async with running(depot.courier()):
        depot.accept(BOB)
        await until(lambda: depot.balance().delivered == 1, "delivered")


async def test_a_temporary_refusal_is_tried_again_later_for_those_who_wait_only(depot: Depot) -> None:
    depot.sink.answer(CLEO, "451 4.7.1 come back later")
    depot.accept(BOB, CLEO)
    async with running(depot.courier()):
        await until(depot.held_back, "postponed")
        assert (depot.balance().delivered, depot.balance().queued) == (1, 1)
        depot.sink.behave()
        depot.clock.advance(timedelta(minutes=5))
        await until(lambda: depot.balance().delivered == 2, "delivered later")

    assert [sunk.rcpt_to for sunk in depot.sink.mails()] == [(BOB,), (CLEO,)]
    assert depot.notifications() == []


async def test_a_server_that_is_away_loses_nothing(depot: Depot) -> None:
    await depot.sink.close()
    depot.accept(BOB, CLEO)
    async with running(depot.courier()):
        await until(depot.held_back, "postponed")
    assert depot.balance().queued == 2
    assert depot.balance().holds


@pytest.mark.parametrize(
    ("reply", "source", "lost"),
    [
        ("550 5.1.1 no such user", mails.OWN, {BOB}),
        ("550 No such user here", mails.OWN, {BOB}),
        ("552 5.2.2 mailbox full", mails.OWN, set()),
        ("554 5.7.1 looks like spam", mails.OWN, set()),
        ("550 5.1.1 no such user", "smtp", set()),
    ],
    ids=["unknown", "unknown without a code", "full", "policy", "a person's mail"],
)
async def test_who_cannot_be_reached_by_our_own_mails_is_remembered(
    depot: Depot, reply: str, source: str, lost: set[str]
) -> None:
    with depot.database.write() as session:
        people.meet(session, BOB, at=START)
    depot.sink.answer(BOB, reply)
    depot.accept(BOB, sender="", source=source)
    async with running(depot.courier()):
        await until(lambda: depot.forward_jobs() == 0, "given up")

    with depot.database.read() as session:
        assert {each.email for each in reachability.everybody(session)} == lost
    assert depot.notifications() == []


async def test_a_permanent_refusal_is_told_to_the_sender_once(depot: Depot) -> None:
    depot.sink.answer(CLEO, "550 5.1.1 no such user")
    depot.accept(BOB, CLEO)
    async with running(depot.courier()):
        await until(lambda: len(depot.notifications()) == 1, "a notification")
        await until(lambda: depot.forward_jobs() == 0, "nothing left to do")

    ((recipients, notification),) = depot.notifications()
    assert recipients == (ANA,)
    assert notification.get_content_type() == "multipart/report"
    assert notification["Auto-Submitted"] == "auto-replied"
    assert "no such user" in notification.as_string()
    assert (depot.balance().delivered, depot.balance().bounced) == (1, 1)
    assert depot.balance().holds


async def test_a_mail_that_cannot_be_delivered_for_days_is_returned(depot: Depot) -> None:
    depot.sink.answer(BOB, "451 4.7.1 come back later")
    depot.accept(BOB)
    depot.clock.advance(KEEP_TRYING)
    async with running(depot.courier()):
        await until(lambda: len(depot.notifications()) == 1, "a notification")
    assert depot.balance().bounced == 1


async def test_the_null_sender_is_never_answered(depot: Depot) -> None:
    depot.sink.answer(BOB, "550 5.1.1 no such user")
    depot.accept(BOB, sender="")
    async with running(depot.courier()):
        await until(lambda: depot.balance().bounced == 1, "bounced")
        await until(lambda: depot.forward_jobs() == 0, "nothing left to do")
    assert depot.sink.mails() == []


async def test_a_notification_that_bounces_makes_no_further_one(depot: Depot) -> None:
    for address in (ANA, BOB):
        depot.sink.answer(address, "550 5.1.1 no such user")
    depot.accept(BOB)
    async with running(depot.courier()):
        await until(lambda: depot.balance().bounced == 1, "bounced")
        await until(lambda: depot.forward_jobs() == 0, "nothing left to do")
    with depot.database.read() as session:
        assert mails.load(session, 3) is None  # the mail and one notification
    assert depot.sink.mails() == []


async def test_a_crash_between_the_answer_and_the_commit_repeats_and_loses_nothing(depot: Depot) -> None:
    depot.accept(BOB)
    killed = depot.courier()
    ledger = Ledger(depot.database, killed, mails.accept)

    async def record(outcome: Outcome) -> None:
        if not isinstance(outcome, Look):
            await asyncio.Event().wait()  # killed before the commit
        await ledger.committer.record(outcome)

    work = asyncio.create_task(killed.run(asyncio.Event(), record))
    await until(lambda: len(depot.sink.mails()) == 1, "handed over")
    work.cancel()
    assert depot.balance().queued == 1
    depot.clock.advance(courier_module.LEASE + timedelta(seconds=1))
    async with running(depot.courier()):
        await until(lambda: depot.balance().delivered == 1, "delivered")
    assert len(depot.sink.mails()) == 2


def failing_twice(call: Callable[..., object]) -> Callable[..., object]:
    """The call on a disk that is full at the first two tries."""
    full = iter([sqlite3.OperationalError("database or disk is full") for _ in range(2)])

    def tried(*args: object, **named: object) -> object:
        for error in full:
            raise OperationalError("UPDATE", None, error)
        return call(*args, **named)

    return tried


async def test_a_full_disk_ends_no_forwarding(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unchain.courier.queue.claim", failing_twice(queue.claim))
    monkeypatch.setattr(courier_module, "FAULT_SECONDS", 0.01)
    depot.accept(BOB)
    async with running(depot.courier()):
        await until(lambda: depot.balance().delivered == 1, "delivered")


async def test_what_was_delivered_is_written_when_the_disk_takes_it_and_not_delivered_again(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unchain.courier.mails.settle", failing_twice(mails.settle))
    monkeypatch.setattr(courier_module, "FAULT_SECONDS", 0.01)
    depot.accept(BOB)
    async with running(depot.courier()):
        await until(lambda: depot.balance().delivered == 1, "written")
    assert len(depot.sink.mails()) == 1
    assert depot.forward_jobs() == 0


async def test_a_mail_whose_next_try_could_not_be_written_is_not_held_for_ever(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unchain.courier.queue.postpone", failing_twice(queue.postpone))
    monkeypatch.setattr(courier_module, "FAULT_SECONDS", 0.01)
    depot.sink.answer(BOB, "451 4.7.1 come back later")
    depot.accept(BOB)
    async with running(depot.courier()):
        await until(depot.held_back, "postponed")


async def test_what_a_killed_courier_held_is_taken_over(depot: Depot) -> None:
    depot.accept(BOB)
    with depot.database.write() as session:
        queue.claim(
            session,
            [JobKind.FORWARD],
            owner="killed",
            now=depot.clock.now,
            lease=courier_module.LEASE,
            limit=10,
        )
    depot.clock.advance(courier_module.LEASE + timedelta(seconds=1))
    async with running(depot.courier()):
        await until(lambda: depot.balance().delivered == 1, "delivered")


async def test_stopping_finishes_what_is_on_its_way(depot: Depot) -> None:
    async with scripted(end=b"250 taken") as peer:
        for _ in range(5):
            depot.accept(BOB)
        async with running(depot.courier(port=peer.endpoint.port)):
            await until(lambda: peer.connections > 0, "a connection")
        assert len(peer.contents) == depot.balance().delivered > 0


async def test_copies_from_a_journal_do_not_go_on(depot: Depot) -> None:
    depot.accept(BOB, source="journal")
    assert depot.forward_jobs() == 0


LATE = "451 4.7.1 come back later"


async def test_a_sender_hears_once_that_a_mail_still_waits(depot: Depot) -> None:
    depot.sink.answer(BOB, LATE)
    depot.accept(BOB, CLEO)
    async with running(depot.courier()):
        for tries in range(1, 5):
            await until(lambda tries=tries: attempts(depot) == tries, "tried")  # type: ignore[misc]
            depot.clock.advance(timedelta(hours=2))
        await until(lambda: attempts(depot) == 5, "tried")
        await until(lambda: len(depot.notifications()) == 1, "a notification")

    ((recipients, told),) = depot.notifications()
    assert recipients == (ANA,)
    assert "Your message is delayed" in told["Subject"]
    assert "retardé" in told["Subject"]
    written = told.as_string()
    assert "Action: delayed" in written
    assert f"Final-Recipient: rfc822; {BOB}" in written
    assert f"Final-Recipient: rfc822; {CLEO}" not in written
    assert depot.balance().queued == 1
    assert depot.balance().holds


def attempts(depot: Depot) -> int:
    """How often the mail of the first job has been tried."""
    with depot.database.read() as session:
        return session.execute(select(col(JobRow.attempts)).order_by(col(JobRow.id))).scalars().first() or 0


async def test_a_sender_who_has_heard_of_a_delay_hears_of_it_no_more_after_a_crash(depot: Depot) -> None:
    depot.sink.answer(BOB, LATE)
    depot.accept(BOB)
    depot.clock.advance(TELL_DELAY)
    async with running(depot.courier()):
        await until(lambda: len(depot.notifications()) == 1, "a notification")
    depot.clock.advance(timedelta(hours=2))
    async with running(depot.courier()):
        await until(lambda: attempts(depot) == 2, "tried again")
    assert len(depot.notifications()) == 1


@pytest.mark.parametrize(
    "mail_of",
    [
        pytest.param({"sender": ""}, id="null sender"),
        pytest.param({"source": mails.OWN}, id="our own"),
        pytest.param({"headers": {"Auto-Submitted": "auto-generated"}}, id="automatic"),
        pytest.param({"headers": {"List-Id": "<birds.example.com>"}}, id="list"),
    ],
)
async def test_nobody_hears_of_a_delay_of_what_no_person_waits_for(
    depot: Depot, mail_of: dict[str, Any]
) -> None:
    depot.sink.answer(BOB, LATE)
    depot.accept(BOB, **mail_of)
    depot.clock.advance(TELL_DELAY)
    async with running(depot.courier()):
        await until(depot.held_back, "postponed")
    assert depot.forward_jobs() == 1


async def test_no_time_for_telling_means_that_nobody_hears_of_delays(depot: Depot) -> None:
    depot.sink.answer(BOB, LATE)
    depot.accept(BOB)
    depot.clock.advance(TELL_DELAY)
    async with running(depot.courier(tell_delay=timedelta())):
        await until(depot.held_back, "postponed")
    assert depot.forward_jobs() == 1


async def test_a_delay_is_not_told_through_a_server_that_does_not_answer(depot: Depot) -> None:
    await depot.sink.close()
    depot.accept(BOB)
    depot.clock.advance(TELL_DELAY)
    async with running(depot.courier()):
        await until(depot.held_back, "postponed")
    assert depot.forward_jobs() == 1


@pytest.mark.parametrize("end", [b"250 taken", b"451 4.3.0 come back later", b"554 5.7.1 no"])
async def test_a_courier_that_was_paused_leaves_a_mail_to_the_one_that_took_it_over(
    depot: Depot, end: bytes
) -> None:
    depot.accept(BOB)
    async with scripted(end=end) as peer:
        paused = depot.courier(port=peer.endpoint.port)
        with depot.database.write() as session:
            (errand,) = paused.claim(session, {})
            depot.clock.advance(courier_module.LEASE + timedelta(seconds=1))
            taken_over = queue.claim(
                session,
                [JobKind.FORWARD],
                owner="another",
                now=depot.clock.now,
                lease=courier_module.LEASE,
                limit=1,
            )
        assert len(taken_over) == 1
        ledger = Ledger(depot.database, paused, mails.accept)
        paused._record = ledger.committer.record
        await paused._deliver(errand)
        await ledger.committer.close()

    with depot.database.write() as session:
        (job,) = session.execute(select(JobRow)).scalars().all()[:1]
        assert (job.owner, job.attempts, job.error) == ("another", 0, None)
        assert queue.finish(session, taken_over[0])
    assert len(peer.contents) == 1
    assert depot.balance().delivered == (1 if end.startswith(b"250") else 0)
    assert depot.balance().bounced == 0
    assert depot.balance().holds
