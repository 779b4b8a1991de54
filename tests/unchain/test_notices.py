"""Our own mails: one of each sort for a thread and person, in the budget; what is held back goes later."""

from datetime import timedelta
from itertools import pairwise

from store import mails, notices, people
from tests.unchain.workshop import ANA, BOB, CLEO, OWN, QUIET, TEAM, Workshop, mail, rule
from unchain.notices import PORTION

TIGHT = """
[budget]
silence = "2h"
system = { hour = 2, day = 100 }
"""
PERSON = """
[budget]
recipient = { hour = 1, day = 100 }
"""


async def test_a_tripped_budget_is_silence_and_what_was_held_back_goes_later(shop: Workshop) -> None:
    shop.use(rule(), TIGHT)
    await shop.move_talk()
    assert len(shop.notices("redirect")) == 2
    with shop.database.read() as session:
        assert notices.silent_until(session) == shop.clock.now + timedelta(hours=2)

    shop.clock.advance(timedelta(hours=1, minutes=59))
    await shop.work()
    assert len(shop.notices("redirect")) == 2

    shop.clock.advance(timedelta(minutes=1))
    await shop.work()
    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)
    assert shop.jobs() == {}


async def test_silence_keeps_no_mail_of_people_from_the_page(shop: Workshop) -> None:
    shop.use(rule(), TIGHT)
    await shop.move_talk()
    shop.receive(mail(3, sender=BOB, answers=2))
    await shop.work()
    assert len(shop.wiki.texts()) == 4


async def test_what_came_while_it_was_posted_is_added_at_once_though_a_reply_is_held_back(
    shop: Workshop,
) -> None:
    shop.use(rule(), TIGHT)
    shop.wiki.crashes.append(RuntimeError("killed between doing and answering"))
    shop.receive_talk()
    await shop.settle()
    shop.receive(mail(3, sender=BOB, answers=2))
    await shop.work()
    shop.clock.advance(timedelta(seconds=30))
    await shop.work()
    assert len(shop.notices("redirect")) == 2
    assert len(shop.wiki.texts()) == 4


async def test_a_person_over_the_limit_waits_and_the_others_do_not(shop: Workshop) -> None:
    shop.use(rule(), PERSON)
    await shop.move_talk()
    shop.receive(mail(20, sender=ANA, to=(ANA, BOB, "dev@acme.example"), subject="Tea"))
    await shop.settle()
    assert shop.told("redirect") == {ANA: 1, BOB: 1, CLEO: 1, "dev@acme.example": 1}

    shop.clock.advance(timedelta(hours=1))
    await shop.work()

    assert shop.told("redirect") == {ANA: 2, BOB: 2, CLEO: 1, "dev@acme.example": 1}


async def test_many_are_told_in_portions_so_that_accepting_mail_never_waits_for_all(shop: Workshop) -> None:
    crowd = [f"person{number}@acme.example" for number in range(60)]
    shop.receive(mail(0, to=crowd))
    await shop.work()
    shop.clock.advance(QUIET)
    counted = [0]
    while await shop.worker.run_once():
        counted.append(len(shop.notices("redirect")))

    assert shop.told("redirect") == dict.fromkeys([ANA, *crowd], 1)
    assert max(after - before for before, after in pairwise(counted)) <= PORTION


async def test_a_suggestion_that_is_held_back_is_made_later(shop: Workshop) -> None:
    shop.use(rule(), TIGHT)
    await shop.move_talk()
    shop.use(rule("suggest"), TIGHT)
    for number in (20, 21):
        shop.receive(mail(number, subject="Tea", answers=None if number == 20 else 20))
    await shop.settle()
    assert shop.notices("suggestion") == []

    shop.clock.advance(timedelta(hours=2))
    await shop.work()
    shop.clock.advance(timedelta(hours=2))
    await shop.work()

    assert shop.told("suggestion") == {ANA: 1}


async def test_a_notice_is_a_machines_answer_in_the_chain(shop: Workshop) -> None:
    await shop.move_talk()
    to, notice = shop.notices("redirect")[0]
    assert (to, notice["To"].addresses[0].addr_spec) == (ANA, ANA)
    assert notice["From"].addresses[0].addr_spec == OWN
    assert notice["Auto-Submitted"] == "auto-replied"
    assert notice["In-Reply-To"] == "<2@acme.example>"
    with shop.database.read() as session:
        own = mails.load(session, 4)
        waiting = mails.consignment(session, 4)
    assert own is not None
    assert own.mail_from == ""  # so that no machine answers it
    assert waiting is not None
    assert waiting.waiting == (ANA,)


async def test_a_person_is_written_to_in_their_own_language(shop: Workshop) -> None:
    with shop.database.write() as session:
        people.choose_language(session, BOB, "fr", at=shop.clock.now)
    await shop.move_talk()
    languages = {to: notice["Content-Language"] for to, notice in shop.notices("redirect")}
    assert languages == {ANA: "en", BOB: "fr", CLEO: "en"}


async def test_who_opted_out_after_the_page_was_made_is_not_written_to(shop: Workshop) -> None:
    await shop.move_talk()
    with shop.database.write() as session:
        people.opt_out(session, "dev@acme.example", at=shop.clock.now)
    shop.receive(mail(3, sender=BOB, to=(*TEAM, "dev@acme.example"), answers=2))
    await shop.work()
    assert "dev@acme.example" not in shop.told("redirect")


async def test_the_key_of_the_opt_out_link_is_the_persons_own(shop: Workshop) -> None:
    await shop.move_talk()
    links = [
        notice["List-Unsubscribe"].partition(">")[0].strip("<") for _, notice in shop.notices("redirect")
    ]
    assert len(set(links)) == 3
    with shop.database.read() as session:
        found = [people.email_of_opt_out_token(session, link.rpartition("/")[2]) for link in links]
    assert found == list(TEAM)


async def test_archived_threads_never_cause_mail(shop: Workshop) -> None:
    for stage in ("move", "suggest"):
        shop.use(rule(stage))
        for number in range(3):
            content = mail(
                f"{stage}{number}", subject=f"About {stage}", answers=f"{stage}0" if number else None
            )
            shop.receive(content, source="mbox")
        await shop.settle()
    shop.clock.advance(timedelta(days=1))
    await shop.work()
    assert shop.notices() == []
    assert shop.publications() == []
