"""Keeping the running config: a changed file that is right replaces it, a wrong one changes nothing."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from watchfiles import awatch

from domain.errors import ConfigError
from unchain.config import Config, load, version_of

logger = logging.getLogger(__name__)

FIXED = ("organisation", "store", "ingest", "outbound", "worker", "web")  # read only at the start


class RunningConfig:
    """The config in force and where it came from."""

    def __init__(self, path: Path, config: Config) -> None:
        self.path = path
        self.config = config

    def reload(self, use: Callable[[Config], None]) -> bool:
        """Read the file again and hand a right and different one to `use`; says whether it did."""
        try:
            fresh = load(self.path)
        except ConfigError as error:
            logger.error("config not reloaded, the old one stays in force:\n%s", error)
            return False
        if version_of(fresh) == version_of(self.config):
            return False
        for section in FIXED:
            if getattr(fresh, section) != getattr(self.config, section):
                logger.warning("[%s] has changed; restart the service for all of it to take effect", section)
        use(fresh)
        self.config = fresh
        logger.info("config %s is in force", version_of(fresh))
        return True

    async def watch(self, use: Callable[[Config], None], stop: asyncio.Event) -> None:
        """Reload whenever the file changes, until `stop` is set."""
        folder = self.path.resolve().parent
        async for changes in awatch(folder, stop_event=stop, recursive=False, step=100):
            if any(Path(changed).name == self.path.name for _, changed in changes):
                self.reload(use)
