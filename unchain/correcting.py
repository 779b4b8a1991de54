"""Joining and splitting threads by hand, in the caller's transaction; remembered whatever mails come later.

Mails are never taken off a page here: a thread that is shown must be recalled first. So are two shown ones
before they are joined, for a conversation has one home.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from domain.errors import CorrectionError
from domain.job import JobKind
from domain.mail import Message
from ingest.conversation import conversation_order
from ingest.grouping import answered_by
from store import corrections, publications, queue, rethreading, thread_keys, threads
from store.corrections import Correction, CorrectionSort
from store.publications import PublicationState
from unchain.regrouping import regroup


def join_threads(session: Session, one: str, other: str, now: datetime) -> str:
    """Make one thread of two, each named by its id or a Message-ID of it; returns its id."""
    into, joining = thread_named(session, one), thread_named(session, other)
    if into == joining:
        raise CorrectionError(f"{one} and {other} are in one thread already: {into}")
    shown = rethreading.standing(session, [into, joining])
    if len(shown) == 2:
        raise CorrectionError(
            f"both threads are shown in a space; first take one back: unchain recall {joining}"
        )
    if joining in shown:  # what is shown keeps its id and its page
        into, joining, one, other = joining, into, other, one
    said = Correction(
        sort=CorrectionSort.JOIN,
        digest=_anchor(session, joining, other).digest,
        other_digest=_anchor(session, into, one).digest,
        thread_id=joining,
        other_thread_id=into,
    )
    corrections.add(session, said, now)
    threads.merge(session, into, [joining])
    _ask_again(session, [into], now)
    return into


def part_threads(session: Session, one: str, other: str, now: datetime) -> frozenset[str]:
    """Take back that two threads were joined by hand; returns the threads that their mails are in now."""
    thread_id = thread_named(session, one)
    found = [each for each in _said_of(session, thread_id) if each.sort is CorrectionSort.JOIN]
    named = {_digest(session, one), _digest(session, other)}
    exact = [each for each in found if {each.digest, each.other_digest} == named]
    wanted = exact or (found if len(found) == 1 and thread_named(session, other) == thread_id else [])
    if not wanted:
        raise CorrectionError(
            f"{one} and {other} were not joined by hand; "
            "name the Message-IDs that they were joined by, or those of their first mails"
        )
    return _take_back(session, wanted[0], now)


def split_thread(session: Session, message_id: str, now: datetime) -> tuple[str, str]:
    """Let a mail and its answers be a thread of their own; returns its id and that of the rest."""
    message = _mail(session, message_id)
    thread_id = thread_named(session, message_id)
    mails = conversation_order(rethreading.messages_of(session, [thread_id])[thread_id])
    _refuse_shown(session, [thread_id])
    rest = [each for each in mails if each.digest != message.digest]
    if not rest or mails[0].digest == message.digest:
        raise CorrectionError(f"{message_id} begins its thread: name the first mail that should leave it")
    parent = answered_by(message, mails)
    said = Correction(
        sort=CorrectionSort.SPLIT,
        digest=message.digest,
        other_digest=(parent or rest[0]).digest,
        thread_id=thread_id,
        other_thread_id=thread_id,
    )
    corrections.add(session, said, now)
    homes = _regroup(session, said, now)
    if homes[said.digest] == homes[said.other_digest]:
        raise CorrectionError(
            f"{message_id} was joined to this thread by hand; take that back first with unchain join … --undo"
        )
    return homes[said.digest], homes[said.other_digest]


def unsplit_thread(session: Session, message_id: str, now: datetime) -> frozenset[str]:
    """Take back that a mail was split off; returns the threads that the mails of both are in now."""
    digest = _mail(session, message_id).digest
    found = [each for each in _said_of(session, thread_named(session, message_id)) if each.digest == digest]
    wanted = [each for each in found if each.sort is CorrectionSort.SPLIT]
    if not wanted:
        raise CorrectionError(f"{message_id} was not split off by hand")
    return _take_back(session, wanted[0], now)


def _take_back(session: Session, said: Correction, now: datetime) -> frozenset[str]:
    _refuse_shown(session, [said.thread_id, said.other_thread_id])
    corrections.remove(session, said)
    homes = _regroup(session, said, now)
    return frozenset({homes[said.digest], homes[said.other_digest]})


def _regroup(session: Session, said: Correction, now: datetime) -> dict[str, str]:
    family = {said.thread_id, said.other_thread_id}
    others = corrections.of_threads(session, family)
    family.update(id_ for each in others for id_ in (each.thread_id, each.other_thread_id))
    found = regroup(session, family, others)
    _ask_again(session, found.changed, now)
    return dict(found.homes)


def _said_of(session: Session, thread_id: str) -> list[Correction]:
    return corrections.of_threads(session, [thread_id])


def _refuse_shown(session: Session, thread_ids: Collection[str]) -> None:
    shown = sorted(rethreading.standing(session, thread_ids))
    if shown:
        raise CorrectionError(
            f"thread {shown[0]} is shown in a space or about to be; take it back: unchain recall {shown[0]}"
        )


def _ask_again(session: Session, thread_ids: Collection[str], now: datetime) -> None:
    """Have threads judged as they are now; what is published gets its further mails, if the gates agree."""
    for thread_id in thread_ids:
        published = [
            planned
            for planned in publications.of_thread(session, thread_id)
            if planned.state is PublicationState.PUBLISHED
        ]
        for planned in published:
            queue.add(session, JobKind.APPEND, planned.key, now)
        if not published:
            queue.add(session, JobKind.JUDGE, thread_id, now)


def thread_named(session: Session, name: str) -> str:
    """The living thread of a Message-ID or thread id; raises CorrectionError where there is none."""
    found = thread_keys.of_message(session, name.strip("<> ")) or threads.current(session, name)
    if found is None:
        raise CorrectionError(f"{name}: there is no such thread, and no mail with this Message-ID is stored")
    return found


def _mail(session: Session, message_id: str) -> Message:
    """The stored mail with a Message-ID."""
    found = thread_keys.with_id(session, message_id.strip("<> "))
    if not found:
        raise CorrectionError(f"{message_id}: no mail with this Message-ID is stored")
    if len(found) > 1:
        raise CorrectionError(f"{message_id}: {len(found)} different mails have this Message-ID")
    return found[0]


def _anchor(session: Session, thread_id: str, name: str) -> Message:
    """The mail by which a thread is held: the one named, else the first."""
    digest = _digest(session, name)
    mails = conversation_order(rethreading.messages_of(session, [thread_id])[thread_id])
    return next((each for each in mails if each.digest == digest), mails[0])


def _digest(session: Session, name: str) -> str:
    """The digest of the only mail with a Message-ID; "" where it is no Message-ID of one."""
    found = thread_keys.with_id(session, name.strip("<> "))
    return found[0].digest if len(found) == 1 else ""
