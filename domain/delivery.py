"""What has become of an accepted mail, recipient by recipient."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryState(StrEnum):
    """State of one recipient of one mail."""

    QUEUED = "queued"  # not yet handed on
    DELIVERED = "delivered"  # the next hop has taken it
    BOUNCED = "bounced"  # refused for good or expired; the sender has been told
    OURS = "ours"  # addressed to Unchain itself


@dataclass(frozen=True, kw_only=True)
class Consignment:
    """An accepted mail with the recipients that still wait for it."""

    raw_id: int
    content: bytes
    mail_from: str
    waiting: tuple[str, ...]  # addresses
    received_at: datetime
    peer: str = ""  # who handed it over, for our Received line
    protocol: str = "SMTP"  # RFC 3848
    source: str = ""  # as of RawMail; "unchain" for our own mails
    delay_told: bool = False  # whether its sender has heard that it is late


# Full mailboxes, sizes, contents, policies and broken systems (RFC 3463 section 3): another mail may pass.
_OF_THE_MAIL = ("5.2.2", "5.2.3", "5.2.4", "5.3.", "5.6.", "5.7.")


def concerns_address(status: str) -> bool:
    """Whether what failed for good lies with the address and not with this one mail; "" is no status."""
    return not status or (status.startswith("5.") and not status.startswith(_OF_THE_MAIL))


@dataclass(frozen=True, kw_only=True)
class Balance:
    """Promise 1 in figures, counted in recipients: accepted = delivered + queued + bounced + ours."""

    mails: int
    accepted: int
    delivered: int
    queued: int
    bounced: int
    ours: int
    unprocessed: int  # mails not yet read
    set_aside: int  # mails that could not be analysed

    @property
    def holds(self) -> bool:
        """Whether nothing is missing and nothing is there twice."""
        return self.accepted == self.delivered + self.queued + self.bounced + self.ours
