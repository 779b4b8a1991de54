"""`unchain train` and `unchain evaluate`: make a classifier from labelled threads, and score one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import ClassifierError
from unchain.cli.options import CONFIG, AsJson, ConfigPath
from unchain.cli.output import complain, emit, results, talk

if TYPE_CHECKING:
    from classify.comparing import Verdict
    from classify.evaluation import Report
    from classify.examination import Examination

Threads = Annotated[Path, typer.Argument(help="Threads as JSON lines (.gz too).", metavar="THREADS.jsonl")]
MaybeThreads = Annotated[
    Path | None, typer.Argument(help="Threads as JSON lines (.gz too).", metavar="THREADS.jsonl")
]
MaybeLabels = Annotated[Path | None, typer.Argument(help="A label a line, as JSON.", metavar="LABELS.jsonl")]
Labels = Annotated[Path, typer.Argument(help="A label a line, as JSON.", metavar="LABELS.jsonl")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(train)
    app.command()(evaluate)


def train(
    threads: MaybeThreads = None,
    labels: MaybeLabels = None,
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the trained pipeline; must not exist or be empty.")
    ] = None,
    archives: Annotated[
        list[Path] | None,
        typer.Option("--archive", help="An mbox (.gz too) that holds threads our archive labels name."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed and data, same pipeline.")] = 1,
    from_corrections: Annotated[
        bool, typer.Option("--from-corrections", help="Learn from what people said of stored threads.")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the classifier that was live before.")
    ] = False,
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Train a classifier on labelled threads, or let the live one learn from corrections and vetoes.

    [bold]unchain train threads.jsonl.gz labels.jsonl --out candidate[/bold]

    [bold]unchain train --from-corrections[/bold]

    A line of THREADS is {id, subject, messages: [{message_id, from, to, cc, date, subject, text}]}, one of
    LABELS {id, kind, sensitive, moves, sure}. Our own invented threads are added to yours. What
    is learnt from corrections goes live only if it is not worse on threads that it has not seen.
    """
    if rollback:
        _roll_back(config, as_json=as_json)
    elif from_corrections:
        _learn(config, threads, labels, as_json=as_json)
    elif threads is None or labels is None or out is None:
        raise typer.BadParameter("name THREADS, LABELS and --out, or say --from-corrections or --rollback")
    else:
        _train(threads, labels, out, archives or [], seed=seed, as_json=as_json)


def _train(threads: Path, labels: Path, out: Path, archives: list[Path], *, seed: int, as_json: bool) -> None:
    from classify import training
    from classify.labelled import read_labels, read_threads
    from ingest.own_words import split_plain
    from unchain.archived_threads import archived_threads

    if out.exists() and any(out.iterdir()):
        raise ClassifierError(f"{out} is not empty; name a new folder")
    talk.print("Training; this takes some minutes …")
    named = read_labels(training.ARCHIVE_LABELS)
    archived = [(id_, thread, named[id_]) for id_, thread in archived_threads(archives, named.__contains__)]
    report = training.train(
        read_threads(threads, split=split_plain),
        read_labels(labels),
        seed=seed,
        out=out,
        archived=archived,
    )
    _show(report, as_json)
    talk.print(f"The trained pipeline is in {out}.")


def _learn(config: Path, threads: Path | None, labels: Path | None, *, as_json: bool) -> None:
    from classify.labelled import read_labels, read_threads
    from ingest.own_words import split_plain
    from unchain.learning import labelled_threads, learn, told_threads
    from unchain.wiring import classifier_versions, open_installation

    if (threads is None) != (labels is None):
        raise typer.BadParameter("name both THREADS and LABELS, or neither")
    installation = open_installation(config)
    with installation.database.read() as session:
        told = told_threads(session)
    if threads is not None and labels is not None:
        told += labelled_threads(read_threads(threads, split=split_plain), read_labels(labels))
    talk.print(f"Learning from {len(told)} threads; this takes a minute …")
    outcome = learn(classifier_versions(installation), told)
    if as_json:
        emit({"live": outcome.folder is not None, **outcome.verdict.as_json()})
    else:
        results.print(_compared(outcome.verdict), markup=False)
    if outcome.folder is None:
        complain(f"Not put live: {'; '.join(outcome.verdict.refusals)}.")
        raise typer.Exit(1)
    talk.print(f"Classifier {outcome.verdict.version} is live; `unchain train --rollback` goes back.")


def _compared(verdict: "Verdict") -> str:
    """The candidate beside the live classifier, a line for each."""
    rows = (
        ("held out, candidate", verdict.candidate),
        ("held out, live", verdict.live),
        ("invented, candidate", verdict.known_candidate),
        ("invented, live", verdict.known_live),
    )
    lines = [f"Taught {verdict.taught} threads; {verdict.left_out} left out (no words, or another language)"]
    for name, each in rows:
        kinds = f"kind {each.kind_accuracy:.3f} of {each.kinds}"
        private = f"sensitive recall {each.sensitive_recall:.3f} of {each.sensitive}"
        moves = f"moves: precision {each.moves_precision:.3f}, {each.right_moves} of {each.moves}"
        lines.append(f"{name:20} {kinds}, {private}, {moves}")
    return "\n".join(lines)


def _roll_back(config: Path, *, as_json: bool) -> None:
    from unchain.wiring import classifier_versions, open_installation

    live = classifier_versions(open_installation(config)).rollback()
    name = "the shipped one" if live is None else live.name
    if as_json:
        emit({"live": None if live is None else live.name})
    else:
        results.print(f"The classifier is {name} again.", markup=False)


def evaluate(
    threads: Threads,
    labels: Labels,
    classifier: Annotated[
        Path | None, typer.Option(help="Folder of a trained pipeline; default: the shipped one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score a classifier on labelled threads, beside base lines: kinds, confidence, moves, gate by reason.

    [bold]unchain evaluate threads.jsonl.gz labels.jsonl --classifier candidate[/bold]
    """
    from classify.examination import examine
    from classify.labelled import read_labels, read_threads
    from classify.spacy_classifier import SpacyClassifier
    from ingest.own_words import split_plain

    loaded = SpacyClassifier.load(classifier)
    _show(examine(loaded, read_threads(threads, split=split_plain), read_labels(labels)), as_json)


def _show(report: "Report | Examination", as_json: bool) -> None:
    if as_json:
        emit(report.as_json())
    else:
        results.print(report.text(), markup=False)
