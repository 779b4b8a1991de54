"""Publications whose connector is killed at any moment: each lands once, or is said to be uncertain.

UNCHAIN_PUBLICATIONS=1000 makes it a thousand; a dozen by default.
"""

import os
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.base import Capabilities, Rung
from domain.errors import Refused, Transient, Uncertain
from domain.publication import Publication, Receipt
from store.publications import PublicationState
from tests.unchain.test_worker import SETTLING
from tests.unchain.workshop import QUIET, TEAM, Workshop, mail, migrated

PUBLICATIONS = int(os.environ.get("UNCHAIN_PUBLICATIONS", "12"))
SEED = int(os.environ.get("UNCHAIN_SEED", "20261123"))


class KilledError(BaseException):
    """The process ends here, as by kill -9: nobody catches it, nothing is written any more."""


class Service:
    """What outlives every kill: the entries of a space, some of them under a key."""

    def __init__(self) -> None:
        self.entries: list[str] = []


class KilledConnector:
    """Posts in a service, and is killed or cut off before, while and after it does so."""

    def __init__(self, rung: Rung, service: Service, chance: random.Random) -> None:
        self.capabilities = Capabilities(title_length=200, post_length=10_000, rung=rung)
        self._service, self._chance = service, chance
        self.killed: Counter[str] = Counter()

    async def check(self) -> str:
        return "killed"

    async def publish(self, publication: Publication) -> Receipt:
        if not publication.posts:
            raise Refused("there is nothing to post")
        self._trouble("before", Transient("cannot be reached"))
        key, there = publication.key, self._service.entries
        if self.capabilities.rung is Rung.FOUND and key in there:
            return self._receipt(publication)
        self._trouble("between looking and asking", Transient("cannot be reached"))
        if self.capabilities.rung is not Rung.KEY or key not in there:
            there.append(key)
        self._trouble("after it had landed", Uncertain("no answer came"))
        return self._receipt(publication)

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _trouble(self, when: str, error: Exception) -> None:
        if self._chance.random() < 0.15:
            self.killed[when] += 1
            raise KilledError if self._chance.random() < 0.6 else error

    def _receipt(self, publication: Publication) -> Receipt:
        return Receipt(
            key=publication.key,
            entry_id=publication.key,
            url=f"https://wiki.acme.example/{publication.thread_id}",
            published_at=publication.posts[0].at,
        )


async def work_on(shop: Workshop) -> None:
    """Work until nothing is due; whoever is killed is followed by another worker when its leases lapse."""
    deaths = 0
    while True:
        worker = shop.another_worker(f"worker {deaths}")
        try:
            while await worker.run_once():
                pass
        except KilledError:
            deaths += 1
            shop.clock.advance(timedelta(seconds=61))
            continue
        waiting = {kind for kind, state in shop.jobs() if state == "ready"}
        if not waiting & {"publish", "process", "judge"}:  # redirect replies may wait for their budget
            return
        shop.clock.advance(SETTLING)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("rung", list(Rung))
async def test_each_publication_lands_once_or_is_said_to_be_uncertain(tmp_path: Path, rung: Rung) -> None:
    shop, service = Workshop(migrated(tmp_path)), Service()
    connector = KilledConnector(rung, service, random.Random(SEED))
    shop.connectors["wiki"] = connector
    for number in range(PUBLICATIONS):
        for mail_number in range(3):
            shop.receive(
                mail(
                    f"{number}-{mail_number}",
                    sender=TEAM[mail_number],
                    subject=f"Matter {number}",
                    answers=f"{number}-{mail_number - 1}" if mail_number else None,
                )
            )
    shop.clock.advance(QUIET)
    await work_on(shop)

    landed = Counter(service.entries)
    publications = shop.publications()
    assert len(publications) == PUBLICATIONS
    assert set(connector.killed) == {"before", "between looking and asking", "after it had landed"}
    for each in publications:
        if each.state is PublicationState.PUBLISHED:
            assert landed[each.key] == 1
        else:
            assert each.state is PublicationState.UNCERTAIN
            assert rung is Rung.NEITHER
            assert landed[each.key] <= 1
    assert any(each.state is PublicationState.PUBLISHED for each in publications)
    shop.database.close()
