"""What machines send back to Unchain itself: bounces of our notices, automatic answers, receipts.

They are no part of any thread, are never answered and never obeyed. Not for machines' mail to people.
"""

from datetime import datetime

from sqlmodel import Session

from domain.delivery import concerns_address
from domain.mail import Automatic, BouncedRecipient, Message
from store import notices, reachability

_ANSWERS = frozenset({Automatic.AUTO_REPLY, Automatic.BOUNCE, Automatic.REPORT})


def absorb(session: Session, message: Message, own_address: str, now: datetime) -> bool:
    """Keep what a machine sends to us from the threads; says whether it was such a mail.

    A notice that came back for good marks its recipient: no further notices go there. A notice is known by
    its Message-ID, which nobody else can guess: a made-up bounce silences nobody.
    """
    if message.automatic is Automatic.NO:
        return False
    recipient = _recipient_of_notice(session, message)
    if not _is_for_us(message, own_address, answers_notice=recipient is not None):
        return False
    dead = next((each for each in message.bounced if each.permanent and concerns_address(each.status)), None)
    if recipient is not None and dead is not None:
        reachability.lost(session, recipient, at=now, why=_reason(dead))
    return True


def _recipient_of_notice(session: Session, message: Message) -> str | None:
    """Who got the notice that this is about: the one that it returns or directly answers."""
    direct = message.in_reply_to or message.references[-1:]
    ids = (message.returned_id, *direct) if message.returned_id else direct
    found = (notices.recipient_of(session, message_id) for message_id in ids)
    return next((email for email in found if email is not None), None)


def _is_for_us(message: Message, own_address: str, *, answers_notice: bool) -> bool:
    recipients = {address.email for address in (*message.to, *message.cc, *message.bcc)}
    if message.automatic in _ANSWERS:
        return answers_notice or own_address in recipients
    return recipients == {own_address}  # a robot's mail to us alone; others read what they got too


def _reason(recipient: BouncedRecipient) -> str:
    return recipient.diagnostic or recipient.status or "It came back."
