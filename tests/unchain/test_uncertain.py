"""A posting of which nobody knows whether it has landed is shown to a human, whose word is carried out."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import Session

from connectors.base import Capabilities, Rung
from domain.errors import AuthLost, Uncertain
from domain.job import JobKind
from store import publications, queue, thread_keys, uncertain
from store.publications import PublicationState
from store.tables import PublicationRow
from tests.fakes import PlainConnector
from tests.unchain.terminal import Run
from tests.unchain.workshop import TEAM, Workshop, mail

LEASE = timedelta(seconds=9)
URL = "https://forum.acme.example/t/4711"


class Deaf(PlainConnector):
    """Posts, and cannot tell what it has."""

    capabilities = Capabilities(title_length=200, post_length=100_000, rung=Rung.NEITHER)


@pytest.fixture
def deaf(shop: Workshop) -> Deaf:
    made = Deaf("wiki")
    shop.connectors["wiki"] = made
    return made


async def in_doubt(shop: Workshop, deaf: Deaf) -> str:
    """A posting whose answer got lost; answers its key."""
    deaf.crashes.append(Uncertain("the forum did not answer"))
    planned = await shop.move_talk()
    assert planned.state is PublicationState.UNCERTAIN
    return planned.key


def say_there(shop: Workshop, key: str) -> bool:
    with shop.database.write() as session:
        return uncertain.is_there(session, key, URL, shop.clock.now)


def say_not_there(shop: Workshop, key: str) -> bool:
    with shop.database.write() as session:
        return uncertain.is_not_there(session, key, shop.clock.now)


async def test_it_is_there_so_its_people_get_the_link_and_nothing_is_posted(
    shop: Workshop, deaf: Deaf
) -> None:
    key = await in_doubt(shop, deaf)
    tries = deaf.tries

    assert say_there(shop, key)
    await shop.work()

    planned = shop.publication()
    assert planned.state is PublicationState.PUBLISHED
    assert planned.receipt is not None
    assert planned.receipt.url == URL
    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)
    assert deaf.tries == tries
    assert shop.jobs() == {}


async def test_later_mails_are_not_lost_in_an_entry_that_only_a_human_can_find(
    shop: Workshop, deaf: Deaf
) -> None:
    key = await in_doubt(shop, deaf)
    say_there(shop, key)
    await shop.work()
    shop.receive(mail(3, answers=2))
    await shop.work()

    assert len(shop.publication().posted) == 3
    assert shop.jobs() == {}


async def test_an_entry_that_the_service_finds_by_key_grows_as_any_other(shop: Workshop) -> None:
    planned = await shop.move_talk()
    with shop.database.write() as session:
        session.execute(update(PublicationRow).values(state=PublicationState.UNCERTAIN, receipt=None))
    say_there(shop, planned.key)
    shop.receive(mail(3, answers=2))
    await shop.work()

    assert len(shop.wiki.texts()) == 4
    receipt = shop.publication().receipt
    assert receipt is not None
    assert (receipt.entry_id, receipt.url) == (planned.key, URL)


async def test_it_is_not_there_so_it_is_posted(shop: Workshop, deaf: Deaf) -> None:
    key = await in_doubt(shop, deaf)
    deaf.published.clear()
    deaf.posts.clear()

    assert say_not_there(shop, key)
    await shop.work()

    assert shop.publication().state is PublicationState.PUBLISHED
    assert len(deaf.texts()) == 3


async def test_what_is_not_in_doubt_is_left_as_it_is(shop: Workshop) -> None:
    planned = await shop.move_talk()
    assert not say_there(shop, planned.key)
    assert not say_not_there(shop, planned.key)
    assert not say_there(shop, "no-such-key")
    assert shop.publication() == planned


async def test_what_a_human_has_found_is_taken_back_by_hand(shop: Workshop, deaf: Deaf) -> None:
    key = await in_doubt(shop, deaf)
    say_there(shop, key)
    await shop.work()
    with shop.database.write() as session:
        queue.add(session, JobKind.RECALL, shop.thread().id, shop.clock.now)
    await shop.work()

    with shop.database.read() as session:
        ((kind, _, reason),) = queue.failures(session)
    assert kind is JobKind.RECALL
    assert URL in reason


def plan_in_doubt(session: Session, shop: Workshop) -> str:
    """A publication in doubt, without a loop of its own."""
    thread_id = thread_keys.of_message(session, "0@acme.example")
    assert thread_id is not None
    publications.plan(
        session, thread_id=thread_id, space="wiki", rule=None, title="Coffee", now=shop.clock.now
    )
    key = publications.key_of(thread_id, "wiki")
    publications.ended(session, key, PublicationState.UNCERTAIN, "the forum did not answer")
    return key


@pytest.fixture
def doubtful(shop: Workshop) -> str:
    """The key of a publication in doubt."""
    shop.receive_talk()
    shop.pipeline.process(1)
    with shop.database.write() as session:
        return plan_in_doubt(session, shop)


def test_status_tells_of_it(unchain: Run, config: Path, doubtful: str) -> None:
    expected = [{"publication": doubtful, "reason": "the forum did not answer"}]
    assert unchain("status", "--json").record["uncertain"] == expected
    assert f"may have landed {doubtful}: the forum did not answer" in unchain("status").out


def test_status_tells_of_lost_credentials(unchain: Run, config: Path, shop: Workshop) -> None:
    error = AuthLost("forum: the token was revoked")
    with shop.database.write() as session:
        for key in ("a:wiki", "b:wiki"):
            queue.add(session, JobKind.SYNC, key, shop.clock.now)
        jobs = queue.claim(session, [JobKind.SYNC], owner="w", now=shop.clock.now, lease=LEASE, limit=9)
        for job in jobs:
            queue.postpone(session, job, shop.clock.now, str(error))

    expected = [{"job": "sync", "reason": "forum: the token was revoked", "count": 2}]
    assert unchain("status", "--json").record["tried_again"] == expected
    assert "2 sync jobs: forum: the token was revoked" in unchain("status").out


def test_the_commands_carry_out_a_humans_word(
    unchain: Run, config: Path, shop: Workshop, doubtful: str
) -> None:
    listed = unchain("publications", "list", "--state", "uncertain", "--json").record
    assert (listed["key"], listed["state"], listed["title"]) == (doubtful, "uncertain", "Coffee")

    assert unchain("publications", "there", doubtful, "forum/4711").code == 2
    assert unchain("publications", "there", doubtful, URL).code == 0
    assert unchain("publications", "there", doubtful, URL).code == 1
    assert unchain("publications", "not-there", doubtful).code == 1
    assert unchain("publications", "list", "--json").record["url"] == URL
    assert (JobKind.APPEND, "ready") in shop.jobs()


def test_not_there_has_it_posted(unchain: Run, config: Path, shop: Workshop, doubtful: str) -> None:
    assert unchain("publications", "not-there", doubtful).code == 0
    assert shop.publication().state is PublicationState.PLANNED
    assert (JobKind.PUBLISH, "ready") in shop.jobs()
