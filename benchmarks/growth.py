"""Looks for texts whose reading takes more than linear time: fragments and pairs of them, repeated.

The fragments are what the reader knows: the phrases of all languages, header labels, HTML tags with the
classes and ids of mail clients, header fields, and odd characters. Each is put into a plain or an HTML body,
into the header or a part, at a size and at twice that. Run: python -m benchmarks.growth [PAIRS] [SEED] [SIZE]
"""

import random
import re
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files

from rich.console import Console

from benchmarks.fragments import ATTRIBUTES, FIELDS, ODD, TAGS
from domain.mail import RawMail
from ingest.journal import unwrap_journal
from ingest.own_words import split_html, split_plain
from ingest.parse import read

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
SUSPICIOUS = 2.6  # times the CPU seconds for twice the size
SHORTEST = 0.15  # CPU seconds below which a ratio is noise, and what is spent is harmless
KINDS = (
    "text/plain; format=flowed; delsp=yes",
    "text/enriched",
    "text/calendar; method=REQUEST",
    "message/rfc822",
    "message/delivery-status",
    "multipart/mixed; boundary=b",
    "multipart/report; report-type=delivery-status; boundary=b",
    "application/ms-tnef",
    "application/pkcs7-mime",
    "text/plain; charset=utf-7",
    "text/plain; charset=iso-2022-jp",
    "text/rtf",
    "multipart/alternative; boundary=b",
    "multipart/digest; boundary=b",
    "text/plain; charset=x",
    "multipart/signed; boundary=b",
    "message/disposition-notification",
    "message/feedback-report",
)

Shape = tuple[str, Callable[[str], object]]  # the name of a way to read a text, and that way


def main() -> None:
    """Try all fragments alone, then so many pairs, and print what grows too fast or is too slow."""
    pairs, seed, size = (int(word) for word in (*sys.argv[1:], *("300", "1", "100000")[len(sys.argv) - 1 :]))
    dice = random.Random(seed)
    texts, marks = phrases(), markup()
    console, tried = Console(width=160), 0
    for name, way, fragment in _tries(dice, texts, marks, pairs):
        tried += 1
        if verdict := judged(way, fragment, size):
            console.print(f"{name}: {fragment!r}: {verdict}", markup=False)
    console.print(f"{tried:,} shapes of {size:,} and {2 * size:,} characters tried")


def judged(way: Callable[[str], object], fragment: str, size: int) -> str:
    """How the time grows where it grows too fast; "" for all else."""
    double = spent(way, repeated(fragment, 2 * size))
    if double < SHORTEST:
        return ""
    double = min(double, *(spent(way, repeated(fragment, 2 * size)) for _ in range(2)))
    single = min(spent(way, repeated(fragment, size)) for _ in range(3))
    if double > SHORTEST and double > SUSPICIOUS * single:
        return f"{double / single:.1f} times for twice the size, {double:.2f} s"
    return ""


def repeated(fragment: str, size: int) -> str:
    """So many characters of a fragment."""
    return (fragment * (size // len(fragment) + 1))[:size]


def spent(way: Callable[[str], object], text: str) -> float:
    """The CPU seconds of one reading."""
    before = time.process_time()
    way(text)
    return time.process_time() - before


def phrases() -> list[str]:
    """The phrases of all languages' tables, with what usually stands around them."""
    found: set[str] = set()
    for entry in files("ingest.languages").iterdir():
        if entry.name.endswith(".toml"):
            found.update(_strings(tomllib.loads(entry.read_text(encoding="utf-8"))))
    return sorted(found)


def markup() -> list[str]:
    """Tags with the attributes that mean something to the reader, closed and not."""
    names = set()
    for entry in files("ingest").iterdir():
        if entry.name.startswith("html_") and entry.name.endswith(".py"):
            names.update(re.findall(r'"([a-z][\w-]{3,40})"', entry.read_text(encoding="utf-8")))
    known = [f"<div class={name}>" for name in sorted(names)] + [
        f"<div id={name}>x</div>" for name in sorted(names)
    ]
    plain = [
        shape.format(tag) for tag in TAGS for shape in ("<{0}>", "</{0}>", "<{0}>x", "<{0}>x</{0}>", "<{0} ")
    ]
    return (
        known
        + plain
        + [f"<{tag} {given}>x" for tag in ("div", "p", "blockquote", "a", "li") for given in ATTRIBUTES]
    )


def _tries(
    dice: random.Random, texts: list[str], marks: list[str], pairs: int
) -> Iterator[tuple[str, Callable[[str], object], str]]:
    def plain(text: str) -> object:
        return split_plain(text, author="Ann Wright")

    ways: list[Shape] = [("plain", plain), ("html", split_html)]
    ways += [(f"field {field}", _field(field)) for field in FIELDS]
    ways += [(f"part {kind}", _part(kind)) for kind in KINDS]
    ways.append(("journal", _journal))
    for text in texts:
        yield "plain", plain, text + dice.choice((" ", "\n", ":\n", ": x\n", "\n\n", ", "))
    for mark in marks:
        yield "html", split_html, mark
    for odd in ODD:
        for name, way in ways:
            yield name, way, odd
    pool = [*texts, *ODD, *ODD, *ODD]
    for _pair in range(pairs):
        pieces = [
            dice.choice(pool) + dice.choice(("", "", " ", "\n", ":\n", "\n\n"))
            for _ in range(dice.choice((2, 2, 3)))
        ]
        yield "plain", plain, "".join(pieces)
        yield (
            "html",
            split_html,
            "".join(dice.choice((*marks, dice.choice(pool))) for _ in range(dice.choice((2, 3)))),
        )
        name, way = dice.choice(ways[2:])
        yield name, way, dice.choice(ODD) + dice.choice(pool)


def _read(content: str) -> object:
    mail = RawMail(
        content=content.encode("utf-8", "replace"), mail_from="", rcpt_to=(), source="eml", received_at=NOON
    )
    return read(mail)


def _field(name: str) -> Callable[[str], object]:
    glue = "=" if ";" in name else ": "
    return lambda text: _read(f"From: Ann <a@b.example>\n{name}{glue}{text}\n\nx")


def _part(kind: str) -> Callable[[str], object]:
    return lambda text: _read(f"From: Ann <a@b.example>\nContent-Type: {kind}\n\n{text}")


def _journal(text: str) -> object:
    head = (
        "X-MS-Journal-Report:\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
    )
    content = (head + text).encode("utf-8", "replace")
    return unwrap_journal(RawMail(content=content, mail_from="", rcpt_to=(), source="smtp", received_at=NOON))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


if __name__ == "__main__":
    main()
