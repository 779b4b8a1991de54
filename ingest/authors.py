"""The real author of a mail whose From a mailing list has rewritten, as lists do for DMARC (RFC 7960).

And the people who are named beside author and recipients. Not for reading addresses.
"""

import re
from collections.abc import Iterable, Iterator

from domain.mail import Address
from ingest.addresses import FURTHER, People, read_leniently
from ingest.fields import Header

_VIA = re.compile(
    r"^['\"]?(?P<name>.{1,150}?)['\"]?\s+[(\[]?(?:via|por|über|par|przez|через)\s+\S.*$", re.IGNORECASE
)
# LISTSERV hides the address behind one of its own and leaves the name as it was.
_HIDDEN = re.compile(r"[0-9a-f]{6,64}-dmarc-request@.+")
# groups.io and forwarders write the address into the local part of theirs.
_ENCODED = re.compile(r"(?P<local>[^=@]+)=(?P<domain>[^=@]+\.[^=@]+)@.+")
_LIST_FIELDS = ("list-id", "list-post", "x-beenthere", "mailing-list", "x-mailing-list", "x-google-group-id")
# Where lists keep what From was (Author is RFC 9057).
_ORIGINALS = (
    *("x-original-from", "x-google-original-from", "original-from", "x-mailfrom-original", "author"),
    *("x-mailman-original-from", "x-original-sender"),
)


def author(people: People, header: Header) -> Address:
    """The author: From, or whoever stands behind a list that put itself there."""
    sender = next(iter(people.of("from")), None) or next(iter(people.of("sender")), None)
    if sender is None:
        return _nameless(people)
    name = _rewritten(sender, people) if header.has(*_LIST_FIELDS, *_ORIGINALS) else ""
    if not name:
        return sender
    lists = {
        address.email
        for field in ("list-post", "x-beenthere")
        for address in read_leniently(header.first(field))
    }
    for original in _originals(header):
        return Address(email=original.email, name=original.name or name)
    named = [each for each in people.of("cc") if each.name.casefold() == name.casefold()]
    for candidates in (people.of("reply-to"), named, _decoded(sender)):
        found = [each for each in candidates if each.email not in lists | {sender.email}]
        if len(found) == 1:
            return Address(email=found[0].email, name=name)
    return Address(email=sender.email, name=name)


def _nameless(people: People) -> Address:
    """A mail whose From cannot be read is by whoever gets the answers; else only a name is known."""
    unread = people.unread.get("from", ("",))[0]
    return next(iter(people.of("reply-to")), Address(email="", name=unread.strip(' <>"')))


def _rewritten(sender: Address, people: People) -> str:
    """The author's name where a list put its own address into From; "" where it did not."""
    addressed = [*people.of("to"), *people.of("cc")]
    # The list must be a recipient too: then its address still counts among the mail's people, and nobody
    # outside can pass for a colleague by naming one in a field that no mail system checks.
    beside_list = sender.domain in {address.domain for address in addressed}
    if _HIDDEN.fullmatch(sender.email) and beside_list:
        return sender.name
    via = _VIA.match(sender.name)
    in_place = sender.email in {address.email for address in addressed}
    if via is None or not (in_place or (beside_list and _ENCODED.fullmatch(sender.email))):
        return ""
    return via.group("name").strip(" '\"")


def _originals(header: Header) -> Iterator[Address]:
    return (found for field in _ORIGINALS for found in read_leniently(header.first(field)))


def _decoded(sender: Address) -> tuple[Address, ...]:
    match = _ENCODED.fullmatch(sender.email)
    return (Address(email=f"{match['local']}@{match['domain']}"),) if match is not None else ()


def bystanders(people: People, sender: Address) -> tuple[Address, ...]:
    """Who else wrote a mail, sent it for somebody or had it sent on (RFC 5322 section 3.6.6)."""
    fields = (FURTHER, "sender", "resent-from", "resent-to", "resent-cc", "resent-bcc")
    others = (each for name in fields for each in people.of(name))
    return _others((*people.of("from")[1:], *others), people, sender)


def answers_to(people: People, sender: Address) -> tuple[Address, ...]:
    """Who gets the answers to a mail beside those named in it already (Reply-To)."""
    return _others(people.of("reply-to"), people, sender)


def _others(found: Iterable[Address], people: People, sender: Address) -> tuple[Address, ...]:
    known = {sender.email, *(each.email for each in (*people.of("to"), *people.of("cc")))}
    return tuple({each.email: each for each in found if each.email not in known}.values())
