"""Which mails of a thread may be shown beyond those who got them: an aside to a few stays between them.

A thread is joined by what its mails answer, so a private answer to a public mail is in the thread too. The
gates look at the thread; this looks at each mail.
"""

from collections.abc import Collection

from domain.mail import Automatic, Message
from router.addresses import declared_lists, is_robot, mailbox, recipients_of
from router.facts import Facts

FEWEST = 3  # people whom a mail must reach; with fewer it is a word between two


def shared_messages(facts: Facts) -> tuple[Message, ...]:
    """The mails by people that were meant for the whole conversation, in its order.

    Where the conversation began on lists or groups, such a mail is addressed to all of these. Elsewhere it
    reaches at least three people, among them all whose mails stand before it. In doubt it is an aside.
    """
    begun_on = _lists_of(facts.messages[0], facts) if facts.messages else set()
    shared: list[Message] = []
    before: set[str] = set()  # by the conversation's order and not by dates: clocks are wrong
    for message in facts.messages:
        if message.automatic is Automatic.NO:
            if _is_shared(message, facts, begun_on, before):
                shared.append(message)
            before.add(message.sender.email.lower())
    return tuple(shared)


def _is_shared(message: Message, facts: Facts, begun_on: set[str], before: Collection[str]) -> bool:
    named, lists = _named(message), _lists_of(message, facts)
    if begun_on:
        return begun_on <= lists
    people = {mailbox(email) for email in named - facts.lists if email and not is_robot(email)}
    people.discard(facts.organisation.own_address)
    if len(people) < FEWEST and not lists:
        return False
    return all(mailbox(email) in people or _gets(email, named, facts) for email in before)


def _lists_of(message: Message, facts: Facts) -> set[str]:
    """The lists that a mail is addressed to: groups, and what its own header says is a list.

    What the header of another mail says proves nothing of this one.
    """
    groups = {address for group in facts.groups for address in group.addresses}
    return _named(message) & facts.lists & (groups | declared_lists(message))


def _gets(email: str, named: set[str], facts: Facts) -> bool:
    """Whether somebody gets a mail through a group that it is addressed to."""
    return any(
        facts.is_member(email, group) and not named.isdisjoint(group.addresses) for group in facts.groups
    )


def _named(message: Message) -> set[str]:
    return {address.email.lower() for address in (message.sender, *recipients_of(message))}
