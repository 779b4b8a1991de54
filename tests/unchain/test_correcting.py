"""Threads joined and split by hand: remembered in any order of later mails, never taking mails off a page."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import permutations

import pytest
from sqlmodel import Session

from domain.errors import CorrectionError
from domain.job import JobKind
from domain.mail import Joined, Message
from store import publications, thread_keys, threads
from store.database import Database
from store.publications import PublicationState
from tests.ingest.reading import NOON, mail
from tests.unchain.workshop import BOB, CLEO, Workshop
from tests.unchain.workshop import mail as written
from unchain.correcting import join_threads, part_threads, split_thread, unsplit_thread
from unchain.joining import join
from unchain.publishing import in_order

ROOT = mail("root@x", subject="Offsite")
PLAN = mail("plan@x", subject="Re: Offsite", answers=("root@x",), references=("root@x",), minutes=1)
BUS = mail("bus@x", subject="Re: Offsite", answers=("root@x",), references=("root@x",), minutes=2)
SEATS = mail("seats@x", subject="Re: Offsite", answers=("bus@x",), references=("root@x", "bus@x"), minutes=3)
TALK = (ROOT, PLAN, BUS, SEATS)
# What comes later: answers of both sides, one whose parent comes after it, one that names both sides.
LATER = (
    mail("l1@x", subject="Re: Offsite", answers=("seats@x",), references=("root@x", "seats@x"), minutes=4),
    mail("l2@x", subject="Re: Offsite", answers=("l1@x",), references=("root@x", "l1@x"), minutes=5),
    mail("l3@x", subject="Re: Offsite", answers=("plan@x",), references=("root@x", "plan@x"), minutes=6),
    mail("l4@x", subject="Re: Offsite", answers=("bus@x", "root@x"), minutes=7),
)
STAY, LEAVE = {"root@x", "plan@x"}, {"bus@x", "seats@x"}
OTHER = mail("other@x", subject="Catering")


class Undone(Exception):
    """Takes back a transaction."""


def take_in(session: Session, messages: Iterable[Message]) -> None:
    for message in messages:
        join(session, message, origin="smtp")


def groups(session: Session) -> list[set[str | None]]:
    loaded = [threads.load(session, thread_id) for thread_id in threads.all_ids(session)]
    found = [{entry.message.message_id for entry in one.messages} for one in loaded if one is not None]
    return sorted(found, key=lambda ids: min(map(str, ids)))


def attempt(database: Database, act: Callable[[Session], None]) -> None:
    """Do something of which nothing stays."""
    with suppress(Undone), database.write() as session:
        act(session)
        raise Undone


def test_a_mail_and_its_answers_become_a_thread_of_their_own(database: Database) -> None:
    with database.write() as session:
        take_in(session, TALK)
        split, rest = split_thread(session, "<bus@x>", NOON)
        assert groups(session) == [LEAVE, STAY]
        assert thread_keys.of_message(session, "seats@x") == split
        assert thread_keys.of_message(session, "root@x") == rest
        thread = threads.load(session, split)
    assert thread is not None
    assert [entry.joined for entry in in_order(thread).messages] == [Joined.MANUAL, Joined.REFERENCE]


def test_later_mails_keep_to_the_split_in_whatever_order_they_come(database: Database) -> None:
    with database.write() as session:
        take_in(session, TALK)
        split_thread(session, "bus@x", NOON)
    expected = [LEAVE | {"l1@x", "l2@x", "l4@x"}, STAY | {"l3@x"}]
    for order in permutations(LATER):

        def come(session: Session, order: tuple[Message, ...] = order) -> None:
            take_in(session, order)
            assert groups(session) == expected

        attempt(database, come)


def test_a_split_taken_back_leaves_one_thread_and_no_trace(database: Database) -> None:
    with database.write() as session:
        take_in(session, TALK)
        split_thread(session, "bus@x", NOON)
        take_in(session, LATER)
        (whole,) = unsplit_thread(session, "bus@x", NOON)
        assert len(groups(session)) == 1
        thread = threads.load(session, whole)
        with pytest.raises(CorrectionError, match="not split off"):
            unsplit_thread(session, "bus@x", NOON)
    assert thread is not None
    assert Joined.MANUAL not in [entry.joined for entry in in_order(thread).messages]


def test_a_part_can_be_split_again(database: Database) -> None:
    with database.write() as session:
        take_in(session, TALK)
        split_thread(session, "bus@x", NOON)
        split_thread(session, "seats@x", NOON)
        take_in(session, LATER)
        assert groups(session) == [{"bus@x", "l4@x"}, {"seats@x", "l1@x", "l2@x"}, STAY | {"l3@x"}]


def test_each_thread_has_the_people_subject_and_veto_of_its_own_mails(database: Database) -> None:
    zoe = mail("zoe@x", subject="Budget", sender="zoe@example.com", answers=("root@x",), minutes=8)
    with database.write() as session:
        take_in(session, [zoe, ROOT, PLAN])
        threads.add_people(session, str(thread_keys.of_message(session, "root@x")), ["blind@example.com"])
        threads.veto(session, str(thread_keys.of_message(session, "root@x")), "ana@example.com")
        split, rest = split_thread(session, "zoe@x", NOON)
        told = {f"{name}@example.com" for name in ("ana", "team", "blind")}
        assert threads.people_of(session, rest) == told
        assert "blind@example.com" in threads.people_of(session, split)  # nobody knows of which mail
        assert "ana@example.com" not in threads.people_of(session, split)
        assert [threads.is_vetoed(session, each) for each in (split, rest)] == [True, True]
        loaded = [threads.load(session, each) for each in (split, rest)]
        assert [threads.size(session, each) for each in (split, rest)] == [1, 2]
    assert [each.subject for each in loaded if each] == ["Budget", "Offsite"]


def test_an_archives_mails_stay_an_archives_when_they_are_split_off(database: Database) -> None:
    with database.write() as session:
        for message in TALK:
            join(session, message, origin="mbox")
        split, rest = split_thread(session, "bus@x", NOON)
        assert [threads.is_archived(session, each) for each in (split, rest)] == [True, True]


@pytest.mark.parametrize("name", ["root@x", "nobody@x"])
def test_the_first_mail_of_a_thread_and_an_unknown_one_cannot_be_split_off(
    database: Database, name: str
) -> None:
    with database.write() as session:
        take_in(session, TALK)
        with pytest.raises(CorrectionError, match=name):
            split_thread(session, name, NOON)


def test_two_threads_become_one_and_their_later_mails_come_to_it(database: Database) -> None:
    later = mail("more@x", subject="Re: Catering", answers=("other@x",), minutes=9)
    for order in permutations([later, *LATER[:2]]):

        def come(session: Session, order: tuple[Message, ...] = order) -> None:
            take_in(session, [*TALK, OTHER])
            joined = join_threads(session, "root@x", "other@x", NOON)
            take_in(session, order)
            assert len(groups(session)) == 1
            thread = threads.load(session, joined)
            assert thread is not None
            how = {entry.message.message_id: entry.joined for entry in in_order(thread).messages}
            assert how["other@x"] is Joined.MANUAL

        attempt(database, come)


def test_a_join_taken_back_leaves_the_threads_of_the_mails_own_links(database: Database) -> None:
    later = mail("more@x", subject="Re: Catering", answers=("other@x",), minutes=9)
    with database.write() as session:
        take_in(session, [*TALK, OTHER])
        one, other = (str(thread_keys.of_message(session, each)) for each in ("root@x", "other@x"))
        join_threads(session, one, other, NOON)
        take_in(session, [later])
        with pytest.raises(CorrectionError, match="one thread already"):
            join_threads(session, one, "other@x", NOON)
        assert len(part_threads(session, one, other, NOON)) == 2
        assert groups(session) == [STAY | LEAVE, {"other@x", "more@x"}]
        with pytest.raises(CorrectionError, match="not joined by hand"):
            part_threads(session, one, "other@x", NOON)


def test_what_was_joined_by_hand_is_not_split_by_accident(database: Database) -> None:
    with database.write() as session:
        take_in(session, [*TALK, OTHER])
        join_threads(session, "root@x", "other@x", NOON)
        split, _ = split_thread(session, "bus@x", NOON)
        assert join_threads(session, split, "root@x", NOON)
        assert len(groups(session)) == 1
    with pytest.raises(CorrectionError, match="joined to this thread by hand"), database.write() as session:
        split_thread(session, "bus@x", NOON)


async def test_after_a_split_both_threads_are_judged_and_move_by_themselves(shop: Workshop) -> None:
    shop.receive_talk(4)
    await shop.work()
    with shop.database.write() as session:
        split_thread(session, "2@acme.example", shop.clock.now)
    await shop.settle()

    titles = sorted(len(one.posted) for one in shop.publications())
    assert titles == [2, 2]


async def test_a_thread_that_is_shown_is_not_split_but_recalled_first(shop: Workshop) -> None:
    planned = await shop.move_talk(3)
    advice = f"unchain recall {planned.thread_id}"
    with pytest.raises(CorrectionError, match=advice), shop.database.write() as session:
        split_thread(session, "1@acme.example", shop.clock.now)
    assert len(shop.all_threads()) == 1
    with shop.database.write() as session:
        publications.ended(session, planned.key, PublicationState.WITHDRAWN, None)
        split_thread(session, "1@acme.example", shop.clock.now)
    assert len(shop.all_threads()) == 2


async def test_of_two_shown_threads_one_is_recalled_before_they_are_joined(shop: Workshop) -> None:
    shop.receive_talk(3)
    for number, sender in enumerate((BOB, CLEO, BOB), 40):
        content = written(number, sender=sender, subject="Tea", answers=number - 1 if number > 40 else None)
        shop.receive(content, sender=sender)
    await shop.settle()
    assert len(shop.publications()) == 2
    with pytest.raises(CorrectionError, match="unchain recall"), shop.database.write() as session:
        join_threads(session, "0@acme.example", "40@acme.example", shop.clock.now)


async def test_a_thread_joined_to_a_shown_one_is_added_to_its_page(shop: Workshop) -> None:
    planned = await shop.move_talk(3)
    shop.receive(written(50, sender=CLEO, subject="Also on coffee"))
    await shop.work()
    with shop.database.write() as session:
        joined = join_threads(session, "50@acme.example", planned.thread_id, shop.clock.now)
    await shop.settle()
    assert joined == planned.thread_id
    assert len(shop.publication().posted) == 4


async def test_a_late_mail_takes_nothing_out_of_a_thread_that_is_shown(shop: Workshop) -> None:
    shop.receive_talk(3)
    lost = written(600, sender=BOB, subject="Re: Which coffee next")
    shop.receive(lost, sender=BOB)
    await shop.settle()
    shown = shop.publication()
    assert len(shown.posted) == 4
    shop.receive(written(590, sender=CLEO), sender=CLEO)  # a second talk of this subject, nearer to the reply
    await shop.settle()
    assert shop.publications()[0].posted == shown.posted
    assert sorted(len(each.messages) for each in shop.all_threads()) == [1, 4]


async def test_a_late_mail_has_the_threads_judged_that_it_changes(shop: Workshop) -> None:
    shop.receive(written(0, sender=BOB), sender=BOB)
    shop.receive(written(600, sender=BOB, subject="Re: Which coffee next"), sender=BOB)
    await shop.work()
    assert len(shop.all_threads()) == 1
    shop.receive(written(590, sender=CLEO), sender=CLEO)
    await shop.work()
    assert sorted(len(each.messages) for each in shop.all_threads()) == [1, 2]
    assert shop.jobs()[JobKind.JUDGE, "ready"] == 2
