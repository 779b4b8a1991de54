"""Answers that people wrote in the spaces themselves, kept with the publication that they stand below.

Reading a space twice changes nothing; an edit is taken over; what was taken away there loses its words here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col

from domain.publication import Answer
from store.answers_tables import AnswerRow, ReadingRow

MOST = 2_000  # of one publication; nobody reads further


@dataclass(frozen=True, kw_only=True)
class Reading:
    """When a publication's answers were read last."""

    read_at: datetime
    whole_at: datetime  # when all of them were, not only the latest


@dataclass(frozen=True, kw_only=True)
class StoredAnswer:
    """An answer that still stands in its space."""

    id: int  # grows in the order in which they were first seen
    publication_key: str
    author: str
    at: datetime
    markdown: str
    url: str  # "" where there is none that may be linked


def take(
    session: Session, publication_key: str, found: Sequence[Answer], *, since: datetime, now: datetime
) -> None:
    """Write down what stands in the space; `found` is all that was written there at `since` or later.

    Of what is known and should be among it but is not, only the row stays: its author took it away.
    """
    of_it = col(AnswerRow.publication_key) == publication_key
    known = {row.key: row for row in session.execute(select(AnswerRow).where(of_it)).scalars()}
    for answer in found:
        row = known.get(answer.key)
        if row is not None:
            _renew(row, answer, now)
        elif len(known) < MOST:
            known[answer.key] = _new(publication_key, answer, now)
            session.add(known[answer.key])
    standing = {answer.key for answer in found}
    for row in known.values():
        if row.key not in standing and row.at >= since and row.gone_at is None:
            row.author = row.author_key = row.markdown = row.url = ""
            row.gone_at = now
    session.flush()


def _new(publication_key: str, answer: Answer, now: datetime) -> AnswerRow:
    return AnswerRow(
        publication_key=publication_key,
        key=answer.key,
        author=answer.author,
        author_key=answer.author_key,
        at=answer.at,
        markdown=answer.markdown,
        url=answer.url,
        first_seen=now,
    )


def _renew(row: AnswerRow, answer: Answer, now: datetime) -> None:
    if row.markdown != answer.markdown:
        row.changed_at = now
    row.author, row.author_key, row.url = answer.author, answer.author_key, answer.url
    row.markdown, row.gone_at = answer.markdown, None  # one that was hidden for a while is back


def last_reading(session: Session, publication_key: str) -> Reading | None:
    """When a publication's answers were read last; None where they never were."""
    row = session.get(ReadingRow, publication_key)
    return None if row is None else Reading(read_at=row.read_at, whole_at=row.whole_at)


def note_reading(session: Session, publication_key: str, reading: Reading) -> None:
    """Remember when a publication's answers were read."""
    times = {"read_at": reading.read_at, "whole_at": reading.whole_at}
    session.execute(
        insert(ReadingRow)
        .values(publication_key=publication_key, **times)
        .on_conflict_do_update(index_elements=["publication_key"], set_=times)
    )


def last_at(session: Session, publication_key: str) -> datetime | None:
    """When the latest answer that still stands was written; None where there is none."""
    of_it = (col(AnswerRow.publication_key) == publication_key) & col(AnswerRow.gone_at).is_(None)
    return session.execute(select(func.max(AnswerRow.at)).where(of_it)).scalar_one_or_none()


def standing(session: Session, publication_keys: Collection[str]) -> list[StoredAnswer]:
    """The answers below these publications that still stand, by the time when they were written."""
    rows = session.execute(
        select(AnswerRow)
        .where(col(AnswerRow.publication_key).in_(publication_keys), col(AnswerRow.gone_at).is_(None))
        .order_by(col(AnswerRow.at), col(AnswerRow.id))
    ).scalars()
    return [
        StoredAnswer(
            id=row.id or 0,
            publication_key=row.publication_key,
            author=row.author,
            at=row.at,
            markdown=row.markdown,
            url=row.url,
        )
        for row in rows
    ]


def forget(session: Session, publication_key: str) -> None:
    """Blank all answers below a publication that was taken back: they may quote it."""
    session.execute(delete(ReadingRow).where(col(ReadingRow.publication_key) == publication_key))
    session.execute(
        update(AnswerRow)
        .where(col(AnswerRow.publication_key) == publication_key)
        .values(
            author="",
            author_key="",
            markdown="",
            url="",
            gone_at=func.coalesce(AnswerRow.gone_at, AnswerRow.at),
        )
    )
