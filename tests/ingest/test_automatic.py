from pathlib import Path
from time import process_time

import pytest

from domain.mail import Automatic
from ingest.automatic_phrases import phrases_of, plain, table
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


def test_every_phrase_of_machines_holds_a_stem_by_which_texts_are_sifted() -> None:
    stems = phrases_of("automatic_stems")
    every = (*phrases_of("automatic_reply"), *phrases_of("automatic_message"))
    assert [each for each in every if not any(stem in each for stem in stems)] == []


@pytest.mark.parametrize("name", ["automatic_subjects", "automatic_texts"])
def test_phrases_are_written_as_the_mails_are_read(name: str) -> None:
    every = [phrase for section in table(name).values() for found in section.values() for phrase in found]
    assert [phrase for phrase in every if plain(phrase) != phrase.strip()] == []


HOSTILE = {
    "brackets": "[" * 200_000,
    "tags": "[a]" * 50_000,
    "phrases": "automatic reply" * 20_000,
    "is out": "x " * 100_000 + "is out of the office",
    "asterisks": "*" * 200_000,
    "daemons": "mailer-daemon" * 10_000,
}


@pytest.mark.parametrize("subject", HOSTILE.values(), ids=HOSTILE)
def test_hostile_subjects_and_openings_cost_nothing(subject: str) -> None:
    content = f"From: {subject[:5000]}@example.com\r\nSubject: {subject}\r\n\r\n{subject}\r\n".encode()
    started = process_time()
    read_bytes(content)
    assert process_time() - started < 1


def test_ten_thousand_addresses_in_a_bounce_cost_nothing() -> None:
    lines = "\r\n".join(f"<person{number}@example.net>: 550 5.1.1 unknown" for number in range(10_000))
    content = f"From: MAILER-DAEMON@example.com\r\nSubject: failure notice\r\n\r\n{lines}\r\n".encode()
    started = process_time()
    message = read_bytes(content)
    assert process_time() - started < 1
    assert len(message.bounced) == 100
