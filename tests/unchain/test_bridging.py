"""Answers written in the space come back to their thread: once, cleaned, up to date, whatever crashes."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from domain.errors import AuthLost, Transient
from domain.job import JobKind
from domain.publication import Answer, Receipt
from domain.web_address import is_web_address
from store import answers, backlog, queue
from store.answers import StoredAnswer
from store.answers_tables import AnswerRow
from store.publications import PublicationState
from store.tables import JobRow
from tests.fakes import FakeConnector
from tests.unchain.workshop import Workshop, mail
from unchain import bridging


class Forum(FakeConnector):
    """A space where people answer; fails to read as it is told."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.written: dict[str, Answer] = {}
        self.asked_since: list[datetime] = []
        self.deaf: deque[Exception] = deque()

    async def answers(self, receipt: Receipt, since: datetime) -> Sequence[Answer]:
        self.asked_since.append(since)
        if self.deaf:
            raise self.deaf.popleft()
        found = (each for each in self.written.values() if each.entry_id == receipt.entry_id)
        return sorted((each for each in found if each.at >= since), key=lambda each: each.at)

    def write(self, shop: Workshop, key: str, markdown: str, **changed: str) -> None:
        """Somebody answers now."""
        receipt = shop.publication().receipt
        assert receipt is not None
        answer = Answer(
            key=key,
            entry_id=receipt.entry_id,
            author="Lou Park",
            at=shop.clock.now,
            markdown=markdown,
            url=f"https://forum.acme.example/{key}",
        )
        self.written[key] = replace(answer, **changed)  # type: ignore[arg-type]


@pytest.fixture
def forum(shop: Workshop) -> Forum:
    made = Forum("wiki")
    shop.connectors["wiki"] = made
    return made


def kept(shop: Workshop) -> list[StoredAnswer]:
    with shop.database.read() as session:
        return answers.standing(session, [shop.publication().key])


def texts(shop: Workshop) -> list[str]:
    return [each.markdown for each in kept(shop)]


def next_run(shop: Workshop) -> timedelta:
    """How long until the answers are read again."""
    with shop.database.read() as session:
        run_at = session.execute(
            select(col(JobRow.run_at)).where(col(JobRow.kind) == JobKind.SYNC)
        ).scalar_one()
    return run_at - shop.clock.now


async def read_again(shop: Workshop) -> None:
    shop.clock.advance(max(next_run(shop), timedelta(0)))
    await shop.work()


async def test_an_answer_is_kept_with_its_thread_and_only_once(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    shop.clock.advance(timedelta(minutes=1))
    forum.write(shop, "a1", "I use the **other** one.")
    await read_again(shop)
    await read_again(shop)

    (answer,) = kept(shop)
    assert (answer.author, answer.markdown) == ("Lou Park", "I use the **other** one.")
    assert answer.url == "https://forum.acme.example/a1"


async def test_a_space_that_tells_no_answers_is_never_asked(shop: Workshop) -> None:
    await shop.move_talk()
    assert shop.jobs() == {}


async def test_it_is_read_soon_at_first_then_hourly_then_seldom(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    assert next_run(shop) == timedelta(minutes=2)
    shop.clock.advance(timedelta(hours=20))
    await shop.work()
    assert timedelta(hours=1) < next_run(shop) < timedelta(hours=3)
    shop.clock.advance(timedelta(days=300))
    await shop.work()
    assert next_run(shop) == timedelta(days=7)


async def test_an_answer_to_an_old_entry_makes_it_young_again(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    shop.clock.advance(timedelta(days=60))
    forum.write(shop, "a1", "Late, but still.")
    await shop.work()
    assert next_run(shop) == timedelta(minutes=2)


async def test_a_later_mail_has_it_read_soon(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    shop.clock.advance(timedelta(days=300))
    await shop.work()
    shop.receive(mail(3, answers=2))
    await shop.work()
    assert next_run(shop) == timedelta(minutes=2)


async def test_an_edit_is_taken_over_within_a_day(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    forum.write(shop, "a1", "Wrong.")
    await read_again(shop)
    forum.written["a1"] = replace(forum.written["a1"], markdown="Right.")
    shop.clock.advance(timedelta(days=1))
    await shop.work()
    assert texts(shop) == ["Right."]


async def test_what_its_author_took_away_loses_its_words_here(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    forum.write(shop, "a1", "Better not said.")
    forum.write(shop, "a2", "Stays.")
    await read_again(shop)
    forum.written.pop("a1")
    shop.clock.advance(timedelta(days=1))
    await shop.work()

    assert texts(shop) == ["Stays."]
    with shop.database.read() as session:
        words = session.execute(select(col(AnswerRow.markdown), col(AnswerRow.author))).all()
    assert "Better not said." not in str(words)


async def test_what_was_hidden_for_a_while_comes_back(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    forum.write(shop, "a1", "Hidden for review.")
    await read_again(shop)
    hidden = forum.written.pop("a1")
    shop.clock.advance(timedelta(days=1))
    await shop.work()
    assert texts(shop) == []
    forum.written["a1"] = hidden
    shop.clock.advance(timedelta(days=7))
    await shop.work()
    assert texts(shop) == ["Hidden for review."]


async def test_older_answers_stay_when_only_the_latest_were_read(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    forum.write(shop, "a1", "First.")
    await read_again(shop)
    for _ in range(2):
        shop.clock.advance(timedelta(hours=6))
        await shop.work()
    forum.write(shop, "a2", "Second.")
    await read_again(shop)

    assert forum.asked_since[-1] > forum.written["a1"].at
    assert texts(shop) == ["First.", "Second."]


async def test_a_service_that_is_away_is_asked_again_when_it_said(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    forum.deaf.append(Transient("the forum rests", retry_after=1234))
    await read_again(shop)
    assert next_run(shop) == timedelta(seconds=1234)
    forum.write(shop, "a1", "Still here.")
    await read_again(shop)
    assert texts(shop) == ["Still here."]
    with shop.database.read() as session:
        assert backlog.stuck(session) == []


async def test_lost_credentials_wait_for_an_admin_with_their_reason(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    forum.deaf.append(AuthLost("forum: the token was revoked"))
    await read_again(shop)

    with shop.database.read() as session:
        (job,) = backlog.stuck(session)
    assert (job.kind, job.given_up, job.reason) == (JobKind.SYNC, False, "forum: the token was revoked")
    await read_again(shop)
    assert next_run(shop) < timedelta(hours=1)


async def test_a_worker_that_died_while_reading_loses_and_doubles_nothing(
    shop: Workshop, forum: Forum
) -> None:
    await shop.move_talk()
    forum.write(shop, "a1", "Once.")
    shop.clock.advance(timedelta(minutes=2))
    with shop.database.write() as session:  # a worker claims the job, reads, writes, and is killed
        queue.claim(
            session,
            [JobKind.SYNC],
            owner="dead",
            now=shop.clock.now,
            lease=timedelta(seconds=60),
            limit=1,
        )
    await shop.pipeline.sync(shop.publication().key)
    shop.clock.advance(timedelta(minutes=10))
    await shop.work()

    assert texts(shop) == ["Once."]
    assert shop.jobs() == {(JobKind.SYNC, "ready"): 1}


async def test_what_is_taken_back_loses_its_answers_and_is_read_no_more(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    forum.write(shop, "a1", "It quotes the page.")
    await read_again(shop)
    with shop.database.write() as session:
        queue.add(session, JobKind.RECALL, shop.thread().id, shop.clock.now)
    await shop.work()
    shop.clock.advance(timedelta(days=1))
    await shop.work()

    assert shop.publication().state is PublicationState.WITHDRAWN
    assert texts(shop) == []
    assert (JobKind.SYNC, "ready") not in shop.jobs()


async def test_what_stood_before_the_space_could_tell_is_read_from_the_start(shop: Workshop) -> None:
    await shop.move_talk()
    forum = Forum("wiki")
    forum.published, forum.posts = shop.wiki.published, shop.wiki.posts
    shop.connectors["wiki"] = forum
    forum.write(shop, "a1", "Before anybody listened.")
    bridging.resume(shop.database, shop.connectors, shop.clock.now)
    bridging.resume(shop.database, shop.connectors, shop.clock.now)
    await shop.work()

    assert texts(shop) == ["Before anybody listened."]
    assert shop.jobs() == {(JobKind.SYNC, "ready"): 1}


async def test_foreign_text_is_kept_without_tricks(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    forum.write(
        shop,
        "a1",
        "a\x00b\u202ec\r\nd" + "x" * 30_000,
        author="Eve\n <eve@evil.example>\u202e",
        url="javascript:alert(1)",
    )
    forum.write(shop, "k" * 900, "Long key.", author="\x07")
    await read_again(shop)

    first, second = kept(shop)
    assert first.markdown.startswith("abc\ndx")
    assert len(first.markdown) == bridging.LONGEST_TEXT
    assert (first.author, first.url) == ("Eve <eve", "")
    assert second.author == "?"


async def test_an_answer_from_the_future_is_one_of_now(shop: Workshop, forum: Forum) -> None:
    await shop.move_talk()
    forum.write(shop, "a1", "My clock is wrong.")
    forum.written["a1"] = replace(forum.written["a1"], at=shop.clock.now + timedelta(days=400))
    await read_again(shop)
    assert kept(shop)[0].at <= shop.clock.now
    assert next_run(shop) == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("url", "may_be_linked"),
    [
        ("https://wiki.example.com/Talk:VPN#c-1", True),
        ("http://wiki/x", True),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("//evil.example", False),
        ("https://a b", False),
        ("https://[bad", False),
        ("https://x/\n", False),
        ("https://x/" + "a" * 3000, False),
        ("", False),
    ],
)
def test_only_addresses_of_web_pages_are_linked(url: str, may_be_linked: bool) -> None:
    assert is_web_address(url) is may_be_linked
