"""Taking a thread's publications back, wherever they stand, and telling those who were sent there."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from connectors.base import Connector, Finds, Withdraws
from domain.errors import ConnectorError, Refused
from domain.job import JobKind
from store import answers, lessons, proposals, publications, queue
from store.database import Database
from store.publications import Planned, PublicationState
from unchain.examining import Examiner, Judgement
from unchain.notices import Notices, Occasion


class Recalling:
    """The last step of the pipeline (unchain/pipeline.py)."""

    def __init__(
        self,
        *,
        database: Database,
        examiner: Examiner,
        connectors: Mapping[str, Connector],
        former: Connector,
        notices: Notices,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._examiner = examiner
        self._connectors = connectors
        self._former = former  # where pages of spaces that have left the config may still stand
        self._notices = notices
        self._clock = clock

    async def recall(self, thread_id: str) -> None:
        """Take back every publication of a thread and tell those who were redirected."""
        found = await asyncio.to_thread(self._examiner.examine, thread_id)
        if found is None:
            return
        with self._database.read() as session:
            standing = publications.of_thread(session, found.thread.id)
        failed: list[ConnectorError] = []
        for planned in standing:
            try:
                await self._take_back(planned, found)
            except ConnectorError as error:  # one space that fails must not keep the others from it
                failed.append(error)
        if failed:
            raise failed[0]
        with self._database.write() as session:
            taught = lessons.taught(session, found.thread.id)
            if taught.keeps:  # the reason of its last decision is out of date
                queue.add(session, JobKind.JUDGE, found.thread.id, self._clock())

    async def _take_back(self, planned: Planned, found: Judgement) -> None:
        """Withdraw what stands in a space; also what a crash left standing there without our knowing."""
        if planned.state in (PublicationState.REFUSED, PublicationState.WITHDRAWN):
            return
        connector, receipt = self._connectors.get(planned.space, self._former), planned.receipt
        left = planned.space not in self._connectors
        if (receipt is None or left or not receipt.entry_id) and isinstance(connector, Finds):
            receipt = await connector.find(planned.key)
        if receipt is not None and receipt.entry_id and isinstance(connector, Withdraws):
            await connector.withdraw(receipt)
        elif planned.receipt is not None:
            raise Refused(f"{planned.space} cannot take back; remove {planned.receipt.url} by hand")
        elif planned.state in (PublicationState.UNCERTAIN, PublicationState.POSTING):
            return  # a human still has to look
        with self._database.write() as session:
            publications.ended(session, planned.key, PublicationState.WITHDRAWN, None)
            answers.forget(session, planned.key)
            proposals.take_back(session, planned.key, self._clock())
            titled = replace(found, thread=replace(found.thread, subject=planned.title))
            self._notices.recalled(occasion_of(session, titled, self._clock()), planned)


def occasion_of(session: Session, found: Judgement, now: datetime) -> Occasion:
    """What notices about a thread are made from."""
    return Occasion(session=session, thread=found.thread, language=found.classification.language, now=now)
