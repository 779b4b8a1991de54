"""Waiting while the disk has no room for more mail: it stays where it is read from, which is safer than here.

Asks; what counts as room is for the one who gives the answer to say.
"""

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

LOOK_AGAIN = 5.0  # seconds

HasNoRoom = Callable[[], bool]


def room_enough() -> bool:
    """For a source that need not ask: there is never no room."""
    return False


def await_room(has_no_room: HasNoRoom, stop: threading.Event, name: str) -> None:
    """Return when there is room for more mail, or when `stop` is set; `name` is the source's, for the log."""
    if not has_no_room():
        return
    logger.warning("%s waits with its mails: the disk is nearly full", name)
    while not stop.wait(LOOK_AGAIN) and has_no_room():
        continue
