"""The courier: hands accepted mails to the next hop, driven by the jobs on disk and never by memory.

It runs in the edge process, beside accepting and far from analysis. At least once is what SMTP can do
(RFC 5321 section 4.1.1.4 and RFC 1047): a crash between the next hop's answer and our commit repeats a
delivery; nothing is ever dropped.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from connectors.dsn import Reporter, compose_dsn, enhanced_status, may_notify
from connectors.outbound_mail import (
    NextHop,
    RecipientResult,
    RecipientState,
    expired,
    retry_delay,
    trace_header,
)
from domain.delivery import Consignment, DeliveryState, concerns_address
from domain.job import Job, JobKind
from domain.mail import RawMail
from store import mails, queue, reachability
from store.database import Database
from unchain import leases

logger = logging.getLogger(__name__)

SIDE_BY_SIDE = 20  # mails on their way at one time
LEASE = timedelta(seconds=20)  # after a crash its mails wait so long
POLL_SECONDS = 0.25  # for jobs that other processes write; our own wake us at once
FAULT_SECONDS = 1.0  # between two tries of a database that is locked or full


class Courier:
    """Claims forward jobs and records what became of each recipient."""

    def __init__(
        self,
        *,
        database: Database,
        next_hop: NextHop,
        reporter: Reporter,
        first_retry: timedelta,
        keep_trying: timedelta,
        owner: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._next_hop = next_hop
        self._reporter = reporter
        self._first_retry = first_retry
        self._keep_trying = keep_trying
        self._owner = owner
        self._clock = clock
        self._wake = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look for jobs now; called when mails have just been committed."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; what is on its way then is finished."""
        holding = asyncio.create_task(
            leases.keep(self._database, owner=self._owner, lease=LEASE, clock=self._clock)
        )
        while not stop.is_set():
            self._wake.clear()
            jobs = await self._claimed(stop)
            for job in jobs:
                task = asyncio.create_task(self._deliver(job, stop))
                self._under_way.add(task)
                task.add_done_callback(self._landed)
            if not jobs:
                await self._pause(stop)
        if self._under_way:
            await asyncio.wait(self._under_way)
        holding.cancel()
        await asyncio.to_thread(self._release)
        await self._next_hop.close()

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._wake.set()

    async def _pause(self, stop: asyncio.Event) -> None:
        waits = {asyncio.create_task(self._wake.wait()), asyncio.create_task(stop.wait())}
        _, idle = await asyncio.wait(waits, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in idle:
            task.cancel()

    async def _claimed(self, stop: asyncio.Event) -> list[Job]:
        try:
            return await asyncio.to_thread(self._claim, SIDE_BY_SIDE - len(self._under_way))
        # A disk that is full for an hour must not end the forwarding until somebody restarts it.
        except OperationalError as error:
            logger.error("no mail can be handed on, the database says: %s", error.orig)
            await _rest(stop)
            return []

    def _claim(self, limit: int) -> list[Job]:
        if limit <= 0:
            return []
        with self._database.read() as session:
            if not queue.is_due(session, [JobKind.FORWARD], self._clock()):
                return []
        with self._database.write() as session:
            return queue.claim(
                session, [JobKind.FORWARD], owner=self._owner, now=self._clock(), lease=LEASE, limit=limit
            )

    def _release(self) -> None:
        with self._database.write() as session:
            queue.release(session, self._owner)

    async def _deliver(self, job: Job, stop: asyncio.Event) -> None:
        try:
            consignment = await asyncio.to_thread(self._load, int(job.subject))
            results: Mapping[str, RecipientResult] = {}
            if consignment is not None and consignment.waiting:
                content = self._trace(consignment) + consignment.content
                results = await self._next_hop.deliver(content, consignment.mail_from, consignment.waiting)
            await self._record(lambda: self._settle(job, consignment, results), stop)
        # The loop outlives every bug: the mail stays queued and is tried again.
        except Exception as error:
            logger.exception("mail %s could not be handed on", job.subject)
            reason = f"{type(error).__name__}: {error}"
            await self._record(lambda: self._postpone(job, reason), stop)

    async def _record(self, write: Callable[[], None], stop: asyncio.Event) -> None:
        """Write what became of a mail as soon as the database takes it.

        Unwritten, it would be delivered again, or held by us for ever: a living courier renews its leases.
        """
        while True:
            try:
                return await asyncio.to_thread(write)
            except OperationalError as error:
                if stop.is_set():
                    raise
                logger.error("what became of a mail cannot be written, the database says: %s", error.orig)
                await _rest(stop)

    def _load(self, raw_id: int) -> Consignment | None:
        with self._database.read() as session:
            return mails.consignment(session, raw_id)

    def _postpone(self, job: Job, reason: str) -> None:
        now = self._clock()
        with self._database.write() as session:
            queue.postpone(session, job, now + self._delay(job), reason)

    def _settle(
        self, job: Job, consignment: Consignment | None, results: Mapping[str, RecipientResult]
    ) -> None:
        now = self._clock()
        final = {} if consignment is None else self._final(consignment, results, now)
        waiting = [result for address, result in results.items() if address not in final]
        with self._database.write() as session:
            if consignment is not None:
                mails.settle(session, consignment.raw_id, final, now)
                bounced = {
                    a: results[a] for a, (state, _, _) in final.items() if state is DeliveryState.BOUNCED
                }
                if consignment.source == mails.OWN:
                    self._remember(session, bounced, now)
                if bounced and may_notify(consignment.mail_from):
                    mails.accept(session, [self._notification(consignment, bounced, now)])
            if waiting:
                delay = self._delay(job)
                queue.postpone(session, job, now + delay, f"{waiting[0].code} {waiting[0].text}")
            else:
                queue.finish(session, job)

    def _remember(self, session: Session, bounced: Mapping[str, RecipientResult], now: datetime) -> None:
        """Our own mails have the null reverse-path: what their recipients' server says is said here only."""
        for address, result in bounced.items():
            refused = result.state is RecipientState.PERMANENT
            if refused and concerns_address(enhanced_status(result.text)):
                reachability.lost(session, address, at=now, why=f"{result.code} {result.text}")

    def _final(
        self, consignment: Consignment, results: Mapping[str, RecipientResult], now: datetime
    ) -> dict[str, tuple[DeliveryState, int, str]]:
        """The recipients that need no further try; a temporary failure is final when the mail is too old."""
        old = expired(consignment.received_at, now, keep_trying=self._keep_trying)
        final = {}
        for address, result in results.items():
            if result.state is RecipientState.DELIVERED:
                final[address] = (DeliveryState.DELIVERED, result.code, result.text)
            elif result.state is RecipientState.PERMANENT or old:
                final[address] = (DeliveryState.BOUNCED, result.code, result.text)
        return final

    def _notification(
        self, consignment: Consignment, bounced: Mapping[str, RecipientResult], now: datetime
    ) -> RawMail:
        content = compose_dsn(
            original=consignment.content,
            mail_from=consignment.mail_from,
            failures=bounced,
            reporter=self._reporter,
            arrived_at=consignment.received_at,
            now=now,
            message_id=f"dsn.{consignment.raw_id}.{now:%Y%m%d%H%M%S%f}@{self._reporter.hostname}",
        )
        return RawMail(
            content=content,
            mail_from="",
            rcpt_to=(consignment.mail_from,),
            source=mails.OWN,
            received_at=now,
        )

    def _trace(self, consignment: Consignment) -> bytes:
        """Our Received line (RFC 5321 section 4.4); the id finds the mail in `unchain status`."""
        return trace_header(
            peer=consignment.peer,
            by=self._reporter.hostname,
            protocol=consignment.protocol,
            trace_id=str(consignment.raw_id),
            at=consignment.received_at,
        )

    def _delay(self, job: Job) -> timedelta:
        return retry_delay(job.attempts + 1, first=self._first_retry)


async def _rest(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), FAULT_SECONDS)
