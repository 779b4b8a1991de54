"""Publications: what is planned for a space, what was posted there, and the notices sent about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col

from domain.publication import Receipt
from store.tables import NoticeRow, PublicationRow

_RECEIPT: TypeAdapter[Receipt] = TypeAdapter(Receipt)


class PublicationState(StrEnum):
    """Where a publication stands."""

    PLANNED = "planned"  # decided, not yet posted
    PUBLISHED = "published"
    UNCERTAIN = "uncertain"  # may have landed; a human looks
    REFUSED = "refused"  # the service said no for good
    WITHDRAWN = "withdrawn"  # recalled


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A publication as the store knows it; its posts are made from the thread when needed."""

    key: str
    thread_id: str
    space: str
    state: PublicationState
    rule: str | None
    title: str
    receipt: Receipt | None
    posted: tuple[str, ...]  # keys of the posts that have landed
    error: str | None


def key_of(thread_id: str, space: str) -> str:
    """The key that makes a thread land once in a space."""
    return f"{thread_id}:{space}"


def plan(
    session: Session, *, thread_id: str, space: str, rule: str | None, title: str, now: datetime
) -> bool:
    """Plan a publication; False where the thread has one in this space already."""
    key = key_of(thread_id, space)
    values = {"thread_id": thread_id, "space": space, "rule": rule, "title": title, "planned_at": now}
    result = session.execute(
        insert(PublicationRow)
        .values(key=key, state=PublicationState.PLANNED, posted=[], **values)
        .on_conflict_do_nothing()
    )
    return int(result.rowcount) == 1  # type: ignore[attr-defined]


def replan(session: Session, key: str, now: datetime) -> bool:
    """Plan a withdrawn publication anew; False where it was not withdrawn."""
    result = session.execute(
        update(PublicationRow)
        .where(col(PublicationRow.key) == key, col(PublicationRow.state) == PublicationState.WITHDRAWN)
        .values(state=PublicationState.PLANNED, planned_at=now, receipt=None, posted=[], error=None)
    )
    return int(result.rowcount) == 1  # type: ignore[attr-defined]


def load(session: Session, key: str) -> Planned | None:
    """A publication by its key."""
    row = session.get(PublicationRow, key)
    return None if row is None else _planned(row)


def of_thread(session: Session, thread_id: str) -> list[Planned]:
    """The publications of a thread."""
    rows = session.execute(
        select(PublicationRow)
        .where(col(PublicationRow.thread_id) == thread_id)
        .order_by(col(PublicationRow.planned_at), col(PublicationRow.key))
    ).scalars()
    return [_planned(row) for row in rows]


def everything(session: Session) -> list[Planned]:
    """All publications, oldest first."""
    rows = session.execute(
        select(PublicationRow).order_by(col(PublicationRow.planned_at), col(PublicationRow.key))
    ).scalars()
    return [_planned(row) for row in rows]


def published(session: Session, receipt: Receipt, posted: Sequence[str]) -> None:
    """Record what the service answered and which posts have landed."""
    session.execute(
        update(PublicationRow)
        .where(col(PublicationRow.key) == receipt.key)
        .values(
            state=PublicationState.PUBLISHED,
            receipt=_RECEIPT.dump_json(receipt).decode(),
            posted=list(posted),
            error=None,
        )
    )


def ended(session: Session, key: str, state: PublicationState, error: str | None) -> None:
    """Record that a publication is uncertain, refused or withdrawn."""
    session.execute(
        update(PublicationRow).where(col(PublicationRow.key) == key).values(state=state, error=error)
    )


def note_sent(
    session: Session, *, thread_id: str, email: str, sort: str, message_id: str, now: datetime
) -> bool:
    """Claim the one notice of this sort for a person and thread; False where it was sent before."""
    result = session.execute(
        insert(NoticeRow)
        .values(thread_id=thread_id, email=email, sort=sort, message_id=message_id, sent_at=now)
        .on_conflict_do_nothing()
    )
    return int(result.rowcount) == 1  # type: ignore[attr-defined]


def notified(session: Session, thread_ids: Collection[str], sort: str) -> set[str]:
    """Who has had a notice of this sort about any of these threads."""
    return set(
        session.execute(
            select(col(NoticeRow.email)).where(
                col(NoticeRow.thread_id).in_(thread_ids), col(NoticeRow.sort) == sort
            )
        ).scalars()
    )


def notice_sort(session: Session, message_id: str) -> str | None:
    """Which sort of notice bears this Message-ID; None where it is not ours."""
    return session.execute(
        select(col(NoticeRow.sort)).where(col(NoticeRow.message_id) == message_id)
    ).scalar()


def notices_since(session: Session, since: datetime, *, email: str | None = None) -> int:
    """How many notices were sent since a moment, to one person or to all."""
    statement = select(func.count()).select_from(NoticeRow).where(col(NoticeRow.sent_at) >= since)
    if email is not None:
        statement = statement.where(col(NoticeRow.email) == email)
    return int(session.execute(statement).scalar_one())


def forget_notices(session: Session, thread_id: str, sort: str) -> None:
    """Allow a thread's notices of a sort to be sent anew."""
    session.execute(
        delete(NoticeRow).where(col(NoticeRow.thread_id) == thread_id, col(NoticeRow.sort) == sort)
    )


def _planned(row: PublicationRow) -> Planned:
    return Planned(
        key=row.key,
        thread_id=row.thread_id,
        space=row.space,
        state=PublicationState(row.state),
        rule=row.rule,
        title=row.title,
        receipt=None if row.receipt is None else _RECEIPT.validate_json(row.receipt),
        posted=tuple(row.posted),
        error=row.error,
    )
