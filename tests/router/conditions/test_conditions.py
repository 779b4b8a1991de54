"""Every condition: a table of cases that hold and that do not."""

from datetime import timedelta

import pytest

from domain.classification import Kind
from domain.mail import Address, Attachment
from router.combine import evaluate
from router.conditions.registry import CONDITION_NAMES, NESTING, ConditionTable
from router.facts import Facts
from tests.router.samples import (
    EVERYBODY,
    INES,
    MAYA,
    NOW,
    OTTO,
    OUTSIDER,
    OWN,
    classification,
    facts,
    message,
)

PLAIN = facts()
ABSTAINED = facts(said=classification(abstained=True))
FRENCH = facts(said=classification(language="fr"))
TO_ALL = facts(message(to=(EVERYBODY,)))
ON_LIST = facts(
    message(list_id="Cycling <cycling.boreal.example>", to=(Address(email="cycling@boreal.example"),))
)
WITH_OUTSIDER = facts(message(cc=(OUTSIDER,)))
HIDDEN_OUTSIDER = facts(message(bcc=(OUTSIDER,)))
NESTED = facts(
    message(1),
    message(2, in_reply_to=("m1@boreal.example",)),
    message(3, references=("m1@boreal.example", "m2@boreal.example")),
    message(4, in_reply_to=("m1@boreal.example",)),
)
RING = facts(message(1, in_reply_to=("m2@boreal.example",)), message(2, in_reply_to=("m1@boreal.example",)))
ATTACHED = facts(
    message(
        attachments=(
            Attachment(name="plan.pdf", content_type="application/pdf", size=9),
            Attachment(name="logo.png", content_type="image/png", size=9, inline=True),
        )
    )
)
MARKED = facts(message(headers=(("x-project", "Apollo second phase"),)))
EMPTY = facts(message(sender=OWN))
FOLDED_SUBJECT = facts(message(subject="Réf. BUDGET : prévisions"))

CASES: list[tuple[str, dict[str, object], Facts, bool]] = [
    ("kind as one word", {"kind": "question"}, PLAIN, True),
    ("kind among several", {"kind": ["knowledge", "question"]}, PLAIN, True),
    ("another kind", {"kind": ["knowledge"]}, PLAIN, False),
    ("kind where the classifier abstained", {"kind": ["question"]}, ABSTAINED, False),
    ("confidence reached", {"confidence": 0.9}, PLAIN, True),
    ("confidence missed", {"confidence": 0.91}, PLAIN, False),
    ("confidence where the classifier abstained", {"confidence": 0.1}, ABSTAINED, False),
    ("moves wanted", {"moves": True}, PLAIN, True),
    ("moves not wanted", {"moves": False}, PLAIN, False),
    ("moves denied", {"moves": False}, facts(said=classification(moves=False)), True),
    ("moves score reached", {"moves": 0.85}, PLAIN, True),
    ("moves score missed", {"moves": 0.9}, PLAIN, False),
    ("language", {"language": "fr"}, FRENCH, True),
    ("another language", {"language": ["fr", "de"]}, PLAIN, False),
    ("sender", {"sender": "ines@boreal.example"}, PLAIN, True),
    ("sender by pattern and in capitals", {"sender": "OTTO@*"}, PLAIN, True),
    ("sender who only received", {"sender": "maya@boreal.example"}, PLAIN, False),
    ("recipient", {"recipient": ["nobody@x.example", "maya@boreal.example"]}, PLAIN, True),
    ("recipient in Cc", {"recipient": "*@partner.example"}, WITH_OUTSIDER, True),
    ("recipient of a blind copy does not count", {"recipient": "*@partner.example"}, HIDDEN_OUTSIDER, False),
    ("recipient who only wrote", {"recipient": "ines@boreal.example"}, TO_ALL, False),
    ("list by address", {"list": "cycling@boreal.example"}, ON_LIST, True),
    ("list by List-Id", {"list": "cycling.boreal.example"}, ON_LIST, True),
    ("list by pattern", {"list": "cyc*@boreal.example"}, ON_LIST, True),
    ("list that is a group", {"list": "all@boreal.example"}, TO_ALL, True),
    ("another list", {"list": "legal@boreal.example"}, ON_LIST, False),
    ("domain", {"domain": "boreal.example"}, PLAIN, True),
    ("domain with a sub-domain", {"domain": "example"}, PLAIN, True),
    ("domain that only ends alike", {"domain": "real.example"}, PLAIN, False),
    ("domain with an at sign", {"domain": "@partner.example"}, WITH_OUTSIDER, True),
    ("group whose member wrote", {"group": "it"}, PLAIN, True),
    ("group that is addressed", {"group": "all"}, TO_ALL, True),
    ("group that is not configured", {"group": "sales"}, PLAIN, False),
    ("internal", {"internal": True}, PLAIN, True),
    ("internal with an outsider", {"internal": True}, WITH_OUTSIDER, False),
    ("not internal", {"internal": False}, HIDDEN_OUTSIDER, True),
    ("subject word", {"subject": "vpn"}, PLAIN, True),
    ("subject word only as a part of a word", {"subject": "hom"}, PLAIN, False),
    ("subject without accents and case", {"subject": ["previsions"]}, FOLDED_SUBJECT, True),
    ("subject phrase", {"subject": "reach the VPN"}, PLAIN, True),
    ("subject by regex", {"subject": {"regex": "^how .*vpn"}}, PLAIN, True),
    ("subject by regex missed", {"subject": {"regex": "^vpn"}}, PLAIN, False),
    ("header is there", {"header": {"field": "X-Project"}}, MARKED, True),
    ("header holds a word", {"header": {"field": "X-Project", "words": "apollo"}}, MARKED, True),
    ("header holds another word", {"header": {"field": "X-Project", "words": "gemini"}}, MARKED, False),
    ("header fits a regex", {"header": {"field": "x-project", "regex": "second"}}, MARKED, True),
    ("header is missing", {"header": {"field": "X-Project"}}, PLAIN, False),
    ("messages enough", {"messages": {"min": 2}}, PLAIN, True),
    ("messages too many", {"messages": {"max": 1}}, PLAIN, False),
    ("messages of our own do not count", {"messages": {"max": 0}}, EMPTY, True),
    ("participants enough", {"participants": {"min": 3}}, PLAIN, True),
    ("participants too few", {"participants": {"min": 4}}, PLAIN, False),
    ("participants by a mail to everyone", {"participants": {"min": 500}}, TO_ALL, True),
    ("participants at most, by a mail to everyone", {"participants": {"max": 5000}}, TO_ALL, False),
    (
        "participants with a group's members",
        {"participants": {"min": 3}},
        facts(message(to=(Address(email="it@boreal.example"), MAYA))),
        True,
    ),
    ("depth of a flat thread", {"depth": {"min": 3}}, PLAIN, False),
    ("depth of answers to answers", {"depth": {"min": 3, "max": 3}}, NESTED, True),
    ("depth of mails that answer each other in a ring", {"depth": {"max": 2}}, RING, True),
    ("length enough", {"length": {"min": 28}}, PLAIN, True),
    ("length too much", {"length": {"max": 10}}, PLAIN, False),
    ("attachments without images in the text", {"attachments": {"min": 1, "max": 1}}, ATTACHED, True),
    ("attachments unwanted", {"attachments": {"max": 0}}, ATTACHED, False),
    ("age enough", {"age": {"min": "40h"}}, PLAIN, True),
    ("age too much", {"age": {"max": "1d"}}, PLAIN, False),
    ("age without messages", {"age": {"max": "1d"}}, EMPTY, False),
    ("quiet enough", {"quiet": {"min": "46h"}}, PLAIN, True),
    ("quiet not enough", {"quiet": {"min": "2d"}}, PLAIN, False),
    ("quiet without messages", {"quiet": {"min": "1m"}}, EMPTY, False),
    ("time on a weekday", {"time": {"days": ["tue"]}}, PLAIN, True),
    ("time on another day", {"time": {"days": "wed"}}, PLAIN, False),
    ("time within hours", {"time": {"begin": "13:00", "end": "14:00"}}, PLAIN, True),
    ("time at the end of the hours", {"time": {"begin": "09:00", "end": "13:00"}}, PLAIN, False),
    ("time overnight", {"time": {"begin": "22:00", "end": "13:30"}}, PLAIN, True),
    ("time since a date", {"time": {"since": "2026-03-10"}}, PLAIN, True),
    ("time until a date", {"time": {"until": "2026-03-09"}}, PLAIN, False),
    ("time without messages", {"time": {"since": "2026-01-01"}}, EMPTY, False),
    ("two keys that both hold", {"kind": "question", "confidence": 0.8}, PLAIN, True),
    ("two keys of which one holds", {"kind": "question", "confidence": 0.95}, PLAIN, False),
    ("all", {"all": [{"kind": "question"}, {"messages": {"min": 9}}]}, PLAIN, False),
    ("all with every one", {"all": [{"kind": "question"}, {"messages": {"min": 2}}]}, PLAIN, True),
    ("any", {"any": [{"kind": "update"}, {"messages": {"min": 2}}]}, PLAIN, True),
    ("any with no hit", {"any": [{"kind": "update"}, {"messages": {"min": 9}}]}, PLAIN, False),
    ("none", {"none": [{"kind": "update"}, {"messages": {"min": 9}}]}, PLAIN, True),
    ("none with a hit", {"none": [{"kind": "update"}, {"messages": {"min": 2}}]}, PLAIN, False),
    ("nested twice", {"none": [{"any": [{"kind": "update"}, {"all": [{"group": "it"}]}]}]}, PLAIN, False),
]


@pytest.mark.parametrize(
    ("table", "seen", "holds"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_condition_holds_or_not(table: dict[str, object], seen: Facts, holds: bool) -> None:
    step = evaluate(ConditionTable.model_validate(table), seen)

    assert step.passed is holds
    assert step.sentence.endswith(".")


@pytest.mark.parametrize("name", [*CONDITION_NAMES, *NESTING])
def test_each_key_has_a_case_that_holds_and_one_that_does_not(name: str) -> None:
    outcomes = {holds for _, table, _, holds in CASES if name in table}

    assert outcomes == {True, False}


@pytest.mark.parametrize("name", CONDITION_NAMES)
def test_the_key_in_the_table_is_the_condition_s_own_name(name: str) -> None:
    table = next(table for _, table, _, _ in CASES if list(table) == [name])

    (condition,) = ConditionTable.model_validate(table).conditions()

    assert condition.name == name


@pytest.mark.parametrize(("table", "seen"), [case[1:3] for case in CASES], ids=[case[0] for case in CASES])
def test_a_sentence_names_no_participant_that_the_config_does_not(
    table: dict[str, object], seen: Facts
) -> None:
    shown = repr(evaluate(ConditionTable.model_validate(table), seen)).lower()

    for address in (INES, OTTO, MAYA, OUTSIDER):
        assert address.email not in shown or address.email in repr(table)


def test_kind_says_which_kinds_were_wanted() -> None:
    step = evaluate(ConditionTable.model_validate({"kind": ["knowledge", "update"]}), PLAIN)

    assert step.sentence == "The kind is question, not knowledge or update."


def test_every_kind_can_be_named() -> None:
    for kind in Kind:
        seen = facts(said=classification(kind=kind, scores={kind: 1.0}))
        assert evaluate(ConditionTable.model_validate({"kind": kind.value}), seen).passed


def test_age_counts_from_the_earliest_mail_whatever_the_order() -> None:
    late_first = facts(message(1, date=NOW - timedelta(hours=1)), message(2, date=NOW - timedelta(days=9)))

    assert evaluate(ConditionTable.model_validate({"age": {"min": "9d"}}), late_first).passed
    assert evaluate(ConditionTable.model_validate({"quiet": {"max": "1h"}}), late_first).passed
