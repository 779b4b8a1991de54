"""The gates before any rule, and whether a space's readers may see a thread. Everything fails closed.

A gate that is shut keeps the thread in the mail whatever the rules say. Sentences name no participant.
"""

from collections.abc import Callable

from domain.decision import TrailStep
from domain.labels import is_open
from domain.mail import Automatic, Message
from domain.organisation import Group
from domain.space import Space
from router.addresses import mailbox
from router.asides import shared_messages
from router.conditions.base import Match
from router.facts import Facts
from router.wording import contains_words, fold

# Words that make a signed mail confidential where it carries no label.
CONFIDENTIAL_WORDS = (
    "confidential",
    "confidentiel",
    "confidentielle",
    "confidentiels",
    "confidentielles",
    "do not forward",
    "do not distribute",
    "not for distribution",
    "for your eyes only",
    "ne pas diffuser",
    "ne pas transférer",
    "ne pas faire suivre",
    "diffusion restreinte",
    "sous le sceau du secret",
    "privileged",
)


def gates(facts: Facts) -> tuple[TrailStep, ...]:
    """Every gate as a step; one that has not passed keeps the thread in the mail."""
    matches = ((name, gate(facts)) for name, gate in GATES.items())
    return tuple(
        TrailStep(name=f"gate: {name}", passed=match.passed, sentence=match.sentence)
        for name, match in matches
    )


def admits(space: Space, facts: Facts) -> TrailStep:
    """Whether a space's readers may see the thread and its participants can read the space.

    everyone: yes, once the gates are passed. participants: yes. group:NAME: only where all who wrote or
    received, list members too, belong to that group. Any other audience: no.
    """
    match = _admits(space, facts)
    return TrailStep(name=f"audience: {space.name}", passed=match.passed, sentence=match.sentence)


def _admits(space: Space, facts: Facts) -> Match:
    title = space.title or space.name
    if not facts.internal:
        outside = _shut("Somebody from outside takes part, so no space may show it.")
        return _unread_people(facts) if facts.unread else outside
    if space.audience == "everyone":
        return _open(f"Everyone at {facts.organisation.name} may read “{title}”.")
    if space.audience == "participants":
        return _open(f"Only the participants may read it in “{title}”.")
    kind, _, name = space.audience.partition(":")
    group = facts.group(name) if kind == "group" else None
    if group is None:
        return _shut(f"The audience “{space.audience}” of “{title}” is not known.")
    if _all_belong(facts, group):
        return _open(f"All participants belong to the group “{name}”, which reads “{title}”.")
    return _shut(f"Not all participants are known to belong to the group “{name}”, which reads “{title}”.")


def _all_belong(facts: Facts, group: Group) -> bool:
    if group.everyone:
        return True
    if facts.reaches_everyone or _unknown_lists(facts):
        return False
    return all(email in group.members for email in facts.participants | facts.bystanders)


def _unknown_lists(facts: Facts) -> frozenset[str]:
    """Lists whose members nobody has told us."""
    known = {address for group in facts.groups if group.members for address in group.addresses}
    return facts.lists - known - {address.replace("@", ".") for address in known}


def _open(sentence: str) -> Match:
    return Match(passed=True, sentence=sentence)


def _shut(sentence: str) -> Match:
    return Match(passed=False, sentence=sentence)


def _content(facts: Facts) -> Match:
    if not facts.messages:
        return _shut("There is no mail by a person in it.")
    if not any(message.own_words.strip() for message in facts.messages):
        return _shut("Nobody wrote any words of their own in it.")
    return _open("It has words to publish.")


def _sensitive(facts: Facts) -> Match:
    said = facts.classification
    if not said.sensitive and not said.sensitive_hits:
        return _open("The sensitive gate found nothing.")
    reasons = ", ".join(dict.fromkeys(hit.reason for hit in said.sensitive_hits)) or "classifier"
    return _shut(f"It is sensitive ({reasons}).")


def _label(facts: Facts) -> Match:
    labels = {label for message in facts.messages for label in message.sensitivity}
    closed = sorted(fold(label) for label in labels if not is_open(label))
    if closed:
        return _shut(f"A mail carries the sensitivity label {closed[0][:60]}.")
    return _open("No mail carries a sensitivity label that restricts it.")


def _encrypted(facts: Facts) -> Match:
    if any(message.encrypted for message in facts.messages):
        return _shut("A mail is encrypted.")
    return _open("No mail is encrypted.")


def _signed_confidential(facts: Facts) -> Match:
    if any(message.signed and _is_confidential(message) for message in facts.messages):
        return _shut("A signed mail says that it is confidential.")
    return _open("No signed mail says that it is confidential.")


def _is_confidential(message: Message) -> bool:
    text = f"{message.subject}\n{message.own_words[:20_000]}"
    return contains_words(text, CONFIDENTIAL_WORDS) is not None


def _automatic(facts: Facts) -> Match:
    if all(message.automatic is not Automatic.NO for message in facts.messages):
        return _shut("Only machines wrote in it.")
    return _open("A person wrote in it.")


def _unread_people(facts: Facts) -> Match:
    if facts.unread:
        field = facts.unread[0].title()
        return _shut(f"A mail names somebody in {field} whose address cannot be read.")
    return _open("The address of everybody named in a mail can be read.")


def _outsiders(facts: Facts) -> Match:
    if "" in facts.authors:
        return _shut("The sender of a mail could not be read, so nobody knows whether they are internal.")
    if facts.outsiders:
        return _shut("Somebody from outside wrote or received.")
    return _open("Only internal people wrote and received.")


def _quoted_outsiders(facts: Facts) -> Match:
    if facts.quotes_outsiders:
        return _shut("It quotes or forwards a mail from outside.")
    return _open("It quotes no mail from outside.")


def _blind_copy(facts: Facts) -> Match:
    if facts.hidden:
        return _shut("Somebody had a blind copy (Bcc).")
    return _open("Nobody had a blind copy (Bcc).")


def _two_people(facts: Facts) -> Match:
    if facts.lists:
        return _open("It was sent to a list or group.")
    number = len({mailbox(email) for email in facts.people})
    if number <= 2:
        return _shut("It is between two people.")
    return _open(f"{number} people take part.")


def _opted_out(facts: Facts) -> Match:
    if facts.opted_out:
        return _shut("A participant has opted out.")
    return _open("No participant has opted out.")


def _vetoed(facts: Facts) -> Match:
    if facts.vetoed:
        return _shut("A participant wants it kept in the mail.")
    return _open("No participant asked to keep it in the mail.")


def _asides(facts: Facts) -> Match:
    if not any(message.own_words.strip() for message in shared_messages(facts)):
        return _shut("No mail in it was meant for the whole conversation.")
    return _open("It has mails that were meant for the whole conversation.")


GATES: dict[str, Callable[[Facts], Match]] = {
    "content": _content,
    "sensitive": _sensitive,
    "sensitivity label": _label,
    "encrypted": _encrypted,
    "signed and confidential": _signed_confidential,
    "automatic": _automatic,
    "outsiders": _outsiders,
    "unread people": _unread_people,
    "quoted outsiders": _quoted_outsiders,
    "blind copy": _blind_copy,
    "two people": _two_people,
    "opted out": _opted_out,
    "vetoed": _vetoed,
    "asides": _asides,
}
