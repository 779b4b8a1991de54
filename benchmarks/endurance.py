"""Endurance: what the edge's memory and files do over many mails, and with idle sessions beside a stream.

The edge alone takes mails of several sizes from smtp-source all the time and hands them to smtp-sink. Needs
Postfix's two programs. Analysis does not run, so its jobs and all mails stay in the database: it must grow.
Run: python -m benchmarks.endurance [--mails N] [--every N] [--sessions N] [--idle N] [--rate N] [--seconds N]
"""

import argparse
import contextlib
import itertools
import random
import shutil
import smtplib
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from base64 import encodebytes
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.processes import cpu_seconds, memory
from benchmarks.relay import Relay, unchain

SIZES = (1, 4, 16)  # kB, in turn
BATCH = 1500  # mails of one size before the next
PATIENCE = 600.0  # seconds without a single mail delivered
SENDERS = 8  # connections of the slow stream
ENVELOPE = ("-f", "alice@acme.example", "-t", "bob@acme.example")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The edge at one moment."""

    mails: int  # delivered so far
    seconds: float
    cpu: float  # seconds
    memory: float  # MB (PSS)
    open_files: int
    wal: float  # MB
    database: float  # MB


def compose(folder: Path) -> list[Path]:
    """A mail of each size, of text that does not compress well."""
    paths = []
    for kilobytes in SIZES:
        path = folder / f"{kilobytes}.eml"
        text = encodebytes(random.Random(kilobytes).randbytes(kilobytes * 750))
        path.write_bytes(b"From: alice@acme.example\nTo: bob@acme.example\nSubject: endurance\n\n" + text)
        paths.append(path)
    return paths


class Load:
    """Sends mails of all sizes, batch after batch, until so many are accepted."""

    def __init__(self, relay: Relay, folder: Path, *, mails: int, sessions: int) -> None:
        self._relay = relay
        self._files = compose(folder)
        self._mails = mails
        self._sessions = sessions
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _send(self) -> None:
        left = self._mails
        for path in itertools.cycle(self._files):
            batch = min(BATCH, left)
            if batch == 0:
                return
            subprocess.run(  # noqa: S603 - our own command line
                [
                    *("smtp-source", "-d", "-s", str(self._sessions), "-m", str(batch)),
                    *("-F", str(path), *ENVELOPE, f"127.0.0.1:{self._relay.port}"),
                ],
                check=True,
                capture_output=True,
            )
            left -= batch


def sample(relay: Relay, home: Path, began: float) -> Sample:
    """Look at the edge."""
    return Sample(
        mails=relay.sink.mails,
        seconds=time.monotonic() - began,
        cpu=cpu_seconds(relay.pids[0]),
        memory=memory(relay.pids[0]),
        open_files=len(list(Path(f"/proc/{relay.pids[0]}/fd").iterdir())),
        wal=_megabytes(home / "unchain.db-wal"),
        database=_megabytes(home / "unchain.db"),
    )


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1024**2 if path.exists() else 0.0


def endure(relay: Relay, home: Path, *, mails: int, every: int, sessions: int) -> Iterator[Sample]:
    """Send `mails` through the edge; a sample whenever `every` more have been delivered."""
    began = last = time.monotonic()
    with Load(relay, home, mails=mails, sessions=sessions):
        seen = 0
        for due in range(every, mails + 1, every):
            while relay.sink.mails < due:
                threading.Event().wait(0.02)
                if relay.sink.mails > seen:
                    seen, last = relay.sink.mails, time.monotonic()
                elif time.monotonic() - last > PATIENCE:
                    raise SystemExit(f"{seen} of {mails} mails arrived")
            yield sample(relay, home, began)


def slope(samples: Sequence[Sample]) -> float:
    """MB of memory for each 100,000 mails, after the first fifth, in which the program warms up."""
    warm = samples[len(samples) // 5 :]
    if len(warm) < 2:
        return 0.0
    line = statistics.linear_regression([each.mails for each in warm], [each.memory for each in warm])
    return line.slope * 100_000


@contextlib.contextmanager
def idle_sessions(port: int, number: int) -> Iterator[None]:
    """So many connections that have said EHLO and then nothing."""
    with contextlib.ExitStack() as stack:
        for _ in range(number):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            connection.recv(1024)
            connection.sendall(b"EHLO idle.example\r\n")
            connection.recv(1024)
        yield


def trickle(relay: Relay, folder: Path, *, rate: int, seconds: int) -> Iterator[float]:
    """Send `rate` mails a second for so long, a connection for each; the edge's memory at each second."""
    bodies = [path.read_text() for path in compose(folder)]

    def send(number: int) -> None:
        with smtplib.SMTP("127.0.0.1", relay.port, timeout=60) as client:
            client.sendmail("alice@acme.example", ["bob@acme.example"], bodies[number % len(bodies)])

    began = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        sent = []
        for number in range(rate * seconds):
            threading.Event().wait(max(0.0, began + number / rate - time.monotonic()))
            sent.append(pool.submit(send, number))
            if number % rate == rate - 1:
                yield memory(relay.pids[0])
        for each in sent:
            each.result()
    yield memory(relay.pids[0])


def show(samples: Sequence[Sample]) -> None:
    """Print the curve."""
    table = Table(title="the edge under constant load", title_justify="left")
    for name in ("mails", "s", "CPU s", "memory MB", "open files", "WAL MB", "database MB"):
        table.add_column(name, justify="right")
    for each in samples:
        table.add_row(
            *(f"{each.mails:,}", f"{each.seconds:.0f}", f"{each.cpu:.0f}", f"{each.memory:.1f}"),
            *(str(each.open_files), f"{each.wal:.1f}", f"{each.database:.0f}"),
        )
    console = Console(width=100)
    console.print(table)
    console.print(f"{slope(samples):+.2f} MB for each 100,000 mails after the first fifth")


def main() -> None:
    """Print the curve of the long run, then the memory beside idle sessions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--every", type=int, default=5000, help="mails between two samples")
    parser.add_argument("--sessions", type=int, default=20, help="connections that send all the time")
    parser.add_argument("--idle", type=int, default=200, help="connections that say nothing")
    parser.add_argument("--rate", type=int, default=24, help="mails a second beside them")
    parser.add_argument("--seconds", type=int, default=60, help="for how long")
    wanted = parser.parse_args()
    if shutil.which("smtp-source") is None:
        raise SystemExit("smtp-source and smtp-sink are missing: install Postfix")
    with tempfile.TemporaryDirectory() as name, unchain(Path(name), "edge", "edge", 1) as relay:
        home = Path(name) / "edge"
        show(list(endure(relay, home, mails=wanted.mails, every=wanted.every, sessions=wanted.sessions)))
    with (
        tempfile.TemporaryDirectory() as name,
        unchain(Path(name), "edge", "edge", 1) as relay,
        idle_sessions(relay.port, wanted.idle),
    ):
        curve = list(trickle(relay, Path(name), rate=wanted.rate, seconds=wanted.seconds))
    Console(width=140).print(
        f"{wanted.rate} mails/s with {wanted.idle} idle sessions for {wanted.seconds} s: "
        f"{curve[0]:.1f} MB in the first second, {curve[-1]:.1f} MB at the end, {max(curve):.1f} MB at most"
    )


if __name__ == "__main__":
    main()
