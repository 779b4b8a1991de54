"""`unchain demo`: everything at once, on free local ports, with an invented company's mail."""

import asyncio
import contextlib
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from unchain.cli.output import results, talk

if TYPE_CHECKING:
    from unchain.demo.run import Demo


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(demo)


def demo(
    folder: Annotated[
        Path | None, typer.Option(help="Where to keep everything; the same folder goes on where it stopped.")
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="End when all is processed; 0 if the balance holds.")
    ] = False,
) -> None:
    """Watch the whole job on the mail of an invented bilingual company.

    [bold]unchain demo[/bold]

    Starts relay, next hop, worker and pages on free local ports, sends some 300 mails through real SMTP,
    and tells what moved where and why, what stayed and why, and the addresses to open.
    """
    chosen = folder or Path(tempfile.mkdtemp(prefix="unchain-demo-"))
    raise typer.Exit(asyncio.run(_run(chosen, once)))


async def _run(folder: Path, once: bool) -> int:
    from unchain.demo.outcome import gather
    from unchain.demo.report import show
    from unchain.demo.run import Demo

    running = Demo(folder)
    talk.print(f"Everything is kept in {folder}; `unchain demo --folder {folder}` goes on from there.")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        working = asyncio.create_task(_work(running))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working
            return 130
        working.result()
        report = await asyncio.to_thread(gather, running)
        show(report, results)
        if not once:
            talk.print("\nCtrl-C ends the demo.")
            await asyncio.wait(
                {stopping, asyncio.create_task(running.until_ended())}, return_when=asyncio.FIRST_COMPLETED
            )
        return 0 if report.balance.holds else 1
    finally:
        await running.close()


async def _work(running: "Demo") -> None:
    from unchain.demo.run import Progress as Far

    await running.start()
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=talk) as bar:
        sending = bar.add_task("Mails accepted by the relay", total=len(running.mails))
        reading = bar.add_task("Read and joined to threads", total=len(running.mails))
        deciding = bar.add_task("Steps left to decide and post", total=None)

        def told(far: Far) -> None:
            bar.update(sending, completed=far.accepted)
            bar.update(reading, completed=far.processed)
            bar.update(deciding, description=f"{far.waiting:,} steps left")

        await running.feed(told)
        bar.update(deciding, description="All decided, posted, sent", total=1, completed=1)
