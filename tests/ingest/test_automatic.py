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


def written(subject: str, words: str = "Hello there.", *, sender: str = "mika@example.org") -> Automatic:
    """What a mail to one person is, with nothing but these in it."""
    content = f"From: Mika <{sender}>\r\nTo: lena@example.com\r\nSubject: {subject}\r\n\r\n{words}\r\n"
    return read_bytes(content.encode()).automatic


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("I am out of the office until Monday", "I am out of the office until Monday."),
        ("Out of office until 18 March", "I have limited access to email."),
        ("Ich bin bis 18.3. nicht im Büro", "Ich bin nicht im Büro."),
        ("Je suis en congé jusqu’au 18 mars", "Je suis en congé."),
        ("Ausente", "Estaré de vacaciones hasta el lunes."),
        ("På ferie", "Jeg er på ferie og tilbake den 18."),
        ("Out of the Office Reply: Re: hello", "Later."),
        ("Absent du bureau Re: Budget", "À lundi."),
        ("Thank you for your email", "I am on annual leave until Monday."),
        ("Automatic Reply - Thank you for contacting us", "We will write."),
    ],
)
def test_away_in_the_subject_and_the_text_is_a_machines(subject: str, words: str) -> None:
    assert written(subject, words) is Automatic.AUTO_REPLY


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply settings in Outlook",
        "Vacation request",
        "Congés d’été",
        "Vacaciones de verano",
        "Away match on Saturday",
        "Urlaubsplanung",
        "Autoresponder configuration",
        "Bounce rate of the newsletter",
        "Delivery status of the chairs",
        "Returned goods",
        "Rejected: paper 12",
        "Build failed on my machine",
        "Problem: the printer",
        "Voicemail from the bank",
        "Newsletter draft",
        "Your message to the board",
        "Invitation: my birthday",
        "TR : Réponse automatique : Budget",
        "WG: Unzustellbar: Budget",
    ],
)
def test_people_write_about_what_machines_do(subject: str) -> None:
    assert written(subject) is Automatic.NO


@pytest.mark.parametrize(
    "local",
    [
        "support",
        "info",
        "sales",
        "hr",
        "admin",
        "j.root",
        "alert.jones",
        "robin.bot",
        "marc.update",
        "cronin",
        "scanlon",
        "maria.avis",
    ],
)
def test_people_and_shared_mailboxes_are_no_robots(local: str) -> None:
    assert written("Something new", sender=f"{local}@example.org") is Automatic.NO


@pytest.mark.parametrize(
    "local",
    [
        "no-reply",
        "noreply-accounts",
        "drive-shares-noreply",
        "ne-pas-repondre",
        "nicht-antworten",
        "noc-alerts",
        "build.notifications",
        "auto-confirm",
        "notification+7f3a",
        "copieur2",
    ],
)
def test_addresses_of_programs_are_robots(local: str) -> None:
    assert written("Something new", sender=f"{local}@example.org") is Automatic.ROBOT
