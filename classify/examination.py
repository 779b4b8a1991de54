"""The whole examination of a classifier on labelled threads: scores, reliability, alarms, all base lines.

Each thread is classified once, and once more without list headers where it has some.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from classify.diagnosis import (
    Alarm,
    Reliability,
    alarm_lines,
    alarms,
    is_list_mail,
    reliability,
    reliability_lines,
    without_list_headers,
)
from classify.evaluation import Classifies, Report, evaluate, judge, with_group
from classify.labelled import Label
from classify.sklearn_baseline import sklearn_kinds
from domain.classification import Classification, Kind
from domain.errors import ClassifierError
from domain.mail import Thread


@dataclass(frozen=True, kw_only=True)
class BaseLine:
    """The kinds' scores of another classifier on the same threads."""

    accuracy: float
    macro_f1: float


@dataclass(frozen=True, kw_only=True)
class Examination:
    """All that is told of a classifier."""

    report: Report
    reliability: tuple[Reliability, ...]
    alarms: tuple[Alarm, ...]
    sklearn: BaseLine | None
    sklearn_note: str  # why it is left out, else ""

    def text(self) -> str:
        """Return it as plain text."""
        lines = [self.report.text(), *reliability_lines(self.reliability), *alarm_lines(self.alarms), ""]
        if self.sklearn is None:
            return "\n".join([*lines, self.sklearn_note])
        said = f"accuracy {self.sklearn.accuracy:.3f}, macro-F1 {self.sklearn.macro_f1:.3f}"
        return "\n".join(
            [*lines, f"Base line scikit-learn, trained on the other folds of these threads: {said}"]
        )

    def as_json(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            **self.report.as_json(),
            "reliability": [vars(each) for each in self.reliability],
            "alarms": [vars(each) for each in self.alarms],
            "sklearn": None if self.sklearn is None else vars(self.sklearn),
            "sklearn_note": self.sklearn_note,
        }


class _Recorder:
    """Remembers what a classifier said."""

    def __init__(self, classifier: Classifies) -> None:
        self._classifier = classifier
        self.said: list[Classification] = []

    def classify(self, thread: Thread) -> Classification:
        """Ask, and remember the answer."""
        found = self._classifier.classify(thread)
        self.said.append(found)
        return found


def examine(
    classifier: Classifies, threads: Iterable[tuple[str, Thread]], labels: Mapping[str, Label]
) -> Examination:
    """Examine a classifier on the threads that have a label; raises ClassifierError where none has one."""
    rows = [(id_, thread) for id_, thread in threads if id_ in labels]
    recorder = _Recorder(classifier)
    made = evaluate(recorder, rows, labels)
    pairs = [(labels[id_], said) for (id_, _), said in zip(rows, recorder.said, strict=True)]
    kinds, note = _sklearn([(thread, labels[id_]) for id_, thread in rows])
    return Examination(
        report=_with_bare_lists(made, classifier, rows, labels),
        reliability=reliability(pairs),
        alarms=alarms(pairs),
        sklearn=kinds,
        sklearn_note=note,
    )


def _with_bare_lists(
    made: Report, classifier: Classifies, rows: list[tuple[str, Thread]], labels: Mapping[str, Label]
) -> Report:
    judged = [
        judge(id_, labels[id_], without_list_headers(thread), classifier)
        for id_, thread in rows
        if is_list_mail(thread)
    ]
    for language in sorted({each.language for each in judged}):
        mine = [each for each in judged if each.language == language]
        made = with_group(made, f"{language}, list headers removed", mine)
    return made


def _sklearn(rows: list[tuple[Thread, Label]]) -> tuple[BaseLine | None, str]:
    try:
        answers = sklearn_kinds(rows)
    except ClassifierError as missing:
        return None, str(missing)
    truth = [label.kind for _, label in rows]
    right = sum(said is kind for said, kind in zip(answers, truth, strict=True))
    shares = [_f1(kind, truth, answers) for kind in dict.fromkeys(truth)]
    return BaseLine(accuracy=right / len(truth), macro_f1=sum(shares) / len(shares)), ""


def _f1(kind: Kind, truth: list[Kind], answers: list[Kind]) -> float:
    hits = sum(said is true is kind for said, true in zip(answers, truth, strict=True))
    return 2 * hits / max(1, answers.count(kind) + truth.count(kind))
