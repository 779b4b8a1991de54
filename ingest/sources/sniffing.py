"""What a file is, by its first bytes, in words for the person who named it. Not for reading it."""

import re

_HEADER_LINE = re.compile(rb"[!-9;-~]{1,100}[ \t]*:[^\n]*\n")
_KINDS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip file or an office document"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file; unpack it first"),
    (b"\xfd7zXZ", "an xz file; unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip file; unpack it first"),
    (b"Rar!", "a RAR file; unpack it first"),
    (b"!BDN", "an Outlook PST or OST file; convert it to mbox first, with readpst for instance"),
    (b"\xd0\xcf\x11\xe0", "an Outlook .msg file or an old office document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"),
)


def describe(head: bytes) -> str:
    """What a file with these first bytes looks like."""
    if not head:
        return "an empty file"
    for magic, kind in _KINDS:
        if head.startswith(magic):
            return kind
    start = head.lstrip()[:20].lower()
    if start.startswith((b"<!doctype", b"<html")):
        return "a web page"
    if start.startswith((b"{", b"[")):
        return "JSON"
    if b"\x00" in head:
        return "a binary file"
    return "a text without mail headers"


def begins_like_mail(head: bytes) -> bool:
    """Whether the first bytes are header fields, behind what editors and mail programs put before them."""
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").lstrip(b"\n")
    while text.startswith((b"From ", b">From ")):
        text = text.partition(b"\n")[2]
    return b"\x00" not in head[:200] and _HEADER_LINE.match(text) is not None
