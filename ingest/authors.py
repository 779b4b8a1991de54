"""The real author of a mail whose From a mailing list has rewritten, as lists do for DMARC (RFC 7960).

And the people who are named beside author and recipients. Not for reading addresses.
"""

import re
from collections.abc import Iterable

from domain.mail import Address
from ingest.addresses import FURTHER, People, read_leniently
from ingest.fields import Header

_VIA = re.compile(r"^['\"]?(?P<name>.{1,150}?)['\"]?\s+(?:via|por|über|par)\s+\S.*$", re.IGNORECASE)
_LIST_FIELDS = ("list-id", "list-post", "x-beenthere", "mailing-list", "x-mailing-list", "x-google-group-id")
_ORIGINALS = ("x-original-from", "x-google-original-from", "original-from", "x-mailfrom-original")


def author(people: People, header: Header) -> Address:
    """The author: From, or whoever stands behind a list that put itself there."""
    sender = next(iter(people.of("from")), None) or next(iter(people.of("sender")), None)
    if sender is None:
        return next(iter(people.of("reply-to")), Address(email="", name=header.first("from")[:200]))
    via = _VIA.match(sender.name)
    # The list must be a recipient too: then its address still counts among the mail's people, and nobody
    # outside can pass for a colleague by naming one in a field that no mail system checks.
    addressed = {address.email for address in (*people.of("to"), *people.of("cc"))}
    if via is None or sender.email not in addressed or not header.has(*_LIST_FIELDS, *_ORIGINALS):
        return sender
    name = via.group("name").strip()
    lists = {
        address.email
        for field in ("list-post", "x-beenthere")
        for address in read_leniently(header.first(field))
    }
    for field in _ORIGINALS:
        for original in read_leniently(header.first(field)):
            return Address(email=original.email, name=original.name or name)
    replies = [found for found in people.of("reply-to") if found.email not in lists | {sender.email}]
    if len(replies) == 1:
        return Address(email=replies[0].email, name=name)
    return Address(email=sender.email, name=name)


def bystanders(people: People, sender: Address) -> tuple[Address, ...]:
    """Who else wrote a mail, sent it for somebody or had it sent on (RFC 5322 section 3.6.6)."""
    fields = ("from", FURTHER, "sender", "resent-from", "resent-to", "resent-cc", "resent-bcc")
    return _others((each for name in fields for each in people.of(name)), people, sender)


def answers_to(people: People, sender: Address) -> tuple[Address, ...]:
    """Who gets the answers to a mail beside those named in it already (Reply-To)."""
    return _others(people.of("reply-to"), people, sender)


def _others(found: Iterable[Address], people: People, sender: Address) -> tuple[Address, ...]:
    known = {sender.email, *(each.email for each in (*people.of("to"), *people.of("cc")))}
    return tuple({each.email: each for each in found if each.email not in known}.values())
