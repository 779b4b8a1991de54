"""The edge alone, killed at random under load: what was answered with 250 arrives, byte for byte."""

import os
import random
import signal
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unchain.installation import RealInstallation, answers, wait_until

KILLS = int(os.environ.get("UNCHAIN_KILLS", "4"))
CLIENTS = 6


class Edge:
    """The edge process of an installation."""

    def __init__(self, installation: RealInstallation) -> None:
        self._installation = installation
        self._log = (installation.folder / "edge.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["serve", "--role", "edge", "--config", str(self._installation.config)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "unchain", *command], stdout=self._log, stderr=self._log
        )
        wait_until(lambda: answers(self._installation.smtp), "the edge takes mail")

    def end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(60)


class Clients:
    """Threads that send numbered mails and note which were answered with 250."""

    def __init__(self, port: int) -> None:
        self.accepted: dict[str, bytes] = {}
        self._port = port
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(CLIENTS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _send(self, client: int) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
            name = f"{client}.{number}"
            body = random.Random(name).randbytes(3000).replace(b"\r", b"?").replace(b"\n", b"\r\n.")
            mail = f"Message-ID: <{name}@acme.example>\r\nSubject: {name}\r\n\r\n".encode() + body + b"\r\n"
            try:
                with smtplib.SMTP("127.0.0.1", self._port, timeout=20) as connection:
                    connection.sendmail("ann@acme.example", ["bob@acme.example"], mail)
                    self.accepted[name] = mail
            except (OSError, smtplib.SMTPException):
                self._stop.wait(0.05)  # the edge is being killed: this mail stays with its sender


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[RealInstallation]:
    running = RealInstallation(tmp_path)
    running.sink.start()
    yield running
    running.close()


@pytest.mark.timeout(60 + 30 * KILLS)
def test_what_was_answered_with_250_arrives_whatever_is_killed(installation: RealInstallation) -> None:
    edge, clients = Edge(installation), Clients(installation.smtp)
    chance = random.Random(7)
    edge.start()
    clients.start()
    for _ in range(KILLS):
        so_far = len(clients.accepted)
        wait_until(
            lambda before=so_far: len(clients.accepted) >= before + chance.randint(5, 60), "mail flows"
        )
        edge.end(signal.SIGKILL)
        edge.start()
    clients.stop()
    wait_until(lambda: installation.balance().queued == 0, "everything is handed on")
    edge.end(signal.SIGTERM)
    arrived: dict[bytes, int] = {}
    for mail in installation.sunk():
        received, _, original = mail.content.partition(b"Message-ID:")
        assert received.startswith(b"Received: ")
        assert received.count(b"Received: ") == 1
        arrived[b"Message-ID:" + original] = arrived.get(b"Message-ID:" + original, 0) + 1
    assert set(clients.accepted.values()) <= set(arrived)
    balance = installation.balance()
    assert balance.holds
    assert balance.delivered == balance.accepted >= len(clients.accepted)
