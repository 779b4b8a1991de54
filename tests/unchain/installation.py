"""A real installation for acceptance tests: `unchain serve` as its own processes, a real sink as next hop."""

import asyncio
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO

from domain.delivery import Balance
from store import mails
from store.database import Database
from tests.servers.processes import free_port
from unchain.demo.sink import Sink, SunkMail

DEADLINE = 90.0  # seconds; a machine in trouble is slow, a broken service never gets there

CONFIG = """
[organisation]
name = "Acme"
domains = ["acme.example"]
languages = ["en", "fr"]
url = "http://127.0.0.1:{web}"
admins = ["root@acme.example"]

[store]
url = "sqlite:///unchain.db"

[ingest.smtp]
listen = "127.0.0.1:{smtp}"
next_hop = "127.0.0.1:{sink}"
hostname = "relay.acme.example"

[outbound]
first_retry = 0.3
lease = 4

[settle]
quiet = 1.5

[worker]
lease = 5

[web]
listen = "127.0.0.1:{web}"

[[spaces]]
name = "wiki"
connector = {{ type = "commons", form = "wiki" }}

[[spaces]]
name = "blog"
title = "The blog"
connector = {{ type = "commons", form = "blog" }}

[[rules]]
name = "Chains of several people"
when = [{{ messages = {{ min = 3 }} }}, {{ participants = {{ min = 3 }} }}]
to = "blog"
stage = "{stage}"
"""


def wait_until(condition: Callable[[], bool], what: str, deadline: float = DEADLINE) -> None:
    """Return when the condition holds; fail with `what` when it does not before the deadline."""
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, f"not reached in {deadline:.0f} s: {what}"
        time.sleep(0.05)


def answers(port: int) -> bool:
    """Whether something accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class RunningSink:
    """A sink in a thread of its own, which can go away and come back on the same port."""

    def __init__(self, folder: Path, port: int) -> None:
        self.sink = Sink(folder)
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def start(self) -> None:
        asyncio.run_coroutine_threadsafe(self.sink.start(port=self._port), self._loop).result(10)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.sink.close(), self._loop).result(10)

    def stop(self) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


class RealInstallation:
    """A folder with config, database, log and the processes that run on it."""

    def __init__(self, folder: Path, *, stage: str = "move", disk: Path | None = None) -> None:
        """`disk` is where the database lies, if not in the folder."""
        self.folder = folder
        self.store = (disk or folder) / "unchain.db"
        self.smtp, self.web, self.hop = free_port(), free_port(), free_port()
        self.config = folder / "config.toml"
        text = CONFIG.format(smtp=self.smtp, web=self.web, sink=self.hop, stage=stage)
        self.config.write_text(text if disk is None else text.replace("unchain.db", str(self.store)))
        self.sink = RunningSink(folder / "sink", self.hop)
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] = (folder / "serve.log").open("ab")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web}"

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text(errors="replace")

    def start(self) -> None:
        """Start the service and wait until it takes mail and shows pages."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "unchain", "serve", "--config", str(self.config)],
            stdout=self._log,
            stderr=self._log,
        )
        wait_until(lambda: answers(self.smtp) and answers(self.web), f"service up; log:\n{self.log}")

    def kill(self) -> None:
        """kill -9 the parent; its children must end by themselves."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        wait_until(lambda: not answers(self.smtp) and not answers(self.web), "children gone with the parent")

    def kill_all(self) -> None:
        """kill -9 the parent and then its children: none of them can end in good order."""
        assert self._process is not None
        children = self._children()
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        for child in children:
            _signal(child, signal.SIGKILL)
        wait_until(lambda: not answers(self.smtp) and not answers(self.web), "all processes gone")

    def stop(self) -> int:
        """End in good order; returns the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)

    def close(self) -> None:
        """Leave nothing running."""
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGTERM)
            self._process.wait(60)
        self.sink.stop()
        self._log.close()

    def send(self, content: bytes, sender: str, recipients: list[str]) -> None:
        """Hand one mail to the relay by SMTP."""
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=60) as client:
            client.sendmail(sender, recipients, content)

    def sunk(self) -> list[SunkMail]:
        """What the next hop has got."""
        return self.sink.sink.mails()

    def database(self) -> Database:
        """The service's own database, to look into."""
        return Database(f"sqlite:///{self.store}")

    def balance(self) -> Balance:
        """Accepted, delivered, queued, bounced."""
        database = self.database()
        with database.read() as session:
            found = mails.balance(session)
        database.close()
        return found

    def run_to_its_end(self) -> tuple[int, str]:
        """Start the service where it cannot run; returns the exit code and all it said."""
        ended = subprocess.run(
            [sys.executable, "-m", "unchain", "serve", "--config", str(self.config)],
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        return ended.returncode, ended.stdout + ended.stderr

    def kill_role(self, role: str) -> None:
        """kill -9 the service's children of a role."""
        for child in self.children(role):
            _signal(child, signal.SIGKILL)

    def children(self, role: str) -> list[int]:
        """The processes of a role, lowest number first."""
        marks = {child: Path(f"/proc/{child}/cmdline") for child in self._children()}
        return [child for child, mark in marks.items() if f"--role\0{role}\0" in _text(mark)]

    def _children(self) -> list[int]:
        assert self._process is not None
        number = self._process.pid
        return sorted(map(int, _text(Path(f"/proc/{number}/task/{number}/children")).split()))


def _text(path: Path) -> str:
    """What a file of a process says; "" where the process is gone."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _signal(process: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)
