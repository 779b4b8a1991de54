"""Keeping the running config: a changed file that is right replaces it, a wrong one changes nothing."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from watchfiles import awatch

from domain.errors import ConfigError
from unchain.config import Config, load, version_of

logger = logging.getLogger(__name__)

LOOK_MS = 1000  # between two looks at the file when no notice of a change comes

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
        """Reload whenever the file changes, until `stop` is set.

        The file is also looked at without a notice: it may have changed before the watch began, and a
        network file system sends none.
        """
        seen: bytes | None = None
        folder = self.path.resolve().parent
        looks = awatch(
            folder, stop_event=stop, recursive=False, step=100, rust_timeout=LOOK_MS, yield_on_timeout=True
        )
        async for _ in looks:
            found = self._content()
            if found != seen:
                seen = found
                self.reload(use)

    def _content(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError:
            return b""  # reading it as a config says what is wrong
