"""What of a mail is its text, and what is attached: the shapes that clients, gateways and lists make."""

import pytest

from domain.mail import Automatic, Trim
from tests.ingest.reading import read_bytes, read_sample

INVITED = "On se retrouve devant l'entrée, à midi.\nApportez des chaussures solides."
VIEWS = "The first view.\n\n\nThe second view.\n\nThat is all."
BEGIN = (
    "A uuencoded file starts with a line such as\n\nbegin 644 run.log\n"
    "and then come lines of rubbish until one says\nend\n\nThat is all."
)

# name of the sample: own words, names of the attachments; those shown inline end in ~
SHAPES: dict[str, tuple[str, list[str]]] = {
    "alternative_with_named_picture": ("Hello all.", ["logo.gif"]),
    "amp_and_watch_alternatives": ("The canteen is open.", []),
    "amp_without_plain": ("The canteen is open.", []),
    "apple_file_in_related": ("See the plan.", ["chart.png~", "plan.pdf"]),
    "apple_html_between_files": ("Before the plan.\n\nAfter the plan.", ["plan.pdf"]),
    "apple_html_only_between_files": ("Before the plan.\n\nAfter the plan.", ["plan.pdf"]),
    "apple_texts_between_pictures": (VIEWS, ["one.jpg~", "two.jpg~"]),
    "appledouble": ("The photo is here.", ["roof.jpg"]),
    "attached_message_global": ("What do you think?", ["Été.eml"]),
    "attached_message_in_base64": ("What do you think?", ["Prix du béton.eml"]),
    "attached_message_with_files": ("What do you think?", ["Prix du béton.eml"]),
    "begin_in_prose": (BEGIN, []),
    "binhex": ("The sheet is here.", ["roof.xls"]),
    "calendar_file": ("The dates are attached.", ["dates.ics"]),
    "complaint_report": (
        "A person marked this mail as unwanted.",
        ["feedback-report.txt", "Our spring offers.eml"],
    ),
    "encrypted_pgp_in_html": ("", []),
    "encrypted_pgp_only_quoted": ("I cannot read this.", []),
    "encrypted_pgp_partly": ("", []),
    "encrypted_pgp_through_exchange": ("", ["PGPMIME Versions Identification", "encrypted.asc"]),
    "footer_inside_related": ("See the chart.", ["chart.png~"]),
    "html_and_invitation": ("On se retrouve à midi.", []),
    "html_file_attached": ("The page is attached.", ["page.html"]),
    "invitation_alone": (INVITED, []),
    "invitation_beside_empty_text": (INVITED, []),
    "invitation_in_alternative": ("On se retrouve à midi.", ["invite.ics"]),
    "invitation_with_summary_only": ("Visite du toit", []),
    "message_alone": ("", ["Prix du béton.eml"]),
    "message_external_body": ("The film is on the server.", ["film.mov"]),
    "message_partial": ("", ["message.partial"]),
    "mixed_in_related": ("See the chart.", ["plan.pdf", "chart.png~"]),
    "multipart_attached_as_a_whole": ("The bundle is attached.", ["text.txt", "plan.pdf"]),
    "multipart_in_base64": ("Wrapped in base64.", ["plan.pdf"]),
    "outlook_related_in_mixed": ("See the chart.", ["chart.png~", "plan.pdf"]),
    "patch_shown_inline": ("The fix is attached.", ["fix.patch"]),
    "picture_beside_html": ("See the chart.", ["image.png~"]),
    "read_receipt_report": (
        "Your mail was displayed on Tuesday.",
        ["disposition-notification.txt", "headers.txt"],
    ),
    "related_start_names_root": ("See the chart.", ["chart.png~"]),
    "rich_text_alone": ("Dach jest gotowy.\nPrzyjdź jutro.", []),
    "rich_text_file": ("The minutes are attached.", ["minutes.rtf"]),
    "rights_managed": ("", ["message.rpmsg"]),
    "signed_pgp_with_odd_armour": ("The gate opens at noon.\n\nBring the key.", []),
    "signed_with_its_header": ("Even the subject is signed.", ["smime.p7s~"]),
    "smime_as_octet_stream": ("", ["smime.p7m"]),
    "smime_authenticated_encryption": ("", ["smime.p7m"]),
    "smime_encrypted_in_clear_signature": ("", ["smime.p7m", "smime.p7s~"]),
    "smime_signed_twice": ("Signed by two.", []),
    "smime_signed_with_files": ("Signed with a plan.", ["plan.pdf"]),
    "smime_triple_wrapped": ("", ["smime.p7m"]),
    "text_file_alone": ("", ["run.log"]),
    "text_marked_as_attachment": ("Sent by a program that marks its text.", []),
    "thunderbird_related_in_alternative": ("See the chart.", ["chart.png~", "plan.pdf"]),
    "uuencoded_file_in_text": ("Here is the log you wanted.\n\n\nTell me if it helps.", ["run log.txt"]),
    "winmail_alone": (
        "La toiture est finie, le chèque suivra.",
        ["Devis détaillé – toiture.pdf", "Mesures du toit.msg"],
    ),
    "winmail_damaged": ("Voici le devis.", ["winmail.dat"]),
    "winmail_with_files": ("Voici le devis.", ["Devis détaillé – toiture.pdf", "Mesures du toit.msg"]),
    "yenc_file_in_text": ("The sound is below.\n\n\nListen to it.", ["knock at the door.wav"]),
}
ENCRYPTED = {
    "encrypted_pgp_in_html",
    "encrypted_pgp_partly",
    "encrypted_pgp_through_exchange",
    "rights_managed",
    "smime_as_octet_stream",
    "smime_authenticated_encryption",
    "smime_encrypted_in_clear_signature",
    "smime_triple_wrapped",
}
SIGNED = {
    "signed_pgp_with_odd_armour",
    "signed_with_its_header",
    "smime_encrypted_in_clear_signature",
    "smime_signed_twice",
    "smime_signed_with_files",
    "smime_triple_wrapped",
}


@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name, (words, _) in SHAPES.items()], ids=SHAPES
)
def test_the_authors_text_is_found(name: str, words: str) -> None:
    assert read_sample(f"odd/{name}").own_words == words


@pytest.mark.parametrize(
    ("name", "files"), [(name, files) for name, (_, files) in SHAPES.items()], ids=SHAPES
)
def test_everything_else_is_attached(name: str, files: list[str]) -> None:
    attached = read_sample(f"odd/{name}").attachments
    assert [each.name + ("~" if each.inline else "") for each in attached] == files


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_encrypted_is_marked_and_gives_no_text(name: str) -> None:
    message = read_sample(f"odd/{name}")
    assert message.encrypted == (name in ENCRYPTED)
    assert not (message.encrypted and message.parts)


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_signed_is_marked(name: str) -> None:
    assert read_sample(f"odd/{name}").signed == (name in SIGNED)


@pytest.mark.parametrize("name", ["smime_signed_twice", "smime_signed_with_files", "smime_triple_wrapped"])
def test_a_signature_around_the_text_is_said_not_to_be_checked(name: str) -> None:
    assert "its signature was not checked" in read_sample(f"odd/{name}").defects


def test_sizes_are_those_of_the_files() -> None:
    sizes = {
        name: read_sample(f"odd/{name}").attachments[0].size
        for name in (
            "uuencoded_file_in_text",
            "yenc_file_in_text",
            "winmail_with_files",
            "outlook_related_in_mixed",
        )
    }
    assert sizes == {
        "uuencoded_file_in_text": 280,
        "yenc_file_in_text": 199,
        "winmail_with_files": 13,
        "outlook_related_in_mixed": 13,
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("invitation_alone", Automatic.ROBOT),
        ("html_and_invitation", Automatic.ROBOT),
        ("calendar_file", Automatic.NO),
        ("read_receipt_report", Automatic.REPORT),
        ("complaint_report", Automatic.REPORT),
        ("winmail_with_files", Automatic.NO),
    ],
)
def test_parts_for_machines_tell_what_kind_of_mail_it_is(name: str, kind: Automatic) -> None:
    assert read_sample(f"odd/{name}").automatic is kind


def test_a_footer_of_a_list_is_found_where_the_list_put_it() -> None:
    parts = read_sample("odd/footer_inside_related").parts
    assert [part.trim for part in parts] == [None, Trim.FOOTER]


def test_a_label_inside_winmail_counts() -> None:
    assert read_sample("odd/winmail_with_files").sensitivity == ("private",)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (b"Content-Type: image/png\nContent-Location: roof.png", "roof.png"),
        (b"Content-Type: image/png\nContent-Location: http://example.com/a/roof.png?size=2", "roof.png"),
        (b"Content-Type: image/png\nContent-Location: http://example.com/a/", "image.png"),
        (b"Content-Type: image/png; filename=roof.png", "roof.png"),
        (b"Content-Type: image/png\nContent-Disposition: attachment; name=roof.png", "roof.png"),
        (b"Content-Type: message/rfc822\n\nSubject: IT/OT: =?utf-8?q?l=27=C3=A9t=C3=A9?=\n =?utf-8?q?_2025?=",
         "IT-OT: l'été 2025.eml"),
        (b"Content-Type: message/rfc822\n\nFrom: a@example.com\n\nSubject: not in the header", "message.eml"),
    ],
)  # fmt: skip
def test_a_file_is_called_by_what_its_sender_wrote(fields: bytes, name: str) -> None:
    head = b"From: ana@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\n"
    content = head + fields + (b"" if b"\n\n" in fields else b"\n\nx") + b"\n--b--\n"
    assert [each.name for each in read_bytes(content).attachments] == [name]


def test_a_named_text_behind_an_empty_one_is_a_file() -> None:
    message = read_bytes(
        b"From: ana@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Disposition: inline\n\n\n--b\n"
        b"Content-Disposition: inline; filename=run.log\n\n12:00 started\n--b--\n"
    )
    assert [each.name for each in message.attachments] == ["run.log"]
    assert message.own_words == ""


def test_a_named_text_before_a_lists_footer_is_the_text() -> None:
    message = read_bytes(
        b"From: ana@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Type: text/plain; name=message.txt\n\nThe roof is done.\n--b\n"
        b"\n____________________________________\nTeam mailing list\nteam@lists.example.com\n--b--\n"
    )
    assert message.attachments == ()
    assert message.own_words == "The roof is done."


def test_both_forms_of_a_text_one_after_the_other_are_read_once() -> None:
    plain = b"Content-Type: text/plain\n\nHello all,\n\nthe roof is done, see https://example.com\n"
    html = b"Content-Type: text/html\n\n<p>Hello all,</p><p>the roof is <b>done</b>, <a href=x>see</a></p>\n"
    for first, second in ((plain, html), (html, plain)):
        content = b"From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n"
        message = read_bytes(content + b"--b\n" + first + b"--b\n" + second + b"--b--\n")
        assert message.own_words == "Hello all,\n\nthe roof is done, see https://example.com"


def test_a_text_marked_as_an_attachment_is_read_where_there_is_no_other() -> None:
    message = read_bytes(
        b"From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Disposition: attachment\n\nThe roof is done.\n--b\n"
        b"Content-Type: application/pdf; name=plan.pdf\n\nx\n--b--\n"
    )
    assert message.own_words == "The roof is done."
    assert [each.name for each in message.attachments] == ["text.txt", "plan.pdf"]


def test_too_many_envelopes_are_taken_for_encryption() -> None:
    content = (
        b"From: ana@example.com\n" + _signed(_signed(_signed(_signed(b"Content-Type: text/plain\n\nDeep."))))
    ).strip()
    message = read_bytes(content)
    assert message.encrypted
    assert message.own_words == ""


def _signed(content: bytes) -> bytes:
    kind, data = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010701")
    enclosed = _tlv(0x30, data + _tlv(0xA0, _tlv(0x04, content)))
    signed = _tlv(0x30, kind + _tlv(0xA0, _tlv(0x30, b"\x02\x01\x01\x31\x00" + enclosed)))
    return b"Content-Type: application/pkcs7-mime; smime-type=signed-data\n\n" + signed


def _tlv(tag: int, value: bytes) -> bytes:
    return bytes([tag, 0x82]) + len(value).to_bytes(2, "big") + value
