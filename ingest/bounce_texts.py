"""Whom the plain words of a delivery report name: qmail, Exim, Exchange, Notes, Yahoo, gateways and others.

There is no form that all share. An address that begins a line names a recipient more surely than one in a
sentence, and what stands below the announcement of the returned mail names nobody.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from domain.mail import Address
from ingest.automatic_phrases import phrases_of, plain
from ingest.automatic_senders import is_mail_system, is_robot

_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:|\\@]{1,64}@[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,8}")
_BRACKETED = re.compile(r"[\s*>\-•·]{0,20}<[^<>\s@]{1,64}@[^<>\s]{1,255}>")
_LABEL = r"(?:failed |final |original |undeliverable )?(?:recipients?|address|user|empfänger|destinataires?)"
_BEFORE_ADDRESS = re.compile(
    rf"[\s*>\-•·|\"'<(.\[]{{0,40}}(?:(?:{_LABEL}|rcpt to|smtp|mailto|rfc822)\s?[:;]\s{{0,4}}[<\"']?)?",
    re.IGNORECASE,
)
# Fields of the lost mail in the report's words: whom it was addressed to, not always whom it missed.
_FIELD = re.compile(
    r"[\s*>|]{0,20}(?:from|to|cc|bcc|sender|reply-to|de|à|von|an|para|da|a|van|aan|från|till|fra|til|od|do|от|кому)\s?:",
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(
    r"(?:> ?)?(?:return-path|received|message-id|mime-version|x-mailer|dkim-signature)\s?:", re.IGNORECASE
)
_LONGEST = 20_000
_MOST_LINES = 400
_MOST = 100
_REASON = 700  # characters behind an address in which its reason stands


@dataclass(frozen=True, kw_only=True)
class Told:
    """A recipient that the words name, with what is said of it."""

    email: str
    reason: str


def named_in(text: str, failed: tuple[str, ...], people: Iterable[Address]) -> tuple[Told, ...]:
    """Recipients that a report in plain words names; `failed` are known already, `people` wrote or got it."""
    said = _before_returned(text[:_LONGEST])
    own = {address.email for address in people}
    emails = failed or _named(said, own) or _named(text[:_LONGEST], own)
    return tuple(Told(email=email, reason=_reason(said, email, len(emails))) for email in emails)


def _named(said: str, own: set[str]) -> tuple[str, ...]:
    """The most surely named ones, each once; the report's own people only where nobody else is."""
    tiers: tuple[list[str], ...] = ([], [], [], [])
    for tier, email in _found(said):
        if not _is_servers(email):
            tiers[tier].append(email)
    for strangers in (True, False):
        for tier_emails in tiers:
            kept = dict.fromkeys(email for email in tier_emails if (email not in own) is strangers)
            if kept:
                return tuple(kept)[:_MOST]
    return ()


def _found(said: str) -> Iterator[tuple[int, str]]:
    for line in (whole[:1_000] for whole in said.splitlines()[:_MOST_LINES]):
        if "@" not in line:
            continue
        start = _BEFORE_ADDRESS.match(line)
        begins = start.end() if start is not None else 0
        for match in _ADDRESS.finditer(line):
            if line[match.end() : match.end() + 1] == "?":
                continue  # a link by which to write to somebody
            email = match.group().rpartition("=")[2].strip(".*'`").lower()
            yield _tier(line, match, begins), email


def _tier(line: str, match: re.Match[str], begins: int) -> int:
    """How surely an address in a line is a recipient's, 0 the surest."""
    if _BRACKETED.match(line) is not None and match.start() <= 24:
        return 0
    if match.start() == begins:
        return 1
    return 3 if _FIELD.match(line) is not None else 2


def _is_servers(email: str) -> bool:
    address = Address(email=email)
    return (
        "@" not in email
        or is_mail_system(address)
        or is_robot(address)
        or email.startswith(("abuse@", "helpdesk@", "support@"))
    )


def _before_returned(text: str) -> str:
    """The text above the mail that comes back."""
    lines = text.splitlines()
    markers = phrases_of("returned")
    for number, line in enumerate(lines):
        if _HEADER_LINE.match(line) or (number and any(marker in plain(line[:200]) for marker in markers)):
            return "\n".join(lines[:number])
    return text


def _reason(said: str, email: str, recipients: int) -> str:
    """What is said of an address: behind it, or anywhere where it is the only one."""
    position = max(said.lower().find(email), 0)
    behind = said[position : position + _REASON]
    return behind if recipients > 1 else f"{behind}\n{said[:2_000]}"
