"""Several processes on one port: all take mail, none loses any, and one that dies is missed by nobody."""

import os
import signal
import smtplib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from domain.job import JobKind
from store.tables import JobRow
from tests.unchain.installation import RealInstallation, answers, wait_until
from tests.unchain.moody_hop import MoodyHop

EDGES = 2
MAILS = 30
PATIENCE = 180.0  # seconds; a lease must lapse, and a mail is tried again after growing delays


def with_edges(folder: Path) -> RealInstallation:
    made = RealInstallation(folder)
    config = made.config.read_text()
    made.config.write_text(config.replace("[ingest.smtp]\n", f"[ingest.smtp]\nprocesses = {EDGES}\n"))
    return made


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[RealInstallation]:
    running = with_edges(tmp_path)
    running.sink.start()
    running.start()
    yield running
    running.close()


@pytest.fixture
def before_a_silent_hop(tmp_path: Path) -> Iterator[tuple[RealInstallation, MoodyHop]]:
    running = with_edges(tmp_path)
    peer = MoodyHop(running.hop)
    peer.start()
    running.start()
    wait_until(lambda: ports_opened(running) == EDGES, "all edges listen")
    yield running, peer
    running.close()
    peer.stop()


def ports_opened(installation: RealInstallation) -> int:
    return installation.log.count(f"accepting mail on port {installation.smtp}")


def send(installation: RealInstallation, number: int) -> None:
    mail = f"Message-ID: <{number}@acme.example>\r\nSubject: {number}\r\n\r\nNumber {number}.\r\n".encode()
    installation.send(mail, "ann@acme.example", ["bob@acme.example"])


def test_each_mail_goes_its_way_once_whichever_edge_takes_it(installation: RealInstallation) -> None:
    wait_until(lambda: ports_opened(installation) == EDGES, "all edges listen")
    for number in range(MAILS):
        send(installation, number)
    wait_until(lambda: installation.balance().delivered == MAILS, "all are delivered")

    assert installation.balance().holds
    assert len(installation.sunk()) == MAILS


def test_an_edge_that_is_killed_is_started_again_and_the_mail_flows(installation: RealInstallation) -> None:
    wait_until(lambda: ports_opened(installation) == EDGES, "all edges listen")
    installation.kill_role("edge")
    sent = 0
    for number in range(MAILS):
        try:
            send(installation, number)
            sent += 1
        except (OSError, smtplib.SMTPException):
            wait_until(lambda: answers(installation.smtp), "an edge listens again")
    wait_until(lambda: ports_opened(installation) >= 2 * EDGES, "they have been started again")
    wait_until(lambda: installation.balance().delivered >= sent, "all that was accepted is delivered")

    assert installation.balance().holds


def claimed(installation: RealInstallation) -> Counter[str]:
    """How many mails each edge holds, by its name."""
    database = installation.database()
    with database.read() as session:
        statement = select(col(JobRow.owner)).where(
            col(JobRow.kind) == JobKind.FORWARD, col(JobRow.lease_until).is_not(None)
        )
        found = Counter(session.execute(statement).scalars())
    database.close()
    return found


def hang_on_to_all(installation: RealInstallation, hop: MoodyHop) -> set[str]:
    """Send mails while the next hop says nothing, until both edges wait for it; their names."""
    hop.malice = 1.0
    hop.only = "hang"
    for number in range(MAILS):
        send(installation, number)
    wait_until(lambda: len(claimed(installation)) == EDGES, "both edges have mails under way")
    return set(claimed(installation))


def process_of(owner: str) -> int:
    """An edge's process, from its name: role@host:process:chance."""
    return int(owner.split(":")[1])


def test_a_living_edge_takes_over_what_a_dead_one_had_under_way(
    before_a_silent_hop: tuple[RealInstallation, MoodyHop],
) -> None:
    installation, peer = before_a_silent_hop
    dead = min(hang_on_to_all(installation, peer))
    os.kill(process_of(dead), signal.SIGKILL)
    peer.behave()
    wait_until(lambda: installation.balance().delivered == MAILS, "all are delivered", PATIENCE)

    assert installation.balance().holds
    assert len(peer.taken.answered) == MAILS
    assert dead not in claimed(installation)


def test_an_edge_that_was_paused_until_another_took_its_mails_loses_and_spoils_nothing(
    before_a_silent_hop: tuple[RealInstallation, MoodyHop],
) -> None:
    installation, peer = before_a_silent_hop
    paused = min(hang_on_to_all(installation, peer))
    os.kill(process_of(paused), signal.SIGSTOP)
    try:
        peer.behave()
        wait_until(lambda: installation.balance().delivered == MAILS, "the other has delivered all", PATIENCE)
    finally:
        os.kill(process_of(paused), signal.SIGCONT)
    for number in range(MAILS, 2 * MAILS):
        send(installation, number)
    wait_until(lambda: installation.balance().delivered == 2 * MAILS, "mail flows")
    wait_until(lambda: not claimed(installation), "nothing is held")

    assert installation.balance().holds
    assert installation.balance().queued == 0
    assert len(peer.taken.answered) == 2 * MAILS
