"""What every client is given (Letter) and what it gives back (Body); no client's habits live here."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from unchain.demo.script import AttachmentScript, Person


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A name and an address as they stand in a header."""

    name: str
    email: str

    def __str__(self) -> str:
        """As clients show it in an attribution."""
        return f"{self.name} <{self.email}>" if self.name else self.email


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail about to be written by a client."""

    author: Person
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    subject: str
    sent_at: datetime  # aware, in the author's zone
    own_text: str
    parent: "Written | None" = None  # what it answers or forwards
    forward: bool = False
    quote: bool = True
    attachments: tuple[AttachmentScript, ...] = ()
    seed: str = ""  # unique and stable; clients make their ids and boundaries of it

    @property
    def sender(self) -> Mailbox:
        """The author's mailbox."""
        return Mailbox(name=self.author.name, email=self.author.email)

    @property
    def quoted(self) -> "Written | None":
        """The mail whose text goes below, if any."""
        return self.parent if self.quote else None


@dataclass(frozen=True, kw_only=True)
class Body:
    """The text as the client shows it, and how it is put on the wire."""

    text: str  # whole, quotes and signature included, LF
    html: str | None = None  # inner HTML of the body element
    charset: str = "utf-8"
    encoding: str = "quoted-printable"  # of both texts
    text_parameters: str = ""  # behind the charset, as "; format=flowed"
    extra_parts: tuple[bytes, ...] = ()  # whole further alternatives, CRLF, header and body
    headers: tuple[tuple[str, str], ...] = field(default=())  # X-Mailer and the like


@dataclass(frozen=True, kw_only=True)
class Written:
    """A letter with its body: what the next client quotes."""

    letter: Letter
    body: Body
    message_id: str | None  # None where a broken client wrote none
    references: tuple[str, ...]  # oldest first, without itself


class Client(Protocol):
    """A mail program."""

    reply_prefix: str
    forward_prefix: str

    def message_id(self, letter: Letter) -> str:
        """A Message-ID without its brackets, in the client's manner."""
        ...

    def write(self, letter: Letter) -> Body:
        """The letter's text with signature and quotes, as this client lays it out."""
        ...
