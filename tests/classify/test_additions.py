"""Own reasons hold a thread, allowed phrases mean nothing, and nothing that is written there can hang."""

import time

import pytest
from pydantic import ValidationError

from classify.additions import Additions, SensitiveOptions
from classify.sensitive import gate, weigh
from domain.mail import Address
from tests.classify.threads import thread

OWN = Additions(
    options=SensitiveOptions.model_validate(
        {
            "allow": ["salary calculator"],
            "hold": [
                {"reason": "project", "words": ["projet mélèze", "tamarack*"], "patterns": ["DOS-[0-9]{6}"]},
                {"reason": "counsel", "addresses": ["Legal@example.com", "@lawyers.example"]},
                {"reason": "board", "lists": ["board.example.com"]},
            ],
        }
    )
)
LAWYER = Address(email="ann@lawyers.example")
LEGAL = Address(email="legal@example.com")


@pytest.mark.parametrize(
    ("text", "fields", "reasons"),
    [
        ("Le PROJET MELEZE avance.", {}, ["project"]),
        ("We met the tamaracks.", {}, ["project"]),
        ("See dos-123456, please.", {}, ["project"]),
        ("See DOS-12345, please.", {}, []),
        ("Soup", {"cc": (LEGAL,)}, ["counsel"]),
        ("Soup", {"sender": LAWYER}, ["counsel"]),
        ("Soup", {"list_id": "The board <board.example.com>"}, ["board"]),
        ("Soup", {}, []),
    ],
)
def test_an_own_reason_holds_by_words_patterns_people_and_lists(
    text: str, fields: dict[str, object], reasons: list[str]
) -> None:
    hits = weigh(thread("Menu", "Hello", text, **fields), OWN).certain

    assert [hit.reason for hit in hits] == reasons
    assert all(not hit.by_words for hit in hits)


def test_an_own_hit_names_its_place_and_not_the_word() -> None:
    (hit,) = weigh(thread("Menu", "Hello", "Tamarack is on."), OWN).certain

    assert hit.message_id == "m1@example.com"
    assert "amarack" not in hit.detail


def test_an_allowed_phrase_takes_the_meaning_from_the_words_in_it() -> None:
    told = thread("Tools", "Her salary: the salary calculator is down.")
    allowed = thread("Tools", "Base salary calculator is down, the salary calculator.")

    assert {hit.reason for hit in gate(told, OWN)} == {"staff"}
    assert gate(allowed, Additions(options=SensitiveOptions(allow=("base salary calculator",)))) == ()


def test_an_allowed_phrase_does_not_undo_what_is_certain() -> None:
    own = Additions(options=SensitiveOptions(allow=("confidential plan", "password is Heron#42x")))

    assert {hit.reason for hit in gate(thread("Confidential plan", "The password is Heron#42x"), own)} == {
        "marking",
        "credentials",
    }


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"hold": [{"reason": "x"}]}, "needs words, patterns, addresses or lists"),
        ({"hold": [{"reason": "x", "patterns": ["a+b"]}]}, "bound its repetitions"),
        ({"hold": [{"reason": "x", "patterns": ["(a{1,9}){1,9}b"]}]}, "too long"),
        ({"hold": [{"reason": "x", "patterns": ["a?"]}]}, "fits an empty text"),
        ({"hold": [{"reason": "x", "patterns": ["["]}]}, "not a regular expression"),
        ({"hold": [{"reason": "x", "addresses": ["legal"]}]}, "is no address"),
        ({"hold": [{"reason": "", "words": ["abc"]}]}, "pattern"),
        ({"allow": ["a"]}, "too short"),
        ({"allow": ["abc"], "deny": ["abc"]}, "deny"),
    ],
)
def test_a_wrong_addition_is_refused_with_a_sentence(options: object, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        SensitiveOptions.model_validate(options)


def test_a_pattern_costs_little_in_a_long_hostile_mail() -> None:
    own = Additions(
        options=SensitiveOptions.model_validate(
            {"hold": [{"reason": "x", "patterns": ["[a-z]{1,6}-?[a-z]{1,6}[0-9]"]}]}
        )
    )
    began = time.process_time()

    assert weigh(thread("Menu", "a" * 160_000), own).certain == ()
    assert time.process_time() - began < 10
