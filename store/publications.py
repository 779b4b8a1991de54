"""Publications: what is planned for a space and what was posted there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter
from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col

from domain.publication import Receipt
from store.tables import PublicationRow

_RECEIPT: TypeAdapter[Receipt] = TypeAdapter(Receipt)


class PublicationState(StrEnum):
    """Where a publication stands."""

    PLANNED = "planned"  # decided, not yet posted
    POSTING = "posting"  # a service that takes no key is being asked; if that is cut short, a human looks
    PUBLISHED = "published"
    UNCERTAIN = "uncertain"  # may have landed; a human looks
    REFUSED = "refused"  # the service said no for good
    WITHDRAWN = "withdrawn"  # recalled


_COMING = (PublicationState.PLANNED, PublicationState.POSTING, PublicationState.UNCERTAIN)


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
    """Plan a publication; False where the thread has one in this space already.

    One that was refused before anything was posted is planned anew: what stood against it may be gone.
    """
    key = key_of(thread_id, space)
    values = {"thread_id": thread_id, "space": space, "rule": rule, "title": title, "planned_at": now}
    result = session.execute(
        insert(PublicationRow)
        .values(key=key, state=PublicationState.PLANNED, posted=[], **values)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"state": PublicationState.PLANNED, "error": None, "rule": rule, "title": title},
            where=(col(PublicationRow.state) == PublicationState.REFUSED)
            & col(PublicationRow.receipt).is_(None),
        )
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


def twin_of(session: Session, planned: Planned) -> str | None:
    """The key of another publication that brings the same thread into the same space before this one.

    There are two where two threads, each planned by itself, proved to be one. A published one has no twin.
    """
    if planned.receipt is not None:
        return None
    others = [one for one in of_thread(session, planned.thread_id) if one.space == planned.space]
    elder = [one for one in others[: [one.key for one in others].index(planned.key)] if one.state in _COMING]
    standing = [one for one in others if one.receipt is not None and one.state is PublicationState.PUBLISHED]
    return next((one.key for one in (*standing, *elder)), None)


def everything(session: Session) -> list[Planned]:
    """All publications, oldest first."""
    rows = session.execute(
        select(PublicationRow).order_by(col(PublicationRow.planned_at), col(PublicationRow.key))
    ).scalars()
    return [_planned(row) for row in rows]


def published_in(session: Session, spaces: Collection[str]) -> list[str]:
    """The keys of what stands in these spaces."""
    return list(
        session.execute(
            select(col(PublicationRow.key)).where(
                col(PublicationRow.state) == PublicationState.PUBLISHED,
                col(PublicationRow.space).in_(spaces),
            )
        ).scalars()
    )


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


def intend(session: Session, key: str, posts: Sequence[str]) -> list[str]:
    """Fix which posts the first posting holds, before the service is asked; a repeat gets the same list.

    Without it, a crash between the service's answer and ours would count posts as landed that the
    first attempt did not hold.
    """
    row = session.get_one(PublicationRow, key)
    if not row.posted:
        row.posted = list(posts)
        session.flush()
    return list(row.posted)


def posting(session: Session, key: str) -> None:
    """Record that a service which takes no key is about to be asked."""
    _change(session, key, PublicationState.PLANNED, PublicationState.POSTING)


def not_posted(session: Session, key: str) -> None:
    """Record that such a service said that it has taken nothing."""
    _change(session, key, PublicationState.POSTING, PublicationState.PLANNED)


def _change(session: Session, key: str, old: PublicationState, new: PublicationState) -> None:
    session.execute(
        update(PublicationRow)
        .where(col(PublicationRow.key) == key, col(PublicationRow.state) == old)
        .values(state=new)
    )


def remark(session: Session, key: str, error: str) -> None:
    """Say on a published publication why later mails are not added."""
    session.execute(update(PublicationRow).where(col(PublicationRow.key) == key).values(error=error))


def may_be_repeated(session: Session, key: str) -> bool:
    """Whether it may be posted again: not where it was taken back, or nobody knows whether it has landed."""
    planned = load(session, key)
    return planned is not None and planned.state not in (
        PublicationState.UNCERTAIN,
        PublicationState.WITHDRAWN,
    )


def plan_again(session: Session, key: str) -> None:
    """Let a publication that was refused, or of which a human knows that it did not land, be posted again."""
    gone = (PublicationState.REFUSED, PublicationState.UNCERTAIN)
    session.execute(
        update(PublicationRow)
        .where(
            col(PublicationRow.key) == key,
            col(PublicationRow.state).in_(gone),
            col(PublicationRow.receipt).is_(None),
        )
        .values(state=PublicationState.PLANNED, error=None)
    )


def ended(session: Session, key: str, state: PublicationState, error: str | None) -> None:
    """Record that a publication is uncertain, refused or withdrawn."""
    session.execute(
        update(PublicationRow).where(col(PublicationRow.key) == key).values(state=state, error=error)
    )


def gave_up(session: Session, key: str, state: PublicationState, error: str) -> None:
    """Record an attempt that is not repeated; what stands in its space already only keeps the reason."""
    planned = load(session, key)
    if planned is not None and planned.receipt is not None:
        remark(session, key, error)
    else:
        ended(session, key, state, error)


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
