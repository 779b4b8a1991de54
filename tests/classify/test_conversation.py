"""Marks of a conversation tell what is asked for, who answers and what is passed on, in linear time."""

import time

import pytest

from classify.conversation import conversation_marks
from domain.mail import Message, TextPart, Trim
from tests.classify.threads import message


def marks(*messages: Message) -> list[str]:
    return conversation_marks(messages, [each.own_words for each in messages])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Can you send me the lease?", "opening asks to do"),
        ("Peux-tu m'envoyer le bail?", "opening asks to do"),
        ("How does the export work?", "opening asks to know"),
        ("Comment fonctionne l'export ?", "opening asks to know"),
        ("Should we drop the old format?", "opening asks to weigh"),
        ("Qu'en pensez-vous ?", "opening asks to weigh"),
        ("Please call the landlord.", "opening orders"),
        ("Merci de rappeler le client.", "opening orders"),
        ("We have fixed the pump.", "opening reports"),
        ("Nous avons réparé la pompe.", "opening reports"),
        ("North 12.5 14.1\nSouth 9 7", "opening figures"),
        ("The canteen opens at noon.", "opening asks nothing"),
    ],
)
def test_what_the_first_mail_wants_is_told_in_both_languages(text: str, expected: str) -> None:
    assert expected in marks(message(0, text))


def test_a_mail_passed_on_without_a_word_is_told() -> None:
    parts = (TextPart(text="FYI"), TextPart(text="The pump is fixed. " * 20, trim=Trim.QUOTE))

    found = marks(message(0, "FYI", parts=parts))

    assert "opening passes on silently" in found


def test_votes_and_brief_answers_count() -> None:
    found = marks(message(0, "I propose Ana."), message(1, "+1"), message(2, "+1 from me"))

    assert "votes: 2" in found
    assert "brief answers: 4" in found


@pytest.mark.parametrize("unit", ["\n", "?", "1,", "can you ", ". please\n", "I have "])
def test_a_long_monotonous_mail_is_marked_within_a_second(unit: str) -> None:
    text = unit * (160_000 // len(unit))
    began = time.process_time()

    marks(message(0, text), message(1, text))

    assert time.process_time() - began < 1
