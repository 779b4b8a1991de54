"""The backlog: mails that wait for a recipient, jobs that wait for a human, what an operator does to them.

What a mail waits for is its forward job; `held` is a state of it that no courier claims.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Update,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlmodel import Session

from domain.delivery import DeliveryState
from domain.job import JobKind
from store.listed import listed
from store.tables import DELIVERIES, JOBS, RAW_MAILS

OTHER_KINDS = tuple(kind for kind in JobKind if kind is not JobKind.FORWARD)


@dataclass(frozen=True, kw_only=True)
class WaitingMail:
    """A mail that is not yet with all its recipients."""

    raw_id: int  # as in our Received line
    received_at: datetime
    size: int  # bytes
    mail_from: str
    recipients: tuple[str, ...]  # those left
    next_try: datetime
    attempts: int  # failed ones so far
    answer: str  # what the next hop said last, "" before the first try
    held: bool
    under_way: bool  # a courier has it now


@dataclass(frozen=True, kw_only=True)
class StuckJob:
    """A job other than handing a mail on that failed, or failed before and is to be tried again."""

    kind: JobKind
    subject: str
    given_up: bool  # left to a human
    attempts: int
    next_try: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One recipient of a mail."""

    address: str
    state: DeliveryState
    code: int  # of the next hop's last reply, 0 where none came
    text: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What else is remembered of a mail."""

    delay_told_at: datetime | None
    set_aside: str | None  # why it could not be analysed


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which waiting mails; parts of addresses in any case."""

    raw_id: int | None = None  # just this one, whatever else is wanted
    sender: str = ""
    recipient: str = ""
    before: datetime | None = None  # accepted then or earlier
    only_held: bool = False


_IS_MAIL = JOBS.c.kind == JobKind.FORWARD
# The same without an index: jobs are then read in the order of their ids and never sorted, so that the first
# mails of a long list come at once.
_IS_MAIL_IN_ORDER = JOBS.c.kind.concat("") == JobKind.FORWARD
_THIS = (JOBS.c.kind == bindparam("job_kind")) & (JOBS.c.subject == bindparam("job_subject"))
_IS_FREE = JOBS.c.lease_until.is_(None) | (JOBS.c.lease_until < bindparam("now"))
_MAIL_OF = RAW_MAILS.c.id == cast(JOBS.c.subject, Integer)
_IS_LEFT = (DELIVERIES.c.raw_id == RAW_MAILS.c.id) & (DELIVERIES.c.state == DeliveryState.QUEUED)
_LEFT = select(func.json_group_array(DELIVERIES.c.address)).where(_IS_LEFT).scalar_subquery()
_WAITING = select(
    RAW_MAILS.c.id,
    RAW_MAILS.c.received_at,
    RAW_MAILS.c.size,
    RAW_MAILS.c.mail_from,
    _LEFT.label("recipients"),
    JOBS.c.run_at,
    JOBS.c.attempts,
    JOBS.c.error,
    JOBS.c.state,
    JOBS.c.lease_until,
).select_from(JOBS.join(RAW_MAILS, _MAIL_OF))
_STUCK = (
    select(JOBS.c.kind, JOBS.c.subject, JOBS.c.state, JOBS.c.attempts, JOBS.c.run_at, JOBS.c.error)
    .where(JOBS.c.kind.in_(OTHER_KINDS), (JOBS.c.state == "failed") | (JOBS.c.attempts > 0))
    .order_by(JOBS.c.id)
)
_RECIPIENTS = (
    select(
        DELIVERIES.c.address,
        DELIVERIES.c.state,
        DELIVERIES.c.code,
        DELIVERIES.c.text,
        DELIVERIES.c.changed_at,
    )
    .where(DELIVERIES.c.raw_id == bindparam("mail"))
    .order_by(DELIVERIES.c.id)
)
_MARKS = select(RAW_MAILS.c.delay_told_at, RAW_MAILS.c.set_aside).where(RAW_MAILS.c.id == bindparam("mail"))
_NAMES = select(JOBS.c.subject).where(_IS_MAIL).order_by(JOBS.c.id)
_NAMES_HELD = _NAMES.where(JOBS.c.state == "held")
_IS_THERE = select(JOBS.c.id).where(_THIS)
_AMONG = JOBS.c.subject.in_(listed("mails"))
_HOLD = update(JOBS).where(_IS_MAIL, JOBS.c.state.in_(["ready", "held"])).values(state="held")
_GO_ON = (
    update(JOBS)
    .where(_IS_MAIL)
    .values(state="ready", run_at=func.min(JOBS.c.run_at, bindparam("now", type_=JOBS.c.run_at.type)))
)
_RELEASE = _GO_ON.where(JOBS.c.state == "held")
_TRY_AGAIN = (
    update(JOBS)
    .where(_THIS)
    .values(
        state="ready",
        run_at=bindparam("now", type_=JOBS.c.run_at.type),
        attempts=case((JOBS.c.state == "failed", 0), else_=JOBS.c.attempts),
    )
)
_TAKE_OUT = delete(JOBS).where(_THIS, _IS_FREE)
_FORGET = delete(JOBS).where(_THIS, JOBS.c.state == "failed")


def waiting(session: Session, wanted: Wanted, now: datetime) -> Iterator[WaitingMail]:
    """The mails that wait, oldest first, read as they are asked for."""
    rows = session.execute(_choose(wanted).order_by(JOBS.c.id))
    for raw_id, received_at, size, mail_from, left, run_at, attempts, error, state, lease_until in rows:
        yield WaitingMail(
            raw_id=raw_id,
            received_at=received_at,
            size=size,
            mail_from=mail_from,
            recipients=tuple(json.loads(left)),
            next_try=run_at,
            attempts=attempts,
            answer=error or "",
            held=state == "held",
            under_way=lease_until is not None and lease_until > now,
        )


def _choose(wanted: Wanted) -> Select[tuple[object, ...]]:
    if wanted.raw_id is not None:
        return _WAITING.where(_IS_MAIL, JOBS.c.subject == str(wanted.raw_id))
    chosen = _WAITING.where(_IS_MAIL_IN_ORDER)
    if wanted.only_held:
        chosen = chosen.where(JOBS.c.state == "held")
    if wanted.before is not None:
        chosen = chosen.where(RAW_MAILS.c.received_at <= wanted.before)
    if wanted.sender:
        chosen = chosen.where(_holds(RAW_MAILS.c.mail_from, wanted.sender))
    if wanted.recipient:
        chosen = chosen.where(exists().where(_IS_LEFT, _holds(DELIVERIES.c.address, wanted.recipient)))
    return chosen


def _holds(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    return func.instr(func.lower(column), part.lower()) > 0


def stuck(session: Session) -> list[StuckJob]:
    """The jobs of other kinds that failed or are tried again, oldest first."""
    return [
        StuckJob(
            kind=JobKind(kind),
            subject=subject,
            given_up=state == "failed",
            attempts=attempts,
            next_try=run_at,
            reason=error or "",
        )
        for kind, subject, state, attempts, run_at, error in session.execute(_STUCK)
    ]


def recipients(session: Session, raw_id: int) -> list[Recipient]:
    """Each recipient that a mail goes on to, and what became of it so far."""
    return [
        Recipient(address=address, state=DeliveryState(state), code=code, text=said, changed_at=changed_at)
        for address, state, code, said, changed_at in session.execute(_RECIPIENTS, {"mail": raw_id})
    ]


def marks(session: Session, raw_id: int) -> Marks | None:
    """What else is remembered of a mail; None where there is no such mail."""
    row = session.execute(_MARKS, {"mail": raw_id}).first()
    return None if row is None else Marks(delay_told_at=row.delay_told_at, set_aside=row.set_aside)


def is_waiting(session: Session, raw_id: int) -> bool:
    """Whether a mail waits for a recipient."""
    wanted = {"job_kind": JobKind.FORWARD, "job_subject": str(raw_id)}
    return session.execute(_IS_THERE, wanted).first() is not None


def names(session: Session) -> Sequence[str]:
    """All mails that wait, oldest first."""
    return session.execute(_NAMES).scalars().all()


def names_held(session: Session) -> Sequence[str]:
    """All mails that are held, oldest first."""
    return session.execute(_NAMES_HELD).scalars().all()


def hold(session: Session, mails: Collection[str]) -> set[str]:
    """Deliver these mails no more until they are released; returns those that are held now.

    One that is under way at this moment is held if the next hop does not take it.
    """
    return _these(session, _HOLD, mails, {})


def go_on(session: Session, mails: Collection[str], now: datetime) -> set[str]:
    """Try these mails now, held or not; returns those that are tried."""
    return _these(session, _GO_ON, mails, {"now": now})


def release(session: Session, mails: Collection[str], now: datetime) -> set[str]:
    """Try now those of these mails that are held; returns them."""
    return _these(session, _RELEASE, mails, {"now": now})


def _these(session: Session, act: Update, mails: Collection[str], values: dict[str, object]) -> set[str]:
    values = {**values, "mails": list(mails)}
    return set(session.execute(act.where(_AMONG).returning(JOBS.c.subject), values).scalars())


def try_again(session: Session, kind: JobKind, subject: str, now: datetime) -> bool:
    """Run a job now, with all its tries before it if it had been given up; False where there is none."""
    wanted = {"job_kind": kind, "job_subject": subject, "now": now}
    return _changed(session.execute(_TRY_AGAIN, wanted))


def take_out(session: Session, raw_id: int, now: datetime) -> bool:
    """Let nobody deliver a mail any more; False where a courier has it now, or nothing waits for it."""
    wanted = {"job_kind": JobKind.FORWARD, "job_subject": str(raw_id), "now": now}
    return _changed(session.execute(_TAKE_OUT, wanted))


def forget(session: Session, kind: JobKind, subject: str) -> bool:
    """Take a failed job off the list; False where there is none."""
    return _changed(session.execute(_FORGET, {"job_kind": kind, "job_subject": subject}))


def _changed(result: object) -> bool:
    return int(result.rowcount) > 0  # type: ignore[attr-defined]
