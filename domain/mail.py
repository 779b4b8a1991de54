"""A mail before and after reading: RawMail as it came in, Message as it was understood."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SIGNATURE_TYPES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)


@dataclass(frozen=True, kw_only=True)
class RawMail:
    """Bytes, envelope and source of a mail as received (RFC 5321 section 2.3.1)."""

    content: bytes  # byte for byte as it came, CRLF or LF
    mail_from: str  # envelope sender; "" is the null reverse-path
    rcpt_to: tuple[str, ...]  # envelope recipients; empty for archives
    source: str  # smtp, lmtp, journal, imap, mbox, maildir, eml; "unchain" for our own mails
    received_at: datetime  # aware
    peer: str = ""  # who handed it over, as our Received line names it: "client.example ([192.0.2.7])"
    protocol: str = "SMTP"  # SMTP, ESMTP, ESMTPS, LMTP … (RFC 3848), for our Received line


@dataclass(frozen=True, kw_only=True)
class Address:
    """A mailbox (RFC 5322 section 3.4)."""

    email: str  # lower case, "" where none could be read
    name: str = ""  # display name, decoded

    @property
    def domain(self) -> str:
        """The part behind the last @, lower case."""
        return self.email.rpartition("@")[2].lower()

    @property
    def label(self) -> str:
        """What to show of this person: the display name or the local part, never the whole address."""
        return self.name or self.email.partition("@")[0]


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A part that is not body text; its bytes stay in the raw mail."""

    name: str  # decoded file name, never a path
    content_type: str
    size: int  # bytes, decoded
    inline: bool = False  # shown in the text, or only a signature of it

    @property
    def is_signature(self) -> bool:
        """Whether it only signs the text (RFC 1847)."""
        return self.content_type in SIGNATURE_TYPES


class Trim(StrEnum):
    """Why a piece of a mail's text is not the author's own words now."""

    QUOTE = "quote"  # earlier mails' text
    ATTRIBUTION = "attribution"  # "On … wrote:"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    FOOTER = "footer"  # list footers
    DEVICE = "device"  # "Sent from my …"
    FORWARDED = "forwarded"  # a forwarded mail's text


@dataclass(frozen=True, kw_only=True)
class TextPart:
    """A run of lines of a mail's text, in order; `trim` is None for own words."""

    text: str
    trim: Trim | None = None


class Automatic(StrEnum):
    """Kind of automatic mail (RFC 3834, RFC 3464, RFC 2919); NO is a person."""

    NO = "no"
    AUTO_REPLY = "auto-reply"  # out of office and the like
    BOUNCE = "bounce"  # delivery status
    REPORT = "report"  # disposition notification, feedback report
    ROBOT = "robot"  # tickets, alerts, calendars, no-reply senders
    BULK = "bulk"  # newsletters, marketing


@dataclass(frozen=True, kw_only=True)
class Forwarded:
    """A mail that a mail passes on, as far as its header can be read in the text or the attached message."""

    sender: Address  # its author; email "" where only a name stands there
    date: datetime | None = None  # aware; None where it cannot be read
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class BouncedRecipient:
    """Somebody whom a mail did not reach, or not yet, as a delivery report tells (RFC 3464, RFC 3463)."""

    email: str  # final recipient, lower case
    status: str = ""  # enhanced status code such as 5.1.1, "" where none is given
    permanent: bool = False  # it never will reach them; otherwise it is delayed, or may pass another time
    action: str = ""  # failed or delayed; "" where not given
    diagnostic: str = ""  # what the other mail system said


@dataclass(frozen=True, kw_only=True)
class Message:
    """A parsed mail. Ids are without angle brackets; text is decoded and has LF line ends."""

    message_id: str | None  # None where missing: such mails are never merged
    digest: str  # sha256 hex of the raw content
    subject: str  # decoded, unfolded
    sender: Address  # the author (behind list rewriting, where it can be known)
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()  # envelope recipients in neither To nor Cc
    bystanders: tuple[Address, ...] = ()  # further authors, Sender and the Resent fields; in no field above
    answers_to: tuple[Address, ...] = ()  # Reply-To, but for those in a field above
    date: datetime  # aware; the time of receipt where the mail has none
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # oldest first
    own_words: str = ""  # the author's own text
    parts: tuple[TextPart, ...] = ()  # the whole text in order, own words and trimmed
    attachments: tuple[Attachment, ...] = ()
    automatic: Automatic = Automatic.NO
    bounced: tuple[BouncedRecipient, ...] = ()  # of a delivery report
    returned_id: str | None = None  # Message-ID of the mail that a report is about
    list_id: str | None = None  # RFC 2919
    headers: tuple[tuple[str, str], ...] = ()  # lower-case name and decoded value, as they came, in order
    sensitivity: tuple[str, ...] = ()  # labels found (RFC 4021 Sensitivity, MSIP …), lower case
    encrypted: bool = False
    signed: bool = False
    forwarded: tuple[Forwarded, ...] = ()  # mails passed on in it, the outermost first
    stray_people: tuple[str, ...] = ()  # fields that name somebody whose address cannot be read, lower case
    defects: tuple[str, ...] = ()  # what was wrong with it, in sentences

    @property
    def trimmed(self) -> str:
        """The text that is not own words, in order."""
        return "\n".join(part.text for part in self.parts if part.trim is not None)

    @property
    def is_reply(self) -> bool:
        """Whether it names a mail that it answers."""
        return bool(self.in_reply_to or self.references)

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)


class Joined(StrEnum):
    """How a message came into its thread."""

    FIRST = "first"  # it started the thread
    REFERENCE = "reference"  # Message-ID, In-Reply-To or References
    SUBJECT = "subject"  # same subject, people and time, references missing
    MANUAL = "manual"  # an admin said so


@dataclass(frozen=True, kw_only=True)
class ThreadMessage:
    """A message and how it joined."""

    message: Message
    joined: Joined


@dataclass(frozen=True, kw_only=True)
class Thread:
    """The messages of one conversation, in the conversation's order (parents before answers)."""

    id: str  # opaque, unguessable
    subject: str  # of the first message, without Re: and the like
    messages: tuple[ThreadMessage, ...]
    moved_to: tuple[str, ...] = ()  # names of the spaces it has moved to

    @property
    def authors(self) -> tuple[Address, ...]:
        """Who wrote, each once, in order of first appearance."""
        first: dict[str, Address] = {}
        for joined in self.messages:
            first.setdefault(joined.message.sender.email, joined.message.sender)
        return tuple(first.values())

    @property
    def addresses(self) -> frozenset[str]:
        """Every address that wrote or received, Bcc too."""
        return frozenset(
            address.email
            for joined in self.messages
            for address in (
                joined.message.sender,
                *joined.message.to,
                *joined.message.cc,
                *joined.message.bcc,
            )
            if address.email
        )
