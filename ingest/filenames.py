"""The name to show for an attachment: from its headers, its content, or its type. Never a path."""

import re

from ingest.encoded_words import decode_text, decode_value
from ingest.mime import Part

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]+")
_SUBJECT = re.compile(rb"^subject[ \t]*:[ \t]*([^\n]*)", re.IGNORECASE | re.MULTILINE)
_LONGEST = 200
_ENDINGS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/rfc822-headers": "txt",
    "message/delivery-status": "txt",
    "message/disposition-notification": "txt",
    "message/rfc822": "eml",
    "message/global": "eml",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/json": "json",
    "application/ms-tnef": "dat",
    "application/pkcs7-mime": "p7m",
    "application/x-pkcs7-mime": "p7m",
    "application/pgp-encrypted": "asc",
    "image/jpeg": "jpg",
    "image/svg+xml": "svg",
}


def file_name(part: Part, content: bytes) -> str:
    """A decoded name such as `report.pdf`; an attached mail without a name is called by its subject."""
    for parameters, name in ((part.disposition, "filename"), (part.type, "name")):
        named = clean(decode_text(parameters.parameter(name)))
        if named:
            return named
    kind, _, subtype = part.content_type.partition("/")
    ending = _ENDINGS.get(part.content_type) or re.sub(r"^x-|[^a-z0-9].*", "", subtype)[:10] or "bin"
    if ending == "eml":
        subject = _SUBJECT.search(content[:20_000])
        stem = clean(decode_value(subject.group(1))) if subject else ""
        return f"{stem or 'message'}.eml"
    if part.content_type == "text/calendar":
        return "invite.ics"
    return f"{'attachment' if kind == 'application' else kind}.{'bin' if ending == 'octet' else ending}"


def has_name(part: Part) -> bool:
    """Whether its headers give it a name."""
    return bool(part.disposition.raw_parameter("filename") or part.type.raw_parameter("name"))


def clean(name: str) -> str:
    """The last part of a path, without control and direction characters, cut to 200 characters."""
    last = _UNSAFE.sub(" ", name).replace("\\", "/").rstrip("/").rpartition("/")[2].strip()
    if last in ("", ".", ".."):
        return ""
    if len(last) <= _LONGEST:
        return last
    stem, dot, ending = last.rpartition(".")
    return f"{stem[: _LONGEST - len(ending) - 1]}.{ending}" if dot and len(ending) <= 10 else last[:_LONGEST]
