"""Whose address takes no mail from us: a notice came back for good, and they have not written since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from store.listed import listed
from store.people_tables import PersonRow

_LONGEST_REASON = 200

_AMONG = select(col(PersonRow.email)).where(
    col(PersonRow.email).in_(listed("emails")), col(PersonRow.unreachable_at).is_not(None)
)
_LOST = (
    update(PersonRow)
    .where(col(PersonRow.email) == bindparam("person"), col(PersonRow.unreachable_at).is_(None))
    .values(unreachable_at=bindparam("at"), unreachable_why=bindparam("why"))
)
_BACK = (
    update(PersonRow)
    .where(col(PersonRow.email) == bindparam("person"), col(PersonRow.unreachable_at).is_not(None))
    .values(unreachable_at=None, unreachable_why="")
)


@dataclass(frozen=True, kw_only=True)
class Unreachable:
    """A person whom no notice reaches."""

    email: str
    since: datetime
    why: str  # what the other mail system said


def lost(session: Session, email: str, *, at: datetime, why: str) -> None:
    """Remember that a notice to a person came back for good; others than those we wrote to are not kept."""
    words = " ".join(why.split())[:_LONGEST_REASON]
    session.execute(_LOST, {"person": email.lower(), "at": at, "why": words})


def back(session: Session, email: str) -> None:
    """A person has written: their address works again."""
    session.execute(_BACK, {"person": email.lower()})


def among(session: Session, emails: Iterable[str]) -> frozenset[str]:
    """Which of these addresses (answered in lower case) take no mail from us."""
    wanted = {"emails": sorted({email.lower() for email in emails})}
    return frozenset(session.execute(_AMONG, wanted).scalars())


def everybody(session: Session) -> list[Unreachable]:
    """All whom no notice reaches, the longest lost first."""
    rows = session.execute(
        select(col(PersonRow.email), col(PersonRow.unreachable_at), col(PersonRow.unreachable_why))
        .where(col(PersonRow.unreachable_at).is_not(None))
        .order_by(col(PersonRow.unreachable_at), col(PersonRow.email))
    )
    return [Unreachable(email=email, since=since, why=why) for email, since, why in rows]
