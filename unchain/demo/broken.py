"""The faults of broken clients and gateways, each a plain change of an otherwise right mail.

They are what real archives are full of; Unchain must read, deliver and thread all of them.
"""

from collections.abc import Callable

from unchain.demo.clients.letter import Written
from unchain.demo.wire import Sheet

Fault = Callable[[Sheet, Written], Sheet]


def _without(sheet: Sheet, *names: str) -> Sheet:
    gone = {name.lower() for name in names}
    return Sheet(
        fields=tuple(field for field in sheet.fields if field[0].lower() not in gone), body=sheet.body
    )


def _replaced(sheet: Sheet, name: str, value: bytes) -> Sheet:
    return Sheet(
        fields=tuple((key, value if key == name else old) for key, old in sheet.fields), body=sheet.body
    )


def _no_references(sheet: Sheet, _written: Written) -> Sheet:
    """A gateway dropped everything that says what is answered; only the subject is left."""
    return _without(sheet, "References", "In-Reply-To")


def _only_in_reply_to(sheet: Sheet, _written: Written) -> Sheet:
    return _without(sheet, "References")


def _no_date(sheet: Sheet, _written: Written) -> Sheet:
    return _without(sheet, "Date")


def _no_message_id(sheet: Sheet, _written: Written) -> Sheet:
    return _without(sheet, "Message-ID")


def _raw_subject(sheet: Sheet, written: Written) -> Sheet:
    """Latin-1 bytes in the Subject, without an encoded word."""
    return _replaced(sheet, "Subject", written.letter.subject.encode("iso-8859-1", "replace"))


def _prose_in_reply_to(sheet: Sheet, written: Written) -> Sheet:
    """RFC 822 allowed phrases in In-Reply-To; old programs still write them."""
    parent = written.letter.parent
    if parent is None or parent.message_id is None:
        raise ValueError("prose-in-reply-to needs a mail that is answered")
    prose = f'Your message of "{parent.letter.sent_at:%a, %d %b %Y %H:%M:%S}"\r\n <{parent.message_id}>'
    return _replaced(_without(sheet, "References"), "In-Reply-To", prose.encode("ascii"))


def _wrong_charset(sheet: Sheet, written: Written) -> Sheet:
    """The body is Windows-1252 while the header says UTF-8; for plain-text mails."""
    text = written.body.text.rstrip("\n") + "\n"
    changed = _replaced(sheet, "Content-Type", b"text/plain; charset=utf-8")
    changed = _replaced(changed, "Content-Transfer-Encoding", b"8bit")
    return Sheet(fields=changed.fields, body=text.encode("cp1252", "replace").replace(b"\n", b"\r\n"))


def _mangled(sheet: Sheet, written: Written) -> Sheet:
    """What a broken scanner sends: a stray line among the fields, a boundary that never comes, odd bytes."""
    text = written.body.text.encode("cp1252", "replace").replace(b"\n", b"\r\n")
    kept = _without(sheet, "Content-Type", "Content-Transfer-Encoding", "MIME-Version", "Message-ID", "Date")
    fields = (
        *kept.fields,
        ("Date", b"0 Jan 1900 25:61:00 +9999\r\nX-Scanner SN 4471 ready"),
        ("Content-Type", b'multipart/mixed; boundary="NEXT_PART\r\n\tcharset==?'),
    )
    return Sheet(
        fields=fields, body=b"--NEXT\x80PART\r\nContent-Type: text\r\n\r\n" + text + b"\r\n\xff\xfe\r\n"
    )


FAULTS: dict[str, Fault] = {
    "no-references": _no_references,
    "only-in-reply-to": _only_in_reply_to,
    "no-date": _no_date,
    "no-message-id": _no_message_id,
    "raw-subject": _raw_subject,
    "prose-in-reply-to": _prose_in_reply_to,
    "wrong-charset": _wrong_charset,
    "mangled": _mangled,
}
