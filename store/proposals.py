"""Pages on the same topic, and proposals to add a conversation to one of them; only people say yes.

A page is only proposed in the space in which the conversation stands anyway, to the very same audience: an
addition shows nothing to anybody who could not read it before.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, delete, func, literal, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, select

from domain.publication import Page, Publication
from store.answers_tables import ProposalRow
from store.commons import next_number, touch
from store.commons_editing import Writer
from store.commons_entry import Reader
from store.commons_reading import visible_to
from store.commons_tables import CommonsEntry, CommonsRemark, CommonsWords
from store.commons_words import fold

MOST_PHRASES = 6
FEWEST_SHARED = 2  # phrases that two pages on one topic have in common; one alone is chance
MOST_PAGES = 3
LONGEST_ADDITION = 4_000  # characters; the whole stands on the conversation's own page


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """That a publication might be added to a page."""

    publication_key: str
    entry_id: int  # of the page
    title: str
    url: str


def related(session: Session, publication: Publication, url: str) -> tuple[Page, ...]:
    """Wiki pages of the same space and audience that share key phrases, those that share most first."""
    phrases = () if publication.digest is None else publication.digest.key_phrases[:MOST_PHRASES]
    if len(phrases) < FEWEST_SHARED or publication.audience == "participants":
        return ()
    shared: ColumnElement[int] = sum(
        (case((func.instr(CommonsWords.folded, fold(phrase)) > 0, 1), else_=0) for phrase in phrases),
        start=literal(0),
    )
    rows = session.exec(
        select(CommonsEntry.id, CommonsEntry.title, CommonsEntry.slug)
        .join(CommonsWords, col(CommonsWords.entry_id) == col(CommonsEntry.id))
        .where(
            CommonsEntry.form == "wiki",
            CommonsEntry.space == publication.space,
            CommonsEntry.audience == publication.audience,
            col(CommonsEntry.key).is_distinct_from(publication.key),
            col(CommonsEntry.withdrawn_at).is_(None),
            shared >= FEWEST_SHARED,
        )
        .order_by(shared.desc(), col(CommonsEntry.changed_at).desc())
        .limit(MOST_PAGES)
    ).all()
    base = url.rstrip("/")
    return tuple(Page(entry_id=str(i), title=title, url=f"{base}/wiki/{slug}") for i, title, slug in rows)


def propose(session: Session, publication_key: str, page: Page, now: datetime) -> None:
    """Propose an addition; a publication has one proposal at most, and what people said of it stays."""
    values = {"entry_id": page.entry_id, "title": page.title, "url": page.url, "proposed_at": now}
    session.execute(
        insert(ProposalRow)
        .values(publication_key=publication_key, state="open", answered_by="", **values)
        .on_conflict_do_nothing()
    )


def still_open(session: Session, reader: Reader, keys: Collection[str]) -> list[Proposal]:
    """The proposals about these publications that nobody has answered, where the reader sees both pages."""
    rows = session.exec(
        select(ProposalRow).where(col(ProposalRow.publication_key).in_(keys), ProposalRow.state == "open")
    ).all()
    return [
        Proposal(
            publication_key=row.publication_key,
            entry_id=int(row.entry_id),
            title=pair[1].title,
            url=f"/wiki/{pair[1].slug}",
        )
        for row in rows
        if (pair := _pair(session, reader, row)) is not None
    ]


def linked(session: Session, reader: Reader, entry_id: int) -> tuple[Page, ...]:
    """The page that an entry was proposed for, whatever was said of it, where the reader sees both."""
    rows = session.exec(
        select(ProposalRow)
        .join(CommonsEntry, col(CommonsEntry.key) == col(ProposalRow.publication_key))
        .where(CommonsEntry.id == entry_id)
    ).all()
    pairs = (_pair(session, reader, row) for row in rows)
    return tuple(
        Page(entry_id=str(pair[1].id), title=pair[1].title, url=f"/wiki/{pair[1].slug}")
        for pair in pairs
        if pair is not None
    )


def refuse(session: Session, writer: Writer, publication_key: str, at: datetime) -> bool:
    """A person says no; False where there is nothing to answer for them."""
    row = session.get(ProposalRow, publication_key)
    return (
        row is not None
        and _pair(session, writer.reader, row) is not None
        and _answer(row, "refused", writer, at)
    )


def accept(session: Session, writer: Writer, publication_key: str, at: datetime) -> bool:
    """A person says yes: the page gets a remark with what the conversation comes to and a link to it."""
    row = session.get(ProposalRow, publication_key)
    pair = None if row is None else _pair(session, writer.reader, row)
    if row is None or pair is None or not _answer(row, "accepted", writer, at):
        return False
    source, target = pair
    assert target.id is not None
    session.add(
        CommonsRemark(
            entry_id=target.id,
            number=next_number(session, target),
            key=_remark_key(publication_key),
            source="web",
            author=writer.name,
            author_key=writer.reader.email,
            at=at,
            markdown=_addition(source),
        )
    )
    touch(session, target, at=at)
    return True


def take_back(session: Session, publication_key: str, at: datetime) -> None:
    """Remove what a publication added to other pages, and its proposal: its words must stand nowhere."""
    session.execute(delete(ProposalRow).where(col(ProposalRow.publication_key) == publication_key))
    key = _remark_key(publication_key)
    targets = session.exec(
        select(CommonsEntry)
        .join(CommonsRemark, col(CommonsRemark.entry_id) == col(CommonsEntry.id))
        .where(CommonsRemark.key == key)
    ).all()
    session.execute(delete(CommonsRemark).where(col(CommonsRemark.key) == key))
    for target in targets:
        touch(session, target, at=at)
    _forget_links(session, publication_key)


def _forget_links(session: Session, publication_key: str) -> None:
    """Proposals to add others to this publication's page keep no title of it."""
    entry = session.exec(select(CommonsEntry.id).where(CommonsEntry.key == publication_key)).first()
    if entry is not None:
        session.execute(
            update(ProposalRow).where(col(ProposalRow.entry_id) == str(entry)).values(title="", url="")
        )


def _pair(session: Session, reader: Reader, row: ProposalRow) -> tuple[CommonsEntry, CommonsEntry] | None:
    """The conversation's page and the one it may be added to, where the person reads both."""
    if not row.entry_id.isdigit():
        return None
    seen = select(CommonsEntry).where(visible_to(reader))
    source = session.exec(seen.where(CommonsEntry.key == row.publication_key)).first()
    target = session.exec(seen.where(CommonsEntry.id == int(row.entry_id))).first()
    if source is None or target is None or (source.space, source.audience) != (target.space, target.audience):
        return None
    return source, target


def _answer(row: ProposalRow, state: str, writer: Writer, at: datetime) -> bool:
    if row.state != "open":
        return False
    row.state, row.answered_by, row.answered_at = state, writer.reader.email, at
    return True


def _addition(source: CommonsEntry) -> str:
    body = source.body
    if len(body) > LONGEST_ADDITION:
        body = f"{body[: LONGEST_ADDITION - 2]} …"
    here = f"/{source.form}/{source.slug}"
    said = body.replace("](#m", f"]({here}#m")  # its sentences lead to their mails on its own page
    return f"[{_literal(source.title)}]({here})\n\n{said}"


def _literal(title: str) -> str:
    return "".join(f"\\{mark}" if mark in "\\`*_[]<>~|$^&" else mark for mark in title)


def _remark_key(publication_key: str) -> str:
    return f"thread:{publication_key}"
