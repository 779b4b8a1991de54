"""Moving single messages from one thread to another, with all that a thread knows of its messages.

Whole threads are merged in threads.py; who belongs where is the threader's affair.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, case, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

from domain.mail import Message
from store import threads
from store.listed import listed
from store.tables import LESSONS, MENTIONS, MESSAGES, PARTICIPANTS, PUBLICATIONS, THREADS

# A publication in one of these states shows mails of its thread, or may do so at any moment.
_STANDING = ("planned", "posting", "published", "uncertain")

_MESSAGES = (
    select(MESSAGES.c.thread_id, MESSAGES.c.body)
    .where(MESSAGES.c.thread_id.in_(listed("threads")))
    .order_by(MESSAGES.c.date, MESSAGES.c.digest)
)
_MOVE = update(MESSAGES).where(MESSAGES.c.digest == bindparam("mail")).values(thread_id=bindparam("into"))
_MENTION = insert(MENTIONS)
_LEAD = _MENTION.on_conflict_do_update(
    index_elements=["message_id"], set_={"thread_id": _MENTION.excluded.thread_id}
)
_OF_IT = MESSAGES.c.thread_id == bindparam("thread")
_COUNT = (
    update(THREADS)
    .where(THREADS.c.id == bindparam("thread"))
    .values(
        subject=bindparam("title"),
        message_count=select(func.count()).where(_OF_IT).scalar_subquery(),
        first_at=select(func.min(MESSAGES.c.date)).where(_OF_IT).scalar_subquery(),
        last_at=select(func.max(MESSAGES.c.date)).where(_OF_IT).scalar_subquery(),
    )
)
_FORGET = delete(PARTICIPANTS).where(
    PARTICIPANTS.c.thread_id == bindparam("thread"), PARTICIPANTS.c.email.not_in(listed("people"))
)
_SOURCE = select(THREADS.c.vetoed_by, THREADS.c.origin).where(THREADS.c.id == bindparam("source"))
_INHERIT = (
    update(THREADS)
    .where(THREADS.c.id == bindparam("thread"))
    .values(
        vetoed_by=func.coalesce(THREADS.c.vetoed_by, bindparam("vetoed")),
        origin=case((THREADS.c.origin.in_(threads.ARCHIVES), bindparam("source")), else_=THREADS.c.origin),
    )
)
_SAID = ("about", "sort", "kind", "sensitive", "moves", "by", "at", "seen")
_TEACH = (
    insert(LESSONS)
    .from_select(
        ["thread_id", *_SAID],
        select(bindparam("into"), *(LESSONS.c[name] for name in _SAID)).where(
            LESSONS.c.thread_id == bindparam("source")
        ),
    )
    .on_conflict_do_nothing()
)
_STAND = (
    select(PUBLICATIONS.c.thread_id)
    .where(PUBLICATIONS.c.thread_id.in_(listed("threads")), PUBLICATIONS.c.state.in_(_STANDING))
    .distinct()
)


def messages_of(session: Session, thread_ids: Collection[str]) -> dict[str, list[Message]]:
    """The messages of living threads, each thread's by date."""
    found: dict[str, list[Message]] = {thread_id: [] for thread_id in thread_ids}
    for thread_id, body in session.execute(_MESSAGES, {"threads": sorted(thread_ids)}):
        found[thread_id].append(threads.MESSAGE.validate_json(body))
    return found


def standing(session: Session, thread_ids: Collection[str]) -> set[str]:
    """Those of these threads that are shown in a space, or may be at any moment."""
    return set(session.execute(_STAND, {"threads": sorted(thread_ids)}).scalars())


def origin(session: Session, thread_id: str) -> str:
    """The source of the mail that started a thread."""
    return str(session.execute(_SOURCE, {"source": thread_id}).one().origin)


def move(session: Session, digests: Collection[str], into: str, *, of: str) -> None:
    """Put messages into another thread; a wish to keep them in the mail and all lessons go with them."""
    session.execute(_MOVE, [{"mail": digest, "into": into} for digest in digests])
    left = session.execute(_SOURCE, {"source": of}).one()
    session.execute(_INHERIT, {"thread": into, "vetoed": left.vetoed_by, "source": left.origin})
    session.execute(_TEACH, {"into": into, "source": of})


def lead(session: Session, keys: Mapping[str, str]) -> None:
    """Let each of these keys (Message-IDs, ghosts too) lead to a thread from now on."""
    if keys:
        rows = [{"message_id": key, "thread_id": thread_id} for key, thread_id in keys.items()]
        session.execute(_LEAD, rows)


def recount(session: Session, thread_id: str, subject: str, people: Collection[str]) -> None:
    """Make a thread's row and its participants those of the messages that it has now."""
    session.execute(_COUNT, {"thread": thread_id, "title": subject})
    session.execute(_FORGET, {"thread": thread_id, "people": sorted(people)})
    threads.add_people(session, thread_id, people)
