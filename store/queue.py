"""The queue: jobs are rows, claimed with a lease.

A dead worker's leases lapse and its jobs are claimed again; a job that is asked for while it runs
grows a revision and stays after it is finished, so that nothing asked for is missed.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Integer, bindparam, case, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

from domain.job import Job, JobKind
from store.listed import listed
from store.tables import JOBS

_NEW = insert(JOBS)
_ADD = _NEW.on_conflict_do_update(
    index_elements=["kind", "subject"],
    set_={
        "run_at": _NEW.excluded.run_at,
        "state": "ready",
        "revision": JOBS.c.revision + 1,
        "attempts": case((JOBS.c.state == "failed", 0), else_=JOBS.c.attempts),
    },
)
_DUE = select(JOBS.c.id).where(
    JOBS.c.kind.in_(listed("kinds")),
    JOBS.c.state == "ready",
    JOBS.c.run_at <= bindparam("now"),
    JOBS.c.lease_until.is_(None) | (JOBS.c.lease_until < bindparam("now")),
)
_IS_DUE = _DUE.limit(1)
_CLAIM = (
    update(JOBS)
    .where(JOBS.c.id.in_(_DUE.order_by(JOBS.c.run_at, JOBS.c.id).limit(bindparam("most", type_=Integer))))
    .values(lease_until=bindparam("until"), owner=bindparam("claimant"))
    .returning(JOBS.c.id, JOBS.c.kind, JOBS.c.subject, JOBS.c.attempts, JOBS.c.revision)
)
_THIS = update(JOBS).where(JOBS.c.id == bindparam("job")).values(lease_until=None, owner=None)
_ASKED_AGAIN = JOBS.c.revision != bindparam("seen", type_=Integer)
_FINISH = delete(JOBS).where(JOBS.c.id == bindparam("job"), ~_ASKED_AGAIN)
_FREE = _THIS.values(attempts=0, error=None)
_POSTPONE = _THIS.values(run_at=bindparam("later"), attempts=JOBS.c.attempts + 1, error=bindparam("reason"))
_FAIL = _THIS.values(
    state=case((_ASKED_AGAIN, "ready"), else_="failed"),
    attempts=case((_ASKED_AGAIN, 0), else_=JOBS.c.attempts + 1),
    error=bindparam("reason"),
)
_RENEW = (
    update(JOBS)
    .where(JOBS.c.owner == bindparam("claimant"), JOBS.c.lease_until.is_not(None))
    .values(lease_until=bindparam("until"))
)
_KEEP = (
    update(JOBS)
    .where(JOBS.c.id == bindparam("job"), JOBS.c.owner == bindparam("claimant"))
    .values(lease_until=bindparam("until"))
)
_RELEASE = update(JOBS).where(JOBS.c.owner == bindparam("claimant")).values(lease_until=None, owner=None)
_COUNTS = select(JOBS.c.kind, JOBS.c.state, func.count()).group_by(JOBS.c.kind, JOBS.c.state)
_FAILURES = (
    select(JOBS.c.kind, JOBS.c.subject, JOBS.c.error)
    .where(JOBS.c.state == "failed")
    .order_by(JOBS.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


def add(session: Session, kind: JobKind, subject: str, run_at: datetime) -> None:
    """Ask for a job; asked for again before it ran, it is moved to `run_at` and runs once."""
    add_all(session, [(kind, subject, run_at)])


def add_all(session: Session, jobs: Sequence[tuple[JobKind, str, datetime]]) -> None:
    """Ask for jobs as `add` does: kind, subject and when to run."""
    fresh = {"state": "ready", "attempts": 0, "revision": 0}
    rows = [{"kind": kind, "subject": subject, "run_at": run_at, **fresh} for kind, subject, run_at in jobs]
    if rows:
        session.execute(_ADD, rows)


def is_due(session: Session, kinds: Collection[JobKind], now: datetime) -> bool:
    """Whether there may be something to claim: a cheap look that takes no write lock."""
    return session.execute(_IS_DUE, {"kinds": list(kinds), "now": now}).first() is not None


def claim(
    session: Session, kinds: Collection[JobKind], *, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[Job]:
    """Take up to `limit` due jobs that no living worker holds; they are ours until now + lease."""
    until = now + lease
    wanted = {"kinds": list(kinds), "now": now, "most": limit, "until": until, "claimant": owner}
    jobs = [
        Job(id=i, kind=JobKind(k), subject=s, attempts=a, revision=r, lease_until=until)
        for i, k, s, a, r in session.execute(_CLAIM, wanted)
    ]
    return sorted(jobs, key=lambda job: job.id)


def finish(session: Session, job: Job) -> None:
    """Remove a job that is done, unless it was asked for again meanwhile: then free it."""
    removed = session.execute(_FINISH, {"job": job.id, "seen": job.revision})
    if removed.rowcount == 0:  # type: ignore[attr-defined]
        session.execute(_FREE, {"job": job.id})


def postpone(session: Session, job: Job, run_at: datetime, error: str) -> None:
    """Give a job back to be tried again at `run_at`."""
    session.execute(_POSTPONE, {"job": job.id, "later": run_at, "reason": error})


def fail(session: Session, job: Job, error: str) -> None:
    """Set a job aside for a human, with its reason, unless or until it is asked for again."""
    session.execute(_FAIL, {"job": job.id, "seen": job.revision, "reason": error})


def renew(session: Session, owner: str, until: datetime) -> None:
    """Hold on to whatever `owner` holds until then: a living worker's leases are short and renewed."""
    session.execute(_RENEW, {"claimant": owner, "until": until})


def keep(session: Session, job: Job, owner: str, until: datetime) -> bool:
    """Hold on to a job that was claimed a while ago; False where somebody else has claimed it since."""
    kept = session.execute(_KEEP, {"job": job.id, "claimant": owner, "until": until})
    return int(kept.rowcount) == 1  # type: ignore[attr-defined]


def release(session: Session, owner: str) -> None:
    """Give back whatever `owner` holds: a worker that ends in good order leaves no lease."""
    session.execute(_RELEASE, {"claimant": owner})


def counts(session: Session) -> dict[tuple[JobKind, str], int]:
    """How many jobs wait, by kind and state."""
    return {(JobKind(kind), state): number for kind, state, number in session.execute(_COUNTS)}


def failures(session: Session, limit: int = 100) -> list[tuple[JobKind, str, str]]:
    """Failed jobs: kind, subject and reason, newest first."""
    rows = session.execute(_FAILURES, {"most": limit})
    return [(JobKind(kind), subject, error or "") for kind, subject, error in rows]
