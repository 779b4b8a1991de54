"""The worker: reads, judges and publishes, with the newest right config."""

import asyncio
import logging
from pathlib import Path

from unchain.config import Config
from unchain.reload import RunningConfig
from unchain.serve import run_role
from unchain.wiring import build_pipeline, clock, load_classifier, open_installation, owner_name
from unchain.worker import Worker

logger = logging.getLogger(__name__)


async def worker(path: Path) -> None:
    """Read, judge and publish, with the newest right config."""
    installation = open_installation(path)
    running = RunningConfig(path, installation.config)
    classifier = await asyncio.to_thread(load_classifier)
    pipeline = build_pipeline(installation.config, installation.database, classifier)

    def use(config: Config) -> None:
        nonlocal pipeline
        pipeline = build_pipeline(config, installation.database, classifier)

    work = Worker(
        database=installation.database,
        current=lambda: pipeline,
        options=installation.config.worker,
        owner=owner_name("worker"),
        clock=clock,
    )

    async def body(stop: asyncio.Event) -> None:
        logger.info("classifier %s is loaded", classifier.version)
        watching = asyncio.create_task(running.watch(use, stop))
        await work.run(stop)
        await watching
        installation.database.close()

    await run_role(body, lambda: running.reload(use))
