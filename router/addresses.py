"""Telling people from machines and lists by address, as far as an address can tell.

Used for who counts as a participant and who is written to; in doubt an address is a person for the gates
and nobody for our mails.
"""

import re
from collections.abc import Iterable

from domain.mail import Address, Message, Thread
from domain.organisation import Group

# Local parts of machines (RFC 2142, RFC 3834 section 2) and of list software, in English and French.
_ROBOT = re.compile(
    r"(?:do[._-]?not|no|ne[._-]?pas)[._-]?(?:reply|repl(?:y|ies)|repondre)(?:[._+-].*)?"
    r"|(?:mailer|mail)[._-]?daemon|postmaster|bounces?|abuse|daemon|root|www-data|nobody"
    r"|listserv|majordomo|sympa|mailman|owner-.*|.*-(?:owner|bounces?|request|admin|subscribe|unsubscribe)"
    r"|bounces?[+=-].*|notifications?|alerts?|alertes?|prvs=.*|srs[01][=+-].*"
)
_MAILTO = re.compile(r"<mailto:([^>?\s]{3,320})", re.IGNORECASE)


def is_robot(email: str) -> bool:
    """Whether the local part is one that machines and list software write from."""
    return _ROBOT.fullmatch(email.lower().rpartition("@")[0]) is not None


def list_addresses(thread: Thread, groups: Iterable[Group]) -> frozenset[str]:
    """The addresses in a thread that reach many: groups, List-Post (RFC 2369), List-Id (RFC 2919)."""
    known = {address for group in groups for address in group.addresses}
    found = known & thread.addresses
    for joined in thread.messages:
        found |= _of_list_headers(joined.message)
    return frozenset(found)


def _of_list_headers(message: Message) -> set[str]:
    posts = {address.lower() for address in _MAILTO.findall((message.header("list-post") or "")[:2000])}
    if message.list_id:
        dotted = bare_list_id(message.list_id)
        posts |= {
            address.email
            for address in recipients_of(message)
            if address.email.replace("@", ".") == dotted and address.email
        }
    return posts


def bare_list_id(list_id: str) -> str:
    """The identifier of a List-Id header without its phrase and brackets, lower case."""
    return list_id.rpartition("<")[2].partition(">")[0].strip().lower()


def recipients_of(message: Message) -> tuple[Address, ...]:
    """To and Cc of a message; those of Bcc stay hidden."""
    return (*message.to, *message.cc)
