"""Threads and their messages, written and read; which thread a mail belongs to is in thread_keys.py."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

from domain.mail import Joined, Message, Thread, ThreadMessage
from store.tables import (
    CORRECTIONS,
    DECISIONS,
    LESSONS,
    MENTIONS,
    MESSAGES,
    NOTICES,
    PARTICIPANTS,
    PUBLICATIONS,
    THREADS,
)

ARCHIVES = ("mbox", "maildir", "eml")  # sources of imports
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)

_BEGIN = insert(THREADS)
_ADD = insert(MESSAGES)
_MENTION = insert(MENTIONS).on_conflict_do_nothing()
_ADD_PEOPLE = insert(PARTICIPANTS).on_conflict_do_nothing()
_THREAD = select(THREADS).where(THREADS.c.id == bindparam("thread"))
_GROW = (
    update(THREADS)
    .where(THREADS.c.id == bindparam("thread"))
    .values(
        message_count=THREADS.c.message_count + bindparam("messages"),
        first_at=func.min(THREADS.c.first_at, bindparam("first", type_=THREADS.c.first_at.type)),
        last_at=func.max(THREADS.c.last_at, bindparam("last", type_=THREADS.c.last_at.type)),
        vetoed_by=func.coalesce(THREADS.c.vetoed_by, bindparam("vetoed")),
    )
)
_END = (
    update(THREADS)
    .where(THREADS.c.id == bindparam("thread"))
    .values(message_count=0, merged_into=bindparam("into"))
)
_MOVES = (
    *(
        update(table).where(table.c.thread_id == bindparam("thread")).values(thread_id=bindparam("into"))
        for table in (MESSAGES, MENTIONS, PUBLICATIONS, DECISIONS, CORRECTIONS)
    ),
    update(CORRECTIONS)
    .where(CORRECTIONS.c.other_thread_id == bindparam("thread"))
    .values(other_thread_id=bindparam("into")),
    update(LESSONS)
    .prefix_with("OR IGNORE")  # what was said of both halves of one thread is said once
    .where(LESSONS.c.thread_id == bindparam("thread"))
    .values(thread_id=bindparam("into")),
    update(NOTICES)
    .prefix_with("OR IGNORE")  # of two of a sort to one person both are kept, and counted
    .where(NOTICES.c.thread_id == bindparam("thread"))
    .values(thread_id=bindparam("into")),
)
_MESSAGES = (
    select(MESSAGES.c.body, MESSAGES.c.joined)
    .where(MESSAGES.c.thread_id == bindparam("thread"))
    .order_by(MESSAGES.c.date, MESSAGES.c.digest)
)
_SPACES = select(PUBLICATIONS.c.space).where(
    PUBLICATIONS.c.thread_id == bindparam("thread"), PUBLICATIONS.c.state == "published"
)
_UNDECIDED = select(THREADS.c.id).where(
    THREADS.c.origin.in_(ARCHIVES),
    THREADS.c.merged_into.is_(None),
    THREADS.c.id.not_in(select(DECISIONS.c.thread_id)),
)
_REVIVE = (
    update(THREADS)
    .where(THREADS.c.id == bindparam("thread"), THREADS.c.origin.in_(ARCHIVES))
    .values(origin=bindparam("source"))
)
_VETO = update(THREADS).where(THREADS.c.id == bindparam("thread")).values(vetoed_by=bindparam("person"))
_PEOPLE = select(PARTICIPANTS.c.email).where(PARTICIPANTS.c.thread_id == bindparam("thread"))
_OF_PERSON = (
    select(THREADS.c.id, THREADS.c.subject, THREADS.c.last_at, THREADS.c.message_count)
    .join(PARTICIPANTS, PARTICIPANTS.c.thread_id == THREADS.c.id)
    .where(PARTICIPANTS.c.email == bindparam("person"), THREADS.c.merged_into.is_(None))
    .order_by(THREADS.c.last_at.desc())
    .limit(bindparam("limit"))
)
_ALL = select(THREADS.c.id).where(THREADS.c.merged_into.is_(None)).order_by(THREADS.c.first_at, THREADS.c.id)


def begin(session: Session, message: Message, *, origin: str) -> str:
    """Make an empty thread that this message will start; returns its id, which nobody can guess."""
    thread_id = secrets.token_hex(8)
    values = {"subject": message.subject, "message_count": 0, "origin": origin}
    session.execute(_BEGIN, {"id": thread_id, "first_at": message.date, "last_at": message.date, **values})
    return thread_id


def add(
    session: Session,
    thread_id: str,
    message: Message,
    joined: Joined,
    mentions: Collection[str],
    *,
    base_subject: str,
) -> None:
    """Put a message into a thread and register the ids and the subject that lead to it."""
    session.execute(
        _ADD,
        {
            "digest": message.digest,
            "message_id": message.message_id,
            "base_subject": base_subject,
            "thread_id": thread_id,
            "joined": joined,
            "sender": message.sender.email,
            "date": message.date,
            "body": MESSAGE.dump_json(message).decode(),
        },
    )
    mention(session, thread_id, mentions)
    add_people(session, thread_id, people_in(message))
    grown = {"messages": 1, "first": message.date, "last": message.date, "vetoed": None}
    session.execute(_GROW, {"thread": thread_id, **grown})


def mention(session: Session, thread_id: str, message_ids: Collection[str]) -> None:
    """Register Message-IDs as belonging to a thread; an id that is taken stays where it is."""
    rows = [{"message_id": message_id, "thread_id": thread_id} for message_id in message_ids]
    if rows:
        session.execute(_MENTION, rows)


def people_in(message: Message) -> frozenset[str]:
    """The addresses that wrote or got a message."""
    everybody = (message.sender, *message.to, *message.cc, *message.bcc)
    return frozenset(person.email for person in everybody if person.email)


def add_people(session: Session, thread_id: str, emails: Collection[str]) -> None:
    """Register addresses as participants of a thread."""
    rows = [{"thread_id": thread_id, "email": email} for email in emails]
    if rows:
        session.execute(_ADD_PEOPLE, rows)


def merge(session: Session, into: str, others: Sequence[str]) -> None:
    """Join threads that a mail proved to be one: everything of `others` goes to `into`."""
    for other in others:
        for move in _MOVES:
            session.execute(move, {"thread": other, "into": into})
        add_people(session, into, people_of(session, other))
        old = session.execute(_THREAD, {"thread": other}).one()
        gained = {"messages": old.message_count, "first": old.first_at, "last": old.last_at}
        session.execute(_GROW, {"thread": into, "vetoed": old.vetoed_by, **gained})
        session.execute(_END, {"thread": other, "into": into})


def current(session: Session, thread_id: str) -> str | None:
    """The id under which a thread lives today, after merges; None where there is none."""
    row = _living(session, thread_id)
    return None if row is None else str(row.id)


def _living(session: Session, thread_id: str) -> Row[tuple[Any, ...]] | None:  # its columns are of many types
    row = session.execute(_THREAD, {"thread": thread_id}).first()
    while row is not None and row.merged_into is not None:
        row = session.execute(_THREAD, {"thread": row.merged_into}).first()
    return row


def load(session: Session, thread_id: str) -> Thread | None:
    """A thread with its messages by date; the conversation's order is the threader's affair."""
    row = _living(session, thread_id)
    if row is None:
        return None
    of_it = {"thread": row.id}
    return Thread(
        id=row.id,
        subject=row.subject,
        messages=tuple(
            ThreadMessage(message=MESSAGE.validate_json(body), joined=Joined(joined))
            for body, joined in session.execute(_MESSAGES, of_it)
        ),
        moved_to=tuple(session.execute(_SPACES, of_it).scalars()),
    )


def size(session: Session, thread_id: str) -> int:
    """How many messages a thread has."""
    return int(session.execute(_THREAD, {"thread": thread_id}).one().message_count)


def is_archived(session: Session, thread_id: str) -> bool:
    """Whether a thread came in by import, so that no mail may be sent about it."""
    return session.execute(_THREAD, {"thread": thread_id}).one().origin in ARCHIVES


def undecided_archives(session: Session) -> list[str]:
    """Threads that came in by import and about which nothing was ever decided."""
    return list(session.execute(_UNDECIDED).scalars())


def revive(session: Session, thread_id: str, origin: str) -> None:
    """A live mail has joined a thread that came in by import: the chain goes on, mail may be sent again."""
    if origin not in ARCHIVES:
        session.execute(_REVIVE, {"thread": thread_id, "source": origin})


def veto(session: Session, thread_id: str, email: str) -> None:
    """A participant wants the thread kept in the mail."""
    session.execute(_VETO, {"thread": thread_id, "person": email})


def is_vetoed(session: Session, thread_id: str) -> bool:
    """Whether a participant wants the thread kept in the mail."""
    return session.execute(_THREAD, {"thread": thread_id}).one().vetoed_by is not None


def may_read(session: Session, thread_id: str, email: str) -> bool:
    """Whether an address wrote or received a message of the thread."""
    living = current(session, thread_id)
    return living is not None and email.lower() in people_of(session, living)


def people_of(session: Session, thread_id: str) -> frozenset[str]:
    """Every address known to have written or got a mail of a thread, further envelopes' too."""
    return frozenset(session.execute(_PEOPLE, {"thread": thread_id}).scalars())


def of_person(session: Session, email: str, limit: int = 50) -> list[tuple[str, str, datetime, int]]:
    """A person's threads, newest first: id, subject, last mail, number of messages."""
    rows = session.execute(_OF_PERSON, {"person": email.lower(), "limit": limit})
    return [(thread_id, subject, last, count) for thread_id, subject, last, count in rows]


def all_ids(session: Session) -> list[str]:
    """Every living thread, oldest first."""
    return list(session.execute(_ALL).scalars())
