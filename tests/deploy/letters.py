"""Mails whose bytes a mail server likes to change, and what is compared of them after their way."""

import re

_HEAD = b"From: Ann <ann@example.com>\r\nTo: team@example.com\r\nDate: Mon, 2 Mar 2026 09:00:00 +0100\r\n"

# Each by what is odd about it; all with CR LF as SMTP wants it.
LETTERS = {
    "plain": _HEAD + b"Message-ID: <plain@example.com>\r\nSubject: plain\r\n\r\nHello.\r\n",
    "eight bits": _HEAD + b"Message-ID: <bits@example.com>\r\nSubject: \xe9t\xe9\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\nUn \xe9t\xe9 \xe0 la mer.\r\n",
    "dots": _HEAD + b"Message-ID: <dots@example.com>\r\nSubject: dots\r\n\r\n.\r\n..\r\n.a\r\n\r\n.\r\n",
    "a line of 5,000 bytes": _HEAD
    + b"Message-ID: <long@example.com>\r\nSubject: long\r\n\r\n"
    + b"word " * 1000
    + b"\r\n",
    "a folded header, blanks at ends of lines": _HEAD
    + b"Message-ID: <fold@example.com>\r\nSubject: one \r\n two\r\n\tthree\r\nX-Odd:no blank\r\n\r\n"
    b"signature \r\n-- \r\n \t \r\n",
    "no Message-ID, bare names": b"From: ann\r\nTo: bob, team@example.com\r\nSubject: bare\r\n\r\nNo id.\r\n",
    "no body": _HEAD + b"Message-ID: <empty@example.com>\r\nSubject: empty\r\n\r\n",
    "300 kB": _HEAD
    + b"Message-ID: <large@example.com>\r\nSubject: large\r\n\r\n"
    + b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n" * 4700,
}

_TRACE = re.compile(
    rb"\A(?:received|return-path|delivered-to|x-original-to):[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE
)


def below_trace(content: bytes) -> bytes:
    """A mail without the trace fields that servers put in front of it; with LF as a Maildir has it."""
    rest = content.replace(b"\r\n", b"\n")
    while found := _TRACE.match(rest):
        rest = rest[found.end() :]
    return rest


def trace(content: bytes) -> list[str]:
    """The Received fields in front of a mail, the newest first, each unfolded."""
    lines = content.replace(b"\r\n", b"\n")
    above = lines[: len(lines) - len(below_trace(content))].decode("ascii")
    fields = re.sub(r"\n[ \t]+", " ", above).splitlines()
    return [field for field in fields if field.lower().startswith("received:")]
