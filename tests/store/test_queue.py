"""The queue: claimed once, taken over when the worker dies, never missed when asked for meanwhile."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.job import Job, JobKind
from store import queue
from store.database import Database
from store.migrate import upgrade

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=1)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(f"sqlite:///{tmp_path}/unchain.db")
    upgrade(opened)
    return opened


def ask(database: Database, subject: str = "1", at: datetime = NOW) -> None:
    with database.write() as session:
        queue.add(session, JobKind.PROCESS, subject, at)


def claim(database: Database, *, owner: str = "a", now: datetime = NOW) -> list[Job]:
    with database.write() as session:
        return queue.claim(session, [JobKind.PROCESS], owner=owner, now=now, lease=LEASE, limit=10)


def finish(database: Database, job: Job) -> None:
    with database.write() as session:
        queue.finish(session, job)


def test_a_job_is_claimed_by_one_worker_only(database: Database) -> None:
    ask(database)
    assert [job.subject for job in claim(database, owner="a")] == ["1"]
    assert claim(database, owner="b") == []


def test_a_job_is_not_claimed_before_it_is_due(database: Database) -> None:
    ask(database, at=NOW + timedelta(seconds=1))
    assert claim(database) == []
    assert len(claim(database, now=NOW + timedelta(seconds=1))) == 1


def test_a_dead_workers_job_is_taken_over_when_its_lease_lapses(database: Database) -> None:
    ask(database)
    claim(database, owner="dead")
    assert claim(database, owner="b", now=NOW + LEASE + timedelta(seconds=1)) != []


def test_a_worker_that_ends_in_good_order_leaves_no_lease(database: Database) -> None:
    ask(database)
    claim(database, owner="a")
    with database.write() as session:
        queue.release(session, "a")
    assert len(claim(database, owner="b")) == 1


def test_a_finished_job_is_gone(database: Database) -> None:
    ask(database)
    finish(database, claim(database)[0])
    assert claim(database, now=NOW + timedelta(days=1)) == []


def test_a_job_asked_for_while_it_runs_runs_again(database: Database) -> None:
    ask(database)
    job = claim(database)[0]
    ask(database)
    finish(database, job)
    assert len(claim(database)) == 1


def test_a_job_asked_for_twice_before_it_ran_runs_once(database: Database) -> None:
    ask(database)
    ask(database, at=NOW + timedelta(seconds=5))
    later = NOW + timedelta(seconds=5)
    finish(database, claim(database, now=later)[0])
    assert claim(database, now=later) == []


def test_a_failed_job_waits_for_a_human_with_its_reason(database: Database) -> None:
    ask(database)
    with database.write() as session:
        job = queue.claim(session, [JobKind.PROCESS], owner="a", now=NOW, lease=LEASE, limit=1)[0]
        queue.fail(session, job, "the space said no")
    assert claim(database, now=NOW + timedelta(days=9)) == []
    with database.read() as session:
        assert queue.failures(session) == [(JobKind.PROCESS, "1", "the space said no")]


def test_postponing_counts_the_tries(database: Database) -> None:
    ask(database)
    with database.write() as session:
        job = queue.claim(session, [JobKind.PROCESS], owner="a", now=NOW, lease=LEASE, limit=1)[0]
        queue.postpone(session, job, NOW + timedelta(seconds=30), "away")
    assert claim(database, now=NOW + timedelta(seconds=29)) == []
    assert claim(database, now=NOW + timedelta(seconds=30))[0].attempts == 1
