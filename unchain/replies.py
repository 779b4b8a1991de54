"""What people write to Unchain: STOP, KEEP IN MAIL and MOVE. Anything else is a mail of its thread."""

from datetime import datetime

from sqlmodel import Session

from domain.job import JobKind
from domain.mail import Automatic, Message
from router.commands import Command, recognise, recognise_reply
from store import lessons, notices, people, queue, thread_keys, threads
from unchain.notices import SUGGESTION
from unchain.rulebook import Rulebook


def obey(session: Session, message: Message, rulebook: Rulebook, now: datetime) -> bool:
    """Do what a mail to Unchain's own address asks; says whether it was a command, so no part of a thread.

    Only internal people are obeyed, and about a thread only its participants.
    """
    sender = message.sender.email
    to_us = rulebook.organisation.own_address in {a.email for a in (*message.to, *message.cc, *message.bcc)}
    person = message.automatic is Automatic.NO and rulebook.organisation.is_internal(sender)
    command = recognise_reply(message) if to_us and person else None
    if command is None:
        return False
    thread_id = _thread_of(session, message)
    if command is Command.STOP:
        people.opt_out(session, sender, at=now)
    elif thread_id is not None and threads.may_read(session, thread_id, sender):
        if command is Command.KEEP:
            lessons.veto(session, thread_id, sender, now)
            queue.add(session, JobKind.RECALL, thread_id, now)
        elif sender in notices.notified(session, thread_id, SUGGESTION):  # only who was asked may agree
            queue.add(session, JobKind.MOVE, thread_id, now)
    return True


def wants_to_keep(message: Message, rulebook: Rulebook) -> bool:
    """Whether a mail to others says KEEP IN MAIL, by which an internal person keeps its thread there."""
    person = message.automatic is Automatic.NO and rulebook.organisation.is_internal(message.sender.email)
    return person and recognise(message.own_words) is Command.KEEP


def _thread_of(session: Session, message: Message) -> str | None:
    """The thread whose notice it answers, else the thread that it refers to."""
    for message_id in (*message.in_reply_to, *reversed(message.references)):
        found = notices.thread_of(session, message_id)
        thread_id = found[0] if found else thread_keys.of_message(session, message_id)
        if thread_id is not None:
            return threads.current(session, thread_id)
    return None
