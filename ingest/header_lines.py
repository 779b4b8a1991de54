"""The slips of headers: line ends, what stands before the first field, folds that were lost, rubbish between.

Not for taking fields apart: that is `mime`.
"""

import re

# Longer ones are rare, and read line by line.
USUAL_HEADER = 65_536
_BLANK_START = re.compile(
    rb"(?:[ \t]{0,80}\n)+(?:[ \t]{1,80}(?=[!-9;-~]{1,200}:))?|[ \t]{1,80}(?=[!-9;-~]{1,200}:)"
)
_MBOX_LINE = re.compile(rb">?From [^\n:][^\n]*\n")
# What tells rubbish within a header from the beginning of a body without a blank line before it.
_COMMON = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|mime-version|content-type|received|in-reply-to|references):",
    re.IGNORECASE,
)
_PARAMETER = re.compile(rb"[a-z-]{3,40}(?:\*[0-9]{0,4}\*?)? ?=", re.IGNORECASE)


def with_lf(content: bytes) -> bytes:
    """A mail with LF as its only line end, as far as that cannot change what it says."""
    if b"\r" not in content:
        return content
    if b"\n" not in content:
        return content.replace(b"\r", b"\n")
    mail = content.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")
    if b"\r" not in mail:
        return mail
    # Alone it ends lines of the header, where no field may hold one; in a text it may be meant.
    head, blank, body = mail.partition(b"\n\n")
    return head[:USUAL_HEADER].replace(b"\r", b"\n") + head[USUAL_HEADER:] + blank + body


def before_header(mail: bytes) -> int:
    """Where the header begins: behind a byte-order mark, blank lines and mbox separators."""
    position = 3 if mail.startswith(b"\xef\xbb\xbf") else 0
    if (blank := _BLANK_START.match(mail, position)) is not None:
        position = blank.end()
    while (match := _MBOX_LINE.match(mail, position)) is not None:
        position = match.end()
    return position


def lost_its_fold(line: bytes, above: bytes) -> bool:
    """Whether a line without the blank before it goes on with the parameters of the one above."""
    return above.rstrip().endswith(b";") and _PARAMETER.match(line) is not None


def goes_on(following: bytes) -> bool:
    """Whether one of the next lines, before any blank one, is a field that every header has."""
    lines = following.split(b"\n\n")[0].split(b"\n")
    return any(_COMMON.match(line) for line in lines[1:4])
