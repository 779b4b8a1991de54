"""Whom our mails may go to: people inside the organisation, one by one, and nobody else."""

import pytest

from domain.mail import Address, Automatic, Message
from router.etiquette import may_answer, redirect_recipients, why_not_answer
from tests.router.samples import (
    EVERYBODY,
    GROUPS,
    INES,
    MAYA,
    ORGANISATION,
    OTTO,
    OUTSIDER,
    OWN,
    message,
    thread,
)


def told(*messages: Message, opted_out: frozenset[str] = frozenset()) -> list[str]:
    return [
        address.email for address in redirect_recipients(thread(*messages), ORGANISATION, GROUPS, opted_out)
    ]


NOT_ANSWERED = [
    ("auto-reply", message(automatic=Automatic.AUTO_REPLY)),
    ("bounce", message(automatic=Automatic.BOUNCE)),
    ("report", message(automatic=Automatic.REPORT)),
    ("robot", message(automatic=Automatic.ROBOT)),
    ("bulk", message(automatic=Automatic.BULK)),
    ("Auto-Submitted", message(headers=(("auto-submitted", "auto-generated; x=y"),))),
    ("Auto-Submitted in capitals", message(headers=(("auto-submitted", "Auto-Replied (vacation)"),))),
    ("X-Auto-Response-Suppress", message(headers=(("x-auto-response-suppress", "DR, OOF"),))),
    ("Precedence bulk", message(headers=(("precedence", "Bulk"),))),
    ("the null return path", message(headers=(("return-path", "<>"),))),
    ("no address", message(sender=Address(email=""))),
    ("an address that could change a header", message(sender=Address(email='a,b"@boreal.example'))),
    ("no-reply", message(sender=Address(email="no-reply@boreal.example"))),
    ("list software", message(sender=Address(email="owner-books@boreal.example"))),
]


@pytest.mark.parametrize("mail", [case[1] for case in NOT_ANSWERED], ids=[case[0] for case in NOT_ANSWERED])
def test_a_machine_is_never_answered(mail: Message) -> None:
    assert not may_answer(mail)
    assert (why_not_answer(mail) or "").endswith(".")


@pytest.mark.parametrize(
    "mail",
    [
        message(),
        message(headers=(("auto-submitted", "no"),)),
        message(headers=(("precedence", "list"), ("return-path", "<ines@boreal.example>"))),
        message(headers=(("x-auto-response-suppress", "DR"),)),
    ],
    ids=["plain", "Auto-Submitted: no", "an internal list", "delivery reports only"],
)
def test_a_person_may_be_answered(mail: Message) -> None:
    assert may_answer(mail)


def test_authors_to_and_cc_are_told_once_in_order() -> None:
    assert told(message(1, to=(OTTO, INES), cc=(MAYA,)), message(2, sender=MAYA, to=(INES,))) == [
        "ines@boreal.example",
        "otto@boreal.example",
        "maya@boreal.example",
    ]


def test_nobody_else_is_told() -> None:
    mail = message(
        to=(
            OTTO,
            OUTSIDER,
            EVERYBODY,
            OWN,
            Address(email="it@boreal.example"),
            Address(email="books@boreal.example"),
        ),
        cc=(Address(email="NoReply@boreal.example"), Address(email="")),
        bcc=(MAYA,),
        list_id="books.boreal.example",
    )

    assert told(mail) == ["ines@boreal.example", "otto@boreal.example"]


def test_a_group_s_address_is_left_out_even_where_the_thread_does_not_use_it_as_a_list() -> None:
    assert told(message(sender=Address(email="it@boreal.example"), to=(OTTO,))) == ["otto@boreal.example"]


def test_a_shared_address_is_left_out_even_where_no_group_names_it() -> None:
    shared = ("tous", "info", "equipe-ventes", "marketing-team", "book-list", "it", "all.montreal", "compta")
    people = ("tousignant", "ita", "allan", "ines.team", "jinfo", "hrant", "devi", "newsom")

    mails = message(to=tuple(Address(email=f"{local}@boreal.test") for local in (*shared, *people)))

    assert told(mails) == [
        "ines@boreal.example",
        *(f"{local}@boreal.test" for local in people if local != "ines.team"),
    ]


def test_people_who_opted_out_are_left_out() -> None:
    assert told(opted_out=frozenset({"Otto@Boreal.example"})) == [
        "ines@boreal.example",
        "maya@boreal.example",
    ]


def test_an_author_of_automatic_mails_only_is_left_out() -> None:
    sensor = Address(email="sensor@boreal.example")

    assert told(message(1), message(2, sender=sensor, automatic=Automatic.ROBOT)) == [
        "ines@boreal.example",
        "otto@boreal.example",
        "maya@boreal.example",
    ]


def test_a_person_who_also_has_an_out_of_office_reply_is_told() -> None:
    away = message(2, sender=OTTO, automatic=Automatic.AUTO_REPLY)

    assert "otto@boreal.example" in told(message(1), away, message(3, sender=OTTO))


def test_a_recipient_who_only_sent_an_out_of_office_reply_is_not_told() -> None:
    assert told(message(1), message(2, sender=OTTO, automatic=Automatic.AUTO_REPLY)) == [
        "ines@boreal.example",
        "maya@boreal.example",
    ]


def test_the_first_name_that_is_known_is_kept() -> None:
    bare = Address(email="otto@boreal.example")

    (_, otto, *_rest) = redirect_recipients(
        thread(message(to=(bare, OTTO))), ORGANISATION, GROUPS, frozenset()
    )

    assert otto == OTTO


def test_a_further_address_of_the_same_person_gets_no_second_reply() -> None:
    detail = Address(email="otto+later@boreal.example")
    assert told(message(1, to=(OTTO,), cc=(detail, MAYA))).count("otto+later@boreal.example") == 0
    assert told(message(1, to=(detail, MAYA)), opted_out=frozenset({"otto@boreal.example"})) == [
        "ines@boreal.example",
        "maya@boreal.example",
    ]
