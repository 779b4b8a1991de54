"""Running several ways of doing one thing in turn, and the table of what each cost. Knows nothing of mail.

A machine's speed changes while it is measured. So the ways are interleaved, CPU seconds of this process are
counted and not the clock's, and each round gives a ratio of its own.
"""

import statistics
import time
from collections.abc import Callable, Mapping

from rich.console import Console
from rich.table import Table

Way = Callable[[], object]


def in_turn(ways: Mapping[str, Way], *, rounds: int) -> dict[str, list[float]]:
    """The CPU seconds of each way in each round; one round before them warms up and is not counted."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            before = time.process_time()
            way()
            after = time.process_time()
            if number:
                spent[name].append(after - before)
    return spent


def show(title: str, spent: Mapping[str, list[float]], *, ours: str, mails: int) -> None:
    """Print what a mail costs each way, and how many times that of the others ours costs."""
    table = Table("", "CPU ms a mail: min", "median", "max", title=title, title_justify="left")
    for column in (f"{ours} / this: min", "median", "max"):
        table.add_column(column)
    for name, seconds in spent.items():
        ratios = [mine / theirs for mine, theirs in zip(spent[ours], seconds, strict=True)]
        table.add_row(name, *_spread([1000 * each / mails for each in seconds]), *_spread(ratios))
    Console(width=140).print(table)


def _spread(values: list[float]) -> tuple[str, str, str]:
    return f"{min(values):.3f}", f"{statistics.median(values):.3f}", f"{max(values):.3f}"
