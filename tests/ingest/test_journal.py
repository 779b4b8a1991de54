"""A journal report gives back the mail within, byte for byte, and the envelope that it tells."""

import base64
from datetime import UTC, datetime

import pytest

from domain.mail import RawMail
from ingest.journal import unwrap_journal

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ORIGINAL = (
    b"From: Ann <ann@example.com>\r\nTo: team@example.com\r\nSubject: \xe9t\xe9\r\n"
    b'Content-Type: multipart/alternative; boundary="in"\r\n\r\n'
    b"--in\r\n\r\n.dots\r\n--in--\r\n\r\nafter the end \r\n"
)
ENVELOPE = (
    b"Sender: ann@example.com\r\nSubject: a subject: with To: in it\r\nMessage-Id: <m1@example.com>\r\n"
    b"To: bob@example.com, Expanded: team@example.com\r\nCc: zoe@example.com\r\n"
    b"Bcc: eve@example.com\r\nRecipient: bob@example.com, Forwarded: bob.old@example.com\r\n"
)


def report(
    envelope: bytes = ENVELOPE, original: bytes = ORIGINAL, *, inner: bytes = b"", text: bytes = b""
) -> bytes:
    return (
        b"From: journal@example.com\r\nX-MS-Journal-Report:\r\n"
        b'Content-Type: multipart/mixed;\r\n\tboundary="out+1"\r\n\r\npreamble\r\n'
        b"--out+1\r\nContent-Type: text/plain; charset=utf-8\r\n" + text + b"\r\n" + envelope + b"\r\n"
        b"--out+1\r\nContent-Type: message/rfc822\r\n" + inner + b"\r\n" + original + b"\r\n"
        b"--out+1--\r\n"
    )


def raw(content: bytes) -> RawMail:
    return RawMail(
        content=content,
        mail_from="journal@example.com",
        rcpt_to=("archive@example.com",),
        source="smtp",
        received_at=NOW,
    )


def test_the_mail_within_comes_out_with_its_envelope() -> None:
    mail = unwrap_journal(raw(report()))
    assert mail.content == ORIGINAL
    assert mail.mail_from == "ann@example.com"
    assert mail.rcpt_to == ("bob@example.com", "zoe@example.com", "eve@example.com")
    assert (mail.source, mail.received_at) == ("journal", NOW)


def test_bare_line_feeds_are_read_too() -> None:
    mail = unwrap_journal(raw(report().replace(b"\r\n", b"\n")))
    assert mail.content == ORIGINAL.replace(b"\r\n", b"\n")
    assert len(mail.rcpt_to) == 3


def test_encoded_parts_are_decoded() -> None:
    content = report(
        base64.encodebytes(ENVELOPE),
        base64.encodebytes(ORIGINAL),
        inner=b"Content-Transfer-Encoding: base64\r\n",
        text=b"Content-Transfer-Encoding: BASE64\r\n",
    )
    mail = unwrap_journal(raw(content))
    assert mail.content == ORIGINAL
    assert mail.mail_from == "ann@example.com"


def test_a_plain_copy_is_left_as_it_is() -> None:
    mail = unwrap_journal(raw(ORIGINAL))
    assert (mail.content, mail.rcpt_to, mail.source) == (ORIGINAL, ("archive@example.com",), "journal")


@pytest.mark.parametrize(
    "content",
    [
        report(b"nothing of use"),
        report().replace(b"message/rfc822", b"application/x"),
        b"X-MS-Journal-Report:\r\n\r\nno parts",
        b"X-MS-Journal-Report:\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
        b"X-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x",
        b"X-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary=\xff\r\n\r\n--\xff\r\n\r\n--\xff--",
    ],
)
def test_a_report_that_cannot_be_read_is_kept_whole(content: bytes) -> None:
    mail = unwrap_journal(raw(content))
    assert (mail.content, mail.rcpt_to, mail.source) == (content, ("archive@example.com",), "journal")


def test_the_mark_in_a_body_makes_no_report() -> None:
    content = b"Subject: x\r\n\r\n" + report()
    assert unwrap_journal(raw(content)).content == content
