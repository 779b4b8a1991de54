"""The mails that Unchain sends about threads: one of each sort for a thread and person, and counted."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col

from store.tables import NoticeRow, SilenceRow


def claim(session: Session, *, thread_id: str, email: str, sort: str, message_id: str, now: datetime) -> bool:
    """Claim the one notice of this sort for a person and thread; False where it was claimed before."""
    result = session.execute(
        insert(NoticeRow)
        .values(thread_id=thread_id, email=email, sort=sort, message_id=message_id, sent_at=now)
        .on_conflict_do_nothing()
    )
    return int(result.rowcount) == 1  # type: ignore[attr-defined]


def notified(session: Session, thread_id: str, sort: str) -> set[str]:
    """Who has had a notice of this sort about a thread."""
    return set(
        session.execute(
            select(col(NoticeRow.email)).where(
                col(NoticeRow.thread_id) == thread_id, col(NoticeRow.sort) == sort
            )
        ).scalars()
    )


def thread_of(session: Session, message_id: str) -> tuple[str, str] | None:
    """The thread and sort of the notice with this Message-ID; None where it is not ours."""
    row = session.execute(
        select(col(NoticeRow.thread_id), col(NoticeRow.sort))
        .where(col(NoticeRow.message_id) == message_id)
        .order_by(col(NoticeRow.sent_at))
    ).first()
    return None if row is None else (row[0], row[1])


def recipient_of(session: Session, message_id: str) -> str | None:
    """Who got the notice with this Message-ID; None where it is not ours."""
    statement = select(col(NoticeRow.email)).where(col(NoticeRow.message_id) == message_id)
    return session.execute(statement.order_by(col(NoticeRow.sent_at))).scalars().first()


def sent_to_thread(session: Session, thread_id: str, since: datetime) -> int:
    """How many notices about a thread went out since a moment."""
    return _count(session, since, col(NoticeRow.thread_id) == thread_id)


def sent_to_person(session: Session, email: str, since: datetime) -> int:
    """How many notices went to a person since a moment."""
    return _count(session, since, col(NoticeRow.email) == email)


def sent_to_domain(session: Session, domain: str, since: datetime) -> int:
    """How many notices went to a mail domain since a moment."""
    return _count(session, since, col(NoticeRow.email).endswith(f"@{domain}", autoescape=True))


def sent(session: Session, since: datetime) -> int:
    """How many notices went out in all since a moment."""
    return _count(session, since, col(NoticeRow.email) != "")


def _count(session: Session, since: datetime, condition: ColumnElement[bool]) -> int:
    statement = select(func.count()).select_from(NoticeRow).where(col(NoticeRow.sent_at) >= since, condition)
    return int(session.execute(statement).scalar_one())


def count(session: Session, sort: str) -> int:
    """How many notices of a sort were ever sent."""
    statement = select(func.count()).select_from(NoticeRow).where(col(NoticeRow.sort) == sort)
    return int(session.execute(statement).scalar_one())


def silent_until(session: Session) -> datetime | None:
    """Until when nothing is sent, where the circuit breaker has tripped."""
    row = session.get(SilenceRow, 1)
    return None if row is None else row.until


def silence(session: Session, now: datetime) -> tuple[datetime, str] | None:
    """Until when nothing is sent and why, while the circuit breaker holds."""
    row = session.get(SilenceRow, 1)
    return None if row is None or row.until <= now else (row.until, row.reason)


def fall_silent(session: Session, until: datetime, reason: str) -> None:
    """Trip the circuit breaker."""
    session.merge(SilenceRow(id=1, until=until, reason=reason))
