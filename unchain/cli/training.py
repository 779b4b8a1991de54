"""`unchain train` and `unchain evaluate`: make a classifier from labelled threads, and score one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import ClassifierError
from unchain.cli.options import AsJson
from unchain.cli.output import emit, results, talk

if TYPE_CHECKING:
    from classify.evaluation import Report

Threads = Annotated[Path, typer.Argument(help="Threads as JSON lines (.gz too).", metavar="THREADS.jsonl")]
Labels = Annotated[Path, typer.Argument(help="A label a line, as JSON.", metavar="LABELS.jsonl")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(train)
    app.command()(evaluate)


def train(
    threads: Threads,
    labels: Labels,
    out: Annotated[Path, typer.Option(help="Folder for the trained pipeline; must not exist or be empty.")],
    seed: Annotated[int, typer.Option(help="Same seed and data, same pipeline.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Train a classifier on labelled threads and score it on threads that it has not seen.

    [bold]unchain train threads.jsonl.gz labels.jsonl --out candidate[/bold]

    A line of THREADS is {id, subject, messages: [{message_id, from, to, cc, date, subject, text}]}, one of
    LABELS {id, kind, sensitive, moves, sure}. Our own invented threads are added to yours.
    """
    from classify import training
    from classify.labelled import read_labels, read_threads
    from ingest.own_words import split_plain

    if out.exists() and any(out.iterdir()):
        raise ClassifierError(f"{out} is not empty; name a new folder")
    talk.print("Training; this takes some minutes …")
    report = training.train(read_threads(threads, split=split_plain), read_labels(labels), seed=seed, out=out)
    _show(report, as_json)
    talk.print(f"The trained pipeline is in {out}.")


def evaluate(
    threads: Threads,
    labels: Labels,
    classifier: Annotated[
        Path | None, typer.Option(help="Folder of a trained pipeline; default: the shipped one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score a classifier on labelled threads, beside base lines.

    [bold]unchain evaluate threads.jsonl.gz labels.jsonl --classifier candidate[/bold]
    """
    from classify.evaluation import evaluate as score
    from classify.labelled import read_labels, read_threads
    from classify.spacy_classifier import SpacyClassifier
    from ingest.own_words import split_plain

    loaded = SpacyClassifier.load(classifier)
    _show(score(loaded, read_threads(threads, split=split_plain), read_labels(labels)), as_json)


def _show(report: "Report", as_json: bool) -> None:
    if as_json:
        emit(report.as_json())
    else:
        results.print(report.text(), markup=False)
