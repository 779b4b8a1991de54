"""Whom our mails may go to: never machines (RFC 3834), lists, outsiders, ourselves, who opted out."""

import re
from collections.abc import Callable, Sequence

from domain.mail import Address, Automatic, Message, Thread
from domain.organisation import Group, Organisation
from router.addresses import is_robot, is_shared, list_addresses, mailbox, recipients_of

_SUPPRESS = frozenset({"all", "oof", "autoreply"})
# What may stand in an address that we write to; anything else could change the meaning of a header.
# Plain ASCII, for other addresses need SMTPUTF8 (RFC 6531) from every server on the way.
_PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}")


def why_not_answer(message: Message) -> str | None:
    """The reason why a message must not be answered (RFC 3834 section 2), or None where it may be."""
    return next((reason for forbids, reason in _REASONS if forbids(message)), None)


def may_answer(message: Message) -> bool:
    """Whether a message may be answered automatically."""
    return why_not_answer(message) is None


def redirect_recipients(
    thread: Thread, organisation: Organisation, groups: Sequence[Group], opted_out: frozenset[str]
) -> tuple[Address, ...]:
    """Who gets the redirect reply: internal people named one by one as author, To or Cc, in order, each once.

    Left out are lists, groups and other shared addresses, machines, outsiders, our own address, people who
    opted out, people who only had a blind copy and authors all of whose mails must not be answered.
    """
    excluded = {
        organisation.own_address,
        *list_addresses(thread, groups),
        *(email.lower() for email in opted_out),
        *_unanswerable(thread),
    }
    named: dict[str, Address] = {}
    for joined in thread.messages:
        for address in (joined.message.sender, *recipients_of(joined.message)):
            email = address.email.lower()
            owner = mailbox(email)
            if {email, owner} & excluded or not _is_person(email, organisation):
                continue
            known = named.get(owner)
            reached_as, name = (known.email, known.name) if known else (email, "")
            named[owner] = Address(email=reached_as, name=name or address.name)
    return tuple(named.values())


def _is_person(email: str, organisation: Organisation) -> bool:
    return (
        _PLAIN.fullmatch(email) is not None
        and organisation.is_internal(email)
        and not is_robot(email)
        and not is_shared(email)
    )


def _unanswerable(thread: Thread) -> set[str]:
    answerable: set[str] = set()
    written: set[str] = set()
    for joined in thread.messages:
        email = joined.message.sender.email.lower()
        written.add(email)
        if may_answer(joined.message):
            answerable.add(email)
    return written - answerable


def _words(value: str | None) -> set[str]:
    return {word.strip().lower() for word in (value or "").split(",")}


def _first_word(value: str | None) -> str:
    return (value or "").partition(";")[0].partition("(")[0].strip().lower()


# In the order in which they are told.
_REASONS: tuple[tuple[Callable[[Message], bool], str], ...] = (
    (lambda mail: mail.automatic is not Automatic.NO, "It was sent by a machine."),
    (
        lambda mail: _first_word(mail.header("auto-submitted")) not in ("", "no"),
        "It says that it was sent automatically (Auto-Submitted).",
    ),
    (
        lambda mail: bool(_words(mail.header("x-auto-response-suppress")) & _SUPPRESS),
        "It asks not to be answered automatically (X-Auto-Response-Suppress).",
    ),
    (
        lambda mail: _first_word(mail.header("precedence")) in ("bulk", "junk"),
        "It is bulk mail (Precedence).",
    ),
    (lambda mail: (mail.header("return-path") or "").strip() == "<>", "It has the null return path."),
    (lambda mail: not _PLAIN.fullmatch(mail.sender.email), "Its sender's address cannot be read."),
    (lambda mail: is_robot(mail.sender.email), "Its sender is a machine or list software."),
)
