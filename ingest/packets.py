"""What a mail shows of a winmail.dat: its files as attachments, its text where the mail has no other.

`tnef` takes the packet apart. Not for S/MIME inside it; `bodies` opens that.
"""

from dataclasses import dataclass

from domain.mail import Attachment
from ingest.fields import Header
from ingest.filenames import clean, title
from ingest.mime import Field
from ingest.part_text import Body
from ingest.rtf import read_rtf, unpack
from ingest.sensitivity import labels
from ingest.tnef import Enclosed, Packet

# The endings of files whose packets tell a type but no name.
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "application/pdf": "pdf"}
_MEETING = ("ipm.schedule.meeting", "ipm.microsoft schedule.mtg", "ipm.appointment", "ipm.taskrequest")
_NOT_DELIVERED = ("ipm.microsoft mail.non-delivery",)
_RECEIPT = ("ipm.microsoft mail.read receipt",)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What comes out of a packet."""

    attachments: tuple[tuple[Attachment, bytes], ...]  # with what they hold
    labels: tuple[str, ...]  # of sensitivity, lower case
    means: str  # the MIME type that a mail of this class has for machines, "" for a person's


def show(packet: Packet) -> Shown:
    """Sort out a packet that could be read."""
    fields = [Field(name=name, raw=value.encode()) for name, value in packet.labels]
    return Shown(
        attachments=tuple((_attachment(each, packet), each.content) for each in packet.enclosed),
        labels=labels(Header(fields)),
        means=_type_of_class(packet.message_class),
    )


def packet_text(packet: Packet) -> Body:
    """The text in a packet, in the simplest form that it has; empty where there is none."""
    if packet.plain.strip():
        return Body(text=_lines(packet.plain))
    if packet.html.strip():
        return Body(text=_lines(packet.html), html=True)
    rich = read_rtf(unpack(packet.rtf))
    return Body(text=_lines(rich.text), html=rich.html)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _attachment(enclosed: Enclosed, packet: Packet) -> Attachment:
    name = clean(enclosed.name)
    if packet.message_class == "ipm.note.smime.multipartsigned" and len(packet.enclosed) == 1:
        kind, name = "multipart/signed", name or "smime.p7m"  # the whole mail as it was signed
    elif enclosed.is_message:
        name = f"{(title(enclosed.name) or 'message').removesuffix('.msg')}.msg"
        kind = "application/vnd.ms-outlook"
    else:
        kind = enclosed.content_type or "application/octet-stream"
        name = name or f"attachment.{_ENDINGS.get(kind, 'bin')}"
    return Attachment(name=name, content_type=kind, size=len(enclosed.content), inline=enclosed.inline)


def _type_of_class(message_class: str) -> str:
    """MAPI's message classes (MS-OXCMSG section 2.2.1.3) say what a mail is for."""
    if message_class.startswith(_MEETING):
        return "text/calendar"
    report = message_class.startswith("report.")
    if message_class.startswith(_NOT_DELIVERED) or (report and message_class.endswith(".ndr")):
        return "message/delivery-status"
    if message_class.startswith(_RECEIPT) or (report and message_class.endswith((".ipnrn", ".ipnnrn"))):
        return "message/disposition-notification"
    return ""
