"""Whether a person or a machine wrote a mail: auto-replies, bounces, reports, robots, newsletters.

RFC 3834 (Auto-Submitted), RFC 3464 and 8098 (delivery and disposition reports), RFC 5965 (feedback reports),
RFC 8460 (TLS reports), RFC 2369 and 2919 (lists). Mail of discussion lists is written by people, and so is
mail about being away or about mail that came back. Not for what to do about it.
"""

from dataclasses import dataclass

from domain.mail import Address, Automatic, TextPart
from ingest import automatic_fields as fields
from ingest import automatic_senders as senders
from ingest import automatic_subjects as subjects
from ingest import automatic_texts as texts
from ingest.addresses import read_leniently
from ingest.automatic_subjects import Away
from ingest.fields import Header

_REPORTS = {
    "delivery-status": Automatic.BOUNCE,
    "disposition-notification": Automatic.REPORT,
    "feedback-report": Automatic.REPORT,
    "tlsrpt": Automatic.REPORT,
}
_DELIVERY_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_REPORT_PARTS = frozenset(
    {
        "message/disposition-notification",
        "message/global-disposition-notification",
        "message/feedback-report",
        "application/tlsrpt+gzip",
        "application/tlsrpt+json",
    }
)
_RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_REPORT_SUBJECTS = (
    "report domain:",
    "[report] domain:",
    "dmarc aggregate report",
    "complaint about message from",
)
_LIST_SUFFIXES = ("-owner", "-bounces", "-admin", "-request", "-errors", "-return")


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


def recognise(header: Header, signs: Signs) -> Automatic:
    """Say what kind of automatic mail this is; `Automatic.NO` for a person's."""
    declared = fields.auto_submitted(header)
    return (
        _report(header, signs)
        or _auto_reply(header, signs, declared)
        or _bounce(header, signs)
        or _robot(header, signs, declared)
        or _bulk(header, signs)
        or _told_in_the_text(header, signs)
        or Automatic.NO
    )


def _report(header: Header, signs: Signs) -> Automatic | None:
    if signs.content_type.startswith("multipart/") and signs.report_type in _REPORTS:
        # Dovecot tells what it rejects in a disposition notification (RFC 5429).
        rejected = subjects.tells_of_failure(signs.subject)
        return Automatic.BOUNCE if rejected else _REPORTS[signs.report_type]
    if header.has("x-failed-recipients"):
        return Automatic.BOUNCE
    passed_on = subjects.is_answer(signs.subject) and not signs.null_sender
    if passed_on and not senders.is_mail_system(signs.sender):
        return None  # a person may pass on a report with all its parts
    return _report_by_parts(signs)


def _report_by_parts(signs: Signs) -> Automatic | None:
    if signs.part_types & _DELIVERY_STATUS:
        return Automatic.BOUNCE
    if signs.part_types & _REPORT_PARTS:
        return Automatic.REPORT
    if signs.content_type == "multipart/report":
        return Automatic.BOUNCE if _tells_of_failure(signs) else Automatic.REPORT
    by_subject = signs.subject.lower().lstrip().startswith(_REPORT_SUBJECTS)
    receipt = subjects.is_receipt(signs.subject) and texts.is_receipt(texts.opening(signs.parts))
    return Automatic.REPORT if by_subject or receipt else None


def _tells_of_failure(signs: Signs) -> bool:
    return subjects.tells_of_failure(signs.subject) or texts.says_undelivered(texts.opening(signs.parts))


def _auto_reply(header: Header, signs: Signs, declared: str) -> Automatic | None:
    if declared == "auto-replied" or fields.answers_by_itself(header):
        # A delivery report is an answer too (RFC 3834 section 5): its sender and its words tell them apart.
        if senders.is_mail_system(signs.sender) and (signs.null_sender or _tells_of_failure(signs)):
            return Automatic.BOUNCE
        failed = subjects.tells_of_failure(signs.subject) and texts.begins_undelivered(
            texts.opening(signs.parts)
        )
        return Automatic.BOUNCE if failed else Automatic.AUTO_REPLY
    return Automatic.AUTO_REPLY if _is_away(header, signs) else None


def _is_away(header: Header, signs: Signs) -> bool:
    """Whether the subject of an auto-reply is one indeed, where no field of RFC 3834 says so."""
    said = subjects.away(signs.subject)
    if said is Away.NO:
        return False
    discussion = fields.is_discussion(header)
    if said is Away.CERTAIN:
        return not discussion or signs.is_reply or texts.says_away(texts.opening(signs.parts))
    answers = (
        signs.is_reply
        or signs.null_sender
        or header.has("x-auto-response-suppress")
        or (fields.precedence(header) in ("bulk", "junk") and not discussion)
    )
    if discussion and said is not Away.NAMED and not signs.is_reply:
        return False
    if said is not Away.MAYBE:
        # A program answers one person; who tells colleagues of holidays writes to several.
        return answers or (len(signs.recipients) <= 1 and not fields.is_typed(header))
    alone = len(signs.recipients) <= 1 and not fields.is_typed(header)
    return (answers or alone) and texts.says_away(texts.opening(signs.parts))


def _bounce(header: Header, signs: Signs) -> Automatic | None:
    system = senders.is_mail_system(signs.sender)
    failed = subjects.tells_of_failure(signs.subject)
    if not (system or failed or signs.null_sender or signs.part_types & _RETURNED):
        return Automatic.BOUNCE if _is_bare_bounce(header, signs) else None
    opening = texts.opening(signs.parts)
    told = texts.says_undelivered(opening)
    if senders.is_daemon(signs.sender) and (
        failed or told or signs.null_sender or signs.part_types & _RETURNED
    ):
        return Automatic.BOUNCE
    if subjects.is_answer(signs.subject) and not signs.null_sender and not failed:
        return None
    if (system or signs.null_sender) and (failed or (told and (system or texts.begins_undelivered(opening)))):
        return Automatic.BOUNCE
    returns = bool(signs.part_types & _RETURNED) or texts.returns_mail(opening)
    begins = texts.begins_undelivered(opening)
    if (failed and begins) or (failed and told and returns and not fields.is_typed(header)):
        return Automatic.BOUNCE
    return Automatic.BOUNCE if begins and returns and not fields.is_written(header) else None


def _is_bare_bounce(header: Header, signs: Signs) -> bool:
    """A gateway's few words under a name of its own, with the lost mail's subject."""
    if fields.is_written(header) or subjects.is_answer(signs.subject):
        return False
    opening = texts.opening(signs.parts)
    return texts.begins_undelivered(opening) and texts.returns_mail(opening)


def _robot(header: Header, signs: Signs, declared: str) -> Automatic | None:
    if declared not in ("", "no") or "text/calendar" in signs.part_types:
        return Automatic.ROBOT
    if signs.null_sender or senders.is_daemon(signs.sender):
        return Automatic.ROBOT
    if senders.is_mail_system(signs.sender) and not signs.is_reply and "@" in signs.sender.email:
        return Automatic.ROBOT
    if senders.is_robot(signs.sender) or (declared != "no" and _is_generated(header, signs)):
        newsletter = fields.can_be_unsubscribed(header) and not _is_discussion(header, signs)
        return Automatic.BULK if newsletter else Automatic.ROBOT
    return None


def _is_generated(header: Header, signs: Signs) -> bool:
    """Whether fields or the subject tell of a program, and nothing tells of a person."""
    if fields.is_generated(header) or fields.is_robots(header):
        return True
    if signs.is_reply:
        return False
    if senders.is_list_software(signs.sender) or fields.is_transactional(header):
        return True
    if header.has("x-auto-response-suppress") and not fields.is_written(header):
        return True  # Exchange writes it on people's mail to groups, beside marks of its own
    return (
        subjects.is_robots(signs.subject)
        and not fields.is_typed(header)
        and not _is_discussion(header, signs)
    )


def _bulk(header: Header, signs: Signs) -> Automatic | None:
    can_leave = fields.can_be_unsubscribed(header)
    if fields.is_mailing(header) and can_leave:
        return Automatic.BULK
    if fields.is_discussion(header):
        return None
    if senders.is_newsletter(signs.sender):
        return Automatic.BULK
    if signs.is_reply or _is_discussion(header, signs):
        return None
    bulk = fields.precedence(header) in ("bulk", "junk") and not header.has("list-id")
    return Automatic.BULK if can_leave or bulk else None


def _told_in_the_text(header: Header, signs: Signs) -> Automatic | None:
    if fields.is_typed(header) or _is_discussion(header, signs) or not texts.says_automatic(signs.parts):
        return None
    answers = signs.is_reply or subjects.is_answer(signs.subject)
    return Automatic.AUTO_REPLY if answers else Automatic.ROBOT


def _is_discussion(header: Header, signs: Signs) -> bool:
    """Whether it came over a list where people write, be it one of the old ones that say so in no field.

    Majordomo and its like send for `owner-birds@` or `birds-admin@` what was addressed to `birds@`.
    """
    if fields.is_discussion(header):
        return True
    for name in ("sender", "return-path", "errors-to", "reply-to", "x-loop", "resent-sender"):
        for address in read_leniently(header.first(name)[:500])[:3]:
            posted = _posting_address(address.email)
            if posted in signs.recipients and posted != signs.sender.email:
                return True
    return False


def _posting_address(email: str) -> str:
    local, at, domain = email.rpartition("@")
    local = local.removeprefix("owner-")
    suffix = next((each for each in _LIST_SUFFIXES if local.endswith(each)), "")
    return f"{local.removesuffix(suffix)}{at}{domain}"
