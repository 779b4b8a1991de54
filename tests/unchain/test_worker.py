"""The worker alone decides what follows an error: come back, give up, leave to a human, or set aside."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import AuthLost, Refused, Transient, Uncertain
from domain.job import JobKind
from domain.mail import RawMail
from domain.publication import Publication, Receipt
from store import mails, queue
from store.publications import PublicationState
from tests.fakes import FakeConnector
from tests.unchain.workshop import BOB, QUIET, Workshop, mail
from unchain.worker import AUTH_RETRY, SETTLING


async def fail_to_publish(shop: Workshop, error: Exception) -> None:
    """A thread whose publishing fails in this way at the first try."""
    shop.wiki.fails.append(error)
    shop.receive_talk()
    await shop.settle()
    assert shop.wiki.tries == 1


async def test_transient_comes_back_when_the_service_said_so(shop: Workshop) -> None:
    await fail_to_publish(shop, Transient("too many requests", retry_after=90))
    shop.clock.advance(timedelta(seconds=89))
    await shop.work()
    assert shop.wiki.tries == 1

    shop.clock.advance(timedelta(seconds=1))
    await shop.work()

    assert shop.publication().state is PublicationState.PUBLISHED


async def test_transient_without_a_time_waits_longer_each_time_but_never_gives_up(shop: Workshop) -> None:
    await fail_to_publish(shop, Transient("the service is away"))
    shop.wiki.fails += [Transient("still away") for _ in range(40)]
    for _ in range(40):
        shop.clock.advance(timedelta(hours=1))
        await shop.work()
    assert shop.jobs() == {(JobKind.PUBLISH, "ready"): 1}
    assert shop.wiki.tries == 41

    shop.clock.advance(timedelta(hours=1))
    await shop.work()

    assert shop.publication().state is PublicationState.PUBLISHED


async def test_refused_ends_the_publication_with_the_reason(shop: Workshop) -> None:
    await fail_to_publish(shop, Refused("the title is not allowed"))
    shop.clock.advance(timedelta(days=1))
    await shop.work()

    planned = shop.publication()
    assert (planned.state, planned.error) == (PublicationState.REFUSED, "the title is not allowed")
    assert shop.failures() == [(JobKind.PUBLISH, "the title is not allowed")]
    assert shop.wiki.tries == 1
    assert shop.notices() == []


async def test_lost_credentials_are_tried_again_later_until_an_admin_has_renewed_them(shop: Workshop) -> None:
    await fail_to_publish(shop, AuthLost("the token has expired"))
    shop.wiki.fails += [AuthLost("the token has expired") for _ in range(9)]
    for _ in range(9):
        shop.clock.advance(AUTH_RETRY)
        await shop.work()
    assert shop.publication().state is PublicationState.PLANNED

    shop.clock.advance(AUTH_RETRY)
    await shop.work()

    assert shop.publication().state is PublicationState.PUBLISHED


async def test_uncertain_is_never_repeated_whatever_comes_after(shop: Workshop) -> None:
    shop.wiki.forgets_keys()
    shop.wiki.crashes.append(Uncertain("no answer came; look whether it is there"))
    shop.receive_talk()
    await shop.settle()

    shop.receive(mail(3, sender=BOB, answers=2))
    await shop.settle()
    shop.clock.advance(timedelta(days=1))
    await shop.settle()

    planned = shop.publication()
    assert (planned.state, planned.error) == (
        PublicationState.UNCERTAIN,
        "no answer came; look whether it is there",
    )
    assert shop.wiki.tries == 1
    assert shop.notices() == []


async def test_uncertain_is_looked_up_where_the_service_can_tell_and_lands_once(shop: Workshop) -> None:
    shop.wiki.crashes.append(Uncertain("no answer came"))
    shop.receive_talk()
    await shop.settle()
    assert shop.publication().state is PublicationState.PLANNED
    shop.clock.advance(SETTLING - timedelta(seconds=1))
    await shop.work()
    assert shop.wiki.tries == 1  # the service may still be at it

    shop.clock.advance(timedelta(seconds=1))
    await shop.work()

    assert shop.publication().state is PublicationState.PUBLISHED
    assert len(shop.wiki.published) == 1
    assert shop.told("redirect")


async def test_an_uncertain_append_is_repeated_where_the_service_can_tell(shop: Workshop) -> None:
    await shop.move_talk()
    shop.wiki.crashes.append(Uncertain("no answer came"))
    shop.receive(mail(3, sender=BOB, answers=2))
    await shop.work()
    shop.clock.advance(SETTLING)
    await shop.work()

    assert shop.failures() == []
    assert shop.wiki.texts().count("These are the words of mail 3.") == 1


async def test_an_uncertain_recall_is_repeated(shop: Workshop) -> None:
    planned = await shop.move_talk()
    shop.wiki.crashes.append(Uncertain("no answer came"))
    with shop.database.write() as session:
        queue.add(session, JobKind.RECALL, planned.thread_id, shop.clock.now)
    await shop.work()
    shop.clock.advance(SETTLING)
    await shop.work()

    assert shop.publication().state is PublicationState.WITHDRAWN


@pytest.mark.parametrize("error", [Transient("away"), AuthLost("expired")])
async def test_what_a_service_without_keys_has_not_taken_is_posted_later(
    shop: Workshop, error: Exception
) -> None:
    shop.wiki.forgets_keys()
    await fail_to_publish(shop, error)
    assert shop.publication().state is PublicationState.PLANNED
    shop.clock.advance(AUTH_RETRY)
    await shop.work()

    assert shop.publication().state is PublicationState.PUBLISHED
    assert len(shop.wiki.published) == 1


async def test_a_refusal_to_append_leaves_the_page_as_it_is(shop: Workshop) -> None:
    await shop.move_talk()
    shop.wiki.fails.append(Refused("the page is locked"))
    shop.receive(mail(3, sender=BOB, answers=2))
    await shop.work()

    planned = shop.publication()
    assert (planned.state, planned.error) == (PublicationState.PUBLISHED, "the page is locked")
    assert shop.failures() == [(JobKind.APPEND, "the page is locked")]


async def test_a_publishing_that_is_repeated_after_it_landed_never_counts_as_refused(shop: Workshop) -> None:
    planned = await shop.move_talk()
    shop.receive(mail(3, sender=BOB, answers=2))
    shop.pipeline.process(7)
    with shop.database.write() as session:
        queue.add(session, JobKind.PUBLISH, planned.key, shop.clock.now)
    shop.wiki.fails += [Refused("the page is locked"), Refused("the page is locked")]
    await shop.work()

    assert shop.publication().state is PublicationState.PUBLISHED
    assert (JobKind.PUBLISH, "the page is locked") in shop.failures()


async def test_a_bug_is_retried_and_then_set_aside_with_its_reason(shop: Workshop) -> None:
    shop.classifier.breaks = True
    shop.receive_talk()
    await shop.settle()
    for _ in range(5):
        shop.clock.advance(timedelta(hours=1))
        await shop.work()

    assert shop.classifier.asked == shop.options.attempts
    assert shop.failures() == [(JobKind.JUDGE, "RuntimeError: the classifier has a bug")]


async def test_what_was_set_aside_has_all_its_tries_when_it_is_asked_for_again(shop: Workshop) -> None:
    shop.classifier.breaks = True
    shop.receive_talk()
    await shop.settle()
    for _ in range(3):
        shop.clock.advance(timedelta(hours=1))
        await shop.work()
    asked = shop.classifier.asked

    shop.receive(mail(3, sender=BOB, answers=2))
    await shop.settle()
    for _ in range(3):
        shop.clock.advance(timedelta(hours=1))
        await shop.work()

    assert shop.classifier.asked - asked == shop.options.attempts


async def test_a_mail_that_breaks_reading_is_set_aside_shown_and_delivered_all_the_same(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: RawMail) -> None:
        raise ValueError("a header nobody foresaw")

    monkeypatch.setattr("unchain.pipeline.read", broken)
    shop.receive(mail(0))
    for _ in range(4):
        await shop.work()
        shop.clock.advance(timedelta(hours=1))

    with shop.database.read() as session:
        assert mails.aside(session) == [(1, "ValueError: a header nobody foresaw")]
        assert mails.balance(session).set_aside == 1
        assert queue.counts(session)[JobKind.FORWARD, "ready"] == 1


async def test_one_bad_job_stops_no_other(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    read = shop.pipeline.process

    def process(raw_id: int) -> None:
        if raw_id == 1:
            raise ValueError("bad")
        read(raw_id)

    monkeypatch.setattr(shop.pipeline, "process", process)
    shop.receive_talk(2)
    await shop.work()
    assert [entry.message.message_id for entry in shop.thread().messages] == ["1@acme.example"]


async def test_a_dead_workers_job_is_taken_over_when_its_lease_is_over(shop: Workshop) -> None:
    shop.receive(mail(0))
    claim(shop, "a worker that was killed")
    await shop.work()
    assert shop.all_threads() == []

    shop.clock.advance(timedelta(seconds=shop.options.lease + 1))
    await shop.work()

    assert len(shop.thread().messages) == 1
    assert shop.jobs() == {(JobKind.JUDGE, "ready"): 1}


def outlasting(shop: Workshop, meanwhile: Callable[[], object]) -> list[str]:
    """Two threads to be posted by a worker that needs longer than a lease for the first; what is posted."""
    asked: list[str] = []

    class Slow(FakeConnector):
        async def publish(self, publication: Publication) -> Receipt:
            asked.append(publication.key)
            shop.clock.advance(timedelta(seconds=shop.options.lease + 1))
            meanwhile()
            return await super().publish(publication)

    shop.connectors["wiki"] = Slow("wiki")
    shop.receive(mail(0))
    shop.receive(mail(1, subject="Tea"))
    return asked


async def claim_both(shop: Workshop) -> None:
    await shop.work()
    shop.clock.advance(QUIET)
    await shop.worker.run_once()  # both are judged
    await shop.worker.run_once()  # both are claimed, the first outlasts the lease


async def test_a_worker_that_comes_late_to_a_job_leaves_it_to_who_holds_it_now(shop: Workshop) -> None:
    asked = outlasting(shop, meanwhile=lambda: claim(shop, "another", JobKind.PUBLISH))
    await claim_both(shop)

    assert len(asked) == 1
    shop.clock.advance(timedelta(seconds=shop.options.lease + 1))
    await shop.work()
    assert len(set(asked)) == 2


async def test_a_job_whose_lease_was_renewed_while_it_waited_its_turn_is_run(shop: Workshop) -> None:
    def renew() -> None:
        with shop.database.write() as session:
            queue.renew(session, "worker", shop.clock.now + timedelta(seconds=shop.options.lease))

    asked = outlasting(shop, meanwhile=renew)
    await claim_both(shop)
    assert len(asked) == len(set(asked)) == 2


async def test_a_thread_that_grows_while_it_is_judged_is_judged_again(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.classifier.says = replace(shop.classifier.says, abstained=True)
    shop.receive_talk()
    await shop.work()
    judge = shop.pipeline.judge

    def growing(thread_id: str) -> None:
        judge(thread_id)
        if shop.classifier.asked == 1:
            with shop.database.write() as session:  # as the reading of one more mail would
                queue.add(session, JobKind.JUDGE, thread_id, shop.clock.now + QUIET)

    monkeypatch.setattr(shop.pipeline, "judge", growing)
    shop.clock.advance(QUIET)
    await shop.work()
    assert shop.classifier.asked == 1
    assert shop.jobs() == {(JobKind.JUDGE, "ready"): 1}

    shop.clock.advance(QUIET)
    await shop.work()

    assert shop.classifier.asked == 2
    assert shop.jobs() == {}


async def test_a_job_asked_for_while_its_last_try_fails_is_not_lost(shop: Workshop) -> None:
    shop.receive(mail(0))
    with shop.database.write() as session:
        (job,) = queue.claim(
            session,
            [JobKind.PROCESS],
            owner="other",
            now=shop.clock.now,
            lease=timedelta(minutes=1),
            limit=1,
        )
        queue.add(session, JobKind.PROCESS, "1", shop.clock.now)
        queue.fail(session, job, "a bug")
    await shop.work()
    assert len(shop.thread().messages) == 1


async def test_stopping_finishes_what_is_begun_and_gives_back_the_rest(shop: Workshop) -> None:
    stop = asyncio.Event()

    class Stopping(FakeConnector):
        async def publish(self, publication: Publication) -> Receipt:
            stop.set()
            await asyncio.sleep(0)
            return await super().publish(publication)

    shop.connectors["wiki"] = Stopping("wiki")
    shop.receive(mail(0))
    shop.receive(mail(1, subject="Tea"))
    await shop.work()
    shop.clock.advance(QUIET)
    await shop.worker.run_once()

    await asyncio.wait_for(shop.worker.run(stop), 20)

    assert sorted(planned.state for planned in shop.publications()) == ["planned", "published"]
    await shop.another_worker("the next one").run_once()  # without waiting for a lease
    assert [planned.state for planned in shop.publications()] == ["published", "published"]


async def test_a_worker_that_waits_ends_soon_after_it_is_told(shop: Workshop) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(shop.worker.run(stop))
    shop.receive(mail(0))
    while not shop.all_threads():
        await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(running, 60)


async def test_jobs_of_the_edge_are_left_to_the_edge(shop: Workshop) -> None:
    shop.receive(mail(0))
    await shop.work()
    with shop.database.read() as session:
        assert queue.counts(session)[JobKind.FORWARD, "ready"] == 1


def claim(shop: Workshop, owner: str, kind: JobKind = JobKind.PROCESS) -> Sequence[object]:
    with shop.database.write() as session:
        return queue.claim(
            session,
            [kind],
            owner=owner,
            now=shop.clock.now,
            lease=timedelta(seconds=shop.options.lease),
            limit=10,
        )
