"""Addresses and names that machines write from: mail systems, robots, list software, newsletters.

Not for addresses that several people share (support@, info@): people write from those. The patterns are
in automatic_marks.toml.
"""

import re
from functools import lru_cache

from domain.mail import Address
from ingest.automatic_phrases import marks, one_of

_STRIPPED = re.compile(r"[\"'\\]")


def is_daemon(sender: Address) -> bool:
    """Whether only mail systems write from this address."""
    return one_of("senders", "daemon").fullmatch(local_part(sender)) is not None


def is_mail_system(sender: Address) -> bool:
    """Whether a mail system may be behind the address or the name; people can be as well."""
    name = _STRIPPED.sub("", sender.name).strip().lower()
    return is_postmaster(sender) or one_of("senders", "daemon_name").fullmatch(name) is not None


def is_postmaster(sender: Address) -> bool:
    """Whether the address is one of a mail system, be it one that people use as well."""
    return is_daemon(sender) or one_of("senders", "postmaster").fullmatch(local_part(sender)) is not None


def is_robot(sender: Address) -> bool:
    """Whether a program that takes no answers writes from this address."""
    local = local_part(sender)
    if (
        one_of("senders", "no_reply").search(local) is not None
        or one_of("senders", "robot").fullmatch(local) is not None
    ):
        return True
    if sender.domain.partition(".")[0] in marks("senders", "first_labels"):
        return True
    if "." in local and local.rpartition(".")[2] in marks("senders", "last_dotted"):
        return True
    words = re.split(r"[_-]", local)
    if len(words) > 1 and (
        words[-1] in marks("senders", "last_words") or words[0] in marks("senders", "first_words")
    ):
        return True
    return sender.name.strip("\"'() ").lower() in marks("senders", "names")


def is_list_software(sender: Address) -> bool:
    """Whether list software writes from this address in its own name."""
    return one_of("senders", "list_software").fullmatch(local_part(sender)) is not None


def is_newsletter(sender: Address) -> bool:
    """Whether newsletters are sent from this address."""
    return one_of("senders", "newsletter").fullmatch(local_part(sender)) is not None


def local_part(sender: Address) -> str:
    """What stands before the @, lower case, without quotation marks and what follows a +."""
    return _local_part(sender.email)


@lru_cache(maxsize=16)
def _local_part(email: str) -> str:
    local = email.rpartition("@")[0] or email
    return _STRIPPED.sub("", local).partition("+")[0].lower()[:200]
