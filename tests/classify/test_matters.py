"""Words of sensitive matters are counted by topic, with their place, and weigh together by reason."""

from pathlib import Path

import pytest

from classify import matters
from classify.matters import Topic, index_of, touched
from domain.errors import ClassifierError
from tests.classify.threads import thread

PAY = Topic(reason="staff", detail="it speaks of pay", points=1, phrases=("salary", "pay rise*"))
RANK = Topic(reason="staff", detail="it speaks of ratings", points=1, phrases=("rating",))
SIGN = Topic(reason="staff", detail="words of work", points=0, phrases=("work",))
INDEX = index_of([PAY, RANK, SIGN])


def test_points_of_a_reason_add_up_to_a_hit_at_the_weightiest_place() -> None:
    found = touched(thread("Lunch", "The salary.", "And the rating."), INDEX)

    assert found.points == {"staff": 2}
    assert [(hit.reason, hit.message_id, hit.by_words) for hit in found.hits] == [
        ("staff", "m0@example.com", True)
    ]


def test_a_topic_counts_once_however_often_it_is_touched() -> None:
    found = touched(thread("Salary", "The salary, the pay rises."), INDEX)

    assert found.points == {"staff": 1}
    assert found.findings[0].times == 3
    assert found.hits == ()


def test_a_topic_without_points_is_only_a_sign() -> None:
    found = touched(thread("Work", "work"), INDEX)

    assert found.hits == ()
    assert found.weights == (0.0, 0.0, 0.0)
    assert "staff, words of work: ≥2" in found.signs


def test_density_is_told_in_steps() -> None:
    dense = touched(thread("Menu", "the rating of soup " + "and soup " * 20), INDEX)
    thin = touched(thread("Menu", "the rating of soup " + "and soup " * 400), INDEX)

    assert "staff, it speaks of ratings: ≥2.0 %" in dense.signs
    assert not [sign for sign in thin.signs if sign.endswith("%")]


def test_allowed_phrases_do_not_count() -> None:
    found = touched(thread("Menu", "The salary calculator is down."), INDEX, ("salary calculator",))

    assert found.findings == ()


def test_every_shipped_topic_has_a_reason_and_phrases() -> None:
    topics = [topic for path in matters.RULES.glob("*.toml") for topic in matters.read_topics(path)]

    assert len(topics) > 40
    assert all(topic.reason and topic.detail and topic.phrases and 0 <= topic.points <= 2 for topic in topics)


def test_a_broken_table_of_topics_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[[topic]]\nreason = 'x'\n")

    with pytest.raises(ClassifierError, match=r"own\.toml"):
        matters.read_topics(path)
