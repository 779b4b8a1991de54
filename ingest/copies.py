"""Which mails are copies of one another. Not for what belongs to one conversation."""

from domain.mail import Message
from ingest.subjects import base_subject


def duplicate_of(message: Message, other: Message) -> bool:
    """Whether both are copies of one mail, as when it comes directly and through a list.

    The same Message-ID is not enough: broken clients give one id to different mails, and none may be lost.
    """
    if message.digest == other.digest:
        return True
    if message.message_id is None or message.message_id != other.message_id:
        return False
    if message.date != other.date or base_subject(message.subject) != base_subject(other.subject):
        return False
    return message.sender.email == other.sender.email or _words(message) == _words(other)


def _words(message: Message) -> list[str]:
    return message.own_words.split()
