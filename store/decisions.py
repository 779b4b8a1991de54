"""Decisions with their trails, and the classifications they rest on."""

from dataclasses import replace

from pydantic import TypeAdapter
from sqlalchemy import bindparam, func, insert, select, update
from sqlmodel import Session

from domain.classification import Classification
from domain.decision import Decision, TrailStep
from store.tables import DECISIONS

_DECISION: TypeAdapter[Decision] = TypeAdapter(Decision)
_CLASSIFICATION: TypeAdapter[Classification] = TypeAdapter(Classification)

_RECORD = insert(DECISIONS)
_LATEST = (
    select(DECISIONS.c.body, DECISIONS.c.classification)
    .where(DECISIONS.c.thread_id == bindparam("thread"))
    .order_by(DECISIONS.c.id.desc())
    .limit(1)
)
_NEWEST = _LATEST.with_only_columns(DECISIONS.c.id, DECISIONS.c.body)
_TELL = update(DECISIONS).where(DECISIONS.c.id == bindparam("decision")).values(body=bindparam("told"))
_RECENT = (
    select(DECISIONS.c.body, DECISIONS.c.classification)
    .where(DECISIONS.c.id.in_(select(func.max(DECISIONS.c.id)).group_by(DECISIONS.c.thread_id)))
    .order_by(DECISIONS.c.id.desc())
    .limit(bindparam("limit"))
)


def record(session: Session, decision: Decision, classification: Classification) -> None:
    """Write a decision; earlier ones of the thread stay as its history."""
    session.execute(
        _RECORD,
        {
            "thread_id": decision.thread_id,
            "decided_at": decision.decided_at,
            "outcome": decision.outcome,
            "rule": decision.rule,
            "space": decision.space,
            "body": _DECISION.dump_json(decision).decode(),
            "classification": _CLASSIFICATION.dump_json(classification).decode(),
        },
    )


def add_step(session: Session, thread_id: str, step: TrailStep) -> None:
    """Add to the trail of the last decision about a thread what came of it; once, however often said."""
    row = session.execute(_NEWEST, {"thread": thread_id}).first()
    decision = None if row is None else _DECISION.validate_json(row.body)
    if row is None or decision is None or step in decision.trail:
        return
    told = replace(decision, trail=(*decision.trail, step))
    session.execute(_TELL, {"decision": row.id, "told": _DECISION.dump_json(told).decode()})


def latest(session: Session, thread_id: str) -> Decision | None:
    """The last decision about a thread."""
    found = _last(session, thread_id)
    return None if found is None else _DECISION.validate_json(found[0])


def latest_classification(session: Session, thread_id: str) -> Classification | None:
    """The classification that the last decision about a thread rests on."""
    found = _last(session, thread_id)
    return None if found is None else _CLASSIFICATION.validate_json(found[1])


def _last(session: Session, thread_id: str) -> tuple[str, str] | None:
    row = session.execute(_LATEST, {"thread": thread_id}).first()
    return None if row is None else (row[0], row[1])


def recent(session: Session, limit: int = 200) -> list[tuple[Decision, Classification]]:
    """The last decision of each thread, newest first."""
    rows = session.execute(_RECENT, {"limit": limit})
    return [(_DECISION.validate_json(body), _CLASSIFICATION.validate_json(kind)) for body, kind in rows]
