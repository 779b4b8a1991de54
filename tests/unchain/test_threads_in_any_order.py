"""The stored threads are those of the whole set, in whatever order its mails come in."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.mail import Message
from ingest import threading
from store import threads
from store.database import Database
from tests.ingest.reading import mail
from tests.ingest.thread_sets import DAY, MIXED, SETS
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


def arrived(database: Database, messages: Iterable[Message]) -> list[list[str]]:
    """The threads that grow when mails come in one by one; the database stays empty."""
    found: list[list[str]] = []
    with suppress(Undone), database.write() as session:
        for message in messages:
            join(session, message, origin="smtp")
        for thread_id in threads.all_ids(session):
            thread = threads.load(session, thread_id)
            assert thread is not None
            assert threads.size(session, thread_id) == len(thread.messages)
            people = {person for entry in thread.messages for person in threads.people_in(entry.message)}
            assert threads.people_of(session, thread_id) == people
            found.append(sorted(entry.message.digest for entry in thread.messages))
        raise Undone
    return sorted(found)


def wanted(messages: Iterable[Message]) -> list[list[str]]:
    return sorted(sorted(message.digest for message in group) for group in threading.join(messages))


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


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MIXED, min_size=2, max_size=8, unique_by=identity), st.randoms(use_true_random=False))
def test_any_mails_in_any_order_give_the_threads_of_the_whole_set(
    database: Database, messages: list[Message], random: object
) -> None:
    expected = wanted(messages)
    for _ in range(3):
        random.shuffle(messages)  # type: ignore[attr-defined]
        assert arrived(database, messages) == expected
