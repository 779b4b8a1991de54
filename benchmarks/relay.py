"""Relaying: Unchain against Postfix, on one disk and in one run, fed by smtp-source, delivering to smtp-sink.

Both store a mail durably before they answer, and hand it to the next hop. Unchain runs once without analysis
(the edge alone) and once with it (edge, worker and web; the worker has a backlog all the time). Needs root
and Postfix; both keep their files in the system's folder for temporary ones (TMPDIR).
Run: python -m benchmarks.relay [--mails N] [--rounds N] [--sizes 4,40] [--sessions 1,20,200] [--edges N]
"""

import argparse
import contextlib
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.processes import cpu_seconds, descendants, memory
from tests.servers.postfix import missing, postfix
from tests.servers.processes import free_port
from tests.unchain.installation import CONFIG, wait_until

PATIENCE = 300.0  # seconds until every mail must have come through
OURS = ("unchain, analysis off", "unchain, analysis on")
THEIRS = "postfix"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One relay, one round."""

    accepted: float  # mails a second
    delivered: float
    cpu: float  # CPU milliseconds a mail
    memory: float  # MB afterwards


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is sent in one round."""

    mails: int
    kilobytes: int
    sessions: int
    keep: bool  # all mails of a session in one connection, else a connection for each mail


class CountingSink:
    """An smtp-sink that counts what comes in."""

    def __init__(self, folder: Path, name: str) -> None:
        self.port = free_port()
        self._path = folder / f"{name}.count"
        self._file = self._path.open("wb")
        command = ["smtp-sink", "-u", "nobody", "-c", f"127.0.0.1:{self.port}", "1024"]
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            command, stdout=self._file, stderr=subprocess.DEVNULL
        )

    @property
    def mails(self) -> int:
        """How many have come so far."""
        with self._path.open("rb") as file:
            file.seek(max(0, self._path.stat().st_size - 200))
            counts = re.findall(rb"mesg=(\d+)", file.read())
        return int(counts[-1]) if counts else 0

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()
        self._file.close()


@dataclass(frozen=True, kw_only=True)
class Relay:
    """A running relay: `pids` are above all of its processes."""

    name: str
    port: int
    pids: tuple[int, ...]
    sink: CountingSink


@contextlib.contextmanager
def unchain(folder: Path, name: str, role: str, edges: int) -> Iterator[Relay]:
    """Our service in one of its roles, or all."""
    home = folder / role
    home.mkdir()
    sink = CountingSink(home, "sink")
    port, web = free_port(), free_port()
    config = home / "config.toml"
    written = CONFIG.format(smtp=port, sink=sink.port, web=web, stage="move")
    config.write_text(written.replace("[ingest.smtp]\n", f"[ingest.smtp]\nprocesses = {edges}\n"))
    command = [sys.executable, "-m", "unchain", "serve", "--role", role, "--config", str(config)]
    numbers = range(1, 2 if role == "all" else edges + 1)  # all of it starts its edges by itself
    with (home / "log").open("wb") as log:
        running = [
            subprocess.Popen(  # noqa: S603 - our own command line
                [*command, "--number", str(number)], stdout=log, stderr=log
            )
            for number in numbers
        ]
        relay = Relay(name=name, port=port, pids=tuple(process.pid for process in running), sink=sink)
        try:
            wait_until(lambda: (home / "log").read_text().count("accepting mail") == edges, "it takes mail")
            yield relay
        finally:
            _signal(relay, signal.SIGCONT)
            for process in running:
                process.terminate()
                process.wait(60)
            sink.close()


@contextlib.contextmanager
def postfix_relay(folder: Path) -> Iterator[Relay]:
    """Postfix as Debian sets it up, with a transport to the sink."""
    sink = CountingSink(folder, "postfix")
    with postfix({"default_transport": f"smtp:[127.0.0.1]:{sink.port}"}) as server:
        yield Relay(name=THEIRS, port=server.port, pids=(server.pid,), sink=sink)
    sink.close()


_ENVELOPE = ("-f", "alice@acme.example", "-t", "bob@acme.example")


def send(relay: Relay, setting: Setting) -> Outcome:
    """Send mails through a relay and wait until all have arrived."""
    expected = relay.sink.mails + setting.mails
    spent = _cpu(relay)
    command = [
        *("smtp-source", "-s", str(setting.sessions), "-m", str(setting.mails)),
        *("-l", str(setting.kilobytes * 1024), *(["-d"] if setting.keep else []), *_ENVELOPE),
        f"127.0.0.1:{relay.port}",
    ]
    began = time.monotonic()
    subprocess.run(  # noqa: S603 - our own command line
        command, check=True, capture_output=True
    )
    accepted = time.monotonic() - began
    while relay.sink.mails < expected:
        if time.monotonic() - began > PATIENCE:
            raise SystemExit(f"{relay.name}: {relay.sink.mails} of {expected} mails arrived")
        threading.Event().wait(0.005)
    delivered = time.monotonic() - began
    return Outcome(
        accepted=setting.mails / accepted,
        delivered=setting.mails / delivered,
        cpu=1000 * (_cpu(relay) - spent) / setting.mails,
        memory=sum(map(memory, relay.pids)),
    )


def _cpu(relay: Relay) -> float:
    return sum(map(cpu_seconds, relay.pids))


def _signal(relay: Relay, number: signal.Signals) -> None:
    for pid in (each for root in relay.pids for each in descendants(root)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def compare(relays: Sequence[Relay], setting: Setting, rounds: int) -> dict[str, list[Outcome]]:
    """Each relay's outcome in each round, in turn; those whose turn it is not stand still."""
    outcomes: dict[str, list[Outcome]] = {relay.name: [] for relay in relays}
    for relay in relays:
        _signal(relay, signal.SIGSTOP)
    for number in range(rounds + 1):
        for relay in relays:
            _signal(relay, signal.SIGCONT)
            outcome = send(relay, setting)
            _signal(relay, signal.SIGSTOP)
            if number:  # the first round warms up
                outcomes[relay.name].append(outcome)
    for relay in relays:
        _signal(relay, signal.SIGCONT)
    return outcomes


def show(setting: Setting, outcomes: dict[str, list[Outcome]]) -> None:
    """Print medians, and the medians of the ratios within each round."""
    each = "all mails of a session in one connection" if setting.keep else "a connection for each mail"
    title = f"{setting.kilobytes} kB, {setting.sessions} sessions, {setting.mails} mails a round, {each}"
    table = Table("", "accepted/s", "delivered/s", "CPU ms a mail", "MB", title=title, title_justify="left")
    for column in ("accepted: ratio", "delivered: ratio", "min", "max", "CPU: ratio"):
        table.add_column(column)
    theirs = outcomes[THEIRS]
    for name, rounds in outcomes.items():
        figures = [_median([getattr(one, field) for one in rounds]) for field in _FIELDS]
        accepted = [one.accepted / other.delivered for one, other in zip(rounds, theirs, strict=True)]
        delivered = [one.delivered / other.delivered for one, other in zip(rounds, theirs, strict=True)]
        cpu = [one.cpu / other.cpu for one, other in zip(rounds, theirs, strict=True)]
        spread = (_median(accepted), _median(delivered), min(delivered), max(delivered), _median(cpu))
        table.add_row(
            name,
            *(f"{figure:.{places}f}" for figure, places in zip(figures, (0, 0, 2, 0), strict=True)),
            *(f"{ratio:.2f}" for ratio in spread),
        )
    Console(width=140).print(table)


_FIELDS = ("accepted", "delivered", "cpu", "memory")


def _median(values: Sequence[float]) -> float:
    return statistics.median(values)


def main() -> None:
    """Print a table for each setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", default="4,40", help="kB, with commas")
    parser.add_argument("--sessions", default="1,20,200")
    parser.add_argument("--edges", type=int, default=1, help="processes of ours that take mail")
    parser.add_argument("--keep", action="store_true", help="all mails of a session in one connection")
    wanted = parser.parse_args()
    lack = missing()
    if lack:
        raise SystemExit(lack)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        relays = [
            stack.enter_context(postfix_relay(folder)),
            stack.enter_context(unchain(folder, OURS[0], "edge", wanted.edges)),
            stack.enter_context(unchain(folder, OURS[1], "all", wanted.edges)),
        ]
        for kilobytes in map(int, wanted.sizes.split(",")):
            for sessions in map(int, wanted.sessions.split(",")):
                setting = Setting(
                    mails=wanted.mails, kilobytes=kilobytes, sessions=sessions, keep=wanted.keep
                )
                show(setting, compare(relays, setting, wanted.rounds))


if __name__ == "__main__":
    main()
