"""The edge alone, killed at random under load: what was answered with 250 arrives, byte for byte.

UNCHAIN_KILLS says how often it is killed.
"""

import os
import random
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from tests.unchain.accounts import assert_nothing_is_lost, repeated, unsure
from tests.unchain.installation import RealInstallation, answers, wait_until
from tests.unchain.moody_hop import ANYWHERE, MoodyHop
from tests.unchain.senders import Clients
from tests.unchain.troubles import full_disk, locked, small_disk
from unchain.courier import SIDE_BY_SIDE

KILLS = int(os.environ.get("UNCHAIN_KILLS", "3"))
MALICE = 0.04  # how likely the next hop does something else than it should, at each step
PATIENCE = 180.0  # seconds until the last mail has been tried again: delays grow


class Edge:
    """The edge process of an installation, and what would start it again when it ends."""

    def __init__(self, installation: RealInstallation) -> None:
        self._installation = installation
        self._log = (installation.folder / "edge.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        wait_until(self._is_up, "the edge takes mail")

    def _is_up(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            # A full disk may keep it from starting: then it is tried again, as by systemd.
            command = ["serve", "--role", "edge", "--config", str(self._installation.config)]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "unchain", *command], stdout=self._log, stderr=self._log
            )
        return answers(self._installation.smtp)

    def end(self, how: signal.Signals) -> None:
        assert self._process is not None
        assert self._process.poll() is None, "it has ended by itself"
        self._process.send_signal(how)
        self._process.wait(60)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", megabytes=1024) as lack:
        if lack:
            warnings.warn(f"the disk is never full in this run: {lack}", stacklevel=1)
        yield tmp_path / "disk"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[RealInstallation]:
    running = RealInstallation(tmp_path)
    yield running
    running.close()


@pytest.fixture
def on_small_disk(tmp_path: Path, disk: Path) -> Iterator[RealInstallation]:
    running = RealInstallation(tmp_path, disk=disk)
    yield running
    running.close()


@pytest.fixture
def hop(request: pytest.FixtureRequest) -> Iterator[MoodyHop]:
    name = next(each for each in ("on_small_disk", "installation") if each in request.fixturenames)
    made = MoodyHop(request.getfixturevalue(name).hop)
    made.start()
    yield made
    made.stop()


def settled(installation: RealInstallation) -> None:
    wait_until(lambda: installation.balance().queued == 0, "everything is handed on", PATIENCE)


def report(hop: MoodyHop, clients: Clients, kills: int) -> None:
    """Say how many deliveries came twice: RFC 1047 allows it, nobody should be surprised by it."""
    again = repeated(hop.taken)
    sys.stderr.write(
        f"\n{kills} kills, {len(clients.accepted)} mails answered with 250, "
        f"{hop.taken.answered.total()} deliveries; came again after a kill: {again} "
        f"({again / kills:.2f} a kill); came again where the next hop had not answered: "
        f"{unsure(hop.taken)}; the next hop's moods: {dict(sorted(hop.moods.items()))}\n"
    )
    # More would mean that mails are repeated which nobody had under way.
    assert again <= kills * 3 * SIDE_BY_SIDE


@pytest.mark.timeout(120 + PATIENCE + 30 * KILLS)
def test_what_was_answered_with_250_arrives_whatever_is_killed(
    installation: RealInstallation, hop: MoodyHop
) -> None:
    edge, clients = Edge(installation), Clients(installation.smtp)
    chance = random.Random(7)
    edge.start()
    clients.start()
    for _ in range(KILLS):
        so_far = len(clients.accepted)
        wanted = so_far + chance.randint(5, 60)
        wait_until(lambda wanted=wanted: len(clients.accepted) >= wanted, "mail flows")
        edge.end(signal.SIGKILL)
        edge.start()
    clients.stop()
    settled(installation)
    edge.end(signal.SIGTERM)

    assert_nothing_is_lost(installation, hop.taken, clients.accepted)
    assert installation.balance().delivered == hop.taken.answered.total() - repeated(hop.taken)
    report(hop, clients, KILLS)


def filled(installation: RealInstallation) -> AbstractContextManager[None]:
    """Its disk without a byte left; never the machine's own disk."""
    folder = installation.store.parent
    return full_disk(folder) if folder.is_mount() else nullcontext()


def trouble(installation: RealInstallation, chance: random.Random) -> AbstractContextManager[None]:
    """What happens to the database this time: half of the times nothing."""
    kind = chance.choice(("full", "locked", "", ""))
    if kind == "full":
        return filled(installation)
    return locked(installation.store) if kind else nullcontext()


@pytest.mark.timeout(120 + PATIENCE + 60 * KILLS)
def test_nothing_is_lost_with_a_full_disk_a_locked_database_and_a_next_hop_in_a_bad_mood(
    on_small_disk: RealInstallation, hop: MoodyHop
) -> None:
    installation = on_small_disk
    hop.malice = MALICE
    edge, clients = Edge(installation), Clients(installation.smtp, pause=0.01)
    chance = random.Random(8)
    edge.start()
    clients.start()
    for _ in range(KILLS):
        so_far = len(clients.accepted)
        wanted = so_far + chance.randint(1, 40)
        wait_until(lambda wanted=wanted: len(clients.accepted) >= wanted, "mail flows")
        with trouble(installation, chance):
            clients.wait(chance.uniform(0.0, 2.0))
            edge.end(signal.SIGKILL)
            clients.wait(chance.uniform(0.0, 1.0))
        edge.start()
    with filled(installation):
        clients.wait(2.0)
    wanted = len(clients.accepted) + 20
    wait_until(lambda: len(clients.accepted) >= wanted, "mail flows after a full disk without any restart")
    with locked(installation.store):
        clients.wait(2.0)
    wanted = len(clients.accepted) + 20
    wait_until(lambda: len(clients.accepted) >= wanted, "mail flows after a lock without any restart")
    clients.stop()
    hop.behave()
    settled(installation)
    edge.end(signal.SIGTERM)

    assert_nothing_is_lost(installation, hop.taken, clients.accepted)
    report(hop, clients, KILLS)
    assert set(hop.moods) >= {*ANYWHERE, "5xx"}
