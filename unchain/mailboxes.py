"""Keeping what IMAP folders and Maildirs give: fits MailboxMemory and MailMemory of ingest.sources."""

from collections.abc import Sequence

from domain.mail import RawMail
from ingest.sources.imap import Position
from store import imports, mails
from store.database import Database


class Mailboxes:
    """Mails and positions, written in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def position(self, label: str) -> Position | None:
        """How far the folder has been read; None where never."""
        with self._database.read() as session:
            found = imports.folder_position(session, label)
        return None if found is None else Position(uid_validity=found[0], uid=found[1])

    def accept(self, raws: Sequence[RawMail], label: str, position: Position) -> None:
        """Store mails to be analysed and the position behind them."""
        with self._database.write() as session:
            mails.accept(session, raws)
            imports.advance_folder(session, label, position.uid_validity, position.uid)

    def take(self, raws: Sequence[RawMail]) -> None:
        """Store mails to be analysed, but none that is stored already: known by the digest of its bytes."""
        fresh = {mails.digest_of(raw.content): raw for raw in raws}
        with self._database.write() as session:
            known = mails.known_digests(session, fresh)
            mails.accept(session, [raw for digest, raw in fresh.items() if digest not in known])
