"""How far each archive has been read, so that an interrupted import goes on where it stopped."""

from datetime import datetime

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

from store.tables import ImportRow


def position(session: Session, path: str, fingerprint: str) -> int:
    """Where to go on reading; 0 for an archive that is new or has changed."""
    row = session.get(ImportRow, path)
    return row.position if row is not None and row.fingerprint == fingerprint else 0


def advance(session: Session, path: str, fingerprint: str, position: int, now: datetime) -> None:
    """Remember that an archive has been read up to `position`, in bytes."""
    values = {"fingerprint": fingerprint, "position": position, "changed_at": now}
    session.execute(
        insert(ImportRow)
        .values(path=path, **values)
        .on_conflict_do_update(index_elements=["path"], set_=values)
    )
