"""`unchain import`: take in an archive."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column, Table

from domain.decision import Decision, Outcome
from unchain.cli.options import CONFIG, AsJson, ConfigPath
from unchain.cli.output import emit, results, talk

if TYPE_CHECKING:
    from unchain.importing import ImportReport
    from unchain.wiring import Installation

SHOWN_DEFECTS = 10
GATE = "gate: "  # begins the names of the gates' steps in a trail
STAYS = "stays in the mail"
Archived = Annotated[
    Path, typer.Argument(help="An mbox (.gz too), a Maildir or a folder of .eml.", metavar="PATH")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("import")(import_archive)


def import_archive(
    path: Archived,
    config: ConfigPath = CONFIG,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report, write nothing.")] = False,
    publish: Annotated[
        bool, typer.Option("--publish", help="Post the threads that the rules move; still no mail is sent.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take in an archive. No mail is sent; only its participants can read what does not move.

    [bold]unchain import old-list.mbox.gz[/bold]

    Run it again to go on after an interruption, or to take in what has been added: nothing is taken twice.
    """
    from ingest.sources.registry import open_archive
    from unchain.importing import Importer
    from unchain.wiring import clock, open_installation

    if dry_run:
        _report_only(path, as_json)
        return
    installation = open_installation(config)
    importer = Importer(database=installation.database, clock=clock)
    open_archive(path)  # a path that is no archive ends it here, with a sentence
    start = 0 if publish else importer.start_of(path)  # to post what was taken in before, all is read again
    archive = open_archive(path, start=start)
    if start:
        talk.print(f"Going on at byte {start:,} of {archive.total_bytes:,}.")
    with _bar() as bar:
        task = bar.add_task("Reading", total=archive.total_bytes, completed=start, rate="")

        def told(report: "ImportReport") -> None:
            bar.update(task, completed=report.position, rate=f"{report.read:,} mails")

        report = importer.run(archive, path, told)
        bar.update(task, completed=archive.total_bytes)
    wanted = report.threads | importer.undecided() | (report.known if publish else frozenset())
    decided = _judge(installation, sorted(wanted), publish)
    _tell(report, decided, publish, as_json)


def _bar() -> Progress:
    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=talk)


def _judge(installation: "Installation", thread_ids: Sequence[str], publish: bool) -> Counter[str]:
    """Judge the threads that the import touched; returns how many moved and how many stayed, by reason."""
    from unchain.importing import judge_threads
    from unchain.wiring import build_pipeline, live_classifier

    counts: Counter[str] = Counter()
    if not thread_ids:
        return counts
    pipeline = build_pipeline(installation.config, installation.database, live_classifier(installation))
    with _bar() as bar:
        task = bar.add_task("Judging", total=len(thread_ids), rate="")
        for decision in judge_threads(pipeline, thread_ids, publish=lambda _: publish):
            counts[fate_of(decision)] += 1
            bar.update(task, advance=1, rate=f"{counts.total():,} threads")
    return counts


def fate_of(decision: Decision) -> str:
    """Where a thread goes and by which rule, or the first gate that keeps it: one row of the table each."""
    if decision.outcome is not Outcome.STAY:
        return f"{decision.outcome}: {decision.space} by “{decision.rule}”"
    shut = (step.name for step in decision.trail if step.name.startswith(GATE) and not step.passed)
    by_rules = decision.reason if decision.rule else "no rule applies"
    return f"{STAYS}: {next(shut, by_rules).removeprefix(GATE)}"


def _tell(report: "ImportReport", fates: Counter[str], publish: bool, as_json: bool) -> None:
    if as_json:
        emit(
            {
                "read": report.read,
                "added": report.added,
                "duplicates": report.duplicates,
                "automatic": report.automatic,
                "broken": list(report.broken),
                "threads": len(report.threads),
                "private": fates.total() - (_moved(fates) if publish else 0),
                "fates": dict(fates),
            }
        )
        return
    table = Table("", "mails", title="Import", title_justify="left")
    table.add_row("read", f"{report.read:,}")
    table.add_row("added", f"{report.added:,}")
    table.add_row("there before, or twice", f"{report.duplicates:,}")
    table.add_row("by machines", f"{report.automatic:,}")
    table.add_row("with defects (read all the same)", f"{len(report.broken):,}")
    results.print(table)
    if fates:
        results.print(_fates_table(fates))
    if fates and not publish:
        talk.print("Nothing was posted. Look at single threads with `unchain explain`; post with --publish.")
    for line in report.broken[:SHOWN_DEFECTS]:
        talk.print(line, style="yellow", markup=False)
    if len(report.broken) > SHOWN_DEFECTS:
        talk.print(f"… and {len(report.broken) - SHOWN_DEFECTS:,} more; --json lists them all.")


def _moved(fates: Counter[str]) -> int:
    return sum(number for fate, number in fates.items() if fate.startswith(f"{Outcome.MOVE}: "))


def _fates_table(fates: Counter[str]) -> Table:
    """What goes somewhere, then what stays, by the gate that keeps it; of each the most frequent on top."""
    table = Table(
        Column("what becomes of the threads", footer="all"),
        Column("threads", footer=f"{fates.total():,}", justify="right"),
        show_footer=True,
    )
    for fate, number in sorted(fates.most_common(), key=lambda row: row[0].startswith(STAYS)):
        table.add_row(escape(fate), f"{number:,}")
    return table


def _report_only(path: Path, as_json: bool) -> None:
    """Read everything, write nothing."""
    from ingest.sources.registry import open_archive
    from unchain.importing import dry_run

    open_archive(path)  # a path that is no archive ends it here, before any bar is drawn
    with _bar() as bar:
        task = bar.add_task("Reading", total=None, rate="")

        def told(report: "ImportReport", total: int) -> None:
            bar.update(task, total=total, completed=report.position, rate=f"{report.read:,} mails")

        report = dry_run(path, told)
    _tell(report, Counter(), publish=True, as_json=as_json)
