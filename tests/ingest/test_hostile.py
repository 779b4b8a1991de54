"""Mails made to break a reader. One that needs more than linear time never ends here within the limit."""

import pytest

from tests.ingest.reading import read_bytes

HEAD = b"From: a@example.com\nTo: b@example.com\nSubject: x\nMessage-ID: <1@example.com>\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5_000))
HTML = HEAD + b"Content-Type: text/html\n\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"

HOSTILE = {
    "5,000 MIME levels": HEAD + NESTED + b"\ntext\n",
    "5,000 alternatives": HEAD + NESTED.replace(b"mixed", b"alternative") + b"\ntext\n",
    "deep and long": HEAD + NESTED[:60_000] + b"\ntext\n" * 100_000,
    "messages in messages": HEAD + b"Content-Type: message/rfc822\n\n" * 5_000 + b"text",
    "a line of 1 MB": HEAD + b"\n" + b"x" * 1_000_000,
    "a subject of 1 MB": b"Subject: " + b"x" * 1_000_000 + b"\n\nx",
    "100,000 header fields": HEAD + b"".join(b"X-%d: y\n" % n for n in range(100_000)) + b"\nx",
    "100,000 Received": HEAD + b"Received: from a by b; never\n" * 100_000 + b"\nx",
    "a million dashes": MIXED + b"--\n" * 1_000_000,
    "a million parts": MIXED + b"--b\n" * 1_000_000,
    "200,000 texts": MIXED + b"--b\n\nhello\n" * 200_000,
    "RFC 2231 sections": HEAD
    + b"Content-Type: text/plain; "
    + b"".join(b"charset*%d*=x;" % n for n in range(100_000))
    + b"\n\nx",
    "RFC 2231 huge number": HEAD + b"Content-Type: text/plain; name*" + b"9" * 9_000 + b"*=x\n\nx",
    "a million semicolons": HEAD + b"Content-Type: text/plain; " + b";" * 1_000_000 + b"\n\nx",
    "a million quotes": HEAD + b'Content-Type: text/plain; a="' + b';\\"' * 1_000_000 + b"\n\nx",
    "50,000 recipients": b"To: " + b", ".join(b"u%d@example.com" % n for n in range(50_000)) + b"\n\nx",
    "brackets in From": b"From: " + b"<" * 19_001 + b"@x\n\nx",
    "parentheses in To": b"To: " + b"(" * 1_000_000 + b"\n\nx",
    "quotes in To": b"To: " + b'"' * 19_001 + b"\n\nx",
    "commas in To": b"To: " + b",a@" * 6_001 + b"\n\nx",
    "100,000 encoded words": b"Subject: " + b"=?utf-8?b?a?= " * 100_000 + b"\n\nx",
    "encoded words without end": b"Subject: " + b"=?utf-8?q?" * 100_000 + b"\n\nx",
    "100,000 Re:": b"Subject: " + b"re: " * 100_000 + b"\n\nx",
    "100,000 references": HEAD
    + b"References: "
    + b" ".join(b"<%d@x>" % n for n in range(100_000))
    + b"\n\nx",
    "brackets in References": HEAD + b"References: " + b"<" * 1_000_000 + b"\n\nx",
    "NULs": HEAD + b"\n" + b"\0" * 1_000_000,
    "broken base64": HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"!?=abc\n" * 150_000,
    "quoted-printable": HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * 500_000,
    "uuencode": HEAD
    + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n"
    + b"M" * 500_000
    + b"\n" * 300_000,
    "flowed quotes": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"> " * 500_000,
    "broken UTF-16": HEAD + b"Content-Type: text/plain; charset=utf-16\n\n" + b"\xd8" * 1_000_000,
    "Japanese escapes": HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\n\n" + b"\x1b$B!!" * 200_000,
    "no charset at all": HEAD + b"\n" + bytes(range(128, 256)) * 8_000,
    "repeated attribution": HEAD + b"\n" + b"On Mon, 3 May 2021 " * 8_400,
    "repeated French attribution": HEAD + b"\n" + b"Le lun. 3 mai 2021 " * 8_400,
    "10,000 nested quotes": HEAD + b"\n" + b">" * 10_000 + b" x\n",
    "a million blank lines": HEAD + b"\n" + b"\n" * 1_000_000,
    "nested divisions": HTML + b"<div>" * 100_000 + b"x",
    "nested HTML quotes": HTML + b"<blockquote>" * 50_000 + b"x",
    "nested tables": HTML + b"<table><tr><td>" * 30_000 + b"x",
    "comments without end": HTML + b"<!--" * 250_000,
    "signatures": b"From: Ann Wright <a@example.com>\n\n" + b"> x\n\nYes.\n\nAnn Wright\nLead\n" * 20_000,
    "blanks in the author's name": b"From: a" + b" \t" * 9_000 + b"b <a@example.com>\n\nx",
    "BER without end": HEAD
    + b"Content-Type: application/pkcs7-mime\n\n"
    + b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
    + b"\xa0\x80" * 200_000,
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_is_read_like_any_other(content: bytes) -> None:
    message = read_bytes(content)
    assert len(message.digest) == 64
    assert len(message.headers) <= 1_100


@pytest.mark.parametrize(
    "charset", ["idna", "punycode", "undefined", "base64", "rot13", "hex", "unicode_escape", "oem"]
)
def test_a_codec_that_is_no_charset_does_not_change_the_text(charset: str) -> None:
    content = HEAD + f"Content-Type: text/plain; charset={charset}\n\nSee you \\u0041t noon\n".encode()
    assert read_bytes(content).own_words == "See you \\u0041t noon"
