"""Training is reproducible, its pipeline answers, and reports tell what was measured."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classify.evaluation import Judged, evaluate, rate, recall_at_precision, report
from classify.labelled import Label
from classify.linear import calibration_error, factor, fit, softmax
from classify.spacy_classifier import SpacyClassifier
from classify.training import INVENTED, invented_threads, train
from domain.classification import Kind
from domain.errors import ClassifierError

SOME = 110


def test_invented_threads_have_every_kind_in_both_languages_and_ids_of_their_own() -> None:
    rows = invented_threads()

    assert {(label.language, label.kind) for _, _, label in rows} == {
        (code, kind) for code in ("en", "fr") for kind in Kind
    }
    assert len({id_ for id_, _, _ in rows}) == len(rows)
    assert not any(label.sensitive and label.moves for _, _, label in rows)
    assert len(list(INVENTED.glob("*.jsonl"))) > 1


def test_training_twice_gives_the_same_pipeline_and_it_answers(tmp_path: Path) -> None:
    rows = invented_threads()[::5][:SOME]
    threads = [(id_, thread) for id_, thread, _ in rows]
    labels = {id_: label for id_, _, label in rows}

    first = train(threads, labels, seed=3, out=tmp_path / "a", invented=[])
    second = train(threads, labels, seed=3, out=tmp_path / "b", invented=[])

    assert first == second
    tables = [np.load(tmp_path / name / "thread_scorer" / "tables.npz")["weights"] for name in ("a", "b")]
    assert np.array_equal(*tables)
    classifier = SpacyClassifier.load(tmp_path / "a")
    seen = evaluate(classifier, threads, labels).groups["all"]
    assert seen.threads == len(threads)
    assert seen.accuracy > first.groups["all"].accuracy  # it has seen these threads
    assert first.groups["all"].accuracy > first.groups["all"].majority_accuracy


def test_a_saved_pipeline_holds_no_word_of_a_thread(tmp_path: Path) -> None:
    rows = invented_threads()[::7][:SOME]

    train([(i, t) for i, t, _ in rows], {i: each for i, _, each in rows}, seed=1, out=tmp_path, invented=[])

    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.suffix in {".cfg", ".json"})
    assert b"Bonjour" not in stored
    with np.load(tmp_path / "thread_scorer" / "tables.npz", allow_pickle=False) as tables:
        assert {tables[name].dtype.kind for name in tables.files} <= {"u", "f"}


def test_too_few_threads_are_one_sentence(tmp_path: Path) -> None:
    rows = invented_threads()[:3]

    with pytest.raises(ClassifierError, match="too few to train on"):
        train(
            [(i, t) for i, t, _ in rows], {i: each for i, _, each in rows}, seed=1, out=tmp_path, invented=[]
        )


def test_a_kind_without_threads_is_named(tmp_path: Path) -> None:
    rows = [row for row in invented_threads() if row[2].kind is not Kind.PERSONAL][:80]

    with pytest.raises(ClassifierError, match="none of kind"):
        train(
            [(i, t) for i, t, _ in rows], {i: each for i, _, each in rows}, seed=1, out=tmp_path, invented=[]
        )


JUDGED = Judged(
    id="a",
    label=Label(kind=Kind.UPDATE, sensitive=False, moves=True),
    kind=Kind.UPDATE,
    confidence=0.8,
    abstained=False,
    sensitive=False,
    sensitive_score=0.1,
    moves=True,
    moves_score=0.9,
    language="en",
    keyword_kind=Kind.QUESTION,
)


def test_a_report_counts_by_language_and_confuses_by_label() -> None:
    wrong = replace(JUDGED, id="b", kind=Kind.PERSONAL, language="fr", moves=False)

    made = report("Two", [JUDGED, wrong])

    assert made.groups["all"].accuracy == 0.5
    assert made.groups["fr"].accuracy == 0.0
    assert made.confusion["update"] == {"update": 1, "personal": 1}
    assert made.groups["all"].moves.recall == 0.5
    assert "fr: 1 threads" in made.text()
    json.dumps(made.as_json())


def test_scoring_nothing_is_one_sentence() -> None:
    with pytest.raises(ClassifierError, match="No labelled thread"):
        report("None", [])


def test_rates_and_bands_are_counted_as_defined() -> None:
    truth = np.array([True, True, False, False])

    assert rate(truth, np.array([True, False, True, False])).precision == 0.5
    assert recall_at_precision(truth, np.array([0.9, 0.3, 0.5, 0.1]), 0.95) == (0.5, 0.9)
    assert calibration_error(np.array([0.75, 0.75]), np.array([True, False])) == pytest.approx(0.25)


def test_the_regression_separates_what_can_be_separated() -> None:
    points = np.array([[1.0, 0.1], [0.9, 0.0], [0.0, 1.0], [0.1, 0.8]])
    gram = points @ points.T
    targets = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])

    fitted = fit(factor(gram), targets, np.ones(4), strength=100.0)

    assert (softmax(gram @ fitted.dual + fitted.bias).argmax(axis=1) == [0, 0, 1, 1]).all()
