"""The name to show for an attachment: from its headers, its content, or its type. Never a path."""

import re

from ingest.encoded_words import decode_text, decode_value
from ingest.mime import Part

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]+")
_SUBJECT = re.compile(rb"^subject[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE)
_ENDS_LIKE_A_FILE = re.compile(r"[^.]\.[A-Za-z0-9]{2,5}\Z")
_LONGEST = 200
_ENDINGS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "message/rfc822": "eml",
    "message/global": "eml",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/json": "json",
    "application/ms-tnef": "dat",
    "application/pkcs7-mime": "p7m",
    "application/x-pkcs7-mime": "p7m",
    "application/pgp-encrypted": "asc",
    "application/vnd.ms-tnef": "dat",
    "application/pgp-keys": "asc",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.ms-outlook": "msg",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/postscript": "ps",
    "application/rtf": "rtf",
    "application/gzip": "gz",
    "application/x-gzip": "gz",
    "application/x-7z-compressed": "7z",
    "application/x-rar-compressed": "rar",
    "application/x-zip-compressed": "zip",
    "application/ics": "ics",
    "image/jpeg": "jpg",
    "image/pjpeg": "jpg",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/x-icon": "ico",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "video/mpeg": "mpg",
    "video/quicktime": "mov",
    "video/x-msvideo": "avi",
}

# Parts that are always the same thing, and seldom have a name.
_NAMES = {
    "text/calendar": "invite.ics",
    "text/rfc822-headers": "headers.txt",
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "message/global-headers": "headers.txt",
    "message/global-delivery-status": "delivery-status.txt",
    "message/global-disposition-notification": "disposition-notification.txt",
}


def file_name(part: Part, content: bytes) -> str:
    """A decoded name such as `report.pdf`; an attached mail without a name is called by its subject."""
    named = clean(decode_text(declared_name(part))) or _name_in_location(part)
    if named or (named := _NAMES.get(part.content_type, "")):
        return named
    kind, _, subtype = part.content_type.partition("/")
    ending = _ENDINGS.get(part.content_type) or re.sub(r"^x-|[^a-z0-9].*", "", subtype)[:10] or "bin"
    if ending == "eml":
        return f"{_subject_of(content) or 'message'}.eml"
    return f"{'attachment' if kind == 'application' else kind}.{'bin' if ending == 'octet' else ending}"


def title(text: str) -> str:
    """A subject as a file's name: a slash in it is no path."""
    return clean(text.replace("/", "-").replace("\\", "-"))


def _subject_of(content: bytes) -> str:
    header = content[:20_000].replace(b"\r\n", b"\n").lstrip(b"\n").partition(b"\n\n")[0]
    subject = _SUBJECT.search(header)
    return title(decode_value(subject[1].replace(b"\n", b"").strip())) if subject is not None else ""


def declared_name(part: Part) -> str:
    """The name that its headers give it, "" where there is none; some clients mix the parameters up."""
    given = ((part.disposition, "filename"), (part.type, "name"))
    swapped = ((part.disposition, "name"), (part.type, "filename"))
    names = (parameters.parameter(name).strip() for parameters, name in (*given, *swapped))
    return next(filter(None, names), "")


def _name_in_location(part: Part) -> str:
    """The last step of a Content-Location (RFC 2557 section 4) that ends like a file's name."""
    location = decode_value(part.raw("content-location")[:2_000]).partition("?")[0].partition("#")[0]
    name = clean("".join(location.split()))
    return name if _ENDS_LIKE_A_FILE.search(name) is not None else ""


def clean(name: str) -> str:
    """The last part of a path, without control and direction characters, cut to 200 characters."""
    whole = name.strip().rstrip('"')
    if len(whole) > 2 and whole[0] == whole[-1] == "'":
        whole = whole[1:-1]
    last = _UNSAFE.sub(" ", whole).replace("\\", "/").rstrip("/").rpartition("/")[2].strip()
    if last in ("", ".", ".."):
        return ""
    if len(last) <= _LONGEST:
        return last
    stem, dot, ending = last.rpartition(".")
    return f"{stem[: _LONGEST - len(ending) - 1]}.{ending}" if dot and len(ending) <= 10 else last[:_LONGEST]
