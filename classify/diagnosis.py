"""What an evaluation tells beside the scores: how honest confidence is, what the gate holds wrongly."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from classify.features import LIST_HEADERS
from classify.labelled import Label
from domain.classification import Classification
from domain.mail import Thread

EDGES = (0.0, 0.35, 0.5, 0.65, 0.8, 0.9, 1.01)


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """Threads whose confidence lies between two edges: how sure it was, and how often right."""

    low: float
    high: float
    threads: int
    confidence: float  # mean
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A reason of the gate: threads that it held, and those of them that nobody called sensitive."""

    reason: str
    held: int
    false: int
    only: int  # false ones that no other reason held


def reliability(rows: Sequence[tuple[Label, Classification]]) -> tuple[Reliability, ...]:
    """Compare confidence and accuracy of the kinds by how confident it was."""
    found = []
    for low, high in pairwise(EDGES):
        within = [
            (said.scores[said.kind], said.kind is label.kind)
            for label, said in rows
            if low <= said.scores[said.kind] < high
        ]
        if within:
            found.append(
                Reliability(
                    low=low,
                    high=min(1.0, high),
                    threads=len(within),
                    confidence=sum(sure for sure, _ in within) / len(within),
                    accuracy=sum(right for _, right in within) / len(within),
                )
            )
    return tuple(found)


def alarms(rows: Sequence[tuple[Label, Classification]]) -> tuple[Alarm, ...]:
    """Count what each reason of the gate held, most false ones first."""
    held, false, only = Counter[str](), Counter[str](), Counter[str]()
    for label, said in rows:
        reasons = {hit.reason for hit in said.sensitive_hits}
        held.update(reasons)
        if not label.sensitive:
            false.update(reasons)
            only.update(reasons if len(reasons) == 1 else ())
    counted = (Alarm(reason=each, held=held[each], false=false[each], only=only[each]) for each in held)
    return tuple(sorted(counted, key=lambda each: (-each.false, each.reason)))


def is_list_mail(thread: Thread) -> bool:
    """Whether a thread has the headers of a mailing list."""
    return any(
        entry.message.list_id or any(name in LIST_HEADERS for name, _ in entry.message.headers)
        for entry in thread.messages
    )


def without_list_headers(thread: Thread) -> Thread:
    """The thread as if no mailing list had sent it on."""
    entries = (
        replace(
            entry,
            message=replace(
                entry.message,
                list_id=None,
                headers=tuple(pair for pair in entry.message.headers if pair[0] not in LIST_HEADERS),
            ),
        )
        for entry in thread.messages
    )
    return replace(thread, messages=tuple(entries))


def reliability_lines(found: Sequence[Reliability]) -> list[str]:
    """A line for each band of confidence."""
    return ["", "Reliability (confidence: threads, mean confidence, share right)"] + [
        f"  {each.low:.2f}-{each.high:.2f}  {each.threads:5}  {each.confidence:.3f}  {each.accuracy:.3f}"
        for each in found
    ]


def alarm_lines(found: Sequence[Alarm]) -> list[str]:
    """A line for each reason of the gate."""
    return ["", "The gate by reason (held, falsely, falsely by this reason alone)"] + [
        f"  {each.reason:16}{each.held:6}{each.false:6}{each.only:6}" for each in found
    ]
