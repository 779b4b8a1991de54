from pathlib import Path

import pytest

from domain.mail import Automatic
from ingest.parse import read
from tests.ingest.reading import MAILS, raw, read_bytes

SAMPLES = sorted((MAILS / "automatic").glob("*.eml"))


def test_there_are_samples_of_every_kind() -> None:
    assert {path.stem.partition("__")[0] for path in SAMPLES} == {kind.value for kind in Automatic}


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_machines_and_people_are_told_apart(path: Path) -> None:
    assert read_bytes(path.read_bytes()).automatic.value == path.stem.partition("__")[0]


def test_an_empty_envelope_sender_means_a_machine() -> None:
    content = b"From: Somebody <somebody@example.com>\r\nSubject: Hello\r\n\r\nHello.\r\n"
    assert read(raw(content, source="smtp", mail_from="")).automatic is Automatic.ROBOT
    assert read(raw(content, source="smtp", mail_from="somebody@example.com")).automatic is Automatic.NO


def test_an_archive_without_envelopes_says_nothing_about_machines() -> None:
    content = b"From: Somebody <somebody@example.com>\r\nSubject: Hello\r\n\r\nHello.\r\n"
    assert read(raw(content, source="mbox")).automatic is Automatic.NO


@pytest.mark.parametrize(
    "subject", ["Out of office: who covers?", "Absence : planning de mai", "OOO"], ids=["en", "fr", "short"]
)
def test_a_subject_counts_only_where_no_list_sent_it(subject: str) -> None:
    content = (
        f"From: ana@example.com\r\nSubject: {subject}\r\nList-Post: <mailto:t@example.com>\r\n\r\nHi.\r\n"
    )
    assert read_bytes(content.encode()).automatic is Automatic.NO
