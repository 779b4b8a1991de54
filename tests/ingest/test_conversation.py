from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from domain.mail import Message
from ingest.conversation import conversation_order
from tests.ingest.reading import mail


def order(messages: list[Message]) -> list[str | None]:
    return [message.message_id for message in conversation_order(messages)]


def test_mails_stand_in_the_order_of_their_dates() -> None:
    mails = [mail("a@x"), mail("b@x", answers=("a@x",), minutes=1), mail("c@x", answers=("a@x",), minutes=2)]
    mails.append(mail("d@x", answers=("b@x",), minutes=3))
    for arrived in permutations(mails):
        assert order(list(arrived)) == ["a@x", "b@x", "c@x", "d@x"]


def test_an_answer_with_a_slow_clock_stands_behind_what_it_answers() -> None:
    mails = [mail("a@x", minutes=60), mail("b@x", answers=("a@x",), minutes=0), mail("c@x", minutes=90)]
    assert order(mails) == ["a@x", "b@x", "c@x"]


def test_a_missing_parent_gives_way_to_the_nearest_reference_that_is_there() -> None:
    mails = [
        mail("a@x", minutes=60),
        mail("c@x", references=("a@x", "gone@x"), answers=("gone@x",), minutes=0),
    ]
    assert order(mails) == ["a@x", "c@x"]


def test_a_ring_opens_at_its_oldest_mail() -> None:
    mails = [
        mail("a@x", answers=("c@x",), minutes=2),
        mail("b@x", answers=("a@x",), minutes=0),
        mail("c@x", answers=("b@x",), minutes=1),
    ]
    assert order(mails) == ["b@x", "c@x", "a@x"]


def test_mails_without_ids_and_with_the_same_id_all_appear() -> None:
    mails = [
        mail(None),
        mail(None, words="x", minutes=1),
        mail("s@x", minutes=2),
        mail("s@x", words="y", minutes=3),
    ]
    assert len(conversation_order(mails)) == 4


def test_a_long_chain_is_no_problem() -> None:
    chain = [mail(f"{n}@x", answers=(f"{n - 1}@x",), minutes=-n) for n in range(5_000)]
    assert order(chain)[:3] == ["0@x", "1@x", "2@x"]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 100)), max_size=8))
def test_nothing_is_lost_and_the_order_does_not_depend_on_the_input(links: list[tuple[int, int]]) -> None:
    mails = [mail(f"{n}@x", answers=(f"{to}@x",), minutes=at) for n, (to, at) in enumerate(links)]
    assert order(mails) == order(mails[::-1])
    assert sorted(map(str, order(mails))) == sorted(f"{n}@x" for n in range(len(links)))
