"""Runs the demo: sink, installation and feeder, all in one folder from which a killed demo goes on."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import ListenError, UnchainError
from domain.job import JobKind
from store import mails, queue
from store.database import Database
from unchain.demo import company as story
from unchain.demo.config import write_config
from unchain.demo.feeder import Feeder, feeding_order
from unchain.demo.script import Company, DemoMail
from unchain.demo.sink import Sink
from unchain.lifeline import Lifeline
from unchain.wiring import Installation, open_installation

STARTING_SECONDS = 60.0
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 120.0  # longer than a dead worker's lease


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the demo is, in mails."""

    accepted: int
    of: int
    processed: int
    waiting: int  # jobs left: threads to judge, pages to post, mails to hand on


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Ports and the moment at which the company's story begins; kept in the folder for a restart."""

    smtp: int
    sink: int
    web: int
    start: datetime


class Demo:
    """One demo in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stage = _stage(folder)
        self.company: Company = story.load()
        self.mails: list[DemoMail] = story.mails(self.company, start=self.stage.start)
        self.config = write_config(
            folder,
            self.company,
            smtp_port=self.stage.smtp,
            sink_port=self.stage.sink,
            web_port=self.stage.web,
        )
        self.installation: Installation = open_installation(self.config)
        self.sink = Sink(folder / "sink")
        self.seconds = 0.0
        self._accepted = 0
        self._service: subprocess.Popen[bytes] | None = None
        self._lifeline = Lifeline()

    @property
    def database(self) -> Database:
        """The installation's database."""
        return self.installation.database

    async def start(self) -> None:
        """Start sink and service and wait until both answer."""
        try:
            await self.sink.start(port=self.stage.sink)
        except OSError as error:
            raise ListenError(f"the demo's sink cannot listen on port {self.stage.sink}: {error}") from None
        with (self.folder / "serve.log").open("ab") as log:
            self._service = subprocess.Popen(  # noqa: ASYNC220, S603 — started once, its end is polled
                [sys.executable, "-m", "unchain", "serve", "--config", str(self.config)],
                stdout=log,
                stderr=log,
                pass_fds=self._lifeline.fds,
                env=self._lifeline.environment,
            )
        deadline = time.monotonic() + STARTING_SECONDS
        while not (_answers(self.stage.smtp) and _answers(self.stage.web)):
            if self._service.poll() is not None or time.monotonic() > deadline:
                raise UnchainError(f"the service did not start; {self.folder / 'serve.log'} says why")
            await asyncio.sleep(POLL_SECONDS)

    async def feed(self, told: Callable[[Progress], None]) -> None:
        """Send the company's mails and wait until everything is read, decided, posted and handed on."""
        began = time.monotonic()
        feeder = Feeder(
            host="127.0.0.1",
            port=self.stage.smtp,
            already_accepted=self._known,
            on_accepted=self._count,
        )
        feeding = asyncio.create_task(feeder.feed(feeding_order(self.mails)))
        far, moved_at = self._progress(), began
        while not feeding.done() or far.waiting:
            told(far)
            await asyncio.sleep(POLL_SECONDS)
            before, far = far, self._progress()
            moved_at = time.monotonic() if far != before else moved_at
            if feeding.done() and time.monotonic() - moved_at > PATIENCE_SECONDS:
                raise UnchainError(
                    f"nothing has moved for {PATIENCE_SECONDS:.0f} seconds and {far.waiting} steps are left; "
                    f"{self.folder / 'serve.log'} says why, and the same folder goes on from here"
                )
        fed = feeding.result()
        if fed.refused:
            raise UnchainError(f"the relay refused {len(fed.refused)} mails: {fed.refused[0].reply}")
        told(self._progress())
        self.seconds = time.monotonic() - began

    async def close(self) -> None:
        """End service and sink in good order."""
        if self._service is not None:
            self._service.terminate()
            await asyncio.to_thread(self._service.wait)
        await self.sink.close()
        self._lifeline.close()
        self.database.close()

    async def until_ended(self) -> None:
        """Wait until the service ends; it does when it is told to, or cannot go on."""
        assert self._service is not None
        await asyncio.to_thread(self._service.wait)

    def _known(self, digests: frozenset[str]) -> set[str]:
        with self.database.read() as session:
            return mails.known_digests(session, digests)

    def _count(self, mail: DemoMail) -> None:
        self._accepted += 1

    def _progress(self) -> Progress:
        with self.database.read() as session:
            jobs = queue.counts(session)
        ready = {kind: number for (kind, state), number in jobs.items() if state == "ready"}
        unread = ready.get(JobKind.PROCESS, 0)
        return Progress(
            accepted=self._accepted,
            of=len(self.mails),
            processed=max(self._accepted - unread, 0),
            waiting=sum(ready.values()),
        )


def _stage(folder: Path) -> Stage:
    """The stage of an earlier run in this folder, or a new one."""
    path = folder / "stage.json"
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Stage(
            smtp=kept["smtp"],
            sink=kept["sink"],
            web=kept["web"],
            start=datetime.fromisoformat(kept["start"]),
        )
    smtp, sink, web = _free_ports(3)
    start = datetime.now(UTC).replace(microsecond=0) - story.STORY  # it ends about now
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ports = {"smtp": smtp, "sink": sink, "web": web, "start": start.isoformat()}
        path.write_text(json.dumps(ports), encoding="utf-8")
    except OSError as error:
        raise UnchainError(f"the demo cannot write into {folder}: {error.strerror}") from None
    return Stage(smtp=smtp, sink=sink, web=web, start=start)


def _free_ports(number: int) -> Sequence[int]:
    probes = [socket.socket() for _ in range(number)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
