"""Several processes on one port: all take mail, none loses any, and one that dies is missed by nobody."""

import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unchain.installation import RealInstallation, answers, wait_until

EDGES = 2
MAILS = 30


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[RealInstallation]:
    running = RealInstallation(tmp_path)
    config = running.config.read_text()
    running.config.write_text(config.replace("[ingest.smtp]\n", f"[ingest.smtp]\nprocesses = {EDGES}\n"))
    running.sink.start()
    running.start()
    yield running
    running.close()


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
