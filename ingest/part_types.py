"""Kinds of MIME parts as a mail's reader sees them: text, signatures, envelopes, notes between machines."""

from ingest.filenames import declared_name
from ingest.mime import Part
from ingest.opaque import PKCS7
from ingest.tnef import TNEF

TEXT = frozenset(
    {
        *("text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown"),
        "application/pgp",  # inline OpenPGP, before RFC 3156
    }
)
RTF = frozenset({"text/rtf", "application/rtf", "application/x-rtf"})
PGP_VERSION = "application/pgp-encrypted"  # RFC 3156 section 4: beside it stands something encrypted
APPLE_RESOURCE = "application/applefile"  # RFC 1740: a file's other half, which says nothing elsewhere
# Protected by rights management: what can be read of such a mail is only how to open it.
_RIGHTS_MANAGED = "application/x-microsoft-rpmsg-message"
_UNTYPED = frozenset({"application/octet-stream", "application/x-unknown", "application/binary"})


def is_file(part: Part) -> bool:
    """Whether its sender marked it as a file: by a name, or as an attachment (RFC 2183)."""
    return part.disposition.value == "attachment" or bool(declared_name(part))


def is_form_of_text(part: Part) -> bool:
    """Whether it says for some program what the text beside it says for people: calendars, watches, AMP."""
    kind = part.content_type
    return (kind.startswith("text/") or kind in RTF) and kind not in TEXT and not is_file(part)


def is_envelope(part: Part) -> bool:
    """Whether it is S/MIME that holds its content; gateways lose the type and leave the name."""
    kind = part.content_type
    return kind in PKCS7 or (kind in _UNTYPED and declared_name(part).lower().endswith("smime.p7m"))


def is_wrapper(part: Part) -> bool:
    """Whether it is the mail itself, wrapped so that its header is signed too (RFC 8551 section 3.1)."""
    return part.content_type == "message/rfc822" and part.type.parameter("forwarded").lower() == "no"


def is_packet(part: Part) -> bool:
    """Whether it is a winmail.dat."""
    kind = part.content_type
    return kind in TNEF or (
        kind in _UNTYPED and declared_name(part).strip().lower() in ("winmail.dat", "win.dat")
    )


def is_rights_managed(content_type: str, name: str) -> bool:
    """Whether a file is a mail that only a licence opens (MS-OXORMMS)."""
    return content_type == _RIGHTS_MANAGED or name.strip().lower() == "message.rpmsg"
