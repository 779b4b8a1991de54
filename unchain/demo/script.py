"""The nouns of the demo's company: its people, lists and the mails they write, as its files hold them.

A script says who writes what to whom and when; how a mail looks on the wire is the business of `clients/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from pydantic import ConfigDict

from domain.classification import Kind

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who writes; outsiders have no office."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    key: str  # how scripts name them
    name: str
    email: str
    office: str = ""  # Québec, Toronto, Moncton; "" outside the company
    language: str  # of their mail client: "en" or "fr"
    client: str  # name in clients/registry.py
    signature: str = ""
    disclaimer: str = ""  # below the signature, where their office demands one
    utc_offset: float = -5.0  # hours; the office's standard time


@dataclass(frozen=True, kw_only=True)
class MailList:
    """A list address and the people whom it reaches."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    key: str
    name: str
    email: str
    group: str  # name of the config's group


@dataclass(frozen=True, kw_only=True)
class Group:
    """People who belong together; `everyone` for all of the company."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: str
    members: tuple[str, ...] = ()  # keys of people
    everyone: bool = False


@dataclass(frozen=True, kw_only=True)
class AttachmentScript:
    """A small file to make and attach."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: str  # its ending says what is made: csv, txt, pdf, png, ics
    text: str = ""  # for csv, txt, pdf
    values: tuple[float, ...] = ()  # for png: the bars of a chart


@dataclass(frozen=True, kw_only=True)
class MailScript:
    """One mail as its author wrote it, before any client shaped it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    by: str  # key of a person
    at: str  # "DAY HH:MM": day 0 is the first Monday, time of the Québec office
    text: str  # own words; lines that begin with "> " are quoted by hand
    to: tuple[str, ...] = ()  # keys of people and lists; empty in a reply: reply to all
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: int | None = None  # index in the thread; default: the mail before
    subject: str = ""  # where it differs from the thread's
    client: str = ""  # where it differs from the author's usual one
    forward: bool = False  # a forward of the mail before
    quote: bool = True  # whether the client quotes the mail that is answered
    attachments: tuple[AttachmentScript, ...] = ()
    broken: tuple[str, ...] = ()  # names in broken.py
    headers: Mapping[str, str] = field(default_factory=dict)  # further ones, ASCII
    envelope_from: str | None = None  # where it is not the author's address; "" is the null reverse-path


@dataclass(frozen=True, kw_only=True)
class ThreadScript:
    """A conversation and what its authors expect of Unchain."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    id: str
    subject: str
    kind: Kind
    language: str  # en, fr or mixed
    moves: bool = False  # whether it should end in a space
    sensitive: bool = False
    stays_for: str = ""  # why it should stay, where its kind alone would let it move
    mails: tuple[MailScript, ...]


@dataclass(frozen=True, kw_only=True)
class Company:
    """The whole cast and everything they write."""

    name: str
    domain: str
    people: tuple[Person, ...]
    lists: tuple[MailList, ...]
    groups: tuple[Group, ...]
    threads: tuple[ThreadScript, ...]

    def person(self, key: str) -> Person:
        """The person of that key. Raises KeyError."""
        return {person.key: person for person in self.people}[key]

    @property
    def staff(self) -> tuple[Person, ...]:
        """The people of the company itself, robots and outsiders left out."""
        return tuple(person for person in self.people if person.office)


@dataclass(frozen=True, kw_only=True)
class DemoMail:
    """A mail ready to be sent, and what is expected of it."""

    mail_from: str  # envelope sender
    rcpt_to: tuple[str, ...]  # envelope recipients
    content: bytes  # CRLF line ends
    thread: str  # id of the thread script it belongs to
    index: int  # place in the thread, from 0
    sent_at: datetime
    client: str
