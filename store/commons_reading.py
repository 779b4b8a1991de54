"""Reading the commons: every query here carries the reader, and finds only what that reader may see."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from store.commons_entry import Card, Entry, Reader, Remark, Revision
from store.commons_tables import (
    CommonsEntry,
    CommonsReader,
    CommonsRemark,
    CommonsRevision,
    CommonsTag,
    CommonsWords,
)
from store.commons_words import fold

_ESCAPE = str.maketrans({"%": "\\%", "_": "\\_", "\\": "\\\\"})
MAX_WORDS = 12  # of a search; each costs one pass over the text


def visible_to(reader: Reader) -> ColumnElement[bool]:
    """The condition under which a reader sees an entry; one whose audience is unknown is seen by nobody."""
    admitted = (
        select(CommonsReader.email)
        .where(col(CommonsReader.entry_id) == col(CommonsEntry.id), CommonsReader.email == reader.email)
        .exists()
    )
    audiences = [and_(col(CommonsEntry.audience) == "participants", admitted)]
    if reader.internal:
        audiences.append(col(CommonsEntry.audience) == "everyone")
    if reader.groups:
        audiences.append(col(CommonsEntry.audience).in_(sorted(f"group:{name}" for name in reader.groups)))
    return and_(col(CommonsEntry.withdrawn_at).is_(None), or_(*audiences))


def entry(session: Session, reader: Reader, *, form: str, slug: str) -> Entry | None:
    """An entry by its address, or None where there is none for this reader."""
    row = session.exec(
        select(CommonsEntry).where(CommonsEntry.form == form, CommonsEntry.slug == slug, visible_to(reader))
    ).first()
    return None if row is None else _entry(session, row)


def entries_of_keys(session: Session, reader: Reader, keys: Collection[str]) -> tuple[Entry, ...]:
    """The entries of these publications, as far as this reader may see them, oldest first."""
    rows = session.exec(
        select(CommonsEntry)
        .where(col(CommonsEntry.key).in_(keys), visible_to(reader))
        .order_by(col(CommonsEntry.id))
    ).all()
    return tuple(_entry(session, row) for row in rows)


def titles_of_keys(session: Session, reader: Reader, keys: Collection[str]) -> dict[str, str]:
    """The titles of these publications' entries, by key, as far as this reader may see them."""
    rows = session.exec(
        select(CommonsEntry.key, CommonsEntry.title).where(
            col(CommonsEntry.key).in_(keys), visible_to(reader)
        )
    ).all()
    return {key: title for key, title in rows if key is not None}


def recent(
    session: Session, reader: Reader, *, space: str | None = None, offset: int = 0, limit: int = 20
) -> tuple[Card, ...]:
    """Entries by their last change, newest first; of one space, or of all."""
    query = select(CommonsEntry).where(visible_to(reader))
    if space is not None:
        query = query.where(CommonsEntry.space == space)
    query = query.order_by(col(CommonsEntry.changed_at).desc(), col(CommonsEntry.id).desc())
    return _cards(session, session.exec(query.offset(offset).limit(limit)).all())


def tagged(
    session: Session, reader: Reader, tag: str, *, offset: int = 0, limit: int = 20
) -> tuple[Card, ...]:
    """Entries with a tag, the last changed first."""
    query = (
        select(CommonsEntry)
        .join(CommonsTag, col(CommonsTag.entry_id) == col(CommonsEntry.id))
        .where(CommonsTag.tag == tag, visible_to(reader))
        .order_by(col(CommonsEntry.changed_at).desc(), col(CommonsEntry.id).desc())
    )
    return _cards(session, session.exec(query.offset(offset).limit(limit)).all())


def search(
    session: Session, reader: Reader, words: str, *, offset: int = 0, limit: int = 20
) -> tuple[Card, ...]:
    """Entries that hold every word, whatever its case and accents; hits in the title come first."""
    wanted = fold(words).split()[:MAX_WORDS]
    if not wanted:
        return ()
    query = (
        select(CommonsEntry)
        .join(CommonsWords, col(CommonsWords.entry_id) == col(CommonsEntry.id))
        .where(visible_to(reader), *(_holds(word) for word in wanted))
        .order_by(
            # The title is the first line of the words: a hit near the beginning is a hit in the title.
            func.instr(col(CommonsWords.folded), wanted[0]) > func.length(col(CommonsEntry.title)),
            col(CommonsEntry.changed_at).desc(),
        )
    )
    return _cards(session, session.exec(query.offset(offset).limit(limit)).all())


def counts(session: Session, reader: Reader) -> dict[str, int]:
    """How many entries each space holds for this reader."""
    query = (
        select(CommonsEntry.space, func.count()).where(visible_to(reader)).group_by(col(CommonsEntry.space))
    )
    return {space: int(number) for space, number in session.exec(query).all()}


def revisions(session: Session, reader: Reader, *, slug: str) -> tuple[Revision, ...]:
    """A wiki page's history, newest first; empty where there is no such page for this reader."""
    rows = session.exec(
        select(CommonsRevision)
        .join(CommonsEntry, col(CommonsEntry.id) == col(CommonsRevision.entry_id))
        .where(CommonsEntry.form == "wiki", CommonsEntry.slug == slug, visible_to(reader))
        .order_by(col(CommonsRevision.number).desc())
    ).all()
    return tuple(
        Revision(
            number=row.number,
            title=row.title,
            markdown=row.markdown,
            author=row.author,
            at=row.at,
            note=row.note,
        )
        for row in rows
    )


def _holds(word: str) -> ColumnElement[bool]:
    return col(CommonsWords.folded).like(f"%{word.translate(_ESCAPE)}%", escape="\\")


def _entry(session: Session, row: CommonsEntry) -> Entry:
    assert row.id is not None
    remarks = session.exec(
        select(CommonsRemark).where(CommonsRemark.entry_id == row.id).order_by(col(CommonsRemark.number))
    ).all()
    tags = session.exec(
        select(CommonsTag.tag).where(CommonsTag.entry_id == row.id).order_by(col(CommonsTag.tag))
    ).all()
    return Entry(
        id=row.id,
        form=row.form,
        space=row.space,
        place=row.place,
        slug=row.slug,
        title=row.title,
        body=row.body,
        author=row.author,
        language=row.language,
        kind=row.kind,
        audience=row.audience,
        thread_id=row.thread_id,
        tags=tuple(tags),
        remarks=tuple(_remark(remark) for remark in remarks),
        version=row.version,
        published_at=row.published_at,
        changed_at=row.changed_at,
    )


def _remark(row: CommonsRemark) -> Remark:
    return Remark(
        key=row.key,
        number=row.number,
        from_mail=row.source == "mail",
        author=row.author,
        at=row.at,
        markdown=row.markdown,
        trimmed=row.trimmed,
        attachments=tuple(row.attachments),
    )


def _cards(session: Session, rows: Sequence[CommonsEntry]) -> tuple[Card, ...]:
    counted = session.exec(
        select(CommonsRemark.entry_id, func.count())
        .where(col(CommonsRemark.entry_id).in_([row.id for row in rows]), CommonsRemark.number > 0)
        .group_by(col(CommonsRemark.entry_id))
    ).all()
    remarks = {entry_id: int(number) for entry_id, number in counted}
    return tuple(
        Card(
            form=row.form,
            space=row.space,
            slug=row.slug,
            title=row.title,
            body=row.body,
            author=row.author,
            language=row.language,
            kind=row.kind,
            audience=row.audience,
            remarks=remarks.get(row.id or 0, 0),
            published_at=row.published_at,
            changed_at=row.changed_at,
        )
        for row in rows
    )
