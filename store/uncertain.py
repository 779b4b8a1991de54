"""Publications of which nobody knows whether they have landed, and the word of a human who has looked."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from domain.job import JobKind
from domain.publication import Receipt
from store import backlog, publications, queue
from store.publications import Planned, PublicationState
from store.tables import PublicationRow


def everything(session: Session) -> list[Planned]:
    """All of them, oldest first."""
    keys = session.execute(
        select(col(PublicationRow.key))
        .where(col(PublicationRow.state) == PublicationState.UNCERTAIN)
        .order_by(col(PublicationRow.planned_at), col(PublicationRow.key))
    ).scalars()
    return [planned for key in keys if (planned := publications.load(session, key)) is not None]


def is_there(session: Session, key: str, url: str, now: datetime) -> bool:
    """Take a human's word that it has landed and is read at `url`; False where it is not in doubt.

    The receipt has no id of the service's own, because the human does not know it.
    """
    planned = _in_doubt(session, key)
    if planned is None:
        return False
    receipt = Receipt(key=key, entry_id="", url=url, published_at=now)
    publications.published(session, receipt, planned.posted)
    backlog.forget(session, JobKind.PUBLISH, key)
    queue.add(session, JobKind.APPEND, key, now)  # its people have yet to be told
    return True


def is_not_there(session: Session, key: str, now: datetime) -> bool:
    """Take a human's word that it has not landed, and post it; False where it is not in doubt."""
    if _in_doubt(session, key) is None:
        return False
    publications.plan_again(session, key)
    queue.add(session, JobKind.PUBLISH, key, now)
    return True


def _in_doubt(session: Session, key: str) -> Planned | None:
    planned = publications.load(session, key)
    in_doubt = planned is not None and planned.state is PublicationState.UNCERTAIN and planned.receipt is None
    return planned if in_doubt else None
