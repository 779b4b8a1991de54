"""The worker: reads, judges and publishes, with the newest right config."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from domain.job import JobKind
from unchain import bridging
from unchain.config import Config
from unchain.pipeline import Pipeline
from unchain.reload import RunningConfig
from unchain.serve import run_role
from unchain.wiring import build_pipeline, clock, live_classifier, open_installation, owner_name
from unchain.worker import KINDS, Worker

logger = logging.getLogger(__name__)


async def worker(path: Path) -> None:
    """Read, judge and publish, with the newest right config."""
    installation = open_installation(path)
    running = RunningConfig(path, installation.config)
    classifier = await asyncio.to_thread(live_classifier, installation)
    pipeline: Pipeline

    def use(config: Config) -> None:
        nonlocal pipeline
        pipeline = build_pipeline(config, installation.database, classifier)
        bridging.resume(installation.database, pipeline.connectors, clock())

    use(installation.config)

    def hired(name: str, kinds: Sequence[JobKind]) -> Worker:
        return Worker(
            database=installation.database,
            current=lambda: pipeline,
            options=installation.config.worker,
            owner=owner_name(name),
            clock=clock,
            kinds=kinds,
        )

    # A space that answers slowly holds up only the reading of answers, no mail and no posting.
    work = hired("worker", [kind for kind in KINDS if kind is not JobKind.SYNC])
    reader = hired("reader", [JobKind.SYNC])

    async def body(stop: asyncio.Event) -> None:
        logger.info("classifier %s is loaded", classifier.version)
        watching = asyncio.create_task(running.watch(use, stop))
        await asyncio.gather(work.run(stop), reader.run(stop))
        await watching
        installation.database.close()

    await run_role(body, lambda: running.reload(use))
