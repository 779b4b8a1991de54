"""The queue: claimed once, taken over when the worker dies, never missed when asked for meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

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


def overtaken(database: Database) -> tuple[Job, Job]:
    """A job as its first worker had it, whose machine was paused, and as the one that took it over has it."""
    ask(database)
    (stale,) = claim(database, owner="paused")
    (fresh,) = claim(database, owner="b", now=NOW + LEASE + timedelta(seconds=1))
    return stale, fresh


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(queue.finish, id="finish"),
        pytest.param(lambda session, job: queue.postpone(session, job, NOW, "away"), id="postpone"),
        pytest.param(lambda session, job: queue.fail(session, job, "a bug"), id="fail"),
        pytest.param(lambda session, job: queue.keep(session, job, NOW + LEASE), id="keep"),
    ],
)
def test_who_was_paused_changes_nothing_about_a_job_that_another_has_taken_over(
    database: Database, act: Callable[[Session, Job], bool]
) -> None:
    stale, fresh = overtaken(database)
    with database.write() as session:
        before = session.connection().exec_driver_sql("SELECT * FROM job").all()
        assert act(session, stale) is False
        assert session.connection().exec_driver_sql("SELECT * FROM job").all() == before
        assert act(session, fresh) is True


def test_who_was_paused_cannot_free_a_job_that_was_asked_for_again(database: Database) -> None:
    stale, fresh = overtaken(database)
    ask(database)
    with database.write() as session:
        assert queue.finish(session, stale) is False
    assert claim(database, owner="c", now=NOW + LEASE + timedelta(seconds=1)) == []
    with database.write() as session:
        assert queue.finish(session, fresh) is True


def test_a_lapsed_lease_that_nobody_has_taken_is_still_ours(database: Database) -> None:
    ask(database)
    (job,) = claim(database)
    assert claim(database, now=NOW + LEASE + timedelta(seconds=1)) == []  # it is under way in "a" itself
    with database.write() as session:
        assert queue.finish(session, job) is True
