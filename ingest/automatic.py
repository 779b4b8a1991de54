"""Whether a person or a machine wrote a mail: auto-replies, bounces, reports, robots, newsletters.

RFC 3834 (Auto-Submitted), RFC 3464 and 8098 (delivery and disposition reports), RFC 5965 (feedback reports),
RFC 2369 and 2919 (lists). Mail of discussion lists is written by people. Not for what to do about it.
"""

import re
from dataclasses import dataclass

from domain.mail import Address, Automatic
from ingest.automatic_subjects import is_auto_reply_subject, is_bounce_subject
from ingest.fields import Header

_REPORTS = {
    "delivery-status": Automatic.BOUNCE,
    "disposition-notification": Automatic.REPORT,
    "feedback-report": Automatic.REPORT,
    "tlsrpt": Automatic.REPORT,
}
_AUTO_REPLY_FIELDS = frozenset(
    {
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-autoreply-from",
        "x-auto-reply",
        "x-auto-reply-from",
        "x-mail-autoreply",
        "x-mailer-autoreply",
        "x-vacation",
        "x-mdautoresponder",
    }
)
_ROBOT_FIELDS = frozenset(
    {
        "x-cron-env",
        "x-github-reason",
        "x-gitlab-project-id",
        "x-jira-fingerprint",
        "x-bugzilla-reason",
        "x-trac-project",
        "x-redmine-project",
        "x-launchpad-message-rationale",
        "x-sentry-project",
        "x-pagerduty-incident-id",
        "x-fc-machinegenerated",
        "x-php-originating-script",
        "x-gerrit-messagetype",
        "x-phabricator-sent-this-message",
        "x-ms-exchange-generated-message-source",
        "x-jenkins-job",
        "feedback-id",
    }
)
_MAILING_FIELDS = frozenset(
    {
        "x-campaign",
        "x-campaignid",
        "x-campaign-id",
        "x-mailchimp-id",
        "x-mc-user",
        "x-csa-complaints",
        "x-mailer-recptid",
        "x-sfmc-stack",
        "x-mailjet-campaign",
        "x-marketoid",
    }
)
_DISCUSSION_LIST = frozenset(
    {
        "list-post",
        "x-beenthere",
        "mailing-list",
        "x-mailing-list",
        "x-mailman-version",
        "x-google-group-id",
        "list-archive",
        "list-owner",
    }
)
_DAEMON = re.compile(r"mailer[-_.]?daemon|postmaster|mail[-_.]?delivery|bounces?|maildaemon")
_ROBOT = re.compile(
    r"(?:do[-_.]?)?no[-_.]?t?[-_.]?repl(?:y|ies)|donot[-_.]?reply|ne[-_.]?pas[-_.]?repondre|no[-_.]?responder"
    r"|nao[-_.]?responda|nicht[-_.]?antworten|keine[-_.]?antwort|non[-_.]?rispondere|noreponse|no[-_.]?answer"
    r"|notifications?|notify|alerts?|alertes?|mailer|daemon|cron|nagios|zabbix|icinga|jenkins|gitlab|jira|wordpress"
    r"|www-data|automailer|auto[-_.]?mail|robot|unattended|root|system[-_.]?(?:mail|alerts?)|monitoring"
    r"|calendar-notification|mailman(?:-\w+)?|listserv|majordomo|sympa|rss(?:[-_.]?feeds?)?|feeds?"
)
_NEWSLETTER = re.compile(r"(?:e?-?news)?letters?|newsletter[-_.]\w+|infolettres?|rundbrief|boletin")


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What of a mail, besides its header, tells machines from people."""

    sender: Address
    subject: str
    content_type: str  # of the whole mail
    report_type: str  # of multipart/report, lower case, "" elsewhere
    null_sender: bool  # its envelope sender is known to be empty
    part_types: frozenset[str]  # content types of its parts
    is_reply: bool


def recognise(header: Header, signs: Signs) -> Automatic:
    """Say what kind of automatic mail this is; `Automatic.NO` for a person's."""
    declared = _keyword(header.first("auto-submitted"))
    return (
        _report(header, signs)
        or _auto_reply(header, signs, declared)
        or _bounce(header, signs)
        or _robot(header, signs, declared)
        or _bulk(header, signs)
        or Automatic.NO
    )


def _report(header: Header, signs: Signs) -> Automatic | None:
    types = signs.part_types
    if signs.content_type == "multipart/report" and signs.report_type in _REPORTS:
        return _REPORTS[signs.report_type]
    if "message/delivery-status" in types or header.has("x-failed-recipients"):
        return Automatic.BOUNCE
    if signs.content_type == "multipart/report" or "message/disposition-notification" in types:
        return Automatic.REPORT
    if re.match(r"report domain: ?\S+", signs.subject, re.IGNORECASE):  # RFC 7489 section 7.2.1.1
        return Automatic.REPORT
    return None


def _auto_reply(header: Header, signs: Signs, declared: str) -> Automatic | None:
    if declared == "auto-replied" or _is_on(header, _AUTO_REPLY_FIELDS):
        # A delivery report is an answer too (RFC 3834 section 5): who sends it tells them apart.
        if _is_daemon(signs.sender) and (is_bounce_subject(signs.subject) or signs.null_sender):
            return Automatic.BOUNCE
        return Automatic.AUTO_REPLY
    if _keyword(header.first("precedence")) in ("auto_reply", "auto-reply", "autoreply"):
        return Automatic.AUTO_REPLY
    if "autoresponder" in header.first("x-post-messageclass").lower():
        return Automatic.AUTO_REPLY
    if is_auto_reply_subject(signs.subject) and not header.names & _DISCUSSION_LIST:
        return Automatic.AUTO_REPLY
    return None


def _bounce(header: Header, signs: Signs) -> Automatic | None:
    if _is_daemon(signs.sender) and (signs.null_sender or is_bounce_subject(signs.subject)):
        return Automatic.BOUNCE
    if signs.null_sender and is_bounce_subject(signs.subject):
        return Automatic.BOUNCE
    return None


def _robot(header: Header, signs: Signs, declared: str) -> Automatic | None:
    if declared and declared != "no":
        return Automatic.ROBOT
    if "text/calendar" in signs.part_types:
        return Automatic.ROBOT
    if signs.null_sender or _is_daemon(signs.sender):
        return Automatic.ROBOT
    if _is_robot_address(signs.sender) or _is_on(header, _ROBOT_FIELDS) or _wants_no_answers(header):
        return Automatic.BULK if _is_newsletter(header) else Automatic.ROBOT
    return None


def _bulk(header: Header, signs: Signs) -> Automatic | None:
    if _NEWSLETTER.fullmatch(signs.sender.email.partition("@")[0]):
        return Automatic.BULK
    if header.names & _MAILING_FIELDS and header.has("list-unsubscribe"):
        return Automatic.BULK
    if _is_newsletter(header) and not signs.is_reply:
        return Automatic.BULK
    precedence = _keyword(header.first("precedence"))
    if (
        precedence in ("bulk", "junk")
        and not header.names & (_DISCUSSION_LIST | {"list-id"})
        and not signs.is_reply
    ):
        return Automatic.BULK
    return None


def _wants_no_answers(header: Header) -> bool:
    """Programs ask for no automatic answers; Microsoft's groups do too, but people's mail has an index."""
    return header.has("x-auto-response-suppress") and not header.has("thread-index", "references", "list-id")


def _is_newsletter(header: Header) -> bool:
    return header.has("list-unsubscribe") and not header.names & _DISCUSSION_LIST


def _is_daemon(sender: Address) -> bool:
    return _DAEMON.fullmatch(sender.email.partition("@")[0]) is not None


def _is_robot_address(sender: Address) -> bool:
    local = sender.email.rpartition("@")[0].partition("+")[0]
    return _ROBOT.fullmatch(local) is not None or local.startswith(("noreply", "no-reply", "donotreply"))


def _keyword(value: str) -> str:
    return value.partition(";")[0].partition("(")[0].strip().lower()


def _is_on(header: Header, names: frozenset[str]) -> bool:
    """Whether one of these fields says more than no."""
    there = header.names & names
    return any(_keyword(header.first(name)) not in ("", "no", "none", "false", "0") for name in there)
