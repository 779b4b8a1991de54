"""Tables of the commons: entries (page or post), their history, remarks, tags, readers and words."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant


class CommonsEntry(SQLModel, table=True):
    """A wiki page, a blog post or a stream post; a withdrawn one keeps its row without a word in it."""

    __tablename__: ClassVar[str] = "commons_entry"
    __table_args__ = (UniqueConstraint("form", "slug"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str | None = Field(default=None, unique=True)  # of the publication; None where written by hand
    form: str  # wiki | blog | stream
    space: str = Field(index=True)
    place: str = ""
    slug: str
    title: str
    body: str  # Markdown as it stands now
    author: str  # name to show
    author_key: str = ""  # internal address, never shown
    language: str
    kind: str = ""
    audience: str
    thread_id: str | None = Field(default=None, index=True)
    version: int = 1  # grows with every change, for edit conflicts and caching
    published_at: datetime = Field(sa_type=Instant)
    changed_at: datetime = Field(sa_type=Instant, index=True)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class CommonsReader(SQLModel, table=True):
    """Who may read an entry whose audience is its participants."""

    __tablename__: ClassVar[str] = "commons_reader"

    entry_id: int = Field(foreign_key="commons_entry.id", primary_key=True)
    email: str = Field(primary_key=True, index=True)


class CommonsTag(SQLModel, table=True):
    """A tag of an entry."""

    __tablename__: ClassVar[str] = "commons_tag"

    entry_id: int = Field(foreign_key="commons_entry.id", primary_key=True)
    tag: str = Field(primary_key=True, index=True)


class CommonsRevision(SQLModel, table=True):
    """A wiki page's text as it stood after an edit."""

    __tablename__: ClassVar[str] = "commons_revision"

    entry_id: int = Field(foreign_key="commons_entry.id", primary_key=True)
    number: int = Field(primary_key=True)  # from 1
    title: str
    markdown: str
    author: str
    author_key: str = ""
    at: datetime = Field(sa_type=Instant)
    note: str = ""  # why, in the editor's words


class CommonsRemark(SQLModel, table=True):
    """A mail of the chain or an answer written on the page; number 0 is the mail that opened the entry."""

    __tablename__: ClassVar[str] = "commons_remark"
    __table_args__ = (UniqueConstraint("entry_id", "key"),)

    entry_id: int = Field(foreign_key="commons_entry.id", primary_key=True)
    number: int = Field(primary_key=True)
    key: str
    source: str  # mail | web
    author: str
    author_key: str = ""
    at: datetime = Field(sa_type=Instant)
    markdown: str
    trimmed: str = ""
    attachments: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class CommonsWords(SQLModel, table=True):
    """All words of an entry without case and accents, for search."""

    __tablename__: ClassVar[str] = "commons_words"

    entry_id: int = Field(foreign_key="commons_entry.id", primary_key=True)
    folded: str
