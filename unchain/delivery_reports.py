"""What senders are told of mails that were given up or are late (RFC 3464), ready to be accepted as ours.

Which of it is told, and that it is told once, is for those who hold the mail's job.
"""

from collections.abc import Mapping
from datetime import datetime

from connectors.dsn import Action, Reporter, compose_dsn
from connectors.smtp_connection import RecipientResult
from domain.delivery import Consignment
from domain.mail import RawMail
from store import mails


def of_failure(
    consignment: Consignment, failures: Mapping[str, RecipientResult], reporter: Reporter, now: datetime
) -> RawMail:
    """The notification that a mail will not reach these recipients."""
    content = compose_dsn(
        original=consignment.content,
        mail_from=consignment.mail_from,
        failures=failures,
        reporter=reporter,
        arrived_at=consignment.received_at,
        now=now,
        message_id=f"dsn.{consignment.raw_id}.{now:%Y%m%d%H%M%S%f}@{reporter.hostname}",
    )
    return _to_sender(consignment, content, now)


def of_delay(
    consignment: Consignment,
    waiting: Mapping[str, RecipientResult],
    reporter: Reporter,
    now: datetime,
    *,
    retry_until: datetime,
) -> RawMail:
    """The notification that a mail has not reached these recipients yet; one for each mail."""
    content = compose_dsn(
        original=consignment.content,
        mail_from=consignment.mail_from,
        failures=waiting,
        reporter=reporter,
        arrived_at=consignment.received_at,
        now=now,
        message_id=f"dsn.delayed.{consignment.raw_id}@{reporter.hostname}",
        action=Action.DELAYED,
        retry_until=retry_until,
    )
    return _to_sender(consignment, content, now)


def _to_sender(consignment: Consignment, content: bytes, now: datetime) -> RawMail:
    return RawMail(
        content=content,
        mail_from="",
        rcpt_to=(consignment.mail_from,),
        source=mails.OWN,
        received_at=now,
    )
