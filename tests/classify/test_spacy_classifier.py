"""The shipped classifier answers every thread, says why, and abstains where it cannot know."""

from pathlib import Path

import pytest

from classify.pipeline_folder import SHIPPED
from classify.spacy_classifier import SpacyClassifier
from domain.classification import Kind
from domain.errors import ClassifierError
from tests.classify.threads import thread


@pytest.fixture(scope="module")
def classifier() -> SpacyClassifier:
    return SpacyClassifier.load()


def test_a_plain_question_is_a_question(classifier: SpacyClassifier) -> None:
    said = classifier.classify(
        thread(
            "VPN from home",
            "Hi all,\n\nDoes anyone know how to connect to the VPN from Linux? I get error 619 each time.",
            "You need to install the new client first, then restart. The page on the intranet explains how.",
        )
    )

    assert said.kind is Kind.QUESTION
    assert said.language == "en"
    assert not said.sensitive
    assert sum(said.scores.values()) == pytest.approx(1.0)


def test_a_french_question_is_a_question(classifier: SpacyClassifier) -> None:
    said = classifier.classify(
        thread(
            "Imprimante du 3e",
            "Bonjour à tous,\n\nQuelqu'un sait-il comment installer l'imprimante du 3e étage sous Windows ?",
            "Oui, il faut passer par le portail et choisir le pilote recto-verso.",
        )
    )

    assert said.kind is Kind.QUESTION
    assert said.language == "fr"


def test_the_words_that_counted_are_words_of_the_thread(classifier: SpacyClassifier) -> None:
    text = "Does anyone know why the backup fails with error 12 on the new server?"

    said = classifier.classify(thread("Backup", text))

    assert said.evidence
    assert {each.name for each in said.evidence} & set(text.lower().replace("?", " ?").split())


def test_a_secret_makes_a_thread_sensitive_and_unmovable(classifier: SpacyClassifier) -> None:
    said = classifier.classify(
        thread("How to log in", "How do I log in? The password is Tournesol#47, right?")
    )

    assert said.sensitive
    assert not said.moves
    assert "credentials" in {hit.reason for hit in said.sensitive_hits}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n ",
        "12345 67",
        "Der Server ist heute Nacht wegen Wartungsarbeiten nicht erreichbar, bitte speichern Sie vorher.",
    ],
    ids=["empty", "blank", "digits", "German"],
)
def test_without_words_of_a_known_language_it_abstains(classifier: SpacyClassifier, text: str) -> None:
    said = classifier.classify(thread("", text))

    assert said.abstained
    assert said.confidence == 0.0
    assert not said.moves


def test_a_thread_without_messages_is_no_error(classifier: SpacyClassifier) -> None:
    assert classifier.classify(thread("Nothing")).abstained


def test_a_folder_without_a_pipeline_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClassifierError, match="no trained classifier"):
        SpacyClassifier.load(tmp_path)


def test_broken_tables_are_named(tmp_path: Path) -> None:
    (tmp_path / "config.cfg").write_text((SHIPPED / "config.cfg").read_text())
    (tmp_path / "meta.json").write_text((SHIPPED / "meta.json").read_text())
    (tmp_path / "thread_scorer").mkdir()
    (tmp_path / "thread_scorer" / "settings.json").write_text("{}")

    with pytest.raises(ClassifierError, match="cannot be read"):
        SpacyClassifier.load(tmp_path)


def test_the_shipped_folder_holds_no_vocabulary() -> None:
    names = {path.name for path in SHIPPED.rglob("*") if path.is_file()}

    assert names <= {"config.cfg", "meta.json", "settings.json", "tables.npz", "README.md"}
