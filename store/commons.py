"""The shelf of the commons: threads put up by key, later mails appended, entries taken back.

What people do on the pages themselves is in commons_editing.py; reading is in commons_reading.py.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from domain.errors import Refused
from domain.publication import Post, Publication, Receipt
from store.commons_tables import (
    CommonsEntry,
    CommonsReader,
    CommonsRemark,
    CommonsRevision,
    CommonsTag,
    CommonsWords,
)
from store.commons_words import fold, random_slug, slug_from_title
from store.database import Database

OURSELVES = "Unchain"  # who put sentences of several people together


class Shelf:
    """Entries by publication key; each call is one transaction."""

    def __init__(self, database: Database, *, url: str) -> None:
        self._database = database
        self._url = url.rstrip("/")  # where people reach the commons

    def put(self, publication: Publication, *, form: str, at: datetime, body: str = "") -> Receipt:
        """Put a publication up once; the same key again answers the first receipt and writes nothing.

        `body` is the Markdown that a wiki page begins with; where it is "", that is the opening post's.
        Raises Refused where the key was taken back, and where there is no post.
        """
        if not publication.posts:
            raise Refused(f"the publication {publication.key} has no post to show")
        with self._database.write() as session:
            entry = _by_key(session, publication.key)
            if entry is None:
                entry = _put_up(session, publication, form=form, at=at, body=body)
            elif entry.withdrawn_at is not None:
                raise Refused(f"the publication {publication.key} was taken back and is not put up again")
            return self._receipt(entry)

    def find(self, key: str) -> Receipt | None:
        """The receipt of what stands there under a key; None where nothing does or it was taken back."""
        with self._database.read() as session:
            entry = _by_key(session, key)
            return None if entry is None or entry.withdrawn_at is not None else self._receipt(entry)

    def append(self, key: str, posts: Sequence[Post], *, at: datetime) -> None:
        """Add the posts whose keys are not there yet, in their order.

        Raises Refused where there is no such entry or it was taken back: its words must not come up again.
        """
        with self._database.write() as session:
            entry = _standing(session, key)
            there = set(
                session.exec(select(CommonsRemark.key).where(CommonsRemark.entry_id == entry.id)).all()
            )
            fresh = [post for post in posts if post.key not in there]
            if fresh:
                _add_posts(session, entry, fresh, start=next_number(session, entry))
                touch(session, entry, at=_last_said(fresh, at))

    def admit(self, key: str, readers: Collection[str]) -> None:
        """Let further participants read an entry; raises Refused as `append` does."""
        with self._database.write() as session:
            _admit(session, _standing(session, key), readers)

    def withdraw(self, key: str, *, at: datetime) -> None:
        """Blank an entry: no title, text, history, remark, tag, reader or word of it is kept.

        The row stays so that the key is never put up again. Doing it twice is the same as once.
        """
        with self._database.write() as session:
            entry = _by_key(session, key)
            if entry is None or entry.withdrawn_at is not None:
                return
            for table in (CommonsReader, CommonsTag, CommonsRevision, CommonsRemark, CommonsWords):
                session.execute(delete(table).where(col(table.entry_id) == entry.id))
            entry.title = entry.body = entry.author = entry.author_key = entry.kind = entry.place = ""
            entry.slug = random_slug()  # the old one may hold words of the title
            entry.withdrawn_at = entry.changed_at = at
            entry.version += 1
            session.add(entry)

    def _receipt(self, entry: CommonsEntry) -> Receipt:
        assert entry.key is not None
        return Receipt(
            key=entry.key,
            entry_id=str(entry.id),
            url=f"{self._url}/{entry.form}/{entry.slug}",
            published_at=entry.published_at,
        )


def free_slug(session: Session, *, form: str, title: str, audience: str) -> str:
    """A name for an entry's address that is not taken yet.

    It is made of the title's words only where all internal people may read the entry: an address must not
    tell, and a taken one must not betray, what only some may see. A post of the stream has no title to show.
    """
    slug = slug_from_title(title) if audience == "everyone" and form != "stream" else ""
    if not slug or slug == "new":
        return random_slug()
    taken = select(CommonsEntry.id).where(CommonsEntry.form == form, CommonsEntry.slug == slug)
    return slug if session.exec(taken).first() is None else f"{slug}-{random_slug()[:8]}"


def touch(session: Session, entry: CommonsEntry, *, at: datetime) -> None:
    """Note that an entry changed, and bring its words for search up to date."""
    entry.version += 1
    entry.changed_at = max(at, entry.changed_at)
    session.add(entry)
    index_words(session, entry)


def index_words(session: Session, entry: CommonsEntry) -> None:
    """Write the words by which an entry is found; quotes and signatures are not among them."""
    assert entry.id is not None
    session.flush()
    remarks = session.exec(select(CommonsRemark.markdown).where(CommonsRemark.entry_id == entry.id)).all()
    tags = session.exec(select(CommonsTag.tag).where(CommonsTag.entry_id == entry.id)).all()
    words = fold("\n".join((entry.title, *tags, entry.body, *remarks)))
    session.execute(delete(CommonsWords).where(col(CommonsWords.entry_id) == entry.id))
    session.execute(insert(CommonsWords).values(entry_id=entry.id, folded=words))


def next_number(session: Session, entry: CommonsEntry) -> int:
    """The number that the next remark of an entry gets; never below 1, for 0 is the opening mail."""
    highest = session.exec(
        select(func.max(CommonsRemark.number)).where(CommonsRemark.entry_id == entry.id)
    ).one()
    return 1 if highest is None else int(highest) + 1


def _by_key(session: Session, key: str) -> CommonsEntry | None:
    return session.exec(select(CommonsEntry).where(CommonsEntry.key == key)).first()


def _standing(session: Session, key: str) -> CommonsEntry:
    entry = _by_key(session, key)
    if entry is None:
        raise Refused(f"there is no entry for the publication {key}")
    if entry.withdrawn_at is not None:
        raise Refused(f"the publication {key} was taken back")
    return entry


def _put_up(
    session: Session, publication: Publication, *, form: str, at: datetime, body: str
) -> CommonsEntry:
    opening = publication.posts[0]
    entry = CommonsEntry(
        key=publication.key,
        form=form,
        space=publication.space,
        place=publication.place,
        slug=free_slug(session, form=form, title=publication.title, audience=publication.audience),
        title=publication.title,
        body=body or opening.markdown,
        author=opening.author,
        author_key=opening.author_key,
        language=publication.language,
        kind=publication.kind,
        audience=publication.audience,
        thread_id=publication.thread_id,
        published_at=at,
        changed_at=_last_said(publication.posts, at),
    )
    session.add(entry)
    session.flush()
    assert entry.id is not None
    _admit(session, entry, publication.readers)
    tags = [{"entry_id": entry.id, "tag": tag} for tag in dict.fromkeys(publication.tags)]
    if tags:
        session.execute(insert(CommonsTag), tags)
    if form == "wiki":
        session.add(_first_revision(entry, opening))
    _add_posts(session, entry, publication.posts, start=0)
    index_words(session, entry)
    return entry


def _last_said(posts: Sequence[Post], at: datetime) -> datetime:
    """When the last of these mails was written, at most `at`: an archive must not stand among the news."""
    return min(at, max(post.at for post in posts))


def _first_revision(entry: CommonsEntry, opening: Post) -> CommonsRevision:
    assert entry.id is not None
    return CommonsRevision(
        entry_id=entry.id,
        number=1,
        title=entry.title,
        markdown=entry.body,
        author=opening.author if entry.body == opening.markdown else OURSELVES,
        author_key=opening.author_key if entry.body == opening.markdown else "",
        at=opening.at,
    )


def _admit(session: Session, entry: CommonsEntry, readers: Iterable[str]) -> None:
    known = select(CommonsReader.email).where(CommonsReader.entry_id == entry.id)
    fresh = {reader.lower() for reader in readers} - set(session.exec(known).all())
    if fresh:
        rows = [{"entry_id": entry.id, "email": email} for email in sorted(fresh)]
        session.execute(insert(CommonsReader), rows)


def _add_posts(session: Session, entry: CommonsEntry, posts: Sequence[Post], *, start: int) -> None:
    unique = {post.key: post for post in reversed(posts)}  # the first of two with one key stays
    kept = [post for post in posts if unique[post.key] is post]
    rows = [
        {
            "entry_id": entry.id,
            "number": number,
            "key": post.key,
            "source": "mail",
            "author": post.author,
            "author_key": post.author_key,
            "at": post.at,
            "markdown": post.markdown,
            "trimmed": post.trimmed,
            "attachments": list(post.attachments),
        }
        for number, post in enumerate(kept, start=start)
    ]
    session.execute(insert(CommonsRemark), rows)
