"""The way of a mail on a real database: each step once, whatever repeats, crashes or comes late."""

from datetime import timedelta
from email.utils import format_datetime

from domain.decision import Outcome
from domain.job import JobKind
from store import people, queue, threads
from store.publications import PublicationState
from tests.unchain.workshop import ANA, BOB, CLEO, DEV, START, TEAM, Workshop, mail, rule


async def test_reading_a_mail_again_changes_nothing(shop: Workshop) -> None:
    shop.receive(mail(0))
    shop.pipeline.process(1)
    before = shop.thread()

    shop.pipeline.process(1)

    assert shop.thread() == before
    assert [entry.message.message_id for entry in before.messages] == ["0@acme.example"]


async def test_a_mail_that_is_not_there_is_no_error(shop: Workshop) -> None:
    shop.pipeline.process(4711)
    assert shop.all_threads() == []


async def test_the_same_mail_for_a_further_recipient_adds_only_this_person(shop: Workshop) -> None:
    content = mail(0, to=(ANA, BOB))
    shop.receive(content, BOB)
    shop.receive(content, DEV)
    await shop.work()

    assert len(shop.thread().messages) == 1
    with shop.database.read() as session:
        assert threads.people_of(session, shop.thread().id) == {ANA, BOB, DEV}
        assert threads.may_read(session, shop.thread().id, DEV)


async def test_a_copy_with_other_trace_headers_adds_only_its_people(shop: Workshop) -> None:
    content = mail(0, to=(ANA, BOB))
    shop.receive(content, BOB)
    shop.receive(b"Received: by list.acme.example with SMTP id 7; " + content, DEV)
    await shop.work()

    assert len(shop.thread().messages) == 1
    with shop.database.read() as session:
        assert threads.people_of(session, shop.thread().id) == {ANA, BOB, DEV}


async def test_a_copy_handed_over_for_a_blind_recipient_keeps_the_thread_in_the_mail(shop: Workshop) -> None:
    shop.receive_talk()
    shop.receive(mail(0), DEV)
    await shop.settle()

    decision = shop.decision()
    assert decision is not None
    assert (decision.outcome, decision.reason) == (Outcome.STAY, "Somebody had a blind copy (Bcc).")
    assert shop.wiki.tries == 0


async def test_a_copy_that_names_an_outsider_keeps_the_thread_in_the_mail(shop: Workshop) -> None:
    shop.receive(mail(0))
    shop.receive(mail(0, to=(ANA, "eve@partner.example")))
    await shop.settle()
    assert shop.publications() == []


async def test_a_settled_discussion_moves_and_each_participant_is_told_once(shop: Workshop) -> None:
    planned = await shop.move_talk()

    assert planned.state is PublicationState.PUBLISHED
    assert shop.wiki.texts() == [f"These are the words of mail {number}." for number in range(3)]
    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)
    assert planned.receipt is not None
    text = shop.notices("redirect")[0][1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert planned.receipt.url in text
    assert shop.jobs() == {}


async def test_a_thread_that_has_not_settled_is_not_judged(shop: Workshop) -> None:
    shop.receive_talk()
    await shop.work()
    assert shop.decision() is None
    assert shop.jobs() == {(JobKind.JUDGE, "ready"): 1}


async def test_a_long_thread_is_judged_without_waiting(shop: Workshop) -> None:
    shop.receive_talk(6)
    await shop.work()
    assert shop.publication().state is PublicationState.PUBLISHED


async def test_a_rule_that_observes_records_and_does_nothing(shop: Workshop) -> None:
    shop.use(rule("observe"))
    shop.receive_talk()
    await shop.settle()

    decision = shop.decision()
    assert decision is not None
    assert (decision.outcome, decision.space) == (Outcome.OBSERVE, "wiki")
    assert (shop.publications(), shop.notices(), shop.wiki.tries) == ([], [], 0)


async def test_a_thread_that_no_rule_wants_stays_with_its_trail(shop: Workshop) -> None:
    shop.use(rule().replace('"discussion"', '"announcement"'))
    shop.receive_talk()
    await shop.settle()

    decision = shop.decision()
    assert decision is not None
    assert decision.outcome is Outcome.STAY
    assert "rule: Discussions" in [step.name for step in decision.trail]
    assert shop.publications() == []


async def test_a_rule_that_suggests_asks_only_the_starter_and_only_once(shop: Workshop) -> None:
    shop.use(rule("suggest"))
    shop.receive_talk()
    await shop.settle()
    shop.receive(mail(3, sender=BOB, answers=2))
    await shop.settle()

    assert [to for to, _ in shop.notices()] == [ANA]
    assert shop.told("suggestion") == {ANA: 1}
    assert shop.publications() == []


async def test_two_spaces_are_both_filled_and_each_person_is_told_once(shop: Workshop) -> None:
    shop.use(rule(to="blog", also="true") + rule().replace("Discussions", "Again"))
    shop.receive_talk()
    await shop.settle()

    assert len(shop.wiki.posts) == len(shop.blog.posts) == 1
    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)


async def test_a_crash_after_the_service_has_posted_leaves_one_page_and_one_reply(shop: Workshop) -> None:
    shop.wiki.crashes.append(RuntimeError("killed between doing and answering"))
    shop.receive_talk()
    await shop.settle()
    assert shop.publication().state is PublicationState.PLANNED
    shop.clock.advance(a_retry())

    await shop.work()

    assert shop.publication().state is PublicationState.PUBLISHED
    assert len(shop.wiki.texts()) == 3
    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)


async def test_a_mail_that_came_between_the_tries_is_appended_and_not_lost(shop: Workshop) -> None:
    shop.wiki.crashes.append(RuntimeError("killed between doing and answering"))
    shop.receive_talk()
    await shop.settle()
    shop.receive(mail(3, sender=BOB, answers=2))
    await shop.work()
    shop.clock.advance(a_retry())

    await shop.settle()

    assert shop.wiki.texts() == [f"These are the words of mail {number}." for number in range(4)]
    assert len(shop.publication().posted) == 4


async def test_a_later_mail_is_appended_at_once_and_nobody_is_told_again(shop: Workshop) -> None:
    await shop.move_talk()
    shop.receive(mail(3, sender=BOB, answers=2))
    await shop.work()

    assert shop.wiki.texts()[3:] == ["These are the words of mail 3."]
    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)


async def test_appending_that_crashed_is_repeated_without_a_second_post(shop: Workshop) -> None:
    await shop.move_talk()
    shop.wiki.crashes.append(RuntimeError("killed between doing and answering"))
    shop.receive(mail(3, sender=BOB, answers=2))
    await shop.work()
    shop.clock.advance(a_retry())
    await shop.work()

    assert len(shop.wiki.texts()) == 4
    assert len(shop.publication().posted) == 4


async def test_who_joins_later_gets_their_one_reply_and_may_read(shop: Workshop) -> None:
    planned = await shop.move_talk()
    shop.receive(mail(3, sender=BOB, to=(*TEAM, DEV), answers=2))
    await shop.work()
    shop.receive(mail(4, sender=DEV, to=(*TEAM, DEV), answers=3))
    await shop.work()

    assert shop.told("redirect") == dict.fromkeys((*TEAM, DEV), 1)
    assert shop.wiki.readers[planned.key] == {*TEAM, DEV}


async def test_a_later_mail_with_an_outsider_is_not_appended_and_says_why(shop: Workshop) -> None:
    await shop.move_talk()
    shop.receive(mail(3, sender=BOB, to=(*TEAM, "eve@elsewhere.example"), answers=2))
    await shop.work()

    assert len(shop.wiki.texts()) == 3
    assert shop.publication().state is PublicationState.PUBLISHED
    assert shop.publication().error == "Somebody from outside wrote or received."


async def test_a_later_sensitive_mail_is_not_appended_and_nobody_new_is_told(shop: Workshop) -> None:
    await shop.move_talk()
    shop.receive(mail(3, "SECRET plans", sender=BOB, to=(*TEAM, DEV), answers=2))
    await shop.work()

    assert len(shop.wiki.texts()) == 3
    assert shop.publication().error == "It is sensitive (security)."
    assert DEV not in shop.told("redirect")


async def test_what_becomes_sensitive_before_it_is_posted_is_refused_with_the_reason(shop: Workshop) -> None:
    await plan_and_fail(shop)
    shop.receive(mail(3, "SECRET plans", sender=BOB, answers=2))
    await shop.work()
    shop.clock.advance(a_retry())
    await shop.settle()

    planned = shop.publication()
    assert (planned.state, planned.error) == (PublicationState.REFUSED, "It is sensitive (security).")
    assert (shop.wiki.posts, shop.notices()) == ({}, [])


async def test_what_was_refused_is_posted_when_nothing_stands_against_it_any_more(shop: Workshop) -> None:
    await plan_and_fail(shop)
    with shop.database.write() as session:
        people.opt_out(session, BOB, at=shop.clock())
    shop.clock.advance(a_retry())
    await shop.settle()
    assert shop.publication().error == "A participant has opted out."
    with shop.database.write() as session:
        people.opt_in(session, BOB, at=shop.clock())

    shop.receive(mail(3, "Back again", sender=CLEO, answers=2))
    await shop.settle()

    planned = shop.publication()
    assert (planned.state, planned.error) == (PublicationState.PUBLISHED, None)


async def test_what_landed_unseen_before_it_became_sensitive_is_found_and_recorded(shop: Workshop) -> None:
    shop.wiki.crashes.append(RuntimeError("killed between doing and answering"))
    shop.receive_talk()
    await shop.settle()
    shop.receive(mail(3, "SECRET plans", sender=BOB, answers=2))
    shop.clock.advance(a_retry())
    await shop.settle()

    planned = shop.publication()
    assert (planned.state, planned.error) == (PublicationState.PUBLISHED, "It is sensitive (security).")
    assert len(shop.wiki.texts()) == 3
    assert len(planned.posted) == 3


async def test_a_space_that_left_the_config_refuses(shop: Workshop) -> None:
    await plan_and_fail(shop)
    del shop.connectors["wiki"]
    shop.clock.advance(a_retry())
    await shop.work()

    assert shop.publication().state is PublicationState.REFUSED
    assert shop.publication().error == "the config has no space named wiki any more"


async def test_a_page_of_a_space_that_left_the_config_can_be_taken_back(shop: Workshop) -> None:
    planned = await shop.move_talk()
    shop.former.posts, shop.former.published = shop.wiki.posts, shop.wiki.published
    del shop.connectors["wiki"]
    with shop.database.write() as session:
        queue.add(session, JobKind.RECALL, planned.thread_id, shop.clock())

    await shop.work()

    assert shop.publication().state is PublicationState.WITHDRAWN
    assert sum(shop.told("recall").values()) == 3


async def test_what_stands_where_nobody_can_reach_it_any_more_is_left_to_a_human(shop: Workshop) -> None:
    planned = await shop.move_talk()
    del shop.connectors["wiki"]
    with shop.database.write() as session:
        queue.add(session, JobKind.RECALL, planned.thread_id, shop.clock())

    await shop.work()

    assert shop.publication().state is PublicationState.PUBLISHED
    assert [kind for kind, _ in shop.failures()] == [JobKind.RECALL]


async def test_two_threads_that_prove_to_be_one_are_posted_once(shop: Workshop) -> None:
    shop.receive(mail(10, sender=DEV, to=(*TEAM, DEV), subject="Tea"))
    await shop.settle()  # one thread is published
    shop.wiki.fails.append(RuntimeError("away"))
    shop.receive_talk()
    await shop.settle()  # another one is planned
    assert [planned.state for planned in shop.publications()] == ["published", "planned"]
    both = {"References": "<10@acme.example> <2@acme.example>"}

    shop.receive(mail(11, sender=BOB, to=(*TEAM, DEV), subject="Tea", headers=both))
    await shop.work()
    shop.clock.advance(a_retry())
    await shop.settle()

    assert len(shop.all_threads()) == 1
    assert len(shop.wiki.posts) == 1
    assert sorted(shop.wiki.texts()) == sorted(
        f"These are the words of mail {number}." for number in (0, 1, 2, 10, 11)
    )
    assert shop.publications()[1].state is PublicationState.REFUSED


async def test_two_planned_threads_that_prove_to_be_one_are_posted_once(shop: Workshop) -> None:
    shop.wiki.fails += [RuntimeError("away"), RuntimeError("away")]
    shop.receive(mail(10, sender=DEV, to=(*TEAM, DEV), subject="Tea"))
    shop.receive_talk()
    await shop.settle()
    both = {"References": "<10@acme.example> <2@acme.example>"}

    shop.receive(mail(11, sender=BOB, to=(*TEAM, DEV), subject="Tea", headers=both))
    await shop.work()
    shop.clock.advance(a_retry())
    await shop.settle()

    assert len(shop.wiki.posts) == 1
    assert sorted(planned.state for planned in shop.publications()) == ["published", "refused"]
    assert shop.told("redirect") == dict.fromkeys((*TEAM, DEV), 1)


async def test_nobody_is_told_twice_when_two_moved_threads_prove_to_be_one(shop: Workshop) -> None:
    await shop.move_talk()
    shop.receive(mail(10, sender=DEV, to=(ANA, BOB, DEV), subject="Tea"))
    await shop.settle()
    assert shop.told("redirect") == {ANA: 2, BOB: 2, CLEO: 1, DEV: 1}  # of two threads
    both = {"References": "<2@acme.example> <10@acme.example>"}

    shop.receive(mail(11, sender=BOB, to=(*TEAM, DEV), subject="Tea", headers=both))
    await shop.settle()

    assert len(shop.all_threads()) == 1
    assert shop.told("redirect") == {ANA: 2, BOB: 2, CLEO: 1, DEV: 1}


async def test_our_own_mail_that_comes_back_is_in_no_thread(shop: Workshop) -> None:
    await shop.move_talk()
    _, notice = shop.notices("redirect")[0]
    shop.receive(notice.as_bytes(), BOB, sender="")
    await shop.work()
    assert len(shop.thread().messages) == 3


async def test_an_answer_to_our_mail_belongs_to_its_thread(shop: Workshop) -> None:
    await shop.move_talk()
    _, notice = shop.notices("redirect")[0]
    answered = notice["Message-ID"].strip("<>")
    shop.receive(mail(3, "Good idea.", sender=BOB, answers=answered, subject="Something else"))
    await shop.work()

    assert len(shop.thread().messages) == 4
    assert shop.wiki.texts()[3:] == ["Good idea."]


async def test_a_live_answer_to_an_archived_thread_sends_mail_again(shop: Workshop) -> None:
    for number in range(3):
        content = mail(number, sender=TEAM[number], answers=number - 1 if number else None)
        shop.receive(content, source="mbox")
    await shop.settle()
    assert (shop.publications(), shop.notices()) == ([], [])

    shop.receive(mail(3, answers=2))
    await shop.settle()

    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)


async def test_an_automatic_answer_is_not_on_the_page(shop: Workshop) -> None:
    shop.receive_talk()
    away = {"Auto-Submitted": "auto-replied", "X-Made": format_datetime(START)}
    shop.receive(mail(3, "I am away.", sender=CLEO, answers=2, headers=away))
    await shop.settle()
    assert "I am away." not in shop.wiki.texts()


async def plan_and_fail(shop: Workshop) -> None:
    """A thread that is planned while its space is out of reach."""
    shop.wiki.fails.append(RuntimeError("away"))
    shop.receive_talk()
    await shop.settle()
    assert shop.publication().state is PublicationState.PLANNED


def a_retry() -> timedelta:
    """Longer than the wait after a first failure."""
    return timedelta(seconds=30)


async def test_the_subject_of_an_aside_is_neither_the_title_nor_in_any_reply(shop: Workshop) -> None:
    shop.receive(mail(0, to=(BOB,), subject="Cleo must not know"))
    shop.receive(mail(1, sender=BOB, headers=answer_to(0)), sender=BOB)
    shop.receive(mail(2, sender=CLEO, headers=answer_to(1)), sender=CLEO)
    await shop.settle()
    with shop.database.write() as session:
        queue.add(session, JobKind.RECALL, shop.thread().id, shop.clock.now)
    await shop.work()

    assert (
        shop.publication().title == shop.wiki.published[shop.publication().key].title == "Which coffee next"
    )
    assert {each["Subject"] for _, each in shop.notices()} == {"Re: Which coffee next"}
    assert shop.told("redirect") == shop.told("recall") == dict.fromkeys(TEAM, 1)


async def test_who_got_only_an_aside_is_not_told_and_may_not_read(shop: Workshop) -> None:
    shop.receive_talk()
    shop.receive(mail(3, sender=BOB, to=(DEV,), answers=2), sender=BOB)
    await shop.settle()
    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)
    assert shop.wiki.readers[shop.publication().key] == set(TEAM)


def answer_to(number: int) -> dict[str, str]:
    """The headers by which a mail under another subject answers one."""
    return {"In-Reply-To": f"<{number}@acme.example>"}
