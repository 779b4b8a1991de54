"""The courier: hands accepted mails to the next hop, driven by the jobs on disk and never by memory.

It runs in the edge process, beside accepting and far from analysis. At least once is what SMTP can do
(RFC 5321 section 4.1.1.4 and RFC 1047): a crash between the next hop's answer and our commit repeats a
delivery; nothing is ever dropped.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from connectors.dsn import Reporter
from connectors.outbound_mail import NextHop, retry_delay, trace_header
from domain.delivery import Consignment
from domain.job import Job, JobKind
from domain.mail import RawMail
from ingest.committer import CommitFailed
from store import mails, queue
from store.database import Database
from unchain import leases
from unchain.outcomes import Look, Outcome, Outcomes, Results, Setback, Settlement

logger = logging.getLogger(__name__)

SIDE_BY_SIDE = 20  # mails on their way at one time
LEASE = timedelta(seconds=20)  # after a crash its mails wait so long
POLL_SECONDS = 0.25  # for jobs that other processes write; what the edge itself writes is claimed with it
FAULT_SECONDS = 1.0  # between two tries of a database that is locked or full


@dataclass(frozen=True, kw_only=True)
class Errand:
    """A mail that we have claimed, to be taken to the next hop."""

    job: Job
    consignment: Consignment | None  # None where the mail is gone


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
        tell_delay: timedelta = timedelta(),
        lease: timedelta = LEASE,
        sign: Callable[[bytes], bytes] | None = None,
    ) -> None:
        """`tell_delay` is when a sender hears that a mail is late; zero: never. `sign` is for our mails."""
        self._lease = lease
        self._database = database
        self._next_hop = next_hop
        self._reporter = reporter
        self._first_retry = first_retry
        self._outcomes = Outcomes(reporter=reporter, keep_trying=keep_trying, tell_delay=tell_delay)
        self._owner = owner
        self._clock = clock
        self._sign = sign
        self._stopping = asyncio.Event()
        self._claimed = 0  # errands so far; written by the ledger's thread only
        self._begun = 0  # of these; written by the event loop's thread only
        self._under_way: set[asyncio.Task[None]] = set()
        self._record: Callable[[Outcome], Awaitable[None]] = _nowhere

    async def run(self, stop: asyncio.Event, record: Callable[[Outcome], Awaitable[None]]) -> None:
        """Deliver until `stop` is set; what is on its way then is finished.

        `record` returns when an outcome is on disk, in a transaction that calls `claim`; raises CommitFailed.
        """
        self._record, self._stopping = record, stop
        holding = asyncio.create_task(
            leases.keep(self._database, owner=self._owner, lease=self._lease, clock=self._clock)
        )
        while not stop.is_set():
            await self._look()
            await _rest(stop, POLL_SECONDS)
        with suppress(CommitFailed):
            await self._record(Look())  # behind it nothing is under way in the ledger that has claimed a mail
        while self._under_way:
            await asyncio.wait(self._under_way)
        holding.cancel()
        await asyncio.to_thread(self._release)
        await self._next_hop.close()

    async def _look(self) -> None:
        """See whether something is due that no mail or outcome has made us claim: retries, others' mails."""
        try:
            if self._room() > 0 and await asyncio.to_thread(self._is_due):
                await self._record(Look())
        # A disk that is full for an hour must not end the forwarding until somebody restarts it.
        except (OperationalError, CommitFailed) as error:
            logger.error("no mail can be handed on, the database says: %s", _reason(error))
            await _rest(self._stopping, FAULT_SECONDS)

    def _is_due(self) -> bool:
        with self._database.read() as session:
            return queue.is_due(session, [JobKind.FORWARD], self._clock())

    def _room(self) -> int:
        return SIDE_BY_SIDE - (self._claimed - self._begun) - len(self._under_way)

    def claim(self, session: Session, accepted: Mapping[int, RawMail], *, ending: int = 0) -> list[Errand]:
        """Take what is due and there is room for, in the ledger's thread; call `set_out` or `give_back` then.

        `accepted` are mails of this transaction by their ids, `ending` counts deliveries that end with it.
        """
        room = self._room() + ending
        if room <= 0 or self._stopping.is_set():
            return []
        jobs = queue.claim(
            session, [JobKind.FORWARD], owner=self._owner, now=self._clock(), lease=self._lease, limit=room
        )
        self._claimed += len(jobs)
        return [Errand(job=job, consignment=self._consignment(session, job, accepted)) for job in jobs]

    def _consignment(self, session: Session, job: Job, accepted: Mapping[int, RawMail]) -> Consignment | None:
        raw_id = int(job.subject)
        fresh = accepted.get(raw_id)
        if fresh is not None:
            return mails.fresh_consignment(raw_id, fresh, self._reporter.address)
        return mails.consignment(session, raw_id)

    def give_back(self, errands: Sequence[Errand]) -> None:
        """Forget what was claimed in a transaction that failed, in the ledger's thread."""
        self._claimed -= len(errands)

    def set_out(self, errands: Sequence[Errand]) -> None:
        """Begin what has been claimed, now that it is on disk that it is ours."""
        self._begun += len(errands)
        for errand in errands:
            task = asyncio.create_task(self._deliver(errand))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    def _release(self) -> None:
        with self._database.write() as session:
            queue.release(session, self._owner)

    async def _deliver(self, errand: Errand) -> None:
        job, consignment = errand.job, errand.consignment
        try:
            results: Results = {}
            if consignment is not None and consignment.waiting:
                content = self._trace(consignment) + await self._signed(consignment)
                results = await self._next_hop.deliver(content, consignment.mail_from, consignment.waiting)
            await self._write_down(Settlement(job=job, consignment=consignment, results=results))
        # The loop outlives every bug: the mail stays queued and is tried again.
        except Exception as error:
            logger.exception("mail %s could not be handed on", job.subject)
            await self._write_down(Setback(job=job, reason=f"{type(error).__name__}: {error}"))

    async def _signed(self, consignment: Consignment) -> bytes:
        """The content to send: others' as it came; ours signed now, so that no key ages in the queue."""
        if self._sign is None or consignment.source != mails.OWN:
            return consignment.content
        return await asyncio.to_thread(self._sign, consignment.content)

    async def _write_down(self, outcome: Outcome) -> None:
        """Record what became of a mail as soon as the database takes it.

        Unwritten, it would be delivered again, or held by us for ever: a living courier renews its leases.
        """
        while True:
            try:
                return await self._record(outcome)
            except CommitFailed as error:
                if self._stopping.is_set():
                    raise
                logger.error("what became of a mail cannot be written, the database says: %s", error)
                await _rest(self._stopping, FAULT_SECONDS)

    def write(self, session: Session, outcomes: Sequence[Outcome]) -> None:
        """Write down outcomes, in the ledger's thread; the ordinary ones all at once."""
        now = self._clock()
        complete = [
            (each.job, (each.consignment, each.results))
            for each in outcomes
            if isinstance(each, Settlement) and each.consignment is not None and each.has_reached_all
        ]
        finished = queue.finish_all(session, [job for job, _ in complete])
        reached = [settled for job, settled in complete if job.id in finished]
        self._outcomes.record_delivered(session, reached, now)
        for each in outcomes:
            if isinstance(each, Setback):
                queue.postpone(session, each.job, now + self._delay(each.job), each.reason)
            elif isinstance(each, Settlement) and each.job.id not in finished:
                self._settle(session, each, now)

    def _settle(self, session: Session, outcome: Settlement, now: datetime) -> None:
        job, consignment, results = outcome.job, outcome.consignment, outcome.results
        waiting = {} if consignment is None else self._outcomes.waiting(consignment, results, now)
        if waiting:
            said = next(iter(waiting.values()))
            ours = queue.postpone(session, job, now + self._delay(job), f"{said.code} {said.text}")
        else:
            ours = queue.finish(session, job)
        if consignment is None:
            return
        if ours:
            self._outcomes.record(session, consignment, results, now)
        else:
            # This process was paused until its lease had lapsed: another courier has the mail now.
            logger.warning("mail %s was taken over while it was on its way", job.subject)
            self._outcomes.record_delivered(session, [(consignment, results)], now)

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


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def _reason(error: OperationalError | CommitFailed) -> str:
    # Without the statement: its values are mail text.
    return str(error.orig if isinstance(error, OperationalError) else error)


async def _nowhere(outcome: Outcome) -> None:
    raise RuntimeError("a courier delivers only while it runs")
