from datetime import UTC, datetime

import pytest

from domain.mail import Address, Trim
from ingest.parse import read
from tests.ingest.reading import MAILS, NOON, raw, read_bytes, read_sample

ANA = Address(email="ana@example.com", name="Ana Silva")
BOB = Address(email="bob@example.com", name="Bob Ray")
WRITTEN = datetime(2024, 3, 5, 8, 15, tzinfo=UTC)

SUBJECTS = {
    "bom_before_header": "Printer on floor 2",
    "mbox_line_before_header": "Kept in an old mailbox",
    "raw_latin1_subject": "Réunion décalée à jeudi",
    "raw_utf8_header": "Où est la clé ?",
    "blank_before_colon": "Old gateway",
    "utf7_words": "Réunion du été",
    "iso2022jp_vendor_characters": "会議①",
    "hebrew_implicit_direction": "שלום לכולם",
    "charset_none_in_word": "Weekly figures",
    "cut_inside_character": "Café à 10 h",
    "blanks_inside_word": "Le plan de la semaine été",
    "doubled_subject": "The first one",
    "no_blank_line": "Squeezed",
    "rubbish_in_header": "Dirty header",
    "newline_in_encoded_subject": "Hello Bcc: eve@example.com",
    "empty": "",
    "only_text": "",
}

WORDS = {
    "bom_before_header": "It is jammed again.",
    "blank_before_colon": "It still sends mail.",
    "several_plain_parts": "First half.\nSecond half.",
    "utf7_words": "C'est décidé.",
    "iso2022jp_vendor_characters": "会議①は 3 時です",
    "hebrew_implicit_direction": "נפגש מחר",
    "unknown_charset": "Ça se lit quand même.",
    "latin1_that_is_utf8": "L'été à Zürich.",
    "no_blank_line": "Hello all,\nthe body begins at once.",
    "attached_message": "What do you think of it?",
    "flowed": "This paragraph was broken by the client.\n\nThis one was not.",
    "flowed_without_blanks": "https://example.com/a/very/long/path",
    "empty_alternative": "The canteen opens on Monday.",
    "html_only": "Bonjour à tous,\n\nRéunion à 14 h.",
    "apple_mixed_in_alternative": "Photo of the board.",
    "last_boundary_missing": "The text came through.",
    "boundary_not_declared": "Found all the same.",
    "boundary_reused_inside": "Plain text.",
    "signed_pgp": "I said so.",
    "signed_in_clear": "The meeting is at noon.",
    "signed_opaque": "La signature entoure ce texte, écrit par Zoé.",
    "signed_opaque_indefinite": "La signature entoure ce texte, écrit par Zoé.",
    "encrypted_pgp_mime": "",
    "encrypted_pgp_inline": "",
    "encrypted_smime": "",
    "base64_with_list_footer": "Très bonnes nouvelles ce matin, lisez la suite demain.",
    "bad_base64": "It was cut in the middle of it",
    "quoted_printable_broken": "Café =XY costs 50 cents",
    "uuencoded_text": "Very old well",
    "only_carriage_returns": "Line one.\nLine two.",
    "nul_bytes": "A text with holes.",
    "html_charset_in_meta": "Привет",
    "calendar_beside_text": "Come and see.",
    "type_without_semicolon": "Found it.",
    "charset_with_comment": "Łódź",
    "single_part_attachment": "",
    "enriched": "Now is the time. Use <b> for it.",
    "only_text": "Just some words without any header.",
    "empty": "",
}

SENDERS = {
    "raw_utf8_header": Address(email="eloise@example.com", name="Éloïse Brûlé"),
    "encoded_name_in_quotes": Address(email="zoe@example.com", name="Lefèvre, Zoé"),
    "name_without_brackets": ANA,
    "address_with_at_word": ANA,
    "blank_before_colon": ANA,
    "from_rewritten_by_list": BOB,
    "from_rewritten_with_original": BOB,
    "only_text": Address(email=""),
}

ATTACHMENTS = {
    "several_plain_parts": ["plan.png"],
    "attached_message": ["Quote for the roof.eml"],
    "digest_of_messages": ["Quote for the roof.eml", "Quote for the door.eml"],
    "file_name_rfc2231": ["résumé de l'année.pdf"],
    "file_name_encoded_word": ["résumé.pdf"],
    "file_name_with_path": ["run.log"],
    "related_pictures": ["chart.png"],
    "apple_mixed_in_alternative": ["IMG_0001.jpeg"],
    "last_boundary_missing": ["all.zip"],
    "boundary_reused_inside": ["a.csv"],
    "file_name_without_quotes": ["plan of the roof.pdf"],
    "file_name_without_disposition": ["roof.pdf"],
    "single_part_attachment": ["roof.pdf"],
    "calendar_beside_text": ["invite.ics"],
    "signed_pgp": ["signature.asc"],
    "signed_opaque": [],
    "flowed": [],
}

IDS = {
    "prose_in_reply_to": (("roof-1@example.com",), ()),
    "prose_without_id": ((), ()),
    "ids_on_folded_lines": ((), ("one@example.com", "two@example.com", "three@example.com")),
}

DATES = {
    "flowed": WRITTEN,
    "no_date": NOON,
    "date_in_words": datetime(2024, 3, 5, 8, 20, tzinfo=UTC),
    "date_iso": datetime(2024, 3, 5, 9, 15, tzinfo=UTC),
}


@pytest.mark.parametrize(("name", "subject"), SUBJECTS.items(), ids=SUBJECTS)
def test_subject_is_what_its_author_wrote(name: str, subject: str) -> None:
    assert read_sample(f"odd/{name}").subject == subject


@pytest.mark.parametrize(("name", "words"), WORDS.items(), ids=WORDS)
def test_text_is_what_its_author_wrote(name: str, words: str) -> None:
    assert read_sample(f"odd/{name}").own_words == words


@pytest.mark.parametrize(("name", "sender"), SENDERS.items(), ids=SENDERS)
def test_sender_is_the_author(name: str, sender: Address) -> None:
    assert read_sample(f"odd/{name}").sender == sender


@pytest.mark.parametrize(("name", "files"), ATTACHMENTS.items(), ids=ATTACHMENTS)
def test_attachments_are_all_that_is_not_text(name: str, files: list[str]) -> None:
    assert [each.name for each in read_sample(f"odd/{name}").attachments] == files


@pytest.mark.parametrize(("name", "ids"), IDS.items(), ids=IDS)
def test_answered_mails_are_found_in_what_clients_write(
    name: str, ids: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    message = read_sample(f"odd/{name}")
    assert (message.in_reply_to, message.references) == ids


@pytest.mark.parametrize(("name", "date"), DATES.items(), ids=DATES)
def test_date_is_the_best_one_there_is(name: str, date: datetime) -> None:
    assert read_sample(f"odd/{name}").date == date


@pytest.mark.parametrize("name", ["ids_on_folded_lines", "id_without_brackets"])
def test_message_id_has_no_brackets_and_no_blanks(name: str) -> None:
    ids = {"a-very-long-identifier@mail.example.com", "plain-id-7@example.com"}
    assert read_sample(f"odd/{name}").message_id in ids


def test_a_mail_without_an_id_has_none() -> None:
    message = read_sample("odd/no_message_id")
    assert message.message_id is None
    assert "it has no Message-ID" in message.defects


@pytest.mark.parametrize("name", ["encrypted_pgp_mime", "encrypted_pgp_inline", "encrypted_smime"])
def test_encrypted_mail_is_marked_and_gives_no_text(name: str) -> None:
    message = read_sample(f"odd/{name}")
    assert message.encrypted
    assert message.parts == ()


@pytest.mark.parametrize(
    "name", ["signed_pgp", "signed_in_clear", "signed_opaque", "signed_opaque_indefinite"]
)
def test_signed_mail_is_marked(name: str) -> None:
    assert read_sample(f"odd/{name}").signed


def test_an_opaque_signature_is_said_not_to_be_checked() -> None:
    assert "its signature was not checked" in read_sample("odd/signed_opaque").defects


def test_labels_are_found_in_their_headers() -> None:
    assert read_sample("odd/sensitivity_labels").sensitivity == ("company-confidential", "restricted staff")


def test_a_stub_gives_way_to_the_html_beside_it() -> None:
    message = read_sample("odd/stub_alternative")
    assert message.own_words.startswith("The canteen opens on Monday.")


def test_a_list_footer_behind_base64_is_kept_apart() -> None:
    assert "Team mailing list" in read_sample("odd/base64_with_list_footer").trimmed


def test_pictures_in_the_text_are_inline() -> None:
    assert read_sample("odd/related_pictures").attachments[0].inline


def test_headers_keep_their_order_and_are_decoded() -> None:
    message = read_sample("odd/raw_utf8_header")
    assert [name for name, _ in message.headers][:3] == ["from", "to", "subject"]
    assert message.header("Subject") == "Où est la clé ?"


def test_bcc_is_who_the_envelope_names_and_the_header_does_not() -> None:
    content = (MAILS / "odd" / "flowed.eml").read_bytes()
    message = read(
        raw(
            content,
            source="smtp",
            mail_from="ana@example.com",
            rcpt_to=("TEAM@example.com", "eve@example.com"),
        )
    )
    assert message.bcc == (Address(email="eve@example.com"),)


def test_a_bcc_field_left_in_a_copy_counts() -> None:
    content = b"From: ana@example.com\nTo: b@example.com\nBcc: Eve <eve@example.com>, b@example.com\n\nHi.\n"
    assert read_bytes(content).bcc == (Address(email="eve@example.com"),)


def test_an_archive_has_no_envelope_and_so_no_bcc() -> None:
    assert read_sample("odd/flowed").bcc == ()


def test_a_live_mail_dated_in_the_future_has_the_time_of_its_receipt() -> None:
    content = b"From: ana@example.com\r\nDate: Mon, 6 May 2030 12:00:00 +0000\r\n\r\nHello.\r\n"
    assert read(raw(content, source="smtp")).date == NOON


def test_a_date_after_the_newest_trace_field_is_not_believed() -> None:
    trace = b"Received: from a by b; Mon, 6 May 2024 11:00:00 +0000\r\n"
    content = trace + b"From: ana@example.com\r\nDate: Sat, 6 May 2028 11:00:00 +0000\r\n\r\nHello.\r\n"
    assert read_bytes(content).date == datetime(2024, 5, 6, 11, tzinfo=UTC)


def test_digest_is_of_the_bytes_as_they_came() -> None:
    assert read_bytes(b"x: y\r\n\r\nz").digest != read_bytes(b"x: y\n\nz").digest


def test_many_recipients_are_all_read() -> None:
    recipients = ", ".join(f"Person {number} <p{number}@example.com>" for number in range(5_000))
    message = read_bytes(f"From: ana@example.com\nTo: {recipients}\n\nHello.\n".encode())
    assert len(message.to) == 5_000
    assert message.to[-1] == Address(email="p4999@example.com", name="Person 4999")


def test_a_field_beyond_the_limit_still_counts_when_it_is_needed() -> None:
    filler = b"".join(b"X-%d: y\n" % number for number in range(3_000))
    message = read_bytes(filler + b"Subject: Far down\n\nHello.\n")
    assert message.subject == "Far down"
    assert any("left out" in defect for defect in message.defects)


def test_the_name_in_the_header_tells_the_signature() -> None:
    message = read_bytes(
        b"From: Clara Whitfield <clara@example.com>\nSubject: Paint\n\n"
        b"The paint is here.\n\nClara Whitfield\nHarbour Office Lead\n"
    )

    assert message.own_words == "The paint is here."
    assert message.parts[-1].trim is Trim.SIGNATURE
