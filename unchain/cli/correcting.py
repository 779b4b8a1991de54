"""`unchain join` and `unchain split`: correcting threads by hand; they work with the service down."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated

import typer

from unchain.cli.options import CONFIG, AsJson, ConfigPath
from unchain.cli.output import emit, results

Thread = Annotated[str, typer.Argument(help="A thread's id, or a Message-ID of it.", metavar="THREAD")]
MessageId = Annotated[
    str, typer.Argument(help="The Message-ID of the first mail to leave.", metavar="MESSAGE-ID")
]
Undo = Annotated[bool, typer.Option("--undo", help="Take back what was done by hand before.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("join")(join)
    app.command("split")(split)


def join(
    one: Thread, other: Thread, undo: Undo = False, config: ConfigPath = CONFIG, as_json: AsJson = False
) -> None:
    """Make one thread of two, and remember it.

    [bold]unchain join 20260311.4711@example.com 20260312.815@example.com[/bold]
    """
    from unchain.correcting import join_threads, part_threads
    from unchain.wiring import open_installation

    with open_installation(config).database.write() as session:
        act = part_threads if undo else join_threads
        found = act(session, one, other, datetime.now(UTC))
    _tell([found] if isinstance(found, str) else found, as_json=as_json)


def split(
    message_id: MessageId, undo: Undo = False, config: ConfigPath = CONFIG, as_json: AsJson = False
) -> None:
    """Make a mail and its answers a thread of their own, and remember it.

    [bold]unchain split 20260311.4711@example.com[/bold]
    """
    from unchain.correcting import split_thread, unsplit_thread
    from unchain.wiring import open_installation

    with open_installation(config).database.write() as session:
        act = unsplit_thread if undo else split_thread
        found = act(session, message_id, datetime.now(UTC))
    _tell(found, as_json=as_json)


def _tell(thread_ids: Collection[str], *, as_json: bool) -> None:
    """Name the threads in which the mails are now."""
    threads = list(dict.fromkeys(thread_ids))
    if as_json:
        emit({"threads": threads})
    elif len(threads) == 1:
        results.print(f"The mails are in one thread: {threads[0]}. It is judged anew when the service runs.")
    else:
        listed = " and ".join(threads)
        results.print(f"The mails are in two threads: {listed}. They are judged anew when the service runs.")
