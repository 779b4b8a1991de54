"""What people write to Unchain is done for those who may ask it, and for nobody else."""

from datetime import timedelta

from domain.decision import Outcome
from domain.errors import Refused, Transient
from domain.job import JobKind
from domain.publication import Publication, Receipt
from store import people, queue, threads
from store.publications import PublicationState
from tests.fakes import FakeConnector, PlainConnector
from tests.unchain.workshop import ANA, BOB, CLEO, DEV, OWN, TEAM, Workshop, mail, rule


async def suggested(shop: Workshop) -> str:
    """A thread whose starter is asked; the id of the question."""
    shop.use(rule("suggest"))
    shop.receive_talk()
    await shop.settle()
    ((_, question),) = shop.notices("suggestion")
    return str(question["Message-ID"]).strip("<>")


async def redirected(shop: Workshop) -> str:
    """A thread that has moved; the id of BOB's redirect reply."""
    await shop.move_talk()
    reply = dict(shop.notices("redirect"))[BOB]
    return str(reply["Message-ID"]).strip("<>")


async def say(shop: Workshop, words: str, *, sender: str, answers: str) -> None:
    """Write to Unchain, and let it do what was asked."""
    shop.receive(mail("said", words, sender=sender, to=(OWN,), answers=answers), OWN, sender=sender)
    await shop.work()


async def test_who_was_asked_may_move_the_thread(shop: Workshop) -> None:
    await say(shop, "Yes, move it.", sender=ANA, answers=await suggested(shop))

    assert shop.publication().state is PublicationState.PUBLISHED
    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)
    decision = shop.decision()
    assert decision is not None
    assert (decision.outcome, decision.rule) == (Outcome.MOVE, "Discussions")
    assert len(shop.thread().messages) == 3  # the answer to us is no part of the talk


async def test_another_participant_may_not_move_the_thread(shop: Workshop) -> None:
    await say(shop, "MOVE", sender=BOB, answers=await suggested(shop))
    assert shop.publications() == []


async def test_a_participant_cannot_move_what_was_never_suggested(shop: Workshop) -> None:
    shop.use(rule("observe"))
    shop.receive_talk()
    await shop.settle()
    await say(shop, "MOVE", sender=ANA, answers="2@acme.example")
    assert shop.publications() == []


async def test_agreeing_does_not_open_a_gate_that_has_shut_meanwhile(shop: Workshop) -> None:
    question = await suggested(shop)
    shop.receive(mail(3, "SECRET plans", sender=BOB, answers=2))
    await shop.work()

    await say(shop, "MOVE", sender=ANA, answers=question)

    assert (shop.wiki.posts, shop.notices("redirect")) == ({}, [])
    assert shop.publication().state is PublicationState.REFUSED


async def test_an_agreement_holds_though_the_thread_was_joined_with_another(shop: Workshop) -> None:
    question = await suggested(shop)
    shop.receive(mail(10, sender=BOB, to=TEAM, subject="Tea"))
    both = {"References": "<10@acme.example> <2@acme.example>"}
    shop.receive(mail(11, sender=BOB, to=TEAM, subject="Tea", headers=both))
    await shop.work()
    assert len(shop.all_threads()) == 1

    await say(shop, "Oui", sender=ANA, answers=question)

    assert shop.publication().state is PublicationState.PUBLISHED


async def test_stop_opts_out_and_keeps_the_next_chain_in_the_mail(shop: Workshop) -> None:
    await say(shop, "STOP", sender=BOB, answers=await redirected(shop))
    with shop.database.read() as session:
        assert people.opted_out(session, TEAM) == {BOB}

    for number in (20, 21, 22):
        content = mail(number, sender=TEAM[number - 20], subject="Tea", answers=None if number == 20 else 20)
        shop.receive(content)
    await shop.settle()

    assert len(shop.publications()) == 1
    assert len(shop.notices("redirect")) == 3


async def test_stop_needs_no_thread(shop: Workshop) -> None:
    await say(shop, "Désabonnez-moi, merci", sender=BOB, answers="unknown@acme.example")
    with shop.database.read() as session:
        assert people.opted_out(session, [BOB]) == {BOB}
    assert shop.all_threads() == []


async def test_an_outsider_is_not_obeyed(shop: Workshop) -> None:
    answers = await redirected(shop)
    await say(shop, "KEEP", sender="eve@elsewhere.example", answers=answers)
    assert shop.wiki.posts != {}
    with shop.database.read() as session:
        assert not threads.is_vetoed(session, shop.publication().thread_id)


async def test_a_colleague_who_takes_no_part_cannot_keep_a_thread(shop: Workshop) -> None:
    await say(shop, "KEEP", sender=DEV, answers=await redirected(shop))
    assert shop.publication().state is PublicationState.PUBLISHED


async def test_a_machine_is_not_obeyed(shop: Workshop) -> None:
    answers = await redirected(shop)
    away = {"Auto-Submitted": "auto-replied"}
    shop.receive(mail("away", "STOP", sender=BOB, to=(OWN,), answers=answers, headers=away), OWN)
    await shop.work()
    with shop.database.read() as session:
        assert people.opted_out(session, TEAM) == frozenset()


async def test_keep_in_mail_takes_the_page_back_for_good_and_tells_those_who_had_been_told(
    shop: Workshop,
) -> None:
    answers = await redirected(shop)
    await say(shop, "Keep in mail please", sender=BOB, answers=answers)

    assert shop.publication().state is PublicationState.WITHDRAWN
    assert shop.wiki.withdrawn == [shop.publication().key]
    assert shop.told("recall") == dict.fromkeys(TEAM, 1)

    shop.receive(mail(3, sender=CLEO, answers=2))
    await shop.settle()
    assert shop.publication().state is PublicationState.WITHDRAWN
    assert shop.wiki.posts == {}
    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)


async def test_keep_before_anything_moved_stays_a_veto(shop: Workshop) -> None:
    shop.receive_talk()
    await shop.work()
    await say(shop, "Garder dans le courriel", sender=CLEO, answers="2@acme.example")
    await shop.settle()

    decision = shop.decision()
    assert decision is not None
    assert decision.reason == "A participant wants it kept in the mail."
    assert (shop.publications(), shop.notices()) == ([], [])


async def test_who_was_never_told_is_not_told_of_the_recall(shop: Workshop) -> None:
    await shop.move_talk()
    shop.receive(mail(3, "SECRET plans", sender=BOB, to=(*TEAM, DEV), answers=2))
    await shop.work()  # not appended, so nobody new is told

    recall(shop)
    await shop.work()

    assert shop.told("recall") == dict.fromkeys(TEAM, 1)


async def test_a_recall_asked_for_twice_tells_once(shop: Workshop) -> None:
    await shop.move_talk()
    for _ in range(2):
        recall(shop)
        await shop.work()
    assert shop.told("recall") == dict.fromkeys(TEAM, 1)


async def test_a_recall_that_crashed_goes_on(shop: Workshop) -> None:
    await shop.move_talk()
    shop.wiki.crashes.append(RuntimeError("killed between doing and answering"))
    recall(shop)
    await shop.work()
    shop.clock.advance(timedelta(minutes=1))
    await shop.work()
    assert shop.publication().state is PublicationState.WITHDRAWN
    assert shop.told("recall") == dict.fromkeys(TEAM, 1)


async def test_a_recall_takes_back_what_a_crash_left_standing_unknown(shop: Workshop) -> None:
    shop.wiki.crashes.append(RuntimeError("killed between doing and answering"))
    shop.receive_talk()
    await shop.settle()
    assert shop.wiki.posts != {}

    recall(shop)
    await shop.work()
    shop.clock.advance(timedelta(minutes=1))
    await shop.work()

    assert shop.wiki.posts == {}
    assert shop.publication().state is PublicationState.WITHDRAWN
    assert shop.notices() == []


async def test_a_planned_publication_is_recalled_before_it_is_posted(shop: Workshop) -> None:
    shop.wiki.fails.append(Transient("away", retry_after=60))
    shop.receive_talk()
    await shop.settle()
    recall(shop)
    await shop.work()
    shop.clock.advance(timedelta(hours=1))
    await shop.work()
    assert (shop.wiki.posts, shop.notices()) == ({}, [])
    assert shop.publication().state is PublicationState.WITHDRAWN


async def test_keep_while_it_is_being_posted_takes_the_page_back_and_writes_to_nobody(shop: Workshop) -> None:
    class Kept(FakeConnector):
        async def publish(self, publication: Publication) -> Receipt:
            with shop.database.write() as session:
                threads.veto(session, publication.thread_id, BOB)
            return await super().publish(publication)

    shop.connectors["wiki"] = kept = Kept("wiki")
    shop.receive_talk()
    await shop.settle()

    assert (kept.posts, shop.notices()) == ({}, [])
    assert shop.publication().state is PublicationState.WITHDRAWN


async def test_a_space_that_cannot_take_back_does_not_keep_the_others_from_it(shop: Workshop) -> None:
    shop.connectors["wiki"] = PlainConnector("wiki")
    shop.use(rule(to="wiki", also="true") + rule(to="blog").replace("Discussions", "Again"))
    shop.receive_talk()
    await shop.settle()
    assert len(shop.publications()) == 2

    recall(shop)
    await shop.work()

    states = {planned.space: planned.state for planned in shop.publications()}
    assert states == {"wiki": PublicationState.PUBLISHED, "blog": PublicationState.WITHDRAWN}
    ((kind, reason),) = shop.failures()
    assert kind is JobKind.RECALL
    assert reason.startswith("wiki cannot take back; remove https://wiki.acme.example/")


async def test_a_space_that_refuses_to_take_back_is_left_to_a_human(shop: Workshop) -> None:
    await shop.move_talk()
    shop.wiki.fails.append(Refused("the page is protected"))
    recall(shop)
    await shop.work()
    assert shop.publication().state is PublicationState.PUBLISHED
    assert shop.failures() == [(JobKind.RECALL, "the page is protected")]


async def test_any_other_mail_to_us_belongs_to_its_thread(shop: Workshop) -> None:
    answers = await redirected(shop)
    await say(shop, "Stop using that machine, it leaks.", sender=BOB, answers=answers)
    assert len(shop.thread().messages) == 4
    with shop.database.read() as session:
        assert people.opted_out(session, TEAM) == frozenset()


def recall(shop: Workshop) -> None:
    with shop.database.write() as session:
        queue.add(session, JobKind.RECALL, shop.publications()[0].thread_id, shop.clock.now)
