"""Whether the disk has room for more mail: a relay that fills its disk could write down no delivery either.

Knows nothing of mail; sources ask before they take one, from threads of their own.
"""

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

logger = logging.getLogger(__name__)

GLANCE = 1.0  # seconds for which one look is good


def free_bytes(folder: Path) -> int:
    """Bytes that we may still write where `folder` is."""
    return shutil.disk_usage(folder).free


class FreeSpace:
    """The room left in a folder."""

    def __init__(
        self,
        folder: Path,
        keep_free: int,
        *,
        probe: Callable[[Path], int] = free_bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`keep_free` in bytes; `probe` tells how many are free, `clock` gives seconds that never go back."""
        self._folder = folder
        self._keep_free = keep_free
        self._probe = probe
        self._clock = clock
        self._look_again = float("-inf")
        self._short = False

    def is_short(self) -> bool:
        """Whether less than `keep_free` is left; asks the system once a second at most."""
        now = self._clock()
        if now >= self._look_again:
            self._look_again = now + GLANCE
            self._look()
        return self._short

    def _look(self) -> None:
        try:
            free = self._probe(self._folder)
        except OSError as error:
            # Not knowing is no reason to turn mail away: writing it will tell.
            logger.warning("the free space of %s is not known: %s", self._folder, error.strerror)
            self._short = False
            self._look_again = self._clock() + 60 * GLANCE
            return
        short = free < self._keep_free
        if short != self._short:
            self._short = short  # set, not turned around: two threads may look at one moment
            state = "no mail is taken until there is more" if self._short else "mail is taken again"
            logger.warning("%d MB free in %s: %s", free // 1_000_000, self._folder, state)
