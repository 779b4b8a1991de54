"""Mails with odd headers: who wrote to whom, when and under which subject, as their authors meant it."""

from datetime import UTC, datetime

import pytest

from domain.mail import Message
from tests.ingest.reading import read_sample

WRITTEN = datetime(2024, 3, 5, 8, 15, tzinfo=UTC)
ANA = ("Ana Silva", "ana@example.com")
BOB = ("Bob Ray", "bob@example.com")
ZOE = ("Zoe", "zoe@example.com")
USUAL = {
    "subject": "Roof",
    "sender": ANA,
    "to": [("Team", "team@example.com")],
    "words": "The roof is done.",
    "strays": (),
    "files": [],
}
MAILS: dict[str, dict[str, object]] = {
    "names_with_commas": {
        "to": [
            ("Ray, Bob", "bob@example.com"),
            ("Lefèvre, Zoé", "zoe@example.com"),
            ("Cal Moor, Ph.D.", "cal@example.com"),
        ]
    },
    "group_of_people": {"to": [BOB, ("", "cal@example.com"), ZOE]},
    "old_route_and_comments": {"sender": ("Ana (of (the) roof) Silva", "ana@example.com")},
    "address_inside_encoded_word": {"to": [("Ray, Bob (roof)", "bob@example.com")]},
    "exchange_directory_name": {"to": [("", "bob@example.com")], "strays": ("to",)},
    "user_without_domain": {"strays": ("cc",)},
    "brackets_doubled": {"to": [("", "bob@example.com"), ZOE, ("Cal", "cal@example.com")]},
    "two_authors_and_secretary": {},
    "sent_on_by_hand": {"strays": ("resent-to",)},
    "raw_cyrillic_header": {"subject": "Крыша готова", "words": "Крыша готова."},
    "raw_japanese_header": {"subject": "屋根の工事について", "words": "工事は終わりました。"},
    "raw_japanese_seven_bit": {"subject": "屋根", "words": "終わりました。"},
    "raw_chinese_without_charset": {"subject": "屋顶工程已经完成"},
    "raw_polish_with_hint": {"subject": "Dach już skończony, dziękuję", "words": "Dach gotów."},
    "charset_with_vendor_name": {"subject": "Крыша готоваété", "words": "Готово."},
    "charset_left_empty": {"subject": "Le toit est posé"},
    "rubbish_over_several_lines": {},
    "carriage_returns_in_header": {},
    "first_line_indented": {},
    "boundary_in_single_quotes": {"files": ["roof.pdf"]},
    "boundary_declared_wrongly": {"files": ["roof.pdf"]},
    "fold_without_blank": {"files": ["roof.pdf"]},
    "date_with_named_zone": {},
    "date_in_russian": {},
    "date_with_offset_behind_name": {},
    "listserv_hides_address": {"sender": BOB, "to": [("", "roof@lists.example.com")]},
    "sympa_puts_itself_first": {"sender": BOB, "to": [("", "roof@lists.example.com")]},
    "marking_of_rfc7444": {},
    "names_of_files_with_slips": {
        "files": ["roof plan.pdf", "toité.pdf", "fenêtre.jpg", "bill.doc", "attachment.xls"]
    },
}


def summary(message: Message) -> dict[str, object]:
    return {
        "subject": message.subject,
        "sender": (message.sender.name, message.sender.email),
        "to": [(address.name, address.email) for address in message.to],
        "words": message.own_words,
        "strays": message.stray_people,
        "files": [attachment.name for attachment in message.attachments],
    }


@pytest.mark.parametrize(("name", "meant"), MAILS.items(), ids=MAILS)
def test_a_mail_with_an_odd_header_is_read_as_it_was_meant(name: str, meant: dict[str, object]) -> None:
    message = read_sample(f"odd/{name}")
    assert summary(message) == USUAL | meant
    assert message.date == WRITTEN
    assert message.message_id is not None
    assert message.message_id.startswith("head-")


def test_those_beside_author_and_recipients_are_known() -> None:
    two, sent_on = read_sample("odd/two_authors_and_secretary"), read_sample("odd/sent_on_by_hand")
    assert [each.email for each in two.bystanders] == ["bob@example.com", "zoe@example.com"]
    assert [each.email for each in two.answers_to] == ["cal@example.net"]
    assert [each.email for each in sent_on.bystanders] == ["bob@example.com", "zoe@example.net"]


def test_a_marking_is_a_label() -> None:
    assert read_sample("odd/marking_of_rfc7444").sensitivity == ("roof crew only",)
