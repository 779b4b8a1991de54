"""Tables of what comes back from spaces: answers written there, how far they were read, proposals."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant


class AnswerRow(SQLModel, table=True):
    """What somebody wrote below a publication in its space; one that is gone keeps its row without a word."""

    __tablename__: ClassVar[str] = "answer"
    __table_args__ = (UniqueConstraint("publication_key", "key"),)

    id: int | None = Field(default=None, primary_key=True)  # grows in the order in which they were first seen
    publication_key: str = Field(foreign_key="publication.key")
    key: str  # the service's, unique within its space
    author: str  # name to show
    author_key: str = ""  # internal address, only where the service vouches for it; never shown
    at: datetime = Field(sa_type=Instant)
    markdown: str
    url: str  # "" where there is none that may be linked
    first_seen: datetime = Field(sa_type=Instant)
    changed_at: datetime | None = Field(default=None, sa_type=Instant)  # when its text was last seen changed
    gone_at: datetime | None = Field(default=None, sa_type=Instant)  # when it was no longer there


class ReadingRow(SQLModel, table=True):
    """When the answers below a publication were read last."""

    __tablename__: ClassVar[str] = "answers_read"

    publication_key: str = Field(foreign_key="publication.key", primary_key=True)
    read_at: datetime = Field(sa_type=Instant)
    whole_at: datetime = Field(sa_type=Instant)  # when all of them were, not only the latest


class ProposalRow(SQLModel, table=True):
    """That a publication might rather be an addition to a page that stands in its space already."""

    __tablename__: ClassVar[str] = "proposal"

    publication_key: str = Field(foreign_key="publication.key", primary_key=True)
    entry_id: str  # of that page, the service's own
    title: str
    url: str
    state: str  # open | accepted | refused
    proposed_at: datetime = Field(sa_type=Instant)
    answered_by: str = ""  # internal address
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
