"""Whether a person or a machine wrote a mail: auto-replies, bounces, reports, robots, newsletters.

RFC 3834 (Auto-Submitted), RFC 3464 and 8098 (delivery and disposition reports), RFC 5965 (feedback reports),
RFC 8460 (TLS reports), RFC 2369 and 2919 (lists). Mail of discussion lists is written by people, and so is
mail about being away or about mail that came back. Not for what to do about it.
"""

import re

from domain.mail import Automatic
from ingest import automatic_fields as fields
from ingest import automatic_senders as senders
from ingest import automatic_subjects as subjects
from ingest import automatic_texts as texts
from ingest.automatic_bounces import begins_with_failure, is_bounce, tells_of_failure
from ingest.automatic_signs import Signs
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
_REPORT_SUBJECTS = (
    "report domain:",
    "[report] domain:",
    "dmarc aggregate report",
    "complaint about message from",
)
_LIST_SENDERS = ("sender", "return-path", "errors-to", "reply-to", "x-loop", "resent-sender")
_ADDRESS = re.compile(r"[^\s<>,;:\"'()]{1,64}@[^\s<>,;:\"'()]{1,255}")
_LIST_SUFFIXES = ("-owner", "-bounces", "-admin", "-request", "-errors", "-return")


def recognise(header: Header, signs: Signs) -> Automatic:
    """Say what kind of automatic mail this is; `Automatic.NO` for a person's."""
    declared = fields.auto_submitted(header)
    return (
        _report(header, signs)
        or _auto_reply(header, signs, declared)
        or (Automatic.BOUNCE if is_bounce(header, signs) else None)
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
        return Automatic.BOUNCE if tells_of_failure(signs) else Automatic.REPORT
    by_subject = signs.subject.lower().lstrip().startswith(_REPORT_SUBJECTS)
    receipt = subjects.is_receipt(signs.subject) and texts.is_receipt(signs.opening)
    return Automatic.REPORT if by_subject or receipt else None


def _auto_reply(header: Header, signs: Signs, declared: str) -> Automatic | None:
    if declared == "auto-replied" or fields.answers_by_itself(header):
        # A delivery report is an answer too (RFC 3834 section 5): its sender and its words tell them apart.
        if senders.is_mail_system(signs.sender) and (signs.null_sender or tells_of_failure(signs)):
            return Automatic.BOUNCE
        return Automatic.BOUNCE if begins_with_failure(signs) else Automatic.AUTO_REPLY
    return Automatic.AUTO_REPLY if _is_away(header, signs) else None


def _is_away(header: Header, signs: Signs) -> bool:
    """Whether the subject of an auto-reply is one indeed, where no field of RFC 3834 says so."""
    said = subjects.away(signs.subject)
    if said is Away.NO:
        return False
    discussion = fields.is_discussion(header)
    if said is Away.CERTAIN:
        return not discussion or signs.is_reply or texts.says_away(signs.opening)
    if discussion and said is not Away.NAMED and not signs.is_reply:
        return False
    if _seems_to_answer(header, signs):
        return said is not Away.MAYBE or texts.says_away(signs.opening)
    if len(signs.recipients) > 1 or fields.is_typed(header):
        return False  # a program answers one person; who tells colleagues of holidays writes to several
    return said is not Away.MAYBE or texts.says_away(signs.opening)


def _seems_to_answer(header: Header, signs: Signs) -> bool:
    """Whether anything but its subject says that a mail answers another by itself."""
    topic = header.first("thread-topic").strip()
    return (
        signs.is_reply
        or signs.null_sender
        or "all" in fields.suppressed(header)
        or (fields.precedence(header) in ("bulk", "junk") and not fields.is_discussion(header))
        # Exchange puts a phrase before the topic; a person's new mail has its whole subject as its topic.
        or (bool(topic) and signs.subject != topic and signs.subject.endswith(topic))
    )


def _robot(header: Header, signs: Signs, declared: str) -> Automatic | None:
    if declared not in ("", "no") or "text/calendar" in signs.part_types:
        return Automatic.ROBOT
    if signs.null_sender or senders.is_daemon(signs.sender):
        return Automatic.ROBOT
    if senders.is_postmaster(signs.sender) and not signs.is_reply:
        return Automatic.ROBOT
    if senders.is_robot(signs.sender) or (declared != "no" and _is_generated(header, signs)):
        return Automatic.BULK if _is_newsletter(header, signs) else Automatic.ROBOT
    return None


def _is_newsletter(header: Header, signs: Signs) -> bool:
    """Whether a program's mail is one of many alike: others can be unsubscribed from as well."""
    if signs.is_reply or fields.is_robots(header):
        return False
    return fields.can_be_unsubscribed(header) and not _is_discussion(header, signs)


def _is_generated(header: Header, signs: Signs) -> bool:
    """Whether fields or the subject tell of a program, and nothing tells of a person."""
    if fields.is_generated(header) or fields.is_robots(header):
        return True
    if signs.is_reply:
        return False
    if senders.is_list_software(signs.sender) or fields.is_transactional(header):
        return True
    # Exchange writes other values on people's mail to groups, and All only on what programs send.
    if "all" in fields.suppressed(header) and not fields.is_written(header):
        return True
    return (
        subjects.is_robots(signs.subject)
        and not fields.is_typed(header)
        and not _is_discussion(header, signs)
    )


def _bulk(header: Header, signs: Signs) -> Automatic | None:
    can_leave = fields.can_be_unsubscribed(header)
    if can_leave and fields.is_mailing(header):
        return Automatic.BULK
    if fields.is_discussion(header):
        return None
    if senders.is_newsletter(signs.sender) and (can_leave or not header.has("list-id")):
        return Automatic.BULK
    bulk = can_leave or (fields.precedence(header) in ("bulk", "junk") and not header.has("list-id"))
    return Automatic.BULK if bulk and not signs.is_reply and not _is_discussion(header, signs) else None


def _told_in_the_text(header: Header, signs: Signs) -> Automatic | None:
    if fields.is_typed(header):
        return None
    told = texts.said_to_be(signs.parts)
    if told is None or _is_discussion(header, signs):
        return None
    answers = signs.is_reply or subjects.is_answer(signs.subject)
    return Automatic.AUTO_REPLY if answers else told


def _is_discussion(header: Header, signs: Signs) -> bool:
    """Whether it came over a list where people write, be it one of the old ones that say so in no field.

    Majordomo and its like send for `owner-birds@` or `birds-admin@` what was addressed to `birds@`.
    """
    if fields.is_discussion(header):
        return True
    named = (header.first(name)[:500] for name in _LIST_SENDERS)
    posted = {_posting_address(email) for value in named for email in _ADDRESS.findall(value.lower())[:3]}
    return not posted.isdisjoint(signs.recipients - {signs.sender.email})


def _posting_address(email: str) -> str:
    local, at, domain = email.rpartition("@")
    local = local.removeprefix("owner-")
    suffix = next((each for each in _LIST_SUFFIXES if local.endswith(each)), "")
    return f"{local.removesuffix(suffix)}{at}{domain}"
