"""`unchain classify` and `unchain explain`: what a thread is, and why it goes where it goes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.tree import Tree

from domain.classification import Classification
from domain.decision import Decision, TrailStep
from domain.errors import SourceError
from domain.mail import Thread
from router.wording import count
from unchain.cli.options import CONFIG, AsJson, ConfigPath
from unchain.cli.output import complain, emit, in_utc, results

if TYPE_CHECKING:
    from ingest.splits import Split
    from unchain.examining import Judgement
    from unchain.pipeline import Pipeline

Threads = Annotated[
    Path,
    typer.Argument(help="An mbox, Maildir or folder of .eml, or threads as JSON lines (.jsonl, .gz too)."),
]
Target = Annotated[
    str,
    typer.Argument(help="A mail's file, or the Message-ID of a stored mail.", metavar="FILE.eml|MESSAGE-ID"),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(classify)
    app.command()(explain)


def classify(path: Threads, as_json: AsJson = False) -> None:
    """Say of each thread what kind it is, whether it is sensitive and whether it should move.

    [bold]unchain classify team.mbox --json[/bold]
    """
    from unchain.wiring import load_classifier

    threads = read_threads(path)
    classifier = load_classifier()
    for name, thread in threads:
        found = classifier.classify(thread)
        if as_json:
            emit(as_record(name, found))
        else:
            mark = " [red]sensitive[/red]" if found.sensitive else ""
            moves = " [green]moves[/green]" if found.moves else ""
            kind = f"{found.kind:<13}{found.confidence:5.2f}  {found.language}"
            results.print(f"{kind}{moves}{mark}  {escape(thread.subject)}")


def read_threads(path: Path) -> Iterator[tuple[str, Thread]]:
    """Threads by their id, from an archive or from JSON lines; raises SourceError or ClassifierError."""
    name = path.name.removesuffix(".gz")
    if not name.endswith((".jsonl", ".json")):
        from unchain.archive_threads import threads_of

        return ((thread.id, thread) for thread, _ in threads_of(path))
    from classify.labelled import read_threads as read_lines
    from ingest.own_words import split_plain

    if not path.exists():
        raise SourceError(f"{path}: there is no such file")
    return read_lines(path, split=split_plain)


def as_record(name: str, found: Classification) -> dict[str, object]:
    """The JSON shape of `unchain classify`."""
    return {
        "id": name,
        "kind": found.kind,
        "scores": {kind: round(score, 4) for kind, score in found.scores.items()},
        "confidence": round(found.confidence, 4),
        "sensitive": found.sensitive,
        "sensitive_reasons": list(dict.fromkeys(hit.reason for hit in found.sensitive_hits)),
        "moves": found.moves,
        "moves_score": round(found.moves_score, 4),
        "language": found.language,
        "abstained": found.abstained,
        "corrected": list(found.corrected),
    }


def explain(target: Target, config: ConfigPath = CONFIG, as_json: AsJson = False) -> None:
    """Show the whole trail of a thread: parse, thread, kind, each rule hit or missed, what would be sent.

    [bold]unchain explain mail.eml[/bold]

    [bold]unchain explain 20260311.4711@example.com[/bold]
    """
    from unchain.publishing import shown_part
    from unchain.wiring import build_pipeline, live_classifier, open_installation

    installation = open_installation(config)
    pipeline = build_pipeline(installation.config, installation.database, live_classifier(installation))
    found = _find(target, pipeline)
    if found is None:
        complain(f"{target}: no such file, and no mail with this Message-ID is stored")
        raise typer.Exit(1)
    decision = pipeline.examiner.decide(found)
    recipients = pipeline.notices.recipients(shown_part(found.thread, found.facts))
    if as_json:
        emit(_explained(found, decision, len(recipients)))
        return
    results.print(_tree(found, decision, len(recipients)))


def _find(target: str, pipeline: "Pipeline") -> "Judgement | None":
    from store import thread_keys
    from unchain.archive_threads import as_thread
    from unchain.cli.reading import read_file

    path = Path(target)
    if path.is_file():
        return pipeline.examiner.examine_thread(as_thread([read_file(path)]))
    with pipeline.database.read() as session:
        thread_id = thread_keys.of_message(session, target.strip("<> "))
    return None if thread_id is None else pipeline.examiner.examine(thread_id)


def _explained(found: "Judgement", decision: Decision, recipients: int) -> dict[str, object]:
    from unchain.cli.reading import split_record

    return {
        "thread": found.thread.id,
        "messages": [
            {
                "message_id": entry.message.message_id,
                "joined": entry.joined,
                "defects": list(entry.message.defects),
            }
            for entry in found.thread.messages
        ],
        "proposed_splits": [split_record(split) for split in _splits(found)],
        "classification": as_record(found.thread.id, found.classification),
        "evidence": [[e.name, round(e.weight, 3)] for e in found.classification.evidence],
        "outcome": decision.outcome,
        "rule": decision.rule,
        "space": decision.space,
        "also": list(decision.also),
        "reason": decision.reason,
        "trail": [_step_record(step) for step in decision.trail],
        "config_version": decision.config_version,
        "redirect_replies": recipients if decision.outcome == "move" else 0,
    }


def _splits(found: "Judgement") -> "tuple[Split, ...]":
    from ingest.splits import proposed_splits

    return proposed_splits([entry.message for entry in found.thread.messages])


def _step_record(step: TrailStep) -> dict[str, object]:
    return {
        "name": step.name,
        "passed": step.passed,
        "sentence": step.sentence,
        "steps": [_step_record(below) for below in step.steps],
    }


def _tree(found: "Judgement", decision: Decision, recipients: int) -> Tree:
    tree = Tree(f"[bold]{escape(found.thread.subject or '(no subject)')}[/bold]")
    mails = tree.add(count(len(found.thread.messages), "mail"))
    splits = {split.message.digest: split for split in _splits(found)}
    for entry in found.thread.messages:
        message = entry.message
        line = f"{in_utc(message.date)}  {escape(message.sender.label)}  [dim]{entry.joined}[/dim]"
        branch = mails.add(line)
        for defect in message.defects:
            branch.add(f"[yellow]{escape(defect)}[/yellow]")
        if message.digest in splits:
            branch.add(f"[yellow]perhaps another thread: {escape(splits[message.digest].sentence)}[/yellow]")
    _add_kind(tree, found.classification)
    trail = tree.add("gates and rules")
    for step in decision.trail:
        _add_step(trail, step)
    outcome = tree.add(f"[bold]{decision.outcome}[/bold]: {escape(decision.reason)}")
    if decision.outcome == "move":
        places = ", ".join((str(decision.space), *decision.also))
        people = "1 person" if recipients == 1 else f"{recipients} people"
        outcome.add(f"page in {places}; redirect reply to {people}")
    return tree


def _add_kind(tree: Tree, found: Classification) -> None:
    kind = tree.add(
        f"kind [bold]{found.kind}[/bold] {found.confidence:.2f}, {found.language}"
        f"{', abstained' if found.abstained else ''}; moves {found.moves_score:.2f}"
    )
    kind.add(", ".join(f"{name} {score:.2f}" for name, score in _by_score(found)))
    if found.corrected:
        kind.add(f"told by a person: {', '.join(found.corrected)}")
    if found.evidence:
        words = ", ".join(f"{escape(item.name)} {item.weight:+.2f}" for item in found.evidence)
        kind.add(f"counted: {words}")
    for hit in found.sensitive_hits:
        kind.add(f"[red]sensitive: {hit.reason}[/red]: {escape(hit.detail)}")


def _by_score(found: Classification) -> list[tuple[str, float]]:
    return sorted(((str(kind), score) for kind, score in found.scores.items()), key=lambda pair: -pair[1])


def _add_step(tree: Tree, step: TrailStep) -> None:
    mark = "[green]✓[/green]" if step.passed else "[red]✗[/red]"
    branch = tree.add(f"{mark} {escape(step.name)}: [dim]{escape(step.sentence)}[/dim]")
    for below in step.steps:
        _add_step(branch, below)
