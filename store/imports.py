"""How far each archive and each IMAP folder has been read, so that reading goes on where it stopped."""

from datetime import datetime

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

from store.tables import ImportRow, MailboxRow


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


def folder_position(session: Session, label: str) -> tuple[int, int] | None:
    """UIDVALIDITY and the last UID taken of an IMAP folder; None where it was never read."""
    row = session.get(MailboxRow, label)
    return None if row is None else (row.uid_validity, row.uid)


def advance_folder(session: Session, label: str, uid_validity: int, uid: int) -> None:
    """Remember the last UID taken of an IMAP folder."""
    session.merge(MailboxRow(label=label, uid_validity=uid_validity, uid=uid))
