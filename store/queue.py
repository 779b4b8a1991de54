"""The queue: jobs are rows, claimed with a lease.

A dead worker's leases lapse and its jobs are claimed again; a job that is asked for while it runs
grows a revision and stays after it is finished, so that nothing asked for is missed. Who comes back
after its lease has lapsed changes nothing about a job that another holds by now.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    Integer,
    Select,
    String,
    Update,
    bindparam,
    case,
    cast,
    delete,
    func,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

from domain.job import Job, JobKind
from store.listed import listed
from store.prepared import Prepared
from store.tables import JOBS

_MOST = bindparam("most", type_=Integer)
_NEW = insert(JOBS)
_ADD = Prepared(
    _NEW.on_conflict_do_update(
        index_elements=["kind", "subject"],
        set_={
            "run_at": _NEW.excluded.run_at,
            "state": "ready",
            "revision": JOBS.c.revision + 1,
            "attempts": case((JOBS.c.state == "failed", 0), else_=JOBS.c.attempts),
        },
    ),
    ("kind", "subject", "run_at", "state", "attempts", "revision"),
)
_ADD_MISSING = _NEW.on_conflict_do_nothing()
_WAITS = (JOBS.c.state == "ready") & (JOBS.c.run_at <= bindparam("now"))
_IS_FREE = JOBS.c.lease_until.is_(None) | (JOBS.c.lease_until < bindparam("now"))
# A process that was paused may find leases of its own lapsed: what they are for is still under way in it.
_IS_ANOTHERS = JOBS.c.owner.is_distinct_from(bindparam("claimant"))
_IS_DUE = select(JOBS.c.id).where(JOBS.c.kind.in_(listed("kinds")), _WAITS, _IS_FREE).limit(1)
_MINE = update(JOBS).where(JOBS.c.id == bindparam("job"), JOBS.c.owner == bindparam("holder"))
_THIS = _MINE.values(lease_until=None, owner=None)
_ASKED_AGAIN = JOBS.c.revision != bindparam("seen", type_=Integer)
_FINISH = delete(JOBS).where(
    JOBS.c.id == bindparam("job"), JOBS.c.owner == bindparam("holder"), ~_ASKED_AGAIN
)
_FINISH_ALL = Prepared(
    delete(JOBS)
    .where(
        JOBS.c.id.in_(listed("jobs")),
        JOBS.c.owner == bindparam("holder"),
        (cast(JOBS.c.id, String) + " " + cast(JOBS.c.revision, String)).in_(listed("seen")),
    )
    .returning(JOBS.c.id)
)
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
_KEEP = _MINE.values(lease_until=bindparam("until"))
_RELEASE = update(JOBS).where(JOBS.c.owner == bindparam("claimant")).values(lease_until=None, owner=None)
_COUNTS = select(JOBS.c.kind, JOBS.c.state, func.count()).group_by(JOBS.c.kind, JOBS.c.state)
_FAILURES = (
    select(JOBS.c.kind, JOBS.c.subject, JOBS.c.error)
    .where(JOBS.c.kind.in_(list(JobKind)), JOBS.c.state == "failed")  # so that the index is of use
    .order_by(JOBS.c.id.desc())
    .limit(_MOST)
)


def add(session: Session, kind: JobKind, subject: str, run_at: datetime) -> None:
    """Ask for a job; asked for again before it ran, it is moved to `run_at` and runs once."""
    add_all(session, [(kind, subject, run_at)])


def add_all(session: Session, jobs: Sequence[tuple[JobKind, str, datetime]]) -> None:
    """Ask for jobs as `add` does: kind, subject and when to run."""
    if jobs:
        _ADD.run_all(session, _rows(jobs))


def add_missing(session: Session, jobs: Sequence[tuple[JobKind, str, datetime]]) -> None:
    """Ask for those of these jobs that nobody has asked for yet; the others stay as they are."""
    if jobs:
        session.execute(_ADD_MISSING, _rows(jobs))


def _rows(jobs: Sequence[tuple[JobKind, str, datetime]]) -> list[dict[str, object]]:
    fresh = {"state": "ready", "attempts": 0, "revision": 0}
    return [{"kind": kind, "subject": subject, "run_at": run_at, **fresh} for kind, subject, run_at in jobs]


def is_due(session: Session, kinds: Collection[JobKind], now: datetime) -> bool:
    """Whether there may be something to claim: a cheap look that takes no write lock."""
    return session.execute(_IS_DUE, {"kinds": list(kinds), "now": now}).first() is not None


def claim(
    session: Session, kinds: Collection[JobKind], *, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[Job]:
    """Take up to `limit` due jobs that no living worker holds, those due longest; ours until now + lease."""
    until = now + lease
    wanted = {f"kind_{number}": kind for number, kind in enumerate(kinds)}
    named = {"now": now, "most": limit, "until": until, "claimant": owner}
    jobs = [
        Job(id=i, kind=JobKind(k), subject=s, attempts=a, revision=r, lease_until=until, owner=owner)
        for i, k, s, a, r in map(tuple, _claiming(len(kinds)).run(session, wanted | named))
    ]
    return sorted(jobs, key=lambda job: job.id)


@cache
def _claiming(number: int) -> Prepared:
    return Prepared(claiming(number))


def claiming(number: int) -> Update:
    """The statement that claims jobs of so many kinds.

    It asks for each kind by itself: the index gives the first ones of a kind in order, however many wait,
    but would have to sort them all to find the first ones of several kinds.
    """
    firsts = [_first_of(f"kind_{each}").subquery() for each in range(number)]
    if number == 1:
        chosen = select(firsts[0].c.id)
    else:
        every = union_all(*(select(first.c.id, first.c.run_at) for first in firsts)).subquery()
        chosen = select(every.c.id).order_by(every.c.run_at, every.c.id).limit(_MOST)
    return (
        update(JOBS)
        .where(JOBS.c.id.in_(chosen))
        .values(lease_until=bindparam("until"), owner=bindparam("claimant"))
        .returning(JOBS.c.id, JOBS.c.kind, JOBS.c.subject, JOBS.c.attempts, JOBS.c.revision)
    )


def _first_of(kind: str) -> Select[tuple[int, datetime]]:
    return (
        select(JOBS.c.id, JOBS.c.run_at)
        .where(JOBS.c.kind == bindparam(kind), _WAITS, _IS_FREE, _IS_ANOTHERS)
        .order_by(JOBS.c.run_at, JOBS.c.id)
        .limit(_MOST)
    )


def finish(session: Session, job: Job) -> bool:
    """Remove a job that is done; one that was asked for again meanwhile is freed. False where it is not ours.

    It is another's when our lease had lapsed: nothing is changed then, by `postpone` and `fail` neither.
    """
    ours = {"job": job.id, "holder": job.owner}
    if _changed(session.execute(_FINISH, ours | {"seen": job.revision})):
        return True
    return _changed(session.execute(_FREE, ours))


def finish_all(session: Session, jobs: Sequence[Job]) -> frozenset[int]:
    """Remove those of these jobs that are ours and were not asked for again; returns their ids."""
    if not jobs:
        return frozenset()
    seen = [f"{job.id} {job.revision}" for job in jobs]
    wanted = {"jobs": [job.id for job in jobs], "seen": seen, "holder": jobs[0].owner}
    return frozenset(_FINISH_ALL.run(session, wanted).scalars())


def postpone(session: Session, job: Job, run_at: datetime, error: str) -> bool:
    """Give a job back to be tried again at `run_at`; False where it is not ours any more."""
    wanted = {"job": job.id, "holder": job.owner, "later": run_at, "reason": error}
    return _changed(session.execute(_POSTPONE, wanted))


def fail(session: Session, job: Job, error: str) -> bool:
    """Set a job aside for a human, with its reason, unless or until it is asked for again; False as above."""
    wanted = {"job": job.id, "holder": job.owner, "seen": job.revision, "reason": error}
    return _changed(session.execute(_FAIL, wanted))


def renew(session: Session, owner: str, until: datetime) -> None:
    """Hold on to whatever `owner` holds until then: a living worker's leases are short and renewed."""
    session.execute(_RENEW, {"claimant": owner, "until": until})


def keep(session: Session, job: Job, until: datetime) -> bool:
    """Hold on to a job that was claimed a while ago; False where somebody else has claimed it since."""
    return _changed(session.execute(_KEEP, {"job": job.id, "holder": job.owner, "until": until}))


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


def _changed(result: object) -> bool:
    return int(result.rowcount) > 0  # type: ignore[attr-defined]
