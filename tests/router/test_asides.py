"""Asides: a private answer to a public mail stays between those who got it."""

from datetime import timedelta

import pytest

from domain.mail import Address, Automatic, Message
from router.asides import shared_messages
from router.audience import gates
from tests.router.samples import EVERYBODY, INES, MAYA, NOW, OTTO, OWN, facts, message

TO_ALL = message(1, to=(EVERYBODY,))
TO_BOTH = message(1)


@pytest.mark.parametrize(
    ("opening", "answer", "shared"),
    [
        pytest.param(TO_BOTH, message(2, sender=OTTO, to=(INES, MAYA)), True, id="to all who were there"),
        pytest.param(TO_BOTH, message(2, sender=OTTO, to=(INES,)), False, id="to the author alone"),
        pytest.param(TO_BOTH, message(2, sender=OTTO, to=(INES, OWN)), False, id="our own address is nobody"),
        pytest.param(TO_ALL, message(2, sender=OTTO, to=(INES,)), False, id="to one, of a mail to all"),
        pytest.param(TO_ALL, message(2, sender=OTTO, to=(INES, MAYA)), False, id="to some, of a mail to all"),
        pytest.param(TO_ALL, message(2, sender=OTTO, to=(INES,), cc=(EVERYBODY,)), True, id="to all again"),
        pytest.param(TO_BOTH, message(2, sender=OTTO, to=(EVERYBODY,)), True, id="opened to everybody"),
    ],
)
def test_an_answer_is_shared_only_with_all_who_were_there(
    opening: Message, answer: Message, shared: bool
) -> None:
    found = facts(opening, answer)
    assert (answer in shared_messages(found)) is shared


def test_three_who_leave_out_an_earlier_author_have_an_aside() -> None:
    first, second = message(1), message(2, sender=MAYA, to=(INES, OTTO))
    third = message(3, sender=OTTO, to=(INES,), cc=(_colleague(),))
    assert third not in shared_messages(facts(first, second, third))


def test_the_order_of_arrival_does_not_matter() -> None:
    first, aside = message(1), message(2, sender=OTTO, to=(INES,))
    assert shared_messages(facts(aside, first))[-1:] == (first,)


def test_what_machines_write_is_not_shared() -> None:
    away = message(2, sender=OTTO, to=(INES, MAYA), automatic=Automatic.AUTO_REPLY)
    found = facts(message(1), away)
    assert shared_messages(found) == (found.messages[0],)


def test_a_thread_of_asides_alone_stays_in_the_mail() -> None:
    pairs = [message(1, to=(OTTO,)), message(2, to=(MAYA,), date=NOW - timedelta(days=1))]
    shut = [gate.name for gate in gates(facts(*pairs)) if not gate.passed]
    assert shut == ["gate: asides"]


def test_a_clock_that_is_slow_makes_no_aside_public() -> None:
    early = message(1).date - timedelta(minutes=5)
    aside = message(2, sender=OTTO, to=(MAYA, _colleague()), date=early)
    assert shared_messages(facts(message(1), aside)) == (message(1),)


CLAIM = (("list-post", "<mailto:otto@boreal.example>"),)


def test_a_header_that_calls_a_colleague_a_list_makes_no_answer_to_them_public() -> None:
    opening, answer = message(1, headers=CLAIM), message(2, sender=MAYA, to=(OTTO,))
    assert answer not in shared_messages(facts(opening, answer))


def test_a_header_that_calls_a_colleague_a_list_opens_no_talk_of_two() -> None:
    pair = message(1, to=(OTTO,), headers=CLAIM), message(2, sender=OTTO, to=(INES,))
    assert not shared_messages(facts(*pair))
    assert "gate: two people" in [gate.name for gate in gates(facts(*pair)) if not gate.passed]


@pytest.mark.parametrize("detail", ["ines+todo@boreal.example", "otto+later@boreal.example"])
def test_a_further_address_of_the_same_person_is_no_third_person(detail: str) -> None:
    pair = message(1, to=(OTTO,), cc=(Address(email=detail),)), message(2, sender=OTTO, to=(INES,))
    shut = [gate.name for gate in gates(facts(*pair)) if not gate.passed]
    assert shut == ["gate: two people", "gate: asides"]


def _colleague() -> Address:
    return Address(email="remy@boreal.example", name="Rémy")
