"""The gates and the audience check: what keeps a thread in the mail."""

import pytest

from domain.classification import SensitiveHit
from domain.mail import Address, Automatic, TextPart, Trim
from domain.organisation import Group
from domain.space import Space
from router.audience import GATES, admits, gates
from router.facts import Facts
from tests.router.samples import (
    ALL,
    CIRCLE,
    EVERYBODY,
    GROUPS,
    INES,
    IT,
    MAYA,
    OTTO,
    OUTSIDER,
    OWN,
    ROOM,
    WIKI,
    classification,
    facts,
    message,
)

ZOE = Address(email="zoe@boreal.example")
OUTSIDE_ROBOT = Address(email="bounces+17@sender.example")
ROBOT = Address(email="no-reply@boreal.example")
IT_LIST = Address(email="it@boreal.example")
CYCLING = Address(email="cycling@boreal.example")
BOOKCLUB = Address(email="books@boreal.example")
HIT = SensitiveHit(reason="health", detail="Somebody speaks of an illness.")
FORWARDED = (
    TextPart(text="What do you think?"),
    TextPart(text="> From: Kim <kim@partner.example>\n> Hello", trim=Trim.FORWARDED),
)
TRANSFERRED = (TextPart(text="**De :** kim@partner.example\nObjet : devis", trim=Trim.QUOTE),)
ATTRIBUTED = (TextPart(text="On Monday, Kim\n<kim@partner.example> wrote:", trim=Trim.ATTRIBUTION),)
INNER = (
    TextPart(text="De : otto@boreal.test\nÉcris à vendeur@partner.example demain.", trim=Trim.FORWARDED),
    TextPart(text="On Monday, Otto <otto@boreal.example> wrote:", trim=Trim.ATTRIBUTION),
)


def shut(seen: Facts) -> set[str]:
    return {step.name.removeprefix("gate: ") for step in gates(seen) if not step.passed}


CASES: list[tuple[str, Facts, set[str]]] = [
    ("an ordinary thread", facts(), set()),
    ("a sensitive thread", facts(said=classification(sensitive=True, sensitive_hits=(HIT,))), {"sensitive"}),
    ("hits without a verdict", facts(said=classification(sensitive_hits=(HIT,))), {"sensitive"}),
    (
        "a label in any message",
        facts(message(1), message(2, sensitivity=("company-confidential",))),
        {"sensitivity label"},
    ),
    ("an unknown label", facts(message(sensitivity=("tlp-amber",))), {"sensitivity label"}),
    ("a label that restricts nothing", facts(message(sensitivity=("normal", "public"))), set()),
    ("a French label that restricts nothing", facts(message(sensitivity=("Général",))), set()),
    ("an encrypted mail", facts(message(1), message(2, encrypted=True)), {"encrypted"}),
    ("an unsigned mail, left to the sensitive gate", facts(message(subject="Confidential")), set()),
    ("a signed mail", facts(message(signed=True)), set()),
    (
        "a signed mail that is confidential",
        facts(message(signed=True, subject="Confidentiel : plan")),
        {"signed and confidential"},
    ),
    (
        "a signed mail not to be forwarded",
        facts(message(signed=True, own_words="Ne pas transférer, merci.")),
        {"signed and confidential"},
    ),
    (
        "only machines",
        facts(message(automatic=Automatic.ROBOT), message(2, automatic=Automatic.BULK)),
        {"automatic"},
    ),
    ("a machine and a person", facts(message(automatic=Automatic.ROBOT), message(2)), set()),
    ("an outsider wrote", facts(message(1), message(2, sender=OUTSIDER)), {"outsiders"}),
    ("an outsider in Cc", facts(message(cc=(OUTSIDER,))), {"outsiders"}),
    ("an outsider in Bcc", facts(message(bcc=(OUTSIDER,))), {"outsiders", "blind copy"}),
    (
        "an outside list",
        facts(message(list_id="d.lists.example", to=(Address(email="d@lists.example"),))),
        {"outsiders"},
    ),
    ("an author without address", facts(message(sender=Address(email="")), message(2)), {"outsiders"}),
    (
        "a domain that only ends like ours",
        facts(message(cc=(Address(email="x@evilboreal.example"),))),
        {"outsiders"},
    ),
    (
        "somebody in To who cannot be read",
        facts(message(1), message(2, stray_people=("to",))),
        {"unread people"},
    ),
    ("an outsider as a second author", facts(message(bystanders=(OUTSIDER,))), {"outsiders"}),
    ("a colleague as a second author", facts(message(bystanders=(ZOE,))), set()),
    ("a machine that sent it for a colleague", facts(message(bystanders=(OUTSIDE_ROBOT,))), set()),
    ("answers that go outside", facts(message(1), message(2, answers_to=(OUTSIDER,))), {"outsiders"}),
    ("answers that go to a further own address", facts(message(answers_to=(ZOE,))), set()),
    (
        "a second author who opted out",
        facts(message(bystanders=(ZOE,)), opted_out=frozenset({"zoe@boreal.example"})),
        {"opted out"},
    ),
    ("two people and a secretary", facts(message(to=(OTTO,), bystanders=(ZOE,))), {"two people"}),
    ("a forwarded mail from outside", facts(message(parts=FORWARDED)), {"quoted outsiders"}),
    ("a forwarded mail from outside, in French", facts(message(parts=TRANSFERRED)), {"quoted outsiders"}),
    ("an answer to a mail from outside", facts(message(parts=ATTRIBUTED)), {"quoted outsiders"}),
    ("a forwarded mail from inside", facts(message(parts=INNER)), set()),
    ("a blind copy", facts(message(bcc=(Address(email="zoe@boreal.example"),))), {"blind copy"}),
    ("a blind copy to us", facts(message(bcc=(OWN,))), set()),
    (
        "an envelope with the members of an addressed group",
        facts(message(to=(IT_LIST,), bcc=(INES, OTTO))),
        set(),
    ),
    ("an envelope with others than the members", facts(message(to=(IT_LIST,), bcc=(MAYA,))), {"blind copy"}),
    ("an envelope of a mail to everyone", facts(message(to=(EVERYBODY,), bcc=(MAYA, OTTO))), set()),
    (
        "an envelope of a mailing list",
        facts(message(to=(CYCLING,), list_id="cycling.boreal.example", bcc=(MAYA,))),
        set(),
    ),
    ("a blind copy handed over on its own", facts(reached=frozenset({"zoe@boreal.example"})), {"blind copy"}),
    (
        "a blind copy to an outsider handed over on its own",
        facts(reached=frozenset({"Kim@Partner.example"})),
        {"outsiders", "blind copy"},
    ),
    (
        "copies for those who are named anyway, and for us",
        facts(reached=frozenset({"ines@boreal.example", "OTTO@boreal.example", "unchain@boreal.example"})),
        set(),
    ),
    (
        "copies for the members of an addressed group",
        facts(message(to=(IT_LIST,)), reached=frozenset({"otto@boreal.example"})),
        set(),
    ),
    ("two people", facts(message(to=(OTTO,)), message(2, sender=OTTO, to=(INES,))), {"two people"}),
    ("two people and us", facts(message(to=(OTTO, OWN))), {"two people"}),
    ("two people and a robot", facts(message(to=(OTTO,), cc=(ROBOT,))), {"two people"}),
    ("one person alone", facts(message(to=(INES,))), {"two people"}),
    ("one person and a group's list", facts(message(to=(IT_LIST,))), set()),
    ("an opted-out author", facts(opted_out=frozenset({"ines@boreal.example"})), {"opted out"}),
    ("an opted-out recipient", facts(opted_out=frozenset({"MAYA@boreal.example"})), {"opted out"}),
    (
        "an opted-out recipient by a further address",
        facts(
            message(to=(Address(email="otto+later@boreal.example"), MAYA)),
            opted_out=frozenset({"otto@boreal.example"}),
        ),
        {"opted out"},
    ),
    ("somebody else opted out", facts(opted_out=frozenset({"zoe@boreal.example"})), set()),
    ("a veto kept elsewhere", facts(vetoed=True), {"vetoed"}),
    (
        "a veto in the thread",
        facts(message(1), message(2, own_words="Garder dans le courriel, svp.\nMerci")),
        {"vetoed"},
    ),
    ("no words", facts(message(own_words=" \n")), {"content"}),
    ("no mail but our own", facts(message(sender=OWN)), {"content", "automatic", "two people"}),
]


@pytest.mark.parametrize(("seen", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_gate_shuts_for(seen: Facts, expected: set[str]) -> None:
    assert shut(seen) - {"asides"} == expected  # asides have tests of their own


@pytest.mark.parametrize("name", [name for name in GATES if name != "asides"])
def test_each_gate_has_a_case_that_shuts_it(name: str) -> None:
    assert any(name in expected for _, _, expected in CASES)


@pytest.mark.parametrize("seen", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_the_sentences_of_the_gates_name_nobody(seen: Facts) -> None:
    shown = repr(gates(seen)).lower()

    assert not [
        word for word in ("inès", "otto", "maya", "zoe", "kim", "partner.example", "@") if word in shown
    ]


def test_the_sensitive_gate_tells_the_reason_and_not_the_detail() -> None:
    (step,) = [
        step
        for step in gates(facts(said=classification(sensitive=True, sensitive_hits=(HIT,))))
        if not step.passed
    ]

    assert step.sentence == "It is sensitive (health)."


SECRET_GROUP = Group(name="it", members=("ines@boreal.example",), addresses=("it@boreal.example",))
LISTED_ALL = Group(
    name="all", members=("ines@boreal.example",), addresses=("all@boreal.example",), everyone=True
)
ADMISSIONS: list[tuple[str, Space, Facts, bool]] = [
    ("everyone", WIKI, facts(), True),
    ("everyone, with an outsider", WIKI, facts(message(cc=(OUTSIDER,))), False),
    ("everyone, with somebody who cannot be read", WIKI, facts(message(stray_people=("cc",))), False),
    (
        "a group, sent for a member by somebody outside it",
        ROOM,
        facts(message(to=(OTTO,), bystanders=(ZOE,))),
        False,
    ),
    (
        "a group whose answers go to a further own address",
        ROOM,
        facts(message(to=(OTTO,), answers_to=(ZOE,))),
        True,
    ),
    ("participants", CIRCLE, facts(), True),
    ("participants, with an outsider", CIRCLE, facts(message(bcc=(OUTSIDER,))), False),
    ("a group that all belong to", ROOM, facts(message(to=(OTTO,))), True),
    ("a group with a participant outside it", ROOM, facts(message(to=(OTTO, MAYA))), False),
    ("a group whose own list is addressed", ROOM, facts(message(to=(IT_LIST,))), True),
    ("a group, addressed to everyone", ROOM, facts(message(to=(OTTO, EVERYBODY))), False),
    (
        "a group, addressed to everyone of whom some are told",
        ROOM,
        facts(message(to=(OTTO, EVERYBODY)), groups=(LISTED_ALL, IT)),
        False,
    ),
    (
        "a group, addressed to an unknown list",
        ROOM,
        facts(message(to=(CYCLING,), list_id="cycling.boreal.example")),
        False,
    ),
    ("a group that is not configured", Space(name="s", audience="group:sales"), facts(), False),
    ("a group that stands for everyone", Space(name="s", audience="group:all"), facts(), True),
    ("a word that is no audience", Space(name="s", audience="world"), facts(), False),
    ("no audience", Space(name="s", audience=""), facts(), False),
    ("a group without members", ROOM, facts(message(to=(OTTO,)), groups=(ALL, Group(name="it"))), False),
    (
        "a group, addressed to a list whose members are not told",
        ROOM,
        facts(
            message(to=(OTTO, BOOKCLUB)),
            groups=(*GROUPS, Group(name="books", addresses=("books@boreal.example",))),
        ),
        False,
    ),
]


@pytest.mark.parametrize(
    ("space", "seen", "passed"), [case[1:] for case in ADMISSIONS], ids=[case[0] for case in ADMISSIONS]
)
def test_a_space_admits(space: Space, seen: Facts, passed: bool) -> None:
    assert admits(space, seen).passed is passed


def test_a_member_who_left_the_group_closes_its_space() -> None:
    seen = facts(message(to=(OTTO,)))
    after = facts(message(to=(OTTO,)), groups=(ALL, SECRET_GROUP))

    assert (admits(ROOM, seen).passed, admits(ROOM, after).passed) == (True, False)
    assert IT.members == ("ines@boreal.example", "otto@boreal.example")
