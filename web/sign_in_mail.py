"""The mail with a sign-in link, in the reader's language."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from domain.mail import RawMail
from domain.organisation import Organisation
from web.language import Language


def compose(
    organisation: Organisation, language: Language, *, email: str, link: str, minutes: int, now: datetime
) -> RawMail:
    """A mail of ours to one person; automatic and not to be answered (RFC 3834 section 5)."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=f"Unchain, {organisation.name}", addr_spec=organisation.own_address)
    mail["To"] = Address(addr_spec=email)
    mail["Subject"] = language.say("Your sign-in link for %(name)s", name=organisation.name)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=organisation.own_address.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = language.code
    paragraphs = (
        language.say("Hello,"),
        language.say("Open this link and press the button to sign in:"),
        link,
        language.say("It works once, within %(minutes)s minutes.", minutes=minutes),
        language.say("If you did not ask for it, do nothing: without the link nobody gets in."),
    )
    mail.set_content("\n\n".join(paragraphs) + "\n", cte="quoted-printable")
    return RawMail(content=mail.as_bytes(), mail_from="", rcpt_to=(email,), source="unchain", received_at=now)
