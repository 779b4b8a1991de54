"""Scores a classifier against labels: per kind and language, calibration, confusion, flags, base lines."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from classify.baselines import keyword_kind
from classify.labelled import Label
from classify.linear import calibration_error
from domain.classification import Classification, Kind
from domain.errors import ClassifierError
from domain.mail import Thread

Flags = NDArray[np.bool_]


class Classifies(Protocol):
    """What evaluation needs of a classifier."""

    def classify(self, thread: Thread) -> Classification:
        """Return what it says of a thread."""
        ...


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A labelled thread and what the classifier said of it."""

    id: str
    label: Label
    kind: Kind
    confidence: float
    abstained: bool
    sensitive: bool
    sensitive_score: float
    moves: bool
    moves_score: float
    language: str
    keyword_kind: Kind


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Precision, recall and F1 of one answer, and how many labels had it."""

    precision: float
    recall: float
    f1: float
    labelled: int


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The scores of one group of threads; all shares from 0 to 1."""

    threads: int
    accuracy: float  # an abstained thread counts by its likeliest kind
    macro_f1: float  # over the kinds that occur in the labels
    calibration_error: float
    abstained: float
    accuracy_where_claimed: float
    kinds: dict[str, Rate]
    moves: Rate  # as decided
    moves_recall_at_precision_95: float  # by score alone, on the threads not held sensitive
    sensitive: Rate  # as decided: gate or classifier
    sensitive_precision_at_recall_97: float  # by the classifier's score alone
    majority_accuracy: float
    keyword_accuracy: float
    keyword_macro_f1: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """Scores by group of threads ("all", "en", "fr", …) and the confusion of kinds (label, then answer)."""

    title: str
    groups: dict[str, Scores]
    confusion: dict[str, dict[str, int]]

    def as_json(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return asdict(self)

    def text(self) -> str:
        """Return the report as plain text, lines under 110 characters."""
        lines = [self.title]
        for name, scores in self.groups.items():
            lines += ["", *_scores_lines(name, scores)]
        lines += [
            "",
            "Confusion (row: label, column: answer)",
            " " * 14 + "".join(f"{k[:6]:>8}" for k in Kind),
        ]
        for label in Kind:
            row = self.confusion.get(label, {})
            lines.append(f"{label:14}" + "".join(f"{row.get(answer, 0):8}" for answer in Kind))
        return "\n".join(lines)


def evaluate(
    classifier: Classifies, threads: Iterable[tuple[str, Thread]], labels: Mapping[str, Label]
) -> Report:
    """Classify and score the threads that have a label. Raises ClassifierError where none has one."""
    judged = [judge(id_, labels[id_], thread, classifier) for id_, thread in threads if id_ in labels]
    return report("Evaluation", judged)


def judge(id_: str, label: Label, thread: Thread, classifier: Classifies) -> Judged:
    """Classify one labelled thread."""
    said = classifier.classify(thread)
    return Judged(
        id=id_,
        label=label,
        kind=said.kind,
        confidence=said.scores.get(said.kind, 0.0),
        abstained=said.abstained,
        sensitive=said.sensitive,
        sensitive_score=said.sensitive_score,
        moves=said.moves,
        moves_score=said.moves_score,
        language=label.language or said.language,
        keyword_kind=keyword_kind(thread),
    )


def report(title: str, judged: Sequence[Judged]) -> Report:
    """Score judged threads, together and by language. Raises ClassifierError where there are none."""
    if not judged:
        raise ClassifierError("No labelled thread to score: the labels name none of the threads.")
    groups = {"all": scores(judged)}
    for language in sorted({each.language for each in judged}):
        groups[language] = scores([each for each in judged if each.language == language])
    confusion: dict[str, Counter[str]] = {kind.value: Counter() for kind in Kind}
    for each in judged:
        confusion[each.label.kind][each.kind.value] += 1
    return Report(title=title, groups=groups, confusion={kind: dict(row) for kind, row in confusion.items()})


def with_group(base: Report, name: str, judged: Sequence[Judged]) -> Report:
    """Return the report with the scores of one more group, where that is not empty."""
    return replace(base, groups={**base.groups, name: scores(judged)}) if judged else base


def scores(judged: Sequence[Judged]) -> Scores:
    """Score a group of judged threads."""
    truth = np.array([each.label.kind for each in judged])
    answer = np.array([each.kind for each in judged])
    keyword = np.array([each.keyword_kind for each in judged])
    claimed = np.array([not each.abstained for each in judged])
    right = truth == answer
    kinds = {kind.value: rate(truth == kind, answer == kind) for kind in Kind if (truth == kind).any()}
    moves = np.array([each.label.moves for each in judged])
    private = np.array([each.label.sensitive for each in judged])
    free = np.array([0.0 if each.sensitive else each.moves_score for each in judged])
    chance = np.array([each.sensitive_score for each in judged])
    return Scores(
        threads=len(judged),
        accuracy=float(right.mean()),
        macro_f1=float(np.mean([each.f1 for each in kinds.values()])),
        calibration_error=calibration_error(np.array([each.confidence for each in judged]), right),
        abstained=float(1 - claimed.mean()),
        accuracy_where_claimed=float(right[claimed].mean()) if claimed.any() else 0.0,
        kinds=kinds,
        moves=rate(moves, np.array([each.moves for each in judged])),
        moves_recall_at_precision_95=recall_at_precision(moves, free, 0.95)[0],
        sensitive=rate(private, np.array([each.sensitive for each in judged])),
        sensitive_precision_at_recall_97=precision_at_recall(private, chance, 0.97)[0],
        majority_accuracy=max(Counter(truth.tolist()).values()) / len(judged),
        keyword_accuracy=float((truth == keyword).mean()),
        keyword_macro_f1=float(np.mean([rate(truth == kind, keyword == kind).f1 for kind in kinds])),
    )


def rate(truth: Flags, answer: Flags) -> Rate:
    """Return precision, recall and F1; 0 where undefined."""
    hits = float((truth & answer).sum())
    precision = hits / max(1.0, float(answer.sum()))
    recall = hits / max(1.0, float(truth.sum()))
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return Rate(precision=precision, recall=recall, f1=f1, labelled=int(truth.sum()))


def recall_at_precision(truth: Flags, score: NDArray[np.float64], precision: float) -> tuple[float, float]:
    """Return the highest recall at which the precision holds, and the score from which it does."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    good = np.flatnonzero(hits / np.arange(1, len(order) + 1) >= precision)
    if not good.size or not truth.any():
        return 0.0, 1.0
    return float(hits[good[-1]] / truth.sum()), float(score[order][good[-1]])


def precision_at_recall(truth: Flags, score: NDArray[np.float64], recall: float) -> tuple[float, float]:
    """Return the precision at the highest score that reaches the recall, and that score."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(truth[order])
    if not truth.any():
        return 0.0, 0.0
    place = int(np.argmax(hits >= recall * truth.sum()))
    return float(hits[place] / (place + 1)), float(score[order][place])


def _scores_lines(name: str, each: Scores) -> list[str]:
    lines = [
        f"{name}: {each.threads} threads",
        f"  kind: accuracy {each.accuracy:.3f}, macro-F1 {each.macro_f1:.3f}, "
        f"calibration error {each.calibration_error:.3f}",
        f"  abstains on {each.abstained:.1%}; accuracy on the rest {each.accuracy_where_claimed:.3f}",
        f"  base lines: majority {each.majority_accuracy:.3f}, keywords {each.keyword_accuracy:.3f} "
        f"(macro-F1 {each.keyword_macro_f1:.3f})",
        f"  moves: precision {each.moves.precision:.3f}, recall {each.moves.recall:.3f} as decided; "
        f"recall {each.moves_recall_at_precision_95:.3f} at precision 0.95",
        "  sensitive: "
        f"precision {each.sensitive.precision:.3f}, recall {each.sensitive.recall:.3f} as decided; "
        f"by score precision {each.sensitive_precision_at_recall_97:.3f} at recall 0.97",
    ]
    return lines + [
        f"    {kind:14} precision {r.precision:.2f}  recall {r.recall:.2f}  F1 {r.f1:.2f}  ({r.labelled})"
        for kind, r in each.kinds.items()
    ]
