"""Delivery status notifications (RFC 3464): the mail that tells a sender what could not be delivered.

Composes bytes; sending them once, with the null reverse-path, is the caller's part.
"""

import quopri
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesParser
from email.policy import compat32
from email.utils import format_datetime
from enum import StrEnum
from io import BytesIO

from connectors.smtp_connection import RecipientResult, RecipientState

_HEADER_LIMIT = 64 * 1024  # bytes of the original's header that go back at most
_LONGEST_LINE = 900  # below the 998 of RFC 5322, for what comes from others
_ENHANCED = re.compile(r"(?:^|\s)([245]\.\d{1,3}\.\d{1,3})\b")
_AUTOMATIC_PRECEDENCE = frozenset({"bulk", "junk", "list"})
# RFC 3834 section 2, and what list software of today calls itself in the envelope.
_PROGRAMS = ("mailer-daemon", "owner-")
_PROGRAM_ENDS = ("-request", "-owner", "-bounces", "-bounce")
_POLICY = compat32.clone(linesep="\r\n", max_line_length=None)


class Action(StrEnum):
    """What is told (RFC 3464 2.3.3)."""

    FAILED = "failed"  # given up
    DELAYED = "delayed"  # still being tried


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Who tells it."""

    hostname: str  # the Reporting-MTA
    address: str  # From
    languages: tuple[str, ...] = ("en", "fr")  # of the text for people, in this order


@dataclass(frozen=True, kw_only=True)
class _Times:
    arrived_at: datetime
    now: datetime
    retry_until: datetime | None  # told of what is delayed


_SUBJECTS = {
    ("en", Action.FAILED): "Your message could not be delivered",
    ("en", Action.DELAYED): "Your message is delayed",
    ("fr", Action.FAILED): "Votre message n’a pas pu être remis",
    ("fr", Action.DELAYED): "Votre message est retardé",
}
_SENTENCES = {
    ("en", Action.FAILED): "Your message could not be delivered to the recipients below. "
    "It will not be tried again.",
    ("en", Action.DELAYED): "Your message has not reached the recipients below yet. "
    "It is still being tried: there is no need to send it again.",
    ("fr", Action.FAILED): "Votre message n’a pas pu être remis aux destinataires ci-dessous. "
    "Il n’y aura pas d’autre tentative.",
    ("fr", Action.DELAYED): "Votre message n’est pas encore parvenu aux destinataires ci-dessous. "
    "Les tentatives se poursuivent : inutile de le renvoyer.",
}
_SILENCE = {"en": "no answer from the mail server", "fr": "aucune réponse du serveur de messagerie"}


def may_notify(mail_from: str) -> bool:
    """Whether a sender may be told: never one with the null reverse-path (RFC 5321 6.1)."""
    return mail_from not in ("", "<>")


def may_tell_delay(mail_from: str, original: bytes) -> bool:
    """Whether a sender may be told that a mail is late: people only (RFC 3834 section 2).

    That a mail is lost is told to whoever gave a reverse-path; that one is late is of no use to a program.
    """
    local = mail_from.rpartition("@")[0].lower()
    if not may_notify(mail_from) or local.startswith(_PROGRAMS):
        return False
    if local.partition("+")[0].endswith(_PROGRAM_ENDS):
        return False
    header = BytesParser(policy=compat32).parsebytes(_header_of(original), headersonly=True)
    return not (
        _first_word(header, "Auto-Submitted") not in ("", "no")
        or _first_word(header, "Precedence") in _AUTOMATIC_PRECEDENCE
        or any(name.lower().startswith("list-") for name in header)
        or {"all", "dr"} & set(_words(header, "X-Auto-Response-Suppress"))
    )


def _words(header: Message, name: str) -> list[str]:
    return re.findall(r"[a-z-]+", str(header.get(name, ""))[:200].lower())


def _first_word(header: Message, name: str) -> str:
    return next(iter(_words(header, name)), "")


def enhanced_status(reply: str) -> str:
    """The enhanced status code (RFC 3463) in a server's reply, "" where there is none."""
    found = _ENHANCED.search(reply)
    return found[1] if found else ""


def compose_dsn(
    *,
    original: bytes,
    mail_from: str,
    failures: Mapping[str, RecipientResult],
    reporter: Reporter,
    arrived_at: datetime,
    now: datetime,
    message_id: str,
    action: Action = Action.FAILED,
    retry_until: datetime | None = None,
) -> bytes:
    """The notification for `mail_from` about the recipients in `failures`, with the original's header.

    `message_id` is without angle brackets and should be the same whenever the same event is told, so that
    a repeat is seen as one. Send it with the null reverse-path. `retry_until` is for what is delayed.
    Raises ValueError for a null `mail_from`.
    """
    if not may_notify(mail_from):
        raise ValueError("a mail with the null reverse-path is never answered")
    languages = [lang for lang in reporter.languages if lang in _SILENCE] or ["en"]
    report = MIMEMultipart("report", policy=_POLICY)
    report.set_param("report-type", "delivery-status")
    for name, value in _fields(languages, action, reporter, mail_from).items():
        report[name] = value
    report["Date"] = format_datetime(now)
    report["Message-ID"] = f"<{message_id}>"
    report.attach(_for_people(failures, languages, action))
    times = _Times(arrived_at=arrived_at, now=now, retry_until=retry_until)
    report.attach(_for_machines(failures, reporter, times, action))
    report.attach(_original_header(original))
    written = BytesIO()
    BytesGenerator(written, mangle_from_=False, policy=_POLICY).flatten(report)
    return written.getvalue()


def _fields(
    languages: Sequence[str], action: Action, reporter: Reporter, mail_from: str
) -> Mapping[str, str]:
    return {
        "From": f"Mail Delivery <{reporter.address}>",
        "To": f"<{mail_from}>",
        "Subject": _encoded(" / ".join(_SUBJECTS[lang, action] for lang in languages)),
        "Auto-Submitted": "auto-replied",
        "X-Auto-Response-Suppress": "All",
    }


def _for_people(
    failures: Mapping[str, RecipientResult], languages: Sequence[str], action: Action
) -> MIMEText:
    paragraphs = []
    for lang in languages:
        lines = [f"  <{address}>: {_reason(result, lang)}" for address, result in failures.items()]
        paragraphs.append("\n".join([_SENTENCES[lang, action], "", *lines, ""]))
    return MIMEText("\n".join(paragraphs), "plain", "utf-8", policy=_POLICY)


def _reason(result: RecipientResult, lang: str) -> str:
    if result.code:
        return f"{result.code} {result.text}"
    return f"{_SILENCE[lang]} ({result.text})"


def _for_machines(
    failures: Mapping[str, RecipientResult], reporter: Reporter, times: _Times, action: Action
) -> MIMEBase:
    about_mail = Message(policy=_POLICY)
    about_mail["Reporting-MTA"] = f"dns; {reporter.hostname}"
    about_mail["Arrival-Date"] = format_datetime(times.arrived_at)
    blocks: list[Message | str] = [about_mail]
    for address, result in failures.items():
        block = Message(policy=_POLICY)
        block["Final-Recipient"] = _typed_address(address)
        block["Action"] = action.value
        block["Status"] = _status(result, action)
        if result.code:
            block["Diagnostic-Code"] = _printable(f"smtp; {result.code} {result.text}")
        block["Last-Attempt-Date"] = format_datetime(times.now)
        if times.retry_until is not None:
            block["Will-Retry-Until"] = format_datetime(times.retry_until)
        blocks.append(block)
    part = MIMEBase("message", "delivery-status", policy=_POLICY)
    part.set_payload(blocks)
    return part


def _original_header(original: bytes) -> MIMEBase:
    header = _header_of(original)
    part = MIMEBase("text", "rfc822-headers", policy=_POLICY)
    if not header.isascii() or max(map(len, header.split(b"\n"))) > _LONGEST_LINE:
        header = quopri.encodestring(header)
        part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(header.decode("ascii"))
    return part


def _header_of(original: bytes) -> bytes:
    return original[:_HEADER_LIMIT].replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n"


def _status(result: RecipientResult, action: Action) -> str:
    """The enhanced status (RFC 3463): the server's own, unless it contradicts what became of the mail."""
    temporary = action is Action.DELAYED
    wanted = "4" if temporary else "5"
    found = enhanced_status(result.text)
    if found and (found[0] == wanted or result.state is RecipientState.TEMPORARY):
        # A mail given up after only temporary failures keeps the reason (RFC 3464 2.3.4 allows class 4).
        return found
    return "4.4.7" if temporary or result.state is RecipientState.TEMPORARY else "5.0.0"


def _typed_address(address: str) -> str:
    if address.isascii():
        return f"rfc822; {_printable(address)}"
    # RFC 6533 section 3: UTF-8 addresses in an ASCII report.
    escaped = "".join(c if c.isascii() and c not in "\\+=" else f"\\x{{{ord(c):X}}}" for c in address)
    return f"utf-8; {_printable(escaped)}"


def _printable(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "?", text)[:_LONGEST_LINE]


def _encoded(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8").encode(linesep="\r\n")
