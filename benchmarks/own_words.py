"""Finding own words: ours in plain and HTML bodies of several sizes, against a peer's way and a floor.

The peer is what most programs do: patterns over each line for quote marks, the usual introductions and the
usual delimiters, in English. The floor only cuts the body into lines, or into tags and text. Neither keeps
what it leaves out, knows other languages, or tells an answer below a quote from the quote.
Run: python -m benchmarks.own_words [ARCHIVE] [ROUNDS]
"""

import re
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from html import unescape
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.comparing import in_turn, show
from benchmarks.html_mails import html_mails
from ingest.own_words import own_words, split_html, split_plain
from ingest.parse import read
from ingest.sources.registry import open_archive

MAILS = 200
FROM_ARCHIVE = 1_000
SIZES = (2_000, 8_000, 20_000)
AUTHOR = "Ann Wright"
_QUOTED = re.compile(r"^(?:>|On .{1,200} wrote:$|-{2,}\s?Original Message|From: |_{10,}$)")
_SIGNED = re.compile(r"^(?:--\s?$|Sent from my )")
_TAG = re.compile(r"<[^<>]*>")
_BLOCK = re.compile(r"<(?:br|p|div|tr|li|table|blockquote)\b[^<>]*>", re.IGNORECASE)
_QUOTE = re.compile(r"<(?:blockquote|div class=\"gmail_quote)")


def main() -> None:
    """Print a table for plain bodies, and one for HTML bodies of each size; then the dearest of each."""
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    plain = (
        list(_texts(Path(sys.argv[1])))
        if len(sys.argv) > 1
        else [_shown(html) for html in html_mails(MAILS, 4_000)]
    )
    compare(
        "Plain bodies",
        plain,
        {"ours": _plain, "patterns for each line": _patterns, "lines alone": _lines},
        rounds,
    )
    for size in SIZES:
        bodies = html_mails(MAILS, size)
        ways = {"ours": _html, "patterns for each line": _html_patterns, "tags and text alone": _tags}
        compare(f"HTML bodies of {size:,} characters", bodies, ways, rounds)


def compare(title: str, bodies: list[str], ways: Mapping[str, Callable[[str], object]], rounds: int) -> None:
    """Print what these bodies cost each way, and what the single ones cost ours."""

    def each(way: Callable[[str], object]) -> Callable[[], object]:
        return lambda: [way(body) for body in bodies]

    spent = in_turn({name: each(way) for name, way in ways.items()}, rounds=rounds)
    length = statistics.mean(map(len, bodies))
    show(
        f"{title}: {len(bodies):,}, {length:,.0f} characters on average",
        spent,
        ours="ours",
        mails=len(bodies),
    )
    costs = sorted(_cost(ways["ours"], body) for body in bodies)
    table = Table("ours, CPU ms a body: median", "slowest of a hundred", "slowest", "median bodies a second")
    median = statistics.median(costs)
    table.add_row(
        *(f"{1e3 * cost:.3f}" for cost in (median, costs[-len(costs) // 100], costs[-1])),
        f"{1 / median:,.0f}",
    )
    Console(width=140).print(table)


def _cost(way: Callable[[str], object], body: str) -> float:
    """The CPU seconds of one body, best of three: a disturbance is not the reader's."""
    costs = []
    for _ in range(3):
        before = time.process_time()
        way(body)
        costs.append(time.process_time() - before)
    return min(costs)


def _texts(path: Path) -> list[str]:
    """The text of an archive's first mails, as far as they have any and are of less than 20 kB."""
    mails = (mail.raw for mail in islice(open_archive(path), FROM_ARCHIVE))
    texts = [
        "\n".join(part.text for part in read(mail).parts) for mail in mails if len(mail.content) < 20_000
    ]
    return [text for text in texts if text]


def _shown(html: str) -> str:
    return "\n".join(part.text for part in split_html(html))


def _plain(text: str) -> object:
    return own_words(split_plain(text, author=AUTHOR))


def _html(html: str) -> object:
    return own_words(split_html(html, author=AUTHOR))


def _lines(text: str) -> object:
    return text.splitlines()


def _tags(html: str) -> object:
    return _TAG.split(html)


def _patterns(text: str) -> object:
    own = []
    for line in text.splitlines():
        if _SIGNED.match(line):
            break
        if not _QUOTED.match(line):
            own.append(line)
    return "\n".join(own)


def _html_patterns(html: str) -> object:
    kept = _QUOTE.split(html, maxsplit=1)[0]
    return _patterns(unescape(_TAG.sub("", _BLOCK.sub("\n", kept))))


if __name__ == "__main__":
    main()
