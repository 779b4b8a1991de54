"""The web: serves the pages, with the newest right config."""

import asyncio
import logging
from pathlib import Path

from aiohttp.web import AppRunner, TCPSite

from domain.endpoint import Endpoint
from domain.errors import ListenError
from unchain.config import Config
from unchain.reload import RunningConfig
from unchain.serve import run_role
from unchain.wiring import open_installation, site_of
from web.app import build_app

logger = logging.getLogger(__name__)


async def web(path: Path) -> None:
    """Serve the pages, with the newest right config."""
    installation = open_installation(path)
    running = RunningConfig(path, installation.config)
    site = site_of(installation.config, installation.database)

    def use(config: Config) -> None:
        nonlocal site
        site = site_of(config, installation.database)

    async def body(stop: asyncio.Event) -> None:
        runner = AppRunner(build_app(lambda: site), access_log=None)
        await runner.setup()
        await listen(runner, installation.config.web.endpoint)
        logger.info("pages on %s", installation.config.web.listen)
        watching = asyncio.create_task(running.watch(use, stop))
        await stop.wait()
        await runner.cleanup()
        await watching
        installation.database.close()

    await run_role(body, lambda: running.reload(use))


async def listen(runner: AppRunner, where: Endpoint) -> None:
    """Open the address of the pages; raises ListenError."""
    try:
        await TCPSite(runner, where.host, where.port).start()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ListenError(
            f"cannot listen on {where} ([web] listen): {reason}; stop what is there or choose another port"
        ) from None
