"""A storm of threads, and machines that answer our notices: budgets hold, silence is seen, mail still flows.

UNCHAIN_STORM says how many threads there are.
"""

import os
import smtplib
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path

import pytest

from domain.job import JobKind
from store import publications, queue
from tests.unchain.installation import RealInstallation, wait_until
from tests.unchain.moody_hop import MoodyHop

THREADS = int(os.environ.get("UNCHAIN_STORM", "40"))
PEOPLE = [f"person{number}@acme.example" for number in range(30)]
RUDE, POLITE = PEOPLE[0], PEOPLE[1]  # machines that answer whatever comes; one says that it is a machine
OURS = "unchain@acme.example"
SYSTEM, PERSON = 45, 6  # mails in an hour
PATIENCE = 240.0
TURNS = (
    "Which version of the printer driver should we install on the new laptops? The current one crashes when "
    "I print two pages per sheet.",
    "Version 7.2 works here, with the option for booklets switched off. I have written down the steps.",
    "Thanks, 7.2 fixed it for me too. Shall we add it to the standard image?",
)
BUDGET = f"""
[budget]
recipient = {{ hour = {PERSON}, day = 1000 }}
system = {{ hour = {SYSTEM}, day = 1000 }}
"""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[RealInstallation]:
    running = RealInstallation(tmp_path)
    text = running.config.read_text()
    running.config.write_text(text.replace("quiet = 1.5", "quiet = 0.5") + BUDGET)
    running.start()
    yield running
    running.close()


@pytest.fixture
def hop(installation: RealInstallation) -> Iterator[MoodyHop]:
    made = MoodyHop(installation.hop)
    made.start()
    yield made
    made.stop()


class AnsweringMachines:
    """Answer each notice to one of the two, to us and to everybody in the thread."""

    def __init__(self, installation: RealInstallation, hop: MoodyHop) -> None:
        self.answers = 0
        self._installation = installation
        self._hop = hop
        self._seen: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "AnsweringMachines":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            for digest in set(self._hop.taken.ours) - self._seen:
                self._seen.add(digest)
                notice = message_from_bytes(self._hop.taken.ours[digest], policy=policy.default)
                owner = parseaddr(str(notice["To"]))[1]
                if owner in (RUDE, POLITE):
                    self._answer(owner, notice)

    def _answer(self, owner: str, notice: EmailMessage) -> None:
        self.answers += 1
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Cc"] = owner, OURS, PEOPLE[2]
        mail["Subject"] = f"Re: {notice['Subject']}"
        mail["Message-ID"] = f"<answer-{self.answers}.{owner}>"
        mail["In-Reply-To"] = notice["Message-ID"]
        mail["References"] = f"{notice['References']} {notice['Message-ID']}"
        if owner == POLITE:
            mail["Auto-Submitted"] = "auto-replied"
        mail.set_content("I have got your mail and shall answer it when I am back.\n")
        self._installation.send(mail.as_bytes(policy=policy.SMTP), owner, [OURS, PEOPLE[2]])


def thread(number: int) -> list[tuple[bytes, str, list[str]]]:
    """Three people who discuss something; both machines are often among them."""
    three = [PEOPLE[number % 2], PEOPLE[2 + number % 14], PEOPLE[16 + number % 14]]
    mails = []
    for turn, sender in enumerate(three):
        others = [person for person in three if person != sender]
        mail = EmailMessage()
        mail["From"], mail["To"] = sender, ", ".join(others)
        mail["Subject"] = ("Re: " if turn else "") + f"Printer driver for model {number}"
        mail["Message-ID"] = f"<{number}.{turn}@acme.example>"
        if turn:
            mail["In-Reply-To"] = f"<{number}.{turn - 1}@acme.example>"
        mail.set_content(f"{TURNS[turn]}\n")
        mails.append((mail.as_bytes(policy=policy.SMTP), sender, others))
    return mails


def at_rest(installation: RealInstallation) -> bool:
    """Whether nothing is left to do but what the silence holds back: publications wait to tell people."""
    database = installation.database()
    with database.read() as session:
        waiting = {kind for (kind, _), number in queue.counts(session).items() if number}
        published = [each for each in publications.everything(session) if each.receipt is not None]
    database.close()
    return not waiting - {JobKind.PUBLISH, JobKind.APPEND} and len(published) == THREADS


def status(installation: RealInstallation, *options: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "unchain", "status", "--config", str(installation.config), *options],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.timeout(2 * PATIENCE + 2 * THREADS)
def test_budgets_hold_the_silence_is_seen_and_mail_flows(
    installation: RealInstallation, hop: MoodyHop
) -> None:
    with AnsweringMachines(installation, hop) as machines:
        with smtplib.SMTP("127.0.0.1", installation.smtp, timeout=60) as client:
            for number in range(THREADS):
                for content, sender, recipients in thread(number):
                    client.sendmail(sender, recipients, content)
        wait_until(lambda: at_rest(installation), "the storm is over", PATIENCE + THREADS)
        answers = machines.answers
    installation.send(thread(THREADS)[0][0], *thread(THREADS)[0][1:])
    wait_until(lambda: installation.balance().queued == 0, "people's mail flows in silence")

    notices = [message_from_bytes(content) for content in hop.taken.ours.values()]
    sys.stderr.write(f"\n{THREADS} threads, {len(notices)} notices, {answers} answers of machines\n")
    assert 0 < len(notices) <= SYSTEM
    assert max(Counter(notice["To"] for notice in notices).values()) <= PERSON
    assert 0 < answers <= sum(parseaddr(notice["To"])[1] in (RUDE, POLITE) for notice in notices)
    assert installation.balance().holds
    assert installation.balance().accepted == 6 * THREADS + 2 * answers + 2
    assert installation.log.count("ALARM: Unchain falls silent") == 1
    assert "silent until" in status(installation)
    assert '"silent": {"until"' in status(installation, "--json")
