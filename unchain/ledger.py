"""The edge's one writer: what comes in and what became of deliveries share its transactions.

So a mail costs two turns at the disk, not four, and nobody waits for anybody's lock. What is due is claimed
for the courier in the same transaction: no mail is read back from the disk it has just been written to.
"""

import asyncio
from collections.abc import Callable, Sequence

from sqlmodel import Session

from domain.mail import RawMail
from ingest.committer import Committer
from store.database import Database
from unchain.courier import Courier, Errand
from unchain.outcomes import Look, Outcome

Accept = Callable[[Session, Sequence[RawMail]], Sequence[int]]


class Ledger:
    """Sessions hand in mails through `committer`; the courier records what became of them."""

    def __init__(self, database: Database, courier: Courier, accept: Accept) -> None:
        """`accept` writes mails with their jobs and gives their ids. Make it where an event loop runs."""
        self._database = database
        self._courier = courier
        self._accept = accept
        self._loop = asyncio.get_running_loop()
        self.committer: Committer[Outcome] = Committer(self._commit)

    def _commit(self, entries: Sequence[RawMail | Outcome]) -> None:
        raws = [entry for entry in entries if isinstance(entry, RawMail)]
        outcomes = [entry for entry in entries if not isinstance(entry, RawMail)]
        errands: list[Errand] = []
        try:
            with self._database.write() as session:
                accepted = dict(zip(self._accept(session, raws), raws, strict=True)) if raws else {}
                self._courier.write(session, outcomes)
                ending = sum(not isinstance(outcome, Look) for outcome in outcomes)
                errands = self._courier.claim(session, accepted, ending=ending)
        except BaseException:
            self._courier.give_back(errands)
            raise
        if errands:
            self._loop.call_soon_threadsafe(self._courier.set_out, errands)
