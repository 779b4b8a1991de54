"""The tables of mails, threads, decisions and publications (the commons and people have their own modules).

Values that are only read back whole (messages, decisions, receipts) are kept as JSON beside the columns
that are searched by.
"""

from datetime import datetime

from sqlalchemy import JSON, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from store.types import Instant


class RawMailRow(SQLModel, table=True):
    """A mail as accepted; `content` is compressed with zlib."""

    __tablename__ = "raw_mail"
    # A row is read past its content: what is counted over all mails must be in an index.
    __table_args__ = (
        Index("ix_raw_mail_accepted", "source", "recipient_count"),
        Index("ix_raw_mail_set_aside", "id", sqlite_where=text("set_aside IS NOT NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(index=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    size: int
    mail_from: str
    recipients: str  # JSON list of the envelope's recipients
    recipient_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    source: str
    received_at: datetime = Field(sa_type=Instant)
    peer: str = ""
    protocol: str = "SMTP"
    set_aside: str | None = Field(default=None)  # why it could not be analysed
    delay_told_at: datetime | None = Field(default=None, sa_type=Instant)  # when its sender heard of a delay


class DeliveryRow(SQLModel, table=True):
    """One recipient of one accepted mail."""

    __tablename__ = "delivery"
    # By state alone it would be chosen to find who waits for one mail, and read all that wait for any.
    __table_args__ = (UniqueConstraint("raw_id", "address"), Index("ix_delivery_state", "state", "raw_id"))
    id: int | None = Field(default=None, primary_key=True)
    raw_id: int = Field(foreign_key="raw_mail.id")
    address: str
    state: str
    code: int = 0
    text: str = ""
    changed_at: datetime = Field(sa_type=Instant)


class JobRow(SQLModel, table=True):
    """A step of work; finished ones are deleted."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index("ix_job_due", "kind", "state", "run_at"),
        Index("ix_job_owner", "owner", sqlite_where=text("owner IS NOT NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    subject: str
    state: str = "ready"  # ready | held | failed
    run_at: datetime = Field(sa_type=Instant)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    owner: str | None = None
    attempts: int = 0
    revision: int = 0
    error: str | None = None


class ThreadRow(SQLModel, table=True):
    """A conversation."""

    __tablename__ = "thread"
    id: str = Field(primary_key=True)
    subject: str
    first_at: datetime = Field(sa_type=Instant)
    last_at: datetime = Field(sa_type=Instant, index=True)
    message_count: int = 0
    origin: str  # source of the mail that started it; about an imported thread no mail is sent
    vetoed_by: str | None = None  # who said KEEP IN MAIL
    merged_into: str | None = Field(default=None, foreign_key="thread.id")


class MessageRow(SQLModel, table=True):
    """A message of a thread; `body` is the whole Message as JSON."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_id_at", "message_id", "date"),
        Index("ix_message_subject_at", "base_subject", "date"),
    )
    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    message_id: str | None = None
    base_subject: str = Field(default="", sa_column_kwargs={"server_default": ""})
    thread_id: str = Field(foreign_key="thread.id", index=True)
    joined: str
    sender: str
    date: datetime = Field(sa_type=Instant)
    body: str


class MentionRow(SQLModel, table=True):
    """A Message-ID that belongs to a thread: of its messages, of ghosts, of our own mails."""

    __tablename__ = "mention"
    message_id: str = Field(primary_key=True)
    thread_id: str = Field(foreign_key="thread.id", index=True)


class CorrectionRow(SQLModel, table=True):
    """What a person has said of threads: two mails stay together, or one begins a thread of its own.

    The threads are those of the two mails now, kept up to date so that corrections are found by thread.
    """

    __tablename__ = "correction"
    __table_args__ = (UniqueConstraint("sort", "digest", "other_digest"),)
    id: int | None = Field(default=None, primary_key=True)
    sort: str  # join | split
    digest: str  # of the mail that was joined to another, or split off
    other_digest: str  # of the mail that it was joined to, or split off from
    thread_id: str = Field(foreign_key="thread.id", index=True)
    other_thread_id: str = Field(foreign_key="thread.id", index=True)
    made_at: datetime = Field(sa_type=Instant)


class LessonRow(SQLModel, table=True):
    """What a person has said of a thread against the classifier; rows are only added.

    `thread_id` is the living thread, `about` the one that it was said of (see domain/lesson.py).
    """

    __tablename__ = "lesson"
    __table_args__ = (UniqueConstraint("thread_id", "about", "sort", "by", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    thread_id: str = Field(foreign_key="thread.id", index=True)
    about: str
    sort: str  # correction | veto
    kind: str | None = None
    sensitive: bool | None = None
    moves: bool | None = None
    by: str
    at: datetime = Field(sa_type=Instant)
    seen: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class ParticipantRow(SQLModel, table=True):
    """An address that wrote or received a message of a thread."""

    __tablename__ = "participant"
    thread_id: str = Field(primary_key=True, foreign_key="thread.id")
    email: str = Field(primary_key=True, index=True)


class DecisionRow(SQLModel, table=True):
    """A decision and the classification it rests on, as JSON."""

    __tablename__ = "decision"
    id: int | None = Field(default=None, primary_key=True)
    thread_id: str = Field(foreign_key="thread.id", index=True)
    decided_at: datetime = Field(sa_type=Instant, index=True)
    outcome: str = Field(index=True)
    rule: str | None = None
    space: str | None = None
    body: str
    classification: str


class PublicationRow(SQLModel, table=True):
    """A thread in a space: planned, then published or not."""

    __tablename__ = "publication"
    key: str = Field(primary_key=True)
    thread_id: str = Field(foreign_key="thread.id", index=True)
    space: str
    state: str = Field(index=True)
    rule: str | None = None
    title: str
    planned_at: datetime = Field(sa_type=Instant)
    receipt: str | None = None
    posted: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    error: str | None = None


class NoticeRow(SQLModel, table=True):
    """A mail that Unchain sent about a thread to a person: at most one of each sort."""

    __tablename__ = "notice"
    thread_id: str = Field(primary_key=True, foreign_key="thread.id")
    email: str = Field(primary_key=True)
    sort: str = Field(primary_key=True)  # redirect | suggestion | recall
    message_id: str = Field(index=True)
    sent_at: datetime = Field(sa_type=Instant, index=True)


class SilenceRow(SQLModel, table=True):
    """The circuit breaker: until when Unchain sends no notice, and why. One row."""

    __tablename__ = "silence"
    id: int = Field(default=1, primary_key=True)
    until: datetime = Field(sa_type=Instant)
    reason: str


class MailboxRow(SQLModel, table=True):
    """How far an IMAP folder has been read (RFC 3501 section 2.3.1.1)."""

    __tablename__ = "mailbox"
    label: str = Field(primary_key=True)
    uid_validity: int
    uid: int


class ImportRow(SQLModel, table=True):
    """How far an archive has been read."""

    __tablename__ = "import_progress"
    path: str = Field(primary_key=True)
    fingerprint: str
    position: int
    changed_at: datetime = Field(sa_type=Instant)


# The same tables for statements that are prepared once, at import, and return plain values. The often used
# ones are: building a statement anew through the ORM costs ten times what SQLite needs to run it.
RAW_MAILS = SQLModel.metadata.tables["raw_mail"]
DELIVERIES = SQLModel.metadata.tables["delivery"]
JOBS = SQLModel.metadata.tables["job"]
THREADS = SQLModel.metadata.tables["thread"]
MESSAGES = SQLModel.metadata.tables["message"]
MENTIONS = SQLModel.metadata.tables["mention"]
CORRECTIONS = SQLModel.metadata.tables["correction"]
LESSONS = SQLModel.metadata.tables["lesson"]
PARTICIPANTS = SQLModel.metadata.tables["participant"]
DECISIONS = SQLModel.metadata.tables["decision"]
PUBLICATIONS = SQLModel.metadata.tables["publication"]
NOTICES = SQLModel.metadata.tables["notice"]
