"""The queue: jobs are rows, claimed with a lease. The only file that may know a dialect.

A dead worker's leases lapse and its jobs are claimed again; a job that is asked for while it runs
grows a revision and stays after it is finished, so that nothing asked for is missed.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col

from domain.job import Job, JobKind
from store.tables import JobRow


def add(session: Session, kind: JobKind, subject: str, run_at: datetime) -> None:
    """Ask for a job; asked for again before it ran, it is moved to `run_at` and runs once."""
    statement = insert(JobRow).values(
        kind=kind, subject=subject, run_at=run_at, state="ready", attempts=0, revision=0
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "subject"],
            set_={
                "run_at": run_at,
                "state": "ready",
                "revision": col(JobRow.revision) + 1,
                "attempts": case((col(JobRow.state) == "failed", 0), else_=col(JobRow.attempts)),
            },
        )
    )


def is_due(session: Session, kinds: Collection[JobKind], now: datetime) -> bool:
    """Whether there may be something to claim: a cheap look that takes no write lock."""
    free = (col(JobRow.lease_until).is_(None)) | (col(JobRow.lease_until) < now)
    due = (col(JobRow.kind).in_(kinds), col(JobRow.state) == "ready", col(JobRow.run_at) <= now, free)
    return session.execute(select(col(JobRow.id)).where(*due).limit(1)).first() is not None


def claim(
    session: Session, kinds: Collection[JobKind], *, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[Job]:
    """Take up to `limit` due jobs that no living worker holds; they are ours until now + lease."""
    free = (col(JobRow.lease_until).is_(None)) | (col(JobRow.lease_until) < now)
    due = (
        select(col(JobRow.id))
        .where(col(JobRow.kind).in_(kinds), col(JobRow.state) == "ready", col(JobRow.run_at) <= now, free)
        .order_by(col(JobRow.run_at), col(JobRow.id))
        .limit(limit)
    )
    rows = session.execute(
        update(JobRow)
        .where(col(JobRow.id).in_(due))
        .values(lease_until=now + lease, owner=owner)
        .returning(*map(col, (JobRow.id, JobRow.kind, JobRow.subject, JobRow.attempts, JobRow.revision)))
        .execution_options(synchronize_session=False)
    ).all()
    jobs = [
        Job(id=i, kind=JobKind(k), subject=s, attempts=a, revision=r, lease_until=now + lease)
        for i, k, s, a, r in rows
    ]
    return sorted(jobs, key=lambda job: job.id)


def finish(session: Session, job: Job) -> None:
    """Remove a job that is done, unless it was asked for again meanwhile: then free it."""
    session.execute(delete(JobRow).where(col(JobRow.id) == job.id, col(JobRow.revision) == job.revision))
    session.execute(
        update(JobRow)
        .where(col(JobRow.id) == job.id)
        .values(lease_until=None, owner=None, attempts=0, error=None)
    )


def postpone(session: Session, job: Job, run_at: datetime, error: str) -> None:
    """Give a job back to be tried again at `run_at`."""
    session.execute(
        update(JobRow)
        .where(col(JobRow.id) == job.id)
        .values(lease_until=None, owner=None, run_at=run_at, attempts=col(JobRow.attempts) + 1, error=error)
    )


def fail(session: Session, job: Job, error: str) -> None:
    """Set a job aside for a human, with its reason, unless or until it is asked for again."""
    asked_again = col(JobRow.revision) != job.revision
    session.execute(
        update(JobRow)
        .where(col(JobRow.id) == job.id)
        .values(
            lease_until=None,
            owner=None,
            state=case((asked_again, "ready"), else_="failed"),
            attempts=case((asked_again, 0), else_=col(JobRow.attempts) + 1),
            error=error,
        )
    )


def renew(session: Session, owner: str, until: datetime) -> None:
    """Hold on to whatever `owner` holds until then: a living worker's leases are short and renewed."""
    held = (col(JobRow.owner) == owner) & col(JobRow.lease_until).is_not(None)
    session.execute(update(JobRow).where(held).values(lease_until=until))


def release(session: Session, owner: str) -> None:
    """Give back whatever `owner` holds: a worker that ends in good order leaves no lease."""
    session.execute(update(JobRow).where(col(JobRow.owner) == owner).values(lease_until=None, owner=None))


def counts(session: Session) -> dict[tuple[JobKind, str], int]:
    """How many jobs wait, by kind and state."""
    rows = session.execute(
        select(col(JobRow.kind), col(JobRow.state), func.count()).group_by(
            col(JobRow.kind), col(JobRow.state)
        )
    ).all()
    return {(JobKind(kind), state): number for kind, state, number in rows}


def failures(session: Session, limit: int = 100) -> list[tuple[JobKind, str, str]]:
    """Failed jobs: kind, subject and reason, newest first."""
    rows = session.execute(
        select(col(JobRow.kind), col(JobRow.subject), col(JobRow.error))
        .where(col(JobRow.state) == "failed")
        .order_by(col(JobRow.id).desc())
        .limit(limit)
    ).all()
    return [(JobKind(kind), subject, error or "") for kind, subject, error in rows]
