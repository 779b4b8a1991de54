from collections.abc import Iterable
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mail import Joined, Message
from ingest.memory_lookup import MemoryLookup
from ingest.threading import assign, join
from tests.ingest.reading import mail
from tests.ingest.thread_sets import ANSWER, DAY, DEEPER, LOST, MIXED, ROOT, SETS, TWO_GHOSTS


def threads(messages: Iterable[Message]) -> list[list[Message]]:
    """The threads that grow when mails come in one by one, in this order."""
    lookup = MemoryLookup()
    for message in messages:
        lookup.keep(message, assign(message, lookup))
    return lookup.threads()


def ids(groups: Iterable[Iterable[Message]]) -> list[list[str]]:
    return sorted(sorted({message.message_id or "" for message in group}) for group in groups)


def digests(groups: Iterable[Iterable[Message]]) -> list[list[str]]:
    return sorted(sorted(message.digest for message in group) for group in groups)


@pytest.mark.parametrize(("messages", "expected"), SETS.values(), ids=SETS)
def test_a_set_of_mails_gives_its_threads_in_every_order(
    messages: list[Message], expected: list[set[str | None]]
) -> None:
    wanted = sorted(sorted(each or "" for each in group) for group in expected)
    for order in permutations(messages):
        assert ids(threads(order)) == wanted
        assert ids(join(order)) == wanted


def test_replies_to_a_shared_id_follow_their_subject() -> None:
    messages = [
        mail("same@x", subject="Invoice"),
        mail("same@x", subject="Holidays", sender="eve@example.com", minutes=1),
        mail("a@x", subject="Re: Invoice", answers=("same@x",), minutes=2),
        mail("b@x", subject="Re: Holidays", answers=("same@x",), minutes=3),
    ]
    for order in permutations(messages):
        assert ids(join(order)) == [["a@x", "same@x"], ["b@x", "same@x"]]


def test_how_a_mail_joined_is_told() -> None:
    lookup = MemoryLookup()
    joined = []
    for message in (ROOT, ANSWER, LOST):
        assignment = assign(message, lookup)
        lookup.keep(message, assignment)
        joined.append(assignment.joined)
    assert joined == [Joined.FIRST, Joined.REFERENCE, Joined.SUBJECT]


def test_a_mail_that_joins_two_threads_says_so() -> None:
    lookup = MemoryLookup()
    for message in TWO_GHOSTS[:2]:
        lookup.keep(message, assign(message, lookup))
    assignment = assign(TWO_GHOSTS[2], lookup)
    assert assignment.thread_id is not None
    assert len(assignment.merges) == 1


def test_ghosts_are_registered() -> None:
    mentions = assign(DEEPER, MemoryLookup()).mentions
    assert {"root@x", "answer@x", "deeper@x"} <= set(mentions)


def test_a_mail_without_an_id_registers_nothing_of_its_own() -> None:
    assert assign(mail(None), MemoryLookup()).mentions == ()


@st.composite
def conversations(draw: st.DrawFn) -> list[Message]:
    """Mails that name each other in any way, rings and ghosts among them; each subject is its own."""
    count = draw(st.integers(1, 9))
    names = st.integers(0, count + 3).map(lambda number: f"m{number}@x")
    return [
        mail(
            f"m{number}@x",
            subject=f"Topic {number}",
            answers=tuple(draw(st.lists(names, max_size=2))),
            references=tuple(draw(st.lists(names, max_size=3))),
            minutes=draw(st.integers(0, 5_000)),
        )
        for number in range(count)
    ]


@settings(deadline=None, max_examples=200)
@given(conversations(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(messages: list[Message], random: object) -> None:
    shuffled = list(messages)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert digests(threads(messages)) == digests(threads(shuffled)) == digests(join(shuffled))


PAIRS = st.builds(
    mail,
    st.sampled_from(["a@x", "b@x", "c@x", None]),
    subject=st.sampled_from(["Lunch", "Re: Lunch", "[team] AW: lunch", "Trip", ""]),
    sender=st.sampled_from(["ana@example.com", "bob@example.com"]),
    to=st.sampled_from([("team@example.com",), ("ana@example.com",), ("eve@example.com",)]),
    answers=st.sampled_from([(), ("a@x",), ("gone@x",)]),
    minutes=st.sampled_from([0, 1, 600, 3 * DAY, 13 * DAY, 20 * DAY]),
)


@settings(deadline=None, max_examples=300)
@given(PAIRS, PAIRS)
def test_the_subject_rule_does_not_depend_on_who_comes_first(one: Message, other: Message) -> None:
    assert digests(threads([one, other])) == digests(threads([other, one]))


@settings(deadline=None, max_examples=200)
@given(conversations())
def test_mails_share_a_thread_exactly_when_names_connect_them(messages: list[Message]) -> None:
    assert digests(join(messages)) == digests(connected(messages))


@settings(deadline=None, max_examples=200)
@given(conversations(), st.lists(st.sampled_from(["Invoice", "Re: Invoice", "Re: Trip", ""]), min_size=9))
def test_every_mail_is_in_exactly_one_thread(messages: list[Message], subjects: list[str]) -> None:
    shared = [
        mail(f"m{number % 3}@x", subject=subject, answers=message.in_reply_to, minutes=number)
        for number, (message, subject) in enumerate(zip(messages, subjects, strict=False))
    ]
    assert sorted(message.digest for group in join(shared) for message in group) == sorted(
        message.digest for message in shared
    )


def connected(messages: list[Message]) -> list[list[Message]]:
    """The same by repeated comparison: slow, but plain to see."""
    groups = [
        ([message], {message.message_id, *message.references, *message.in_reply_to}) for message in messages
    ]
    merged = True
    while merged:
        merged = False
        for one in groups:
            other = next((each for each in groups if each is not one and each[1] & one[1]), None)
            if other is not None:
                groups = [each for each in groups if each is not one and each is not other]
                groups.append((one[0] + other[0], one[1] | other[1]))
                merged = True
                break
    return [group for group, _ in groups]


@settings(deadline=None, max_examples=400)
@given(
    st.lists(MIXED, min_size=2, max_size=9, unique_by=lambda each: each.digest),
    st.randoms(use_true_random=False),
)
def test_any_mails_in_any_order_give_the_threads_of_the_whole_set(
    messages: list[Message], random: object
) -> None:
    wanted = digests(join(messages))
    for _ in range(3):
        random.shuffle(messages)  # type: ignore[attr-defined]
        assert digests(threads(messages)) == wanted
