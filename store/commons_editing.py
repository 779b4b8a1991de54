"""What people do on the pages of the commons: write entries, edit wiki pages, answer.

Each function looks an entry up as its reader, so that nobody writes where they may not read.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, select

from store.commons import free_slug, index_words, next_number, touch
from store.commons_entry import Reader
from store.commons_reading import visible_to
from store.commons_tables import CommonsEntry, CommonsReader, CommonsRemark, CommonsRevision


@dataclass(frozen=True, kw_only=True)
class Writer:
    """A signed-in person who writes."""

    reader: Reader
    name: str  # to show


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A new entry as its author wrote it."""

    form: str
    space: str
    audience: str
    title: str
    markdown: str
    language: str


class EditConflict(Exception):
    """Somebody else changed the page since it was opened for editing."""


def create(session: Session, writer: Writer, draft: Draft, *, at: datetime) -> str:
    """Put up an entry written by hand; answers its slug."""
    entry = CommonsEntry(
        form=draft.form,
        space=draft.space,
        slug=free_slug(session, form=draft.form, title=draft.title, audience=draft.audience),
        title=draft.title,
        body=draft.markdown,
        author=writer.name,
        author_key=writer.reader.email,
        language=draft.language,
        audience=draft.audience,
        published_at=at,
        changed_at=at,
    )
    session.add(entry)
    session.flush()
    assert entry.id is not None
    session.add(CommonsReader(entry_id=entry.id, email=writer.reader.email))
    if draft.form == "wiki":
        session.add(_revision(entry, writer, number=1, at=at, note=""))
    index_words(session, entry)
    return entry.slug


def revise(
    session: Session,
    writer: Writer,
    *,
    slug: str,
    based_on: int,
    title: str,
    markdown: str,
    note: str,
    at: datetime,
) -> int | None:
    """Give a wiki page a new text; answers the revision's number, or None where there is no such page.

    Raises EditConflict where `based_on` is not the newest revision. An unchanged text makes no revision.
    """
    entry = _visible(session, writer.reader, form="wiki", slug=slug)
    if entry is None:
        return None
    newest = session.exec(
        select(func.max(CommonsRevision.number)).where(CommonsRevision.entry_id == entry.id)
    ).one()
    number = int(newest or 0)
    if number != based_on:
        raise EditConflict
    if (entry.title, entry.body) == (title, markdown):
        return number
    entry.title, entry.body = title, markdown
    session.add(_revision(entry, writer, number=number + 1, at=at, note=note))
    touch(session, entry, at=at)
    return number + 1


def answer(
    session: Session, writer: Writer, *, form: str, slug: str, markdown: str, at: datetime
) -> int | None:
    """Add an answer written on the page; answers its number, or None where there is no such entry."""
    entry = _visible(session, writer.reader, form=form, slug=slug)
    if entry is None:
        return None
    assert entry.id is not None
    number = next_number(session, entry)
    session.add(
        CommonsRemark(
            entry_id=entry.id,
            number=number,
            key=f"web:{secrets.token_hex(12)}",
            source="web",
            author=writer.name,
            author_key=writer.reader.email,
            at=at,
            markdown=markdown,
        )
    )
    touch(session, entry, at=at)
    return number


def _visible(session: Session, reader: Reader, *, form: str, slug: str) -> CommonsEntry | None:
    return session.exec(
        select(CommonsEntry).where(CommonsEntry.form == form, CommonsEntry.slug == slug, visible_to(reader))
    ).first()


def _revision(
    entry: CommonsEntry, writer: Writer, *, number: int, at: datetime, note: str
) -> CommonsRevision:
    assert entry.id is not None
    return CommonsRevision(
        entry_id=entry.id,
        number=number,
        title=entry.title,
        markdown=entry.body,
        author=writer.name,
        author_key=writer.reader.email,
        at=at,
        note=note,
    )
