"""Keeping leases: short, so that a dead process's jobs are soon free; renewed as long as it lives."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from store import queue
from store.database import Database

logger = logging.getLogger(__name__)

RENEWALS = 4  # in the time of one lease, so that a busy database may cost some of them


async def keep(database: Database, *, owner: str, lease: timedelta, clock: Callable[[], datetime]) -> None:
    """Renew all that `owner` holds until cancelled."""

    def renew() -> None:
        with database.write() as session:
            queue.renew(session, owner, clock() + lease)

    while True:
        await asyncio.sleep(lease.total_seconds() / RENEWALS)
        try:
            await asyncio.to_thread(renew)
        # The next renewal comes before the lease has lapsed.
        except Exception:
            logger.exception("leases could not be renewed")
