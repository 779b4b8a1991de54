"""Phrases are found as whole words, whatever case and accents."""

import pytest

from classify.cues import cue_marks
from classify.phrases import PhraseIndex, plain

INDEX = PhraseIndex([("mise en demeure", "legal"), ("avocat*", "lawyer"), ("plainte d'un coll*", "staff")])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Une MISE EN DEMEURE, hier.", {"legal": 1}),
        ("l’avocate et les avocats", {"lawyer": 2}),
        ("Plainte d'un collègue", {"staff": 1}),
        ("remise en demeure", {}),
        ("mise en", {}),
        ("", {}),
    ],
)
def test_phrases_are_found_as_whole_words(text: str, found: dict[str, int]) -> None:
    assert INDEX.find(plain(text)) == found


def test_cues_say_what_the_writer_does_and_where() -> None:
    marks = cue_marks([("opening", "Qu'en pensez-vous ? Je pense que oui."), ("answers", "I agree.")])

    assert "opening weighs opinion: ≥2" in marks
    assert "answers weighs opinion: ≥1" in marks
