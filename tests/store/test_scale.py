"""A hundred thousand waiting mails: what runs all the time is answered by indices, and nothing starves.

Proved by SQLite's own query plans, taken while the store's functions run, and never by time.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from domain.delivery import DeliveryState
from domain.job import Job, JobKind
from domain.mail import RawMail
from store import backlog, mails, queue
from store.database import Database
from store.migrate import upgrade

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=1)
EDGE = [JobKind.FORWARD]
WORKER = [kind for kind in JobKind if kind is not JobKind.FORWARD]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(f"sqlite:///{tmp_path}/unchain.db")
    upgrade(opened)
    return opened


@contextmanager
def plans(database: Database) -> Iterator[list[str]]:
    """The steps of the plan of each statement that runs meanwhile."""
    asked: list[tuple[str, Any]] = []
    steps: list[str] = []

    def remember(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        asked.append((statement, values[0] if many else values))

    event.listen(database.engine, "before_cursor_execute", remember)
    try:
        yield steps
    finally:
        event.remove(database.engine, "before_cursor_execute", remember)
    with database.engine.connect() as connection:
        for statement, values in asked:
            if statement.startswith(("SELECT", "UPDATE", "DELETE")):
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                steps += [row[-1] for row in rows]


def wait(database: Database, count: int = 40) -> None:
    """Mails whose next try is yet to come, and one that is due."""
    raws = [
        RawMail(
            content=b"Subject: hello\r\n\r\nhello\r\n",
            mail_from="ann@acme.example",
            rcpt_to=("bob@acme.example",),
            source="smtp",
            received_at=NOW + timedelta(hours=number),
        )
        for number in range(count)
    ]
    with database.write() as session:
        mails.accept(session, raws, own_address="unchain@acme.example")


def listed(session: Session, *, raw_id: int | None = None) -> list[backlog.WaitingMail]:
    return list(backlog.waiting(session, backlog.Wanted(raw_id=raw_id), NOW))


def claim(session: Session, kinds: Sequence[JobKind], *, now: datetime = NOW, limit: int = 20) -> list[Job]:
    return queue.claim(session, kinds, owner="a", now=now, lease=LEASE, limit=limit)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda session: queue.is_due(session, EDGE, NOW), id="look for work"),
        pytest.param(lambda session: claim(session, EDGE), id="claim mails"),
        pytest.param(lambda session: claim(session, WORKER), id="claim jobs of the worker"),
        pytest.param(lambda session: queue.renew(session, "a", NOW), id="renew leases"),
        pytest.param(lambda session: queue.release(session, "a"), id="give leases back"),
        pytest.param(queue.counts, id="count jobs"),
        pytest.param(queue.failures, id="tell failures"),
        pytest.param(mails.balance, id="balance"),
        pytest.param(mails.aside, id="mails set aside"),
        pytest.param(lambda session: mails.consignment(session, 1), id="load a mail"),
        pytest.param(lambda session: backlog.hold(session, ["1"]), id="hold a mail"),
        pytest.param(lambda session: backlog.go_on(session, ["1"], NOW), id="retry a mail"),
        pytest.param(lambda session: backlog.take_out(session, 1, NOW), id="drop a mail"),
        pytest.param(backlog.stuck, id="list failed jobs"),
        pytest.param(lambda session: listed(session, raw_id=1), id="show a mail"),
        pytest.param(
            lambda session: mails.settle(session, {1: {"b@x": (DeliveryState.DELIVERED, 250, "ok")}}, NOW),
            id="write down what became of it",
        ),
    ],
)
def test_nothing_that_runs_all_the_time_reads_a_whole_table(
    database: Database, act: Callable[[Session], object]
) -> None:
    wait(database)
    with plans(database) as steps, database.write() as session:
        act(session)
    tables = ("SCAN job", "SCAN raw_mail", "SCAN delivery")
    whole = [step for step in steps if step.startswith(tables) and "COVERING INDEX" not in step]
    assert steps
    # Rows by their state alone are all that wait.
    assert not [step for step in steps if step.startswith("SEARCH delivery") and "(state=?)" in step]
    assert [step for step in whole if "ix_raw_mail_set_aside" not in step] == []


def test_the_list_reads_jobs_and_finds_each_mail_by_its_number(database: Database) -> None:
    wait(database)
    with plans(database) as steps, database.read() as session:
        assert len(listed(session)) == 40
    assert "SEARCH raw_mail USING INTEGER PRIMARY KEY (rowid=?)" in steps
    assert not [step for step in steps if "(state=?)" in step or "TEMP B-TREE" in step]
    assert not [step for step in steps if step.startswith(("SCAN raw_mail", "SCAN delivery"))]


def test_mails_are_claimed_in_the_order_of_the_index_without_sorting_the_backlog(database: Database) -> None:
    wait(database)
    with plans(database) as steps, database.write() as session:
        claim(session, EDGE)
    assert "SEARCH job USING INDEX ix_job_due (kind=? AND state=? AND run_at<?)" in steps
    assert not [step for step in steps if "TEMP B-TREE" in step]


def test_the_worker_sorts_only_the_first_jobs_of_each_kind(database: Database) -> None:
    for number, kind in enumerate([JobKind.PUBLISH, JobKind.PROCESS, JobKind.JUDGE]):
        with database.write() as session:
            for each in range(30):
                at = NOW + timedelta(seconds=3 * each + number)
                queue.add(session, kind, f"{kind} {each:02}", at)
    with database.write() as session:
        claimed = claim(session, WORKER, now=NOW + timedelta(days=1), limit=6)
    assert {job.subject for job in claimed} == {
        f"{k} 0{n}" for k in ("publish", "process", "judge") for n in (0, 1)
    }


def test_who_has_waited_longest_goes_first_and_a_refused_one_goes_behind(database: Database) -> None:
    wait(database, 3)
    later = NOW + timedelta(hours=2)
    with database.write() as session:
        (first,) = claim(session, EDGE, now=later, limit=1)
        queue.postpone(session, first, later + timedelta(minutes=5), "451 come back later")
    order = []
    for _ in range(3):
        with database.write() as session:
            for job in claim(session, EDGE, now=later + timedelta(minutes=5), limit=1):
                order.append(job.subject)
                queue.finish(session, job)
    assert order == ["2", "3", "1"]


def test_mails_that_are_refused_again_and_again_keep_no_other_from_its_turn(database: Database) -> None:
    wait(database, 30)
    now = NOW + timedelta(days=2)
    seen: set[str] = set()
    for _ in range(6):
        with database.write() as session:
            for job in claim(session, EDGE, now=now, limit=5):
                seen.add(job.subject)
                queue.postpone(session, job, now + timedelta(seconds=1), "451 come back later")
        now += timedelta(seconds=10)
    assert len(seen) == 30
