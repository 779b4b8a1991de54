"""What of a mail, besides its header fields, tells machines from people."""

from dataclasses import dataclass
from functools import cached_property

from domain.mail import Address, TextPart
from ingest.automatic_texts import opening

# The types of the part that holds the mail which a report is about.
RETURNED = frozenset(
    {
        "message/rfc822",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/partial",
        "message/global",
        "message/global-headers",
    }
)


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What of a mail, besides its header, tells machines from people."""

    sender: Address
    recipients: frozenset[str]  # addresses in To and Cc
    subject: str
    content_type: str  # of the whole mail
    report_type: str  # of multipart/report, lower case, "" elsewhere
    null_sender: bool  # its envelope sender is known to be empty
    part_types: frozenset[str]  # content types of its parts
    is_reply: bool
    parts: tuple[TextPart, ...]  # its text

    @cached_property
    def opening(self) -> str:
        """The beginning of its whole text, as phrases are written."""
        return opening(self.parts)
