"""Everything that conditions and gates look at, gathered once from a thread and its classification.

Decides nothing. Our own mails in a thread do not count; nor does our own address.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.classification import Classification
from domain.mail import Address, Message, Thread
from domain.organisation import Group, Organisation
from router.addresses import (
    bare_list_id,
    is_robot,
    list_addresses,
    mailbox,
    quoted_domains,
    recipients_of,
)
from router.commands import Command, recognise


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A thread as the rules see it. Addresses are lower case, without our own."""

    thread_id: str
    classification: Classification
    organisation: Organisation
    groups: tuple[Group, ...]
    messages: tuple[Message, ...]  # in the conversation's order, without our own mails
    subjects: tuple[str, ...]  # each once: the thread's, then those of its messages
    authors: tuple[str, ...]  # in order of first appearance, "" for authors that could not be read
    recipients: frozenset[str]  # To and Cc
    people: frozenset[str]  # authors and recipients named one by one: no lists, no robots
    hidden: bool  # whether somebody had a blind copy
    lists: frozenset[str]  # list and group addresses and bare List-Ids it was sent to
    outsiders: frozenset[str]  # addresses that are not internal, blind copies too
    quotes_outsiders: bool  # a mail from outside is quoted or forwarded in it
    opted_out: frozenset[str]  # participants who do not want to be moved
    vetoed: bool  # somebody said KEEP IN MAIL
    now: datetime  # aware

    @property
    def starter(self) -> str:
        """Who wrote the first message; "" where unknown."""
        return self.authors[0] if self.authors else ""

    @property
    def bystanders(self) -> frozenset[str]:
        """Further authors, those who sent it for somebody, and those it was sent on to; no machines."""
        return _bystanders(self.messages) - {self.organisation.own_address}

    @property
    def unread(self) -> tuple[str, ...]:
        """The fields that name somebody whose address cannot be read."""
        return tuple(dict.fromkeys(field for each in self.messages for field in each.stray_people))

    @property
    def internal(self) -> bool:
        """Whether every participant is known and internal."""
        return not (self.outsiders or self.unread or "" in self.authors)

    @property
    def addressed_groups(self) -> tuple[Group, ...]:
        """The configured groups whose list address was among the recipients."""
        return tuple(group for group in self.groups if self.lists.intersection(group.addresses))

    @property
    def reaches_everyone(self) -> bool:
        """Whether it was sent to a group that stands for all internal people."""
        return any(group.everyone for group in self.addressed_groups)

    @property
    def participants(self) -> frozenset[str]:
        """The people named and the members of the groups addressed."""
        members = (member for group in self.addressed_groups for member in group.members)
        return self.people.union(members)

    def group(self, name: str) -> Group | None:
        """The configured group of that name."""
        return next((group for group in self.groups if group.name == name), None)

    def is_member(self, email: str, group: Group) -> bool:
        """Whether an address belongs to a group's people."""
        return _belongs(email, group, self.organisation)


def facts_of(
    thread: Thread,
    classification: Classification,
    *,
    organisation: Organisation,
    groups: Sequence[Group],
    opted_out: frozenset[str],
    now: datetime,
    vetoed: bool = False,
    reached: frozenset[str] = frozenset(),
) -> Facts:
    """Gather the facts; `opted_out` may hold everybody who opted out, `vetoed` is a veto kept elsewhere.

    `reached` are further addresses that got a mail of it: a blind recipient's copy may come on its own.
    """
    messages = _not_ours(thread, organisation)
    authors = tuple(dict.fromkeys(message.sender.email.lower() for message in messages))
    lists = _lists(thread, groups, authors)
    recipients = _received(messages) - {organisation.own_address}
    named = recipients.union(authors) - lists - {""}
    blind = _emails(address for message in messages for address in message.bcc)
    copied = frozenset(email.lower() for email in reached) - recipients.union(authors) - blind
    return Facts(
        thread_id=thread.id,
        classification=classification,
        organisation=organisation,
        groups=tuple(groups),
        messages=messages,
        subjects=_subjects(thread, messages),
        authors=authors,
        recipients=recipients,
        people=_persons_of(named),
        hidden=_hides(messages, copied, groups, organisation),
        lists=lists | {bare_list_id(each.list_id) for each in messages if each.list_id},
        outsiders=_outside(_told(messages) | copied, groups, organisation),
        quotes_outsiders=_quotes_outsiders(messages, groups, organisation),
        opted_out=_unwilling(named | _bystanders(messages), opted_out),
        vetoed=vetoed or any(recognise(message.own_words) is Command.KEEP for message in messages),
        now=now,
    )


def _not_ours(thread: Thread, organisation: Organisation) -> tuple[Message, ...]:
    messages = (joined.message for joined in thread.messages)
    return tuple(each for each in messages if each.sender.email.lower() != organisation.own_address)


def _received(messages: Iterable[Message]) -> frozenset[str]:
    return _emails(address for message in messages for address in recipients_of(message))


def _told(messages: Iterable[Message]) -> frozenset[str]:
    """Those who wrote, sent, received, seen or blind, or get the answers."""
    others = _bystanders(messages).union(_persons(each.answers_to for each in messages))
    return others.union(*(_emails((each.sender, *recipients_of(each), *each.bcc)) for each in messages))


def _bystanders(messages: Iterable[Message]) -> frozenset[str]:
    return _persons(each.bystanders for each in messages)


def _lists(thread: Thread, groups: Sequence[Group], authors: Iterable[str]) -> frozenset[str]:
    # Who writes is a person, whatever a header says: nobody can make a list of a colleague.
    return list_addresses(thread, groups) - (frozenset(authors) - _group_addresses(groups))


def _unwilling(people: frozenset[str], opted_out: frozenset[str]) -> frozenset[str]:
    unwilling = frozenset(email.lower() for email in opted_out)
    return frozenset(email for email in people if {email, mailbox(email)} & unwilling)


def _hides(
    messages: Sequence[Message],
    copied: frozenset[str],
    groups: Sequence[Group],
    organisation: Organisation,
) -> bool:
    """Whether a mail had a blind recipient, or `copied` got one without being named."""
    return _are_blind(copied, messages, groups, organisation) or any(
        _has_blind_copy(message, groups, organisation) for message in messages
    )


def _outside(emails: frozenset[str], groups: Sequence[Group], organisation: Organisation) -> frozenset[str]:
    """Those that are not internal; a configured list may have an address at another domain."""
    foreign = emails - _group_addresses(groups) - {organisation.own_address, ""}
    return frozenset(email for email in foreign if not organisation.is_internal(email))


def _group_addresses(groups: Sequence[Group]) -> frozenset[str]:
    return frozenset(address for group in groups for address in group.addresses)


def _quotes_outsiders(
    messages: Sequence[Message], groups: Sequence[Group], organisation: Organisation
) -> bool:
    known = {email.rpartition("@")[2] for email in _group_addresses(groups)}
    domains = {domain for message in messages for domain in quoted_domains(message)} - known
    return any(not organisation.is_internal(f"@{domain}") for domain in domains)


def _subjects(thread: Thread, messages: Iterable[Message]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((thread.subject, *(message.subject for message in messages))))


def _persons(fields: Iterable[Iterable[Address]]) -> frozenset[str]:
    """The addresses in fields that also machines fill in, without machines' own."""
    return _persons_of(_emails(address for each in fields for address in each))


def _persons_of(emails: Iterable[str]) -> frozenset[str]:
    return frozenset(email for email in emails if not is_robot(email))


def _emails(addresses: Iterable[Address]) -> frozenset[str]:
    return frozenset(address.email.lower() for address in addresses if address.email)


def _has_blind_copy(message: Message, groups: Sequence[Group], organisation: Organisation) -> bool:
    """Whether somebody got it unseen."""
    seen = (message.sender, *recipients_of(message))  # many clients copy their own user blind
    hidden = _emails(message.bcc) - _emails(seen)
    return _are_blind(hidden, (message,), groups, organisation)


def _are_blind(
    emails: frozenset[str],
    messages: Sequence[Message],
    groups: Sequence[Group],
    organisation: Organisation,
) -> bool:
    """Whether any of these addresses, which no To or Cc holds, was not reached by a list or group."""
    if any(message.list_id for message in messages):
        return False
    visible = _received(messages)
    addressed = [group for group in groups if visible.intersection(group.addresses)]
    return any(
        not any(_belongs(email, group, organisation) for group in addressed)
        for email in emails - {organisation.own_address, ""}
    )


def _belongs(email: str, group: Group, organisation: Organisation) -> bool:
    return organisation.is_internal(email) if group.everyone else email in group.members
