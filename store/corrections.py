"""What people have said of threads: two mails stay together, or one begins a thread of its own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

from domain.mail import Joined
from store.listed import listed
from store.tables import CORRECTIONS, MESSAGES


class CorrectionSort(StrEnum):
    """What is said."""

    JOIN = "join"  # the two mails belong to one thread
    SPLIT = "split"  # the first mail and its answers leave the other mail's thread


@dataclass(frozen=True, kw_only=True)
class Correction:
    """One thing said, of two mails, and the threads where they are now."""

    sort: CorrectionSort
    digest: str
    other_digest: str
    thread_id: str
    other_thread_id: str


_COLUMNS = select(
    CORRECTIONS.c.sort,
    CORRECTIONS.c.digest,
    CORRECTIONS.c.other_digest,
    CORRECTIONS.c.thread_id,
    CORRECTIONS.c.other_thread_id,
)
_OF_THREADS = _COLUMNS.where(
    CORRECTIONS.c.thread_id.in_(listed("threads")) | CORRECTIONS.c.other_thread_id.in_(listed("threads"))
).order_by(CORRECTIONS.c.id)
_ADD = insert(CORRECTIONS).on_conflict_do_nothing()
_THIS = (
    CORRECTIONS.c.sort == bindparam("said"),
    CORRECTIONS.c.digest == bindparam("one"),
    CORRECTIONS.c.other_digest == bindparam("other"),
)
_REMOVE = delete(CORRECTIONS).where(*_THIS)
_RENEW = (
    update(CORRECTIONS)
    .where(*_THIS)
    .values(
        thread_id=select(MESSAGES.c.thread_id)
        .where(MESSAGES.c.digest == CORRECTIONS.c.digest)
        .scalar_subquery(),
        other_thread_id=select(MESSAGES.c.thread_id)
        .where(MESSAGES.c.digest == CORRECTIONS.c.other_digest)
        .scalar_subquery(),
    )
)
_HOW = update(MESSAGES).where(MESSAGES.c.digest == bindparam("mail")).values(joined=bindparam("how"))


def add(session: Session, correction: Correction, at: datetime) -> None:
    """Remember a correction; said again it changes nothing."""
    session.execute(
        _ADD,
        {
            "sort": correction.sort,
            "digest": correction.digest,
            "other_digest": correction.other_digest,
            "thread_id": correction.thread_id,
            "other_thread_id": correction.other_thread_id,
            "made_at": at,
        },
    )
    session.execute(_HOW, {"mail": correction.digest, "how": Joined.MANUAL})


def remove(session: Session, correction: Correction) -> None:
    """Forget a correction."""
    session.execute(_REMOVE, _named(correction))
    session.execute(_HOW, {"mail": correction.digest, "how": Joined.REFERENCE})


def of_threads(session: Session, thread_ids: Collection[str]) -> list[Correction]:
    """The corrections that concern these threads, and those that these lead on to; oldest first."""
    known: dict[tuple[str, str, str], Correction] = {}
    wanted, asked = set(thread_ids), set[str]()
    while wanted - asked:
        asked |= wanted
        for row in session.execute(_OF_THREADS, {"threads": sorted(wanted)}):
            found = _correction(row)
            known[found.sort, found.digest, found.other_digest] = found
            wanted |= {found.thread_id, found.other_thread_id}
    return list(known.values())


def renew(session: Session, corrections: Sequence[Correction]) -> None:
    """Note where the mails of these corrections are now."""
    if corrections:
        session.execute(_RENEW, [_named(each) for each in corrections])


def _named(correction: Correction) -> dict[str, str]:
    return {"said": correction.sort, "one": correction.digest, "other": correction.other_digest}


def _correction(row: Row[tuple[str, str, str, str, str]]) -> Correction:
    return Correction(
        sort=CorrectionSort(row.sort),
        digest=row.digest,
        other_digest=row.other_digest,
        thread_id=row.thread_id,
        other_thread_id=row.other_thread_id,
    )
