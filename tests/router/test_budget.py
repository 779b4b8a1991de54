"""Budgets: what is held, what silences everything, and for how long."""

from datetime import timedelta

import pytest

from router.budget import Allowance, BudgetOptions, Limit, Sent, Traffic, allow
from tests.router.samples import NOW

TIGHT = BudgetOptions(
    thread=Limit(hour=3, day=5),
    recipient=Limit(hour=2, day=4),
    domain=Limit(hour=10, day=20),
    system=Limit(hour=12, day=24),
    silence=timedelta(hours=2),
)


def asked(**traffic: Sent) -> Allowance:
    return allow(Traffic(**traffic), TIGHT, silent_until=None, now=NOW)


def test_a_mail_within_all_limits_may_go() -> None:
    answer = asked(thread=Sent(hour=2, day=4), recipient=Sent(hour=1, day=3), domain=Sent(hour=9, day=19))

    assert answer == Allowance(allowed=True)


@pytest.mark.parametrize(
    ("scope", "sent", "words"),
    [
        ("thread", Sent(hour=3, day=3), "3 mails in an hour reach the limit of 3 for this thread"),
        ("thread", Sent(hour=0, day=5), "5 mails in a day reach the limit of 5 for this thread"),
        ("recipient", Sent(hour=2, day=2), "for this person"),
    ],
)
def test_a_thread_or_person_over_the_limit_holds_this_mail_only(scope: str, sent: Sent, words: str) -> None:
    answer = asked(**{scope: sent})

    assert (answer.allowed, answer.silent_until, answer.tripped) == (False, None, False)
    assert words in answer.reason


@pytest.mark.parametrize("scope", ["domain", "system"])
@pytest.mark.parametrize("sent", [Sent(hour=12, day=12), Sent(day=24)])
def test_a_domain_or_the_system_over_the_limit_begins_a_silence(scope: str, sent: Sent) -> None:
    answer = asked(**{scope: sent})

    assert (answer.allowed, answer.tripped) == (False, True)
    assert answer.silent_until == NOW + timedelta(hours=2)


def test_the_silence_holds_every_mail_until_it_ends() -> None:
    until = NOW + timedelta(minutes=1)

    during = allow(Traffic(), TIGHT, silent_until=until, now=NOW)
    after = allow(Traffic(), TIGHT, silent_until=until, now=until)

    assert (during.allowed, during.silent_until, during.tripped) == (False, until, False)
    assert after.allowed


def test_a_silence_that_ended_begins_again_while_the_limit_is_still_reached() -> None:
    answer = allow(Traffic(system=Sent(hour=12)), TIGHT, silent_until=NOW, now=NOW)

    assert answer.tripped


def test_a_loop_is_stopped_by_the_thread_s_limit() -> None:
    sent = 0
    while allow(
        Traffic(thread=Sent(hour=sent, day=sent)), BudgetOptions(), silent_until=None, now=NOW
    ).allowed:
        sent += 1

    assert sent == BudgetOptions().thread.hour


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        Limit(hour=0, day=1)
