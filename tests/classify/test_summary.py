"""A digest holds its authors' own sentences, each with its mail, and no name, address or trimmed text."""

import time
from dataclasses import replace

import pytest

from classify.keyphrases import key_phrases
from classify.sentences import sentences
from classify.summary import digest_of
from domain.mail import Address, TextPart, Thread, Trim
from tests.classify.threads import message, thread

PRINTER = (
    "Hello all,\nThe label printer in the warehouse prints only half of each label since Monday. "
    "Does anyone know how to reset the paper sensor?\nThanks, Person",
    "Hi, you need to hold the feed button for five seconds until it beeps. "
    "It then measures the paper anew. Is it the new one?",
    "That worked, thank you!",
)


def answering(*authors: int) -> Thread:
    made = thread("Label printer prints half", *PRINTER)
    entries = [
        replace(
            entry,
            message=replace(entry.message, sender=Address(email=f"p{who}@example.com", name=f"P {who}")),
        )
        for entry, who in zip(made.messages, authors, strict=True)
    ]
    return replace(made, messages=tuple(entries))


def test_the_question_and_the_answer_are_found_with_their_mails() -> None:
    found = digest_of(answering(0, 1, 0), "en")

    assert found.question is not None
    assert found.question.text == "Does anyone know how to reset the paper sensor?"
    assert found.question.key == message(0, "").digest
    assert found.answer[0].text == "Hi, you need to hold the feed button for five seconds until it beeps."
    assert {each.key for each in found.answer} == {message(1, "").digest}


def test_the_answer_that_the_asker_confirms_goes_before_a_longer_one() -> None:
    made = thread(
        "Réserver la salle",
        "Comment réserver la salle du conseil pour un groupe externe ?",
        "Il faut sans doute passer par la direction pour réserver la salle du conseil, à mon avis.",
        "Allez dans le calendrier, onglet « ressources ».",
        "Parfait, merci, c'est réglé !",
    )
    entries = list(made.messages)
    asker = entries[0].message.sender
    confirms = replace(entries[3].message, sender=asker, in_reply_to=(str(entries[2].message.message_id),))
    entries[3] = replace(entries[3], message=confirms)

    found = digest_of(replace(made, messages=tuple(entries)), "fr")

    assert [each.text for each in found.answer] == ["Allez dans le calendrier, onglet « ressources »."]


@pytest.mark.parametrize(
    ("language", "texts", "decided"),
    [
        (
            "en",
            ("Ring or tabs for the binders of the board?", "We decided to use tabs for all binders."),
            True,
        ),
        (
            "en",
            ("Ring or tabs for the binders of the board?", "It is not yet decided whether we use tabs."),
            False,
        ),
        ("en", ("Ring or tabs for the binders?", "Have we decided to use tabs for the binders?"), False),
        (
            "fr",
            ("Anneaux ou onglets ?", "Après discussion, on retient les onglets pour tous les classeurs."),
            True,
        ),
        ("fr", ("Anneaux ou onglets ?", "Rien n'est décidé pour les onglets des classeurs."), False),
    ],
)
def test_a_decision_is_what_was_settled_and_not_what_is_put_off(
    language: str, texts: tuple[str, str], decided: bool
) -> None:
    found = digest_of(thread("Binders", "Something before, nothing asked of tabs.", *texts[1:]), language)
    assert (found.decision is not None) == decided


def test_trimmed_text_is_never_shown() -> None:
    quote = TextPart(text="> We decided to close the Elm branch in June.", trim=Trim.QUOTE)
    made = thread("Branches", "I read it with interest and have more to say of the branches.", parts=(quote,))
    assert "Elm" not in str(digest_of(made, "en"))


def test_a_short_chain_and_an_empty_one_have_little_to_sum_up() -> None:
    assert digest_of(thread("Tea", "Tea is ready."), "en").is_empty
    assert digest_of(Thread(id="t", subject="", messages=()), "en").is_empty
    assert digest_of(thread("", ""), "und").key_phrases == ()


def test_key_phrases_hold_no_name_and_no_address() -> None:
    made = thread(
        "Laptop encryption for Marcel Gauthier",
        "Bonjour Marcel, please see Odile Fournier about disk encryption. The disk encryption keys of "
        "odile@x.org are with Person. Disk encryption needs the recovery key of each laptop.",
        "Recovery key received, thanks Marcel. Odile has the laptop; see https://x.org/marcel.",
    )

    found = key_phrases(made, "en")

    assert 3 <= len(found) <= 8
    assert "disk encryption" in " ".join(found).lower() or "laptop encryption" in " ".join(found).lower()
    for name in ("marcel", "gauthier", "odile", "fournier", "x.org", "person"):
        assert name not in " ".join(found).lower()


def test_french_phrases_keep_their_small_words() -> None:
    made = thread(
        "Mot de passe oublié",
        "Le mot de passe de la borne ne marche plus. Qui connaît le mot de passe de la borne ?",
        "Le nouveau mot de passe est dans le coffre.",
    )
    assert "mot de passe" in " ".join(key_phrases(made, "fr"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See Dr. Roy at 9 a.m. tomorrow. It is late.", ["See Dr. Roy at 9 a.m. tomorrow.", "It is late."]),
        ("Une ligne que le logiciel de courriel a\ncoupée en deux. Fin.", 3),
        ("- first point\n- second point", ["first point", "second point"]),
        ("Vraiment ?! Oui… Bien sûr.", ["Vraiment ?!", "Oui…", "Bien sûr."]),
    ],
)
def test_sentences_end_where_their_author_ended_them(text: str, expected: list[str] | int) -> None:
    found = list(sentences(text))
    assert found == expected if isinstance(expected, list) else len(found) == expected


@pytest.mark.parametrize(
    "hostile", ["a. " * 60_000, "? " * 90_000, "x" * 160_000, "- 1) " * 40_000, "« " * 80_000]
)
def test_no_text_costs_a_second(hostile: str) -> None:
    made = thread("S" * 3000, hostile, hostile, hostile)
    before = time.process_time()
    digest_of(made, "fr")
    assert time.process_time() - before < 1.0
