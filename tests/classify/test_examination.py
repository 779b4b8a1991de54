"""An evaluation tells how honest the confidence is, what is held wrongly, and all base lines."""

import json
from dataclasses import replace

import pytest

from classify import sklearn_baseline
from classify.diagnosis import alarms, reliability, without_list_headers
from classify.examination import examine
from classify.labelled import Label
from classify.sklearn_baseline import sklearn_kinds
from domain.classification import Kind, SensitiveHit
from domain.errors import ClassifierError
from domain.mail import Thread
from tests.classify.threads import thread
from tests.fakes import FakeClassifier

SAID = FakeClassifier().says
OPEN = Label(kind=Kind.DISCUSSION, sensitive=False, moves=True, language="fr")
CLOSED = replace(OPEN, sensitive=True, kind=Kind.UPDATE)


def held(*reasons: str) -> tuple[SensitiveHit, ...]:
    return tuple(SensitiveHit(reason=each, detail=each) for each in reasons)


def test_confidence_is_held_against_how_often_it_was_right() -> None:
    (band,) = reliability([(OPEN, SAID), (CLOSED, SAID)])
    assert (band.threads, band.confidence, band.accuracy) == (2, 0.93, 0.5)
    assert (band.low, band.high) == (0.9, 1.0)


def test_false_alarms_are_counted_by_reason_and_where_no_other_reason_holds() -> None:
    both = replace(SAID, sensitive=True, sensitive_hits=held("staff", "money"))
    one = replace(SAID, sensitive=True, sensitive_hits=held("staff"))

    found = {each.reason: each for each in alarms([(OPEN, both), (OPEN, one), (CLOSED, one)])}

    assert (found["staff"].held, found["staff"].false, found["staff"].only) == (3, 2, 1)
    assert (found["money"].held, found["money"].false, found["money"].only) == (1, 1, 0)


def test_lists_are_scored_without_their_headers_too() -> None:
    listed = thread("Avis", "Que pensez-vous de ceci ?", list_id="x", headers=(("list-id", "x"), ("to", "y")))

    found = examine(
        FakeClassifier(), [("a", listed), ("b", thread("Tea", "Is ready"))], {"a": OPEN, "b": OPEN}
    )

    assert found.report.groups["fr, list headers removed"].threads == 1
    bare = without_list_headers(listed).messages[0].message
    assert (bare.list_id, bare.headers) == (None, (("to", "y"),))
    json.dumps(found.as_json())
    assert "Reliability" in found.text()
    assert "The gate by reason" in found.text()


def test_empty_threads_and_few_labels_are_told_and_not_raised() -> None:
    found = examine(FakeClassifier(), [("a", Thread(id="a", subject="", messages=()))], {"a": OPEN})
    assert found.sklearn is None
    assert found.sklearn_note in found.text()


def test_without_scikit_learn_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sklearn.model_selection", None)
    with pytest.raises(ClassifierError, match="not installed") as told:
        sklearn_kinds([(thread("a", "b"), OPEN)])
    assert str(told.value) == sklearn_baseline.MISSING
    assert "\n" not in sklearn_baseline.MISSING
