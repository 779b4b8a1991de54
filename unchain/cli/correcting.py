"""`unchain correct`, `unchain join`, `unchain split`: correcting by hand; they work with the service down."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated

import typer

from domain.classification import Kind
from domain.lesson import Lesson, LessonSort
from unchain.cli.options import CONFIG, AsJson, ConfigPath
from unchain.cli.output import complain, emit, in_utc, operator, results

Thread = Annotated[str, typer.Argument(help="A thread's id, or a Message-ID of it.", metavar="THREAD")]
MessageId = Annotated[
    str, typer.Argument(help="The Message-ID of the first mail to leave.", metavar="MESSAGE-ID")
]
Named = Annotated[str, typer.Argument(help="A Message-ID of the thread, or its id.", metavar="MESSAGE-ID")]
RightKind = Annotated[Kind | None, typer.Option("--kind", help="What its people are doing.")]
Sensitive = Annotated[
    bool | None, typer.Option("--sensitive/--not-sensitive", help="Must it stay among its people?")
]
Moves = Annotated[bool | None, typer.Option("--moves/--stays", help="Would colleagues be served by it?")]
Undo = Annotated[bool, typer.Option("--undo", help="Take back what was done by hand before.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("correct")(correct)
    app.command("join")(join)
    app.command("split")(split)


def correct(
    message_id: Named,
    kind: RightKind = None,
    sensitive: Sensitive = None,
    moves: Moves = None,
    *,
    config: ConfigPath = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Tell what a thread is: it is judged anew with it, and the classifier can learn from it.

    [bold]unchain correct 20260311.4711@example.com --kind question --not-sensitive[/bold]

    With --sensitive or --stays what is shown of it is taken back. Without an option it lists what was said.
    """
    from store import lessons
    from unchain.correcting import thread_named
    from unchain.wiring import open_installation

    given = any(each is not None for each in (kind, sensitive, moves))
    lesson = Lesson(
        sort=LessonSort.CORRECTION,
        kind=kind,
        sensitive=sensitive,
        moves=moves,
        by=operator(),
        at=datetime.now(UTC),
    )
    with open_installation(config).database.write() as session:
        thread_id = thread_named(session, message_id)
        taken_back = given and lessons.teach(session, thread_id, lesson)
        said = lessons.of_thread(session, thread_id)
    if as_json:
        emit({"thread": thread_id, "taken_back": taken_back, "said": [_record(each) for each in said]})
    else:
        _show_said(message_id, said)
    if given and not as_json:
        then = "taken back from where it is shown" if taken_back else "judged with it"
        results.print(f"Thread {thread_id} is {then} when the service runs.")


def _show_said(name: str, said: Collection[Lesson]) -> None:
    for each in said:
        results.print(f"{in_utc(each.at)}  {each.sort}: {_words(each)}, by {each.by}", markup=False)
    if not said:
        complain(f"{name}: nobody has said anything of its thread")


def _record(lesson: Lesson) -> dict[str, object]:
    return {
        "sort": lesson.sort,
        "kind": lesson.kind,
        "sensitive": lesson.sensitive,
        "moves": lesson.moves,
        "by": lesson.by,
        "at": in_utc(lesson.at),
    }


def _words(lesson: Lesson) -> str:
    """What a lesson says, as its options say it."""
    private = {None: "", True: "sensitive", False: "not sensitive"}[lesson.sensitive]
    place = {None: "", True: "moves", False: "stays"}[lesson.moves]
    return ", ".join(each for each in (lesson.kind or "", private, place) if each)


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
