"""The edge: accepts mail and hands it on. Imports nothing that analyses."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from domain.mail import JOURNAL, RawMail
from ingest.committer import Committer
from ingest.sources.smtp import SmtpMode, start_smtp
from store import mails
from unchain.serve import run_role
from unchain.wiring import build_courier, clock, open_installation

logger = logging.getLogger(__name__)


async def edge(path: Path) -> None:
    """Accept mail and hand it on; imports nothing that analyses."""
    installation = open_installation(path)
    courier = build_courier(installation)
    own_address = installation.config.organisation.own_address
    journal = installation.config.ingest.smtp.mode is SmtpMode.JOURNAL
    loop = asyncio.get_running_loop()

    def commit(raws: Sequence[RawMail]) -> None:
        if journal:  # copies of mail that has gone its way: nothing of it goes on
            raws = [replace(raw, source=JOURNAL) for raw in raws]
        with installation.database.write() as session:
            mails.accept(session, raws, own_address=own_address)
        loop.call_soon_threadsafe(courier.wake)

    async def body(stop: asyncio.Event) -> None:
        committer = Committer(commit)
        server = await start_smtp(installation.config.ingest.smtp, committer, clock=clock)
        logger.info("accepting mail on port %d", server.port)
        delivering = asyncio.create_task(courier.run(stop))
        await stop.wait()
        await server.close()
        await committer.close()
        await delivering
        installation.database.close()

    await run_role(body, on_hangup=lambda: None)  # it holds no rules
