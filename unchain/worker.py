"""The worker: claims jobs with a lease, runs the step for each, and alone decides what follows an error.

Steps that compute run in one thread, so that the loop stays free; steps that wait on services run on it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from domain.errors import AuthLost, Refused, Transient, Uncertain
from domain.job import Job, JobKind
from store import mails, publications, queue
from store.database import Database
from store.publications import PublicationState
from unchain import leases
from unchain.config import WorkerOptions
from unchain.pipeline import Pipeline

logger = logging.getLogger(__name__)

KINDS = tuple(kind for kind in JobKind if kind is not JobKind.FORWARD)
BATCH = 25
POLL_SECONDS = 0.2
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
SETTLING = timedelta(minutes=2)  # longer than services let a request run that nobody waits for any more
AUTH_RETRY = timedelta(minutes=15)  # an admin must act first; asking more often gains nothing


class Worker:
    """Runs jobs until told to stop; `current` gives the pipeline of the newest config.

    Jobs run one after the other. `kinds` lets those that wait long on others have a worker of their own.
    """

    def __init__(
        self,
        *,
        database: Database,
        current: Callable[[], Pipeline],
        options: WorkerOptions,
        owner: str,
        clock: Callable[[], datetime],
        kinds: Sequence[JobKind] = KINDS,
    ) -> None:
        self._kinds = kinds
        self._database = database
        self._current = current
        self._options = options
        self._owner = owner
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; what is begun is finished, what is only claimed is given back."""
        lease = timedelta(seconds=self._options.lease)
        holding = asyncio.create_task(
            leases.keep(self._database, owner=self._owner, lease=lease, clock=self._clock)
        )
        try:
            while not stop.is_set():
                if not await self.run_once(stop):
                    await wait_for(stop, POLL_SECONDS)
        finally:
            holding.cancel()
            with self._database.write() as session:
                queue.release(session, self._owner)

    async def run_once(self, stop: asyncio.Event | None = None) -> int:
        """Claim what is due and run it; returns how many jobs were claimed."""
        jobs = await asyncio.to_thread(self._claim)
        for job in jobs:
            if stop is not None and stop.is_set():
                break
            if self._clock() < job.lease_until or await asyncio.to_thread(self._keep, job):
                await self._run(job)
        return len(jobs)

    def _claim(self) -> list[Job]:
        lease = timedelta(seconds=self._options.lease)
        with self._database.read() as session:
            if not queue.is_due(session, self._kinds, self._clock()):
                return []
        with self._database.write() as session:
            now = self._clock()
            return queue.claim(session, self._kinds, owner=self._owner, now=now, lease=lease, limit=BATCH)

    def _keep(self, job: Job) -> bool:
        """Whether a job that we come to late is still ours: our lease was renewed, or another has it now."""
        until = self._clock() + timedelta(seconds=self._options.lease)
        with self._database.write() as session:
            return queue.keep(session, job, until)

    async def _run(self, job: Job) -> None:
        try:
            await self._step(job)
        # A service that is away for a weekend, or waits for its admin, is no reason to give up.
        except Transient as error:
            self._postpone(job, str(error), _seconds(error.retry_after) or _growing(job.attempts))
        except AuthLost as error:
            self._postpone(job, str(error), AUTH_RETRY)
        except Uncertain as error:
            self._in_doubt(job, error)
        except Refused as error:
            self._give_up(job, error)
        # The loop outlives every bad mail and every bug: the job is tried again, then set aside.
        except Exception as error:
            logger.exception("job %s %s failed", job.kind, job.subject)
            self._try_again(job, f"{type(error).__name__}: {error}")
        else:
            with self._database.write() as session:
                still_ours = queue.finish(session, job)
            self._mind(job, still_ours)

    def _step(self, job: Job) -> Awaitable[None]:
        pipeline = self._current()
        match job.kind:
            case JobKind.PROCESS:
                return asyncio.to_thread(pipeline.process, int(job.subject))
            case JobKind.JUDGE:
                return asyncio.to_thread(pipeline.judge, job.subject)
            case JobKind.MOVE:
                return asyncio.to_thread(pipeline.move, job.subject)
            case JobKind.SYNC:
                return pipeline.sync(job.subject)
            case JobKind.RECALL:
                return pipeline.recall(job.subject)
            case _:
                return pipeline.publish(job.subject)

    def _try_again(self, job: Job, reason: str) -> None:
        if job.attempts + 1 >= self._options.attempts:
            self._set_aside(job, reason)
        else:
            self._postpone(job, reason, _growing(job.attempts))

    def _postpone(self, job: Job, reason: str, wait: timedelta) -> None:
        with self._database.write() as session:
            still_ours = queue.postpone(session, job, self._clock() + wait, reason)
        self._mind(job, still_ours)

    def _set_aside(self, job: Job, reason: str) -> None:
        with self._database.write() as session:
            still_ours = queue.fail(session, job, reason)
            if still_ours and job.kind is JobKind.PROCESS:
                mails.set_aside(session, int(job.subject), reason)
        if self._mind(job, still_ours):
            logger.error("job %s %s is set aside: %s", job.kind, job.subject, reason)

    def _in_doubt(self, job: Job, error: Uncertain) -> None:
        """Look again where the service can tell, once what it may still be at has ended; else leave it."""
        if self._current().may_be_repeated(job):
            self._postpone(job, str(error), max(SETTLING, _growing(job.attempts)))
        else:
            self._give_up(job, error)

    def _give_up(self, job: Job, error: Refused | Uncertain) -> None:
        uncertain = isinstance(error, Uncertain)
        state = PublicationState.UNCERTAIN if uncertain else PublicationState.REFUSED
        with self._database.write() as session:
            still_ours = queue.fail(session, job, str(error))
            if still_ours and job.kind in (JobKind.PUBLISH, JobKind.APPEND):
                publications.gave_up(session, job.subject, state, str(error))
        if self._mind(job, still_ours):
            logger.error("job %s %s is left to a human: %s", job.kind, job.subject, error)

    def _mind(self, job: Job, still_ours: bool) -> bool:
        """Tell where a job was taken over, which a paused machine is a reason for: the other one decides."""
        if not still_ours:
            logger.warning("job %s %s has been taken over: our lease had lapsed", job.kind, job.subject)
        return still_ours


def _growing(attempts: int) -> timedelta:
    """How long to wait after one more failed try."""
    return min(FIRST_RETRY * (1 << 2 * min(attempts, 8)), LONGEST_RETRY)


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set or the time is over."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
