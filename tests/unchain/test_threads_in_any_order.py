"""The stored threads are those of the whole set, in whatever order its mails come in."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import permutations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from domain.errors import CorrectionError
from domain.mail import Message
from ingest import threading
from ingest.grouping import Corrections, group
from store import threads
from store.database import Database
from tests.ingest.reading import NOON, mail
from tests.ingest.thread_sets import DAY, MIXED, SETS
from unchain.correcting import split_thread
from unchain.joining import join

ANA, BOB, EVE = "ana@example.com", "bob@example.com", "eve@example.com"

# Two live conversations with one subject, and a reply that names nothing: it belongs to the nearer one.
EARLIER = mail("w1@x", subject="Weekly report", sender=ANA)
LATER = mail("w2@x", subject="Weekly report", sender=ANA, minutes=7 * DAY)
LOST = mail("lost@x", subject="Re: Weekly report", sender=BOB, minutes=7 * DAY + 30)
AFTER = mail("after@x", subject="Re: Weekly report", sender=EVE, answers=("lost@x",), minutes=7 * DAY + 60)
WEEKS = (EARLIER, LATER, LOST, AFTER)
# Different mails with one id, and answers to each, one of them with a subject of its own.
SHARED = (
    mail("same@x", subject="Invoice"),
    mail("same@x", subject="Holidays", sender=EVE, minutes=10),
    mail("a@x", subject="Re: Invoice", answers=("same@x",), minutes=20),
    mail("b@x", subject="Re: Holidays", answers=("same@x",), minutes=30),
    mail("c@x", subject="Something else", answers=("same@x",), minutes=40),
)


class Undone(Exception):
    """Takes back a transaction."""


def held(session: Session) -> list[list[str]]:
    """The mails of each thread, after a look at what the thread says of itself."""
    found: list[list[str]] = []
    for thread_id in threads.all_ids(session):
        thread = threads.load(session, thread_id)
        assert thread is not None
        assert threads.size(session, thread_id) == len(thread.messages)
        people = {person for entry in thread.messages for person in threads.people_in(entry.message)}
        assert threads.people_of(session, thread_id) == people
        found.append(sorted(entry.message.digest for entry in thread.messages))
    return sorted(found)


def arrived(database: Database, messages: Iterable[Message]) -> list[list[str]]:
    """The threads that grow when mails come in one by one; the database stays empty."""
    found: list[list[str]] = []
    with suppress(Undone), database.write() as session:
        for message in messages:
            join(session, message, origin="smtp")
        found = held(session)
        raise Undone
    return found


def wanted(messages: Iterable[Message]) -> list[list[str]]:
    return digests_of(threading.join(messages))


def digests_of(groups: Iterable[Iterable[Message]]) -> list[list[str]]:
    return sorted(sorted(message.digest for message in one) for one in groups)


@pytest.mark.parametrize("mails", [WEEKS, SHARED], ids=["two weeks", "a shared id"])
def test_every_order_of_arrival_gives_the_same_threads(database: Database, mails: Sequence[Message]) -> None:
    expected = wanted(mails)
    assert len(expected) == 2
    for order in permutations(mails):
        assert arrived(database, order) == expected


@pytest.mark.parametrize("mails", [mails for mails, _ in SETS.values()], ids=SETS)
def test_a_set_of_mails_gives_its_threads_in_every_order(database: Database, mails: list[Message]) -> None:
    kept = list({identity(each): each for each in mails}.values())
    for order in permutations(kept):
        assert arrived(database, order) == wanted(kept)


def identity(message: Message) -> object:
    """What a mail shares with its copies, of which only the first is kept."""
    if message.message_id is None:
        return message.digest
    return message.message_id, message.date, threading.base_subject(message.subject)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MIXED, min_size=2, max_size=8, unique_by=identity), st.randoms(use_true_random=False))
def test_any_mails_in_any_order_give_the_threads_of_the_whole_set(
    database: Database, messages: list[Message], random: object
) -> None:
    expected = wanted(messages)
    for _ in range(3):
        random.shuffle(messages)  # type: ignore[attr-defined]
        assert arrived(database, messages) == expected


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(MIXED, min_size=3, max_size=8, unique_by=identity), st.data(), st.randoms(use_true_random=False)
)
def test_mails_that_come_after_a_split_by_hand_keep_to_it_in_any_order(
    database: Database, messages: list[Message], data: st.DataObject, random: object
) -> None:
    early = messages[: data.draw(st.integers(2, len(messages)))]
    late = messages[len(early) :]
    split = data.draw(st.sampled_from(early))
    assume([each.message_id for each in messages].count(split.message_id) == 1 and split.message_id)
    expected = digests_of(group(messages, Corrections(split=frozenset({split.digest}))))
    for _ in range(2):
        random.shuffle(late)  # type: ignore[attr-defined]
        with suppress(Undone), database.write() as session:
            for message in early:
                join(session, message, origin="smtp")
            try:
                split_thread(session, split.message_id or "", NOON)
            except CorrectionError:
                raise Undone from None  # it begins its thread
            for message in late:
                join(session, message, origin="smtp")
            assert held(session) == expected
            raise Undone
