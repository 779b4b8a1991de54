"""The bridge inwards: what people write below a publication in its space is read and kept with the thread.

One job for each publication, soon at first and seldom for one that has been quiet for long; it survives
crashes because reading twice changes nothing. Nothing is sent back into the chain from here.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session

from connectors.base import Answers, Connector
from domain.job import JobKind
from domain.publication import Answer
from domain.web_address import is_web_address
from store import answers, publications, queue
from store.answers import Reading
from store.database import Database
from store.publications import Planned, PublicationState

SOONEST, LATEST = timedelta(minutes=2), timedelta(days=7)
SLOWDOWN = 10  # an entry that has been quiet for ten hours is read hourly
WHOLE_AGAIN = timedelta(days=1)  # how long an answer that was taken away there may still be shown here
OVERLAP = timedelta(hours=1)  # clocks differ, and services show new answers late
LONGEST_TEXT = 20_000  # characters of Markdown
LONGEST_NAME = 120
LONGEST_KEY = 300
# Control characters, and those that turn the direction of the text around them; no line needs more than tabs.
_UNSHOWN = dict.fromkeys(
    (
        *(*range(9), 11, 12, *range(14, 32), *range(127, 160), 0x200E, 0x200F, 0x61C, 0xFEFF),
        *(*range(0x2028, 0x202F), *range(0x2060, 0x2070), *range(0xD800, 0xE000), *range(0xE0000, 0xE0080)),
    )
)


async def sync(
    database: Database, connectors: Mapping[str, Connector], key: str, clock: Callable[[], datetime]
) -> None:
    """Read what was written below a publication and ask for the next time; raises ConnectorError."""
    planned, last = await asyncio.to_thread(_load, database, key)
    connector = None if planned is None else connectors.get(planned.space)
    if planned is None or planned.receipt is None or not isinstance(connector, Answers):
        return
    if not planned.receipt.entry_id:  # a human found it: the service would not know what we ask for
        return
    if planned.state is not PublicationState.PUBLISHED:
        return
    begun = clock()
    whole = last is None or begun - last.whole_at >= WHOLE_AGAIN
    since = planned.receipt.published_at if last is None or whole else last.read_at
    found = await connector.answers(planned.receipt, since - OVERLAP)
    reading = Reading(read_at=begun, whole_at=begun if last is None or whole else last.whole_at)
    await asyncio.to_thread(_keep, database, planned, clean(found, begun), since - OVERLAP, reading)


def _load(database: Database, key: str) -> tuple[Planned | None, Reading | None]:
    with database.read() as session:
        return publications.load(session, key), answers.last_reading(session, key)


def _keep(
    database: Database, planned: Planned, found: Sequence[Answer], since: datetime, reading: Reading
) -> None:
    assert planned.receipt is not None
    with database.write() as session:
        now = publications.load(session, planned.key)
        if now is None or now.state is not PublicationState.PUBLISHED:  # taken back while we read
            return
        answers.take(session, planned.key, found, since=since, now=reading.read_at)
        answers.note_reading(session, planned.key, reading)
        last = answers.last_at(session, planned.key)
        active = max(planned.receipt.published_at, last or planned.receipt.published_at)
        queue.add(session, JobKind.SYNC, planned.key, reading.read_at + pause(reading.read_at - active))


def pause(quiet: timedelta) -> timedelta:
    """How long to wait before an entry is read again that has been quiet for so long."""
    return min(max(quiet / SLOWDOWN, SOONEST), LATEST)


def listen(session: Session, connector: Connector, key: str, now: datetime) -> None:
    """Begin to read a publication's answers, or read them sooner because something happened to it."""
    if isinstance(connector, Answers):
        queue.add(session, JobKind.SYNC, key, now + SOONEST)


def resume(database: Database, connectors: Mapping[str, Connector], now: datetime) -> None:
    """Read the answers of whatever stands in spaces that can tell them: they may be new in the config."""
    spaces = {name for name, connector in connectors.items() if isinstance(connector, Answers)}
    if not spaces:
        return
    with database.write() as session:
        keys = publications.published_in(session, spaces)
        queue.add_missing(session, [(JobKind.SYNC, key, now) for key in keys])


def clean(found: Sequence[Answer], now: datetime) -> list[Answer]:
    """Foreign text as it may be kept: no control characters, no endless lengths, only links to web pages."""
    return [
        replace(
            answer,
            key=_key(answer.key),
            author=_name(answer.author),
            author_key=answer.author_key.strip().lower()[:LONGEST_KEY],
            at=min(answer.at, now),
            markdown=_cut(answer.markdown.replace("\r\n", "\n").replace("\r", "\n").translate(_UNSHOWN)),
            url=answer.url if is_web_address(answer.url) else "",
        )
        for answer in found
        if answer.key
    ]


def _key(key: str) -> str:
    return key if len(key) <= LONGEST_KEY else sha256(key.encode("utf-8", "replace")).hexdigest()


def _name(author: str) -> str:
    """A name on one line; of an address only the part before the @, as everywhere on the pages."""
    name = " ".join(author.translate(_UNSHOWN).split())[:LONGEST_NAME]
    return name.partition("@")[0] or "?"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 2]} …"
