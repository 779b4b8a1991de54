"""The whole service killed at random while chains are published: nobody hears of a new home twice.

UNCHAIN_KILLS says how often it is killed.
"""

import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from domain.job import JobKind
from store import publications, queue
from store.tables import NoticeRow
from tests.unchain.accounts import assert_nothing_is_lost, repeated, unsure
from tests.unchain.chains import Chains
from tests.unchain.installation import RealInstallation, answers, wait_until
from tests.unchain.moody_hop import MoodyHop
from tests.unchain.senders import Clients
from tests.unchain.troubles import locked
from unchain.notices import REDIRECT

KILLS = int(os.environ.get("UNCHAIN_KILLS", "4"))
MALICE = 0.02
PATIENCE = 240.0  # seconds until what is left is read, published and handed on
VICTIMS = ("all", "edge", "worker", "parent", "edge", "worker", "web")


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[RealInstallation]:
    running = RealInstallation(tmp_path)
    text = running.config.read_text()
    # What is limited here has tests of its own; this one sends more mail of ours than a day's budget.
    limits = "".join(f"{scope} = {{ hour = 100000, day = 100000 }}\n" for scope in ("domain", "system"))
    running.config.write_text(text.replace("quiet = 1.5", "quiet = 0.5") + f"\n[budget]\n{limits}")
    running.start()
    yield running
    running.close()


@pytest.fixture
def hop(installation: RealInstallation) -> Iterator[MoodyHop]:
    made = MoodyHop(installation.hop, malice=MALICE)
    made.start()
    yield made
    made.stop()


def kill(installation: RealInstallation, victim: str) -> None:
    """One process, the parent, or all; then wait until the service takes mail again."""
    if victim == "all":
        installation.kill_all()
        installation.start()
    elif victim == "parent":
        installation.kill()
        installation.start()
    else:
        wait_until(lambda: bool(installation.children(victim)), f"{victim} is there to be killed")
        installation.kill_role(victim)
        wait_until(lambda: answers(installation.smtp), "it takes mail")


def idle(installation: RealInstallation) -> bool:
    """Whether there is no job left of any kind."""
    with installation.database().read() as session:
        return not any(number for (kind, _), number in queue.counts(session).items() if kind in JobKind)


def redirects(hop: MoodyHop) -> dict[str, set[str]]:
    """Each person's redirect replies that have arrived, by Message-ID."""
    found: dict[str, set[str]] = defaultdict(set)
    for content in hop.taken.ours.values():
        mail = message_from_bytes(content)
        if mail.get_content_type() != "multipart/report":
            found[mail["To"]].add(mail["Message-ID"])
    return found


@pytest.mark.timeout(240 + PATIENCE + 60 * KILLS)
def test_nothing_is_lost_and_nobody_is_told_twice_whatever_is_killed(
    installation: RealInstallation, hop: MoodyHop
) -> None:
    clients, chains = Clients(installation.smtp, clients=3, pause=0.1), Chains(installation.smtp)
    chance = random.Random(9)
    victims: Counter[str] = Counter()
    clients.start()
    chains.start()
    for number in range(KILLS):
        clients.wait(chance.uniform(0.2, 3.0))
        victim = VICTIMS[number] if number < len(VICTIMS) else chance.choice(VICTIMS)
        victims[victim] += 1
        if chance.random() < 0.2:
            with locked(installation.store):
                clients.wait(chance.uniform(0.1, 2.0))
        kill(installation, victim)
    clients.stop()
    chains.stop()
    hop.behave()
    wait_until(lambda: idle(installation), "everything is read, published and handed on", PATIENCE)
    again, unanswered = repeated(hop.taken), unsure(hop.taken)
    sys.stderr.write(
        f"\n{KILLS} kills {dict(victims)}, {len(clients.accepted)} mails, {len(chains.people)} chains, "
        f"{hop.taken.answered.total()} deliveries; came again after a kill: {again}; came again where the "
        f"next hop had not answered: {unanswered}; its moods: {dict(sorted(hop.moods.items()))}\n"
    )

    assert_nothing_is_lost(installation, hop.taken, {**clients.accepted, **chains.accepted})
    everybody = frozenset().union(*chains.people)
    with installation.database().read() as session:
        published = [each.thread_id for each in publications.everything(session)]
        told = Counter(
            session.execute(select(col(NoticeRow.email)).where(col(NoticeRow.sort) == REDIRECT)).scalars()
        )
    assert len(published) == len(set(published)) == len(chains.people)
    assert told == Counter(dict.fromkeys(everybody, 1))
    arrived = redirects(hop)
    assert all(len(ids) == 1 for ids in arrived.values())
    assert len(arrived) <= len(everybody)
