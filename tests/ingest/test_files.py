"""The bytes of what came with a mail: whole, in the order of the names, and never of what is encrypted."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from domain.mail import RawMail
from ingest.files import files_of
from ingest.parse import read

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def letter() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ana@acme.example", "bob@acme.example", "Plan"
    mail.set_content("See the plan.")
    mail.add_attachment(b"%PDF-1.7 plan", maintype="application", subtype="pdf", filename="plan é.pdf")
    return mail


def shown_names(content: bytes) -> list[str]:
    """The names under which a page shows the attachments."""
    raw = RawMail(
        content=content, mail_from="", rcpt_to=(), source="eml", received_at=datetime(2026, 3, 2, tzinfo=UTC)
    )
    return [each.name for each in read(raw).attachments if not each.is_signature]


def test_a_file_is_given_whole_with_its_name_and_type() -> None:
    (file,) = files_of(letter().as_bytes())

    assert file is not None
    assert (file.name, file.media_type, file.content) == ("plan é.pdf", "application/pdf", b"%PDF-1.7 plan")
    assert file.content_id == ""


def test_a_picture_in_the_text_keeps_its_content_id() -> None:
    mail = EmailMessage()
    mail.set_content("Look:")
    mail.add_alternative('<p>Look: <img src="cid:pic.1@acme.example"></p>', subtype="html")
    html = list(mail.iter_parts())[1]
    assert isinstance(html, EmailMessage)
    html.add_related(
        PNG, "image", "png", cid="<pic.1@acme.example>", filename="pic.png", disposition="inline"
    )

    (file,) = files_of(mail.as_bytes())

    assert file is not None
    assert (file.content_id, file.media_type, file.content) == ("pic.1@acme.example", "image/png", PNG)


def test_the_files_are_in_the_order_of_the_names_and_signatures_are_none() -> None:
    mail = letter()
    mail.add_attachment(b"signed", maintype="application", subtype="pgp-signature", filename="signature.asc")
    mail.add_attachment(b"two", maintype="text", subtype="csv", filename="two.csv")
    content = mail.as_bytes()

    assert [file and file.name for file in files_of(content)] == shown_names(content)
    assert [file and file.name for file in files_of(content)] == ["plan é.pdf", "two.csv"]


def test_a_file_that_was_written_into_the_text_is_known_by_name_alone() -> None:
    mail = EmailMessage()
    mail.set_content("Here.\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n")
    content = mail.as_bytes()

    assert shown_names(content) == ["cat.txt"]
    assert files_of(content) == (None,)


def test_of_a_mail_that_is_encrypted_no_file_is_given() -> None:
    content = (
        b'Content-Type: multipart/encrypted; boundary="b"; protocol="application/pgp-encrypted"\n\n'
        b"--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
        b"--b\nContent-Type: application/octet-stream; name=secret.bin\n\nsecret\n--b--\n"
    )

    assert [file for file in files_of(content) if file is not None] == []


@pytest.mark.parametrize(
    "written", [b"application/@home", b'text/ht"ml', b"a/b/c", b"image/p\xc3\xafng", b"/"]
)
def test_a_type_that_is_none_is_not_passed_on(written: bytes) -> None:
    (file,) = files_of(letter().as_bytes().replace(b"application/pdf", written))

    assert file is not None
    kind, _, sort = file.media_type.partition("/")
    assert kind.isascii()
    assert kind.isalpha()
    assert sort.replace("-", "").isalnum()
    assert sort.isascii()
