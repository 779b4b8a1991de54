"""Which mails of a thread may be shown beyond those who got them: an aside to a few stays between them.

A thread is joined by what its mails answer, so a private answer to a public mail is in the thread too. The
gates look at the thread; this looks at each mail.
"""

from domain.mail import Automatic, Message
from router.addresses import is_robot, recipients_of
from router.facts import Facts

FEWEST = 3  # people whom a mail must reach; with fewer it is a word between two


def shared_messages(facts: Facts) -> tuple[Message, ...]:
    """The mails by people that were meant for the whole conversation, in its order.

    Where the conversation began on lists or groups, such a mail is addressed to all of these. Elsewhere it
    reaches at least three people, among them all who had written before it. In doubt it is an aside.
    """
    return tuple(message for message in _written(facts) if _is_shared(message, facts))


def _written(facts: Facts) -> list[Message]:
    return [message for message in facts.messages if message.automatic is Automatic.NO]


def _is_shared(message: Message, facts: Facts) -> bool:
    named = _named(message)
    begun_on = _named(facts.messages[0]) & facts.lists
    if begun_on:
        return begun_on <= named
    people = {email for email in named - facts.lists if email and not is_robot(email)}
    people.discard(facts.organisation.own_address)
    if len(people) < FEWEST and not named & facts.lists:
        return False
    return all(email in people or _gets(email, named, facts) for email in _earlier_authors(message, facts))


def _gets(email: str, named: set[str], facts: Facts) -> bool:
    """Whether somebody gets a mail through a group that it is addressed to."""
    return any(
        facts.is_member(email, group) and not named.isdisjoint(group.addresses) for group in facts.groups
    )


def _earlier_authors(message: Message, facts: Facts) -> set[str]:
    return {earlier.sender.email.lower() for earlier in _written(facts) if earlier.date < message.date}


def _named(message: Message) -> set[str]:
    return {address.email.lower() for address in (message.sender, *recipients_of(message))}
