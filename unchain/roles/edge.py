"""The edge: accepts mail and hands it on. Imports nothing that analyses."""

import asyncio
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sqlmodel import Session

from domain.mail import RawMail
from ingest.committer import Committer
from ingest.journal import unwrap_journal
from ingest.sources.imap_account import ImapAccount
from ingest.sources.lmtp import start_lmtp
from ingest.sources.maildir_watch import MaildirWatch
from ingest.sources.smtp import SmtpMode, SmtpServer, start_smtp
from unchain.config import IngestOptions
from unchain.free_space import FreeSpace
from unchain.ledger import Ledger
from unchain.mailboxes import Mailboxes
from unchain.pipeline import accept
from unchain.serve import run_role
from unchain.wiring import build_courier, clock, free_space, open_installation

logger = logging.getLogger(__name__)

# Seconds until the ledger's thread must let the sessions have the interpreter; Python's own 5 ms add up to
# more than a mail's disk time.
SWITCH_INTERVAL = 0.0005


async def edge(path: Path, number: int = 1) -> None:
    """Accept mail and hand it on until told to stop; of several edges only the first reads mailboxes."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    installation = open_installation(path)
    ingest = installation.config.ingest
    own_address = installation.config.organisation.own_address
    journal = ingest.smtp.mode is SmtpMode.JOURNAL

    def write(session: Session, raws: Sequence[RawMail]) -> list[int]:
        return accept(session, [copy_of(raw) for raw in raws] if journal else raws, own_address=own_address)

    async def body(stop: asyncio.Event) -> None:
        courier = build_courier(installation)
        ledger = Ledger(installation.database, courier, write)
        disk = free_space(installation)
        servers = await _listen(ingest, ledger.committer, disk)
        ended = Event()
        memory = Mailboxes(installation.database)
        sources = _sources(ingest, memory, disk) if number == 1 else ()
        readers = [Thread(target=source.run, args=(ended,)) for source in sources]
        for reader in readers:
            reader.start()
        delivering = asyncio.create_task(courier.run(stop, ledger.committer.record))
        await stop.wait()
        ended.set()
        await asyncio.gather(*(server.close() for server in servers))
        await delivering
        await ledger.committer.close()
        for reader in readers:
            await asyncio.to_thread(reader.join)
        installation.database.close()

    await run_role(body, on_hangup=lambda: None)  # it holds no rules


def _sources(ingest: IngestOptions, memory: Mailboxes, disk: FreeSpace) -> list[ImapAccount | MaildirWatch]:
    """What is read in threads of its own."""
    return [
        *(ImapAccount(each, memory, has_no_room=disk.is_short) for each in ingest.imap),
        *(MaildirWatch(each, memory, has_no_room=disk.is_short) for each in ingest.maildir),
    ]


def copy_of(raw: RawMail) -> RawMail:
    """A copy of mail that has gone its way: nothing of it goes on.

    A journal report tells who got the mail; the envelope of a plain copy names only the journal's mailbox.
    """
    told = unwrap_journal(raw)
    return replace(told, rcpt_to=()) if told.content == raw.content else told


async def _listen(ingest: IngestOptions, committer: Committer[Any], disk: FreeSpace) -> list[SmtpServer]:
    servers = [await start_smtp(ingest.smtp, committer, clock=clock, has_no_room=disk.is_short)]
    if ingest.lmtp is not None:
        shared = ingest.smtp.processes > 1
        servers.append(
            await start_lmtp(ingest.lmtp, committer, clock=clock, has_no_room=disk.is_short, shared=shared)
        )
    for server in servers:
        logger.info("accepting mail on port %d", server.port)
    return servers
