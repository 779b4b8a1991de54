"""Learning in place: what people said of stored threads becomes a candidate; it goes live if it is not worse.

The base is always the shipped classifier, taught all that was said: nothing is learnt twice. Works with the
service running, which takes the new one up with the next thread that it judges.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from classify.adapting import Told
from classify.comparing import Verdict, candidate, mark_of
from classify.labelled import Label
from classify.pipeline_folder import SHIPPED, build, load, save, scorer_of
from classify.scorer import Tables
from domain.errors import ClassifierError
from domain.lesson import Taught, taught_by
from domain.mail import Thread
from store import lessons, threads
from unchain.live_classifier import Versions
from unchain.publishing import in_order


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of learning."""

    verdict: Verdict
    folder: Path | None  # of the version that is live now; None where it was refused


def told_threads(session: Session) -> list[Told]:
    """The stored threads of which people said something, with what it comes to."""
    found = []
    for thread_id, said in lessons.everything(session).items():
        thread = threads.load(session, thread_id)
        if thread is not None and thread.messages:
            found.append(_told(in_order(thread), taught_by(said)))
    return [each for each in found if (each.kind, each.sensitive, each.moves) != (None, None, None)]


def _told(thread: Thread, taught: Taught) -> Told:
    stays = taught.vetoed or taught.sensitive is True
    moves = taught.moves if taught.moves is not None else (False if stays else None)
    return Told(id=thread.id, thread=thread, kind=taught.kind, sensitive=taught.sensitive, moves=moves)


def labelled_threads(rows: Iterable[tuple[str, Thread]], labels: Mapping[str, Label]) -> list[Told]:
    """The threads of files that have a label there."""
    return [
        Told(id=id_, thread=thread, kind=label.kind, sensitive=label.sensitive, moves=label.moves)
        for id_, thread in rows
        for label in (labels.get(id_),)
        if label is not None
    ]


def learn(versions: Versions, told: Sequence[Told], *, base: Path = SHIPPED) -> Outcome:
    """Make a candidate and put it live where it is not worse.

    Raises ClassifierError where too little was said to tell, or nothing new.
    """
    before = versions.notes()
    seen = before.get("seen")
    made, verdict = candidate(
        _tables(base),
        _live_tables(versions, base),
        told,
        seen=frozenset(map(str, seen)) if isinstance(seen, list) else frozenset(),
    )
    if verdict.refusals:
        return Outcome(verdict=verdict, folder=None)
    notes = {"seen": sorted(map(mark_of, told)), "verdict": verdict.as_json()}
    folder = versions.put(verdict.version, lambda place: save(build(made), place), notes)
    return Outcome(verdict=verdict, folder=folder)


def _live_tables(versions: Versions, base: Path) -> Tables:
    """The tables by which threads are judged now; a broken live version is not used for that either."""
    try:
        return _tables(versions.live() or base)
    except ClassifierError:
        return _tables(base)


def _tables(folder: Path) -> Tables:
    return scorer_of(load(folder)).loaded
