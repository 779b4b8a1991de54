"""The demo's company: enough of everything, and mail that is right on the wire."""

import email
import re
import zlib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from functools import cache
from itertools import pairwise

import pytest

from domain.classification import Kind
from unchain.demo.broken import FAULTS
from unchain.demo.clients.registry import CLIENTS
from unchain.demo.company import STORY, load, mails
from unchain.demo.script import DemoMail, MailScript, ThreadScript

START = datetime(2026, 11, 4, 12, 0, tzinfo=UTC)
COMPANY = load()
MAILS = mails(COMPANY, start=START)
THREADS = {thread.id: thread for thread in COMPANY.threads}


def script_of(mail: DemoMail) -> MailScript:
    return THREADS[mail.thread].mails[mail.index]


@cache
def parsed(mail: DemoMail) -> EmailMessage:
    message = email.message_from_bytes(mail.content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def head_of(mail: DemoMail) -> str:
    return mail.content.partition(b"\r\n\r\n")[0].decode("latin-1").replace("\r\n", "\n") + "\n"


def text_of(mail: DemoMail) -> str:
    body = parsed(mail).get_body(("plain",))
    assert body is not None
    content: str = body.get_content()
    return content


def mail_of(thread: str, index: int) -> DemoMail:
    return next(mail for mail in MAILS if (mail.thread, mail.index) == (thread, index))


def squeezed(text: str) -> str:
    return re.sub(r"[\s>]+", "", text)


SOUND = [mail for mail in MAILS if not script_of(mail).broken]


# ---- enough of everything ----------------------------------------------------------------------------------


def test_the_company_writes_at_least_60_threads_and_250_mails() -> None:
    assert len(COMPANY.threads) >= 60
    assert len(MAILS) >= 250
    assert len({mail.content for mail in MAILS}) == len(MAILS)


def test_every_thread_has_its_own_id_and_only_known_people() -> None:
    assert len(THREADS) == len(COMPANY.threads)
    for thread in COMPANY.threads:
        for script in thread.mails:
            COMPANY.person(script.by)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_there_in_both_languages(kind: Kind, language: str) -> None:
    assert sum(thread.kind is kind and thread.language == language for thread in COMPANY.threads) >= 3


@pytest.mark.parametrize("language", ["en", "fr"])
def test_sensitive_threads_are_there_in_both_languages_and_never_move(language: str) -> None:
    sensitive = [one for one in COMPANY.threads if one.sensitive and one.language == language]
    assert len(sensitive) >= 4
    assert not any(thread.moves for thread in sensitive)


def test_only_kinds_that_may_move_are_expected_to() -> None:
    never = {Kind.COORDINATION, Kind.NOTIFICATION, Kind.PERSONAL}
    assert not [thread.id for thread in COMPANY.threads if thread.moves and thread.kind in never]
    assert sum(thread.moves for thread in COMPANY.threads) >= 30


def test_a_thread_that_stays_against_its_kind_says_why() -> None:
    movable = {Kind.DISCUSSION, Kind.QUESTION, Kind.ANNOUNCEMENT, Kind.UPDATE, Kind.KNOWLEDGE}
    silent = [
        thread.id
        for thread in COMPANY.threads
        if thread.kind in movable and not (thread.moves or thread.sensitive or thread.stays_for)
    ]
    assert silent == []


def test_long_discussions_are_there() -> None:
    lengths = [len(thread.mails) for thread in COMPANY.threads if thread.kind is Kind.DISCUSSION]
    assert sum(4 <= length <= 12 for length in lengths) >= 14


def test_people_of_all_offices_write() -> None:
    offices = {COMPANY.person(script_of(mail).by).office for mail in MAILS}
    assert {"Québec", "Toronto", "Moncton", ""} <= offices
    silent = [one.key for one in COMPANY.staff if not any(script_of(m).by == one.key for m in MAILS)]
    assert silent == []


def test_every_client_and_every_fault_is_used() -> None:
    assert {mail.client for mail in MAILS} == set(CLIENTS)
    assert {fault for mail in MAILS for fault in script_of(mail).broken} == set(FAULTS)


def test_attachments_of_every_sort_are_there() -> None:
    names = [one.name for mail in MAILS for one in script_of(mail).attachments]
    assert {name.rpartition(".")[2] for name in names} >= {"csv", "png", "pdf", "txt"}
    assert any(not name.isascii() for name in names)


def test_machines_absences_and_bounces_say_that_they_are_automatic() -> None:
    automatic = [mail for mail in MAILS if "Auto-Submitted" in parsed(mail)]
    assert len(automatic) >= 10
    assert sum(mail.mail_from == "" for mail in automatic) >= 3


def internal(address: str) -> bool:
    return address.endswith("@" + COMPANY.domain)


def test_two_person_chains_outsiders_and_a_blind_copy_are_there() -> None:
    people = {
        thread.id: {one for m in MAILS if m.thread == thread.id for one in (m.mail_from, *m.rcpt_to)}
        for thread in COMPANY.threads
    }
    assert sum(len(everybody) == 2 for everybody in people.values()) >= 3
    assert sum(any(not internal(one) for one in everybody if one) for everybody in people.values()) >= 3
    hidden = next(mail for mail in MAILS if script_of(mail).bcc)
    assert "genevieve.tremblay-roy@boreal.example" in hidden.rcpt_to
    assert b"genevieve" not in hidden.content


# ---- right on the wire -------------------------------------------------------------------------------------


def test_the_same_start_gives_the_same_bytes() -> None:
    assert mails(load(), start=START) == MAILS


def test_another_start_gives_other_message_ids_and_dates() -> None:
    later = mails(COMPANY, start=datetime(2027, 2, 1, tzinfo=UTC))
    ids = {parsed(mail)["Message-ID"] for mail in MAILS if parsed(mail)["Message-ID"]}
    assert not ids & set(re.findall(r"(?m)^Message-ID: (<.*>)", "".join(map(head_of, later))))


def test_day_zero_is_a_monday_and_weekdays_in_texts_hold() -> None:
    first = min(mail.sent_at for mail in MAILS)
    assert (first.strftime("%A"), first.date().isoformat()) == ("Monday", "2026-11-02")


@pytest.mark.parametrize("day", range(1, 8))
def test_a_story_that_began_long_enough_ago_is_over(day: int) -> None:
    now = datetime(2026, 11, day, tzinfo=UTC)
    assert max(mail.sent_at for mail in mails(COMPANY, start=now - STORY)) < now


def test_mails_come_in_order_of_time_and_answers_after_what_they_answer() -> None:
    assert all(one.sent_at <= other.sent_at for one, other in pairwise(MAILS))
    for thread in COMPANY.threads:
        times = [mail.sent_at for mail in MAILS if mail.thread == thread.id]
        places = [mail.index for mail in MAILS if mail.thread == thread.id]
        assert places == sorted(places), thread.id
        assert times == sorted(times), thread.id


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: f"{mail.thread}-{mail.index}")
def test_lines_end_in_crlf_and_are_no_longer_than_smtp_allows(mail: DemoMail) -> None:
    assert mail.content.endswith(b"\r\n")
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", mail.content) is None
    assert max(len(line) for line in mail.content.split(b"\r\n")) <= 998


@pytest.mark.parametrize("mail", SOUND, ids=lambda mail: f"{mail.thread}-{mail.index}")
def test_a_sound_mail_is_read_by_the_standard_library_without_a_defect(mail: DemoMail) -> None:
    message = parsed(mail)

    assert [part.defects for part in message.walk() if part.defects] == []
    assert message["From"].addresses[0].addr_spec == COMPANY.person(script_of(mail).by).email
    assert message["From"].addresses[0].display_name == COMPANY.person(script_of(mail).by).name
    assert message["Date"].datetime == mail.sent_at
    assert squeezed(script_of(mail).text) in squeezed(text_of(mail))


@pytest.mark.parametrize("mail", SOUND, ids=lambda mail: f"{mail.thread}-{mail.index}")
def test_visible_recipients_are_in_the_envelope(mail: DemoMail) -> None:
    message = parsed(mail)
    shown = [
        one.addr_spec for name in ("To", "Cc") for one in (message[name].addresses if message[name] else ())
    ]
    assert shown
    assert set(shown) <= set(mail.rcpt_to)


def test_subjects_are_the_threads_with_the_clients_prefix() -> None:
    assert parsed(mail_of("compost", 0))["Subject"] == THREADS["compost"].subject
    assert parsed(mail_of("compost", 1))["Subject"] == "Re: " + THREADS["compost"].subject
    assert parsed(mail_of("compost", 3))["Subject"] == "RE: " + THREADS["compost"].subject


def test_message_ids_are_unique_and_references_name_mails_of_the_same_thread() -> None:
    seen: dict[str, str] = {}
    for mail in MAILS:
        if (message_id := parsed(mail)["Message-ID"]) is not None:
            assert message_id not in seen
            seen[message_id] = mail.thread
    for mail in MAILS:
        for named in re.findall(r"<[^<>]+>", str(parsed(mail)["References"] or "")):
            assert seen[named] == mail.thread


@pytest.mark.parametrize(
    ("thread", "index", "line"),
    [
        ("booking-tool", 4, "From: Noah Levine <noah.levine@boreal.example>"),  # Outlook, English
        ("horaire-ete", 4, "De : Luc Gagnon <luc.gagnon@boreal.example>"),  # Outlook, French
        ("booking-tool", 1, "Sent from my iPhone"),
        ("horaire-ete", 1, "Envoyé de mon iPhone"),
        ("booking-tool", 2, "On Mon, Nov 02, 2026 at 09:12:00AM -0500, Hannah Kowalczyk wrote:"),  # mutt
        ("compost", 2, "Le lun. 02 nov. 2026 à 08:40:00, Josée Lavoie a écrit :"),  # mutt, French
        ("return-to-office", 1, "On 2026-11-03 8:55 a.m., Priya Raman wrote:"),  # Thunderbird
        ("velos-vestiaire", 2, "Le 2026-11-11 à 08:45, Fatou Diallo a écrit :"),
        ("accents-excel", 2, "-----Message d'origine-----"),  # classic Outlook
        ("pivot-refresh", 2, "-----Original Message-----"),
    ],
)
def test_clients_write_their_own_lines(thread: str, index: int, line: str) -> None:
    script_is_broken = "wrong-charset" in script_of(mail_of(thread, index)).broken
    text = (
        mail_of(thread, index).content.decode("cp1252")
        if script_is_broken
        else text_of(mail_of(thread, index))
    )
    assert line in text.replace("\u202f", " ").replace("\xa0", " ").replace("\r\n", "\n").split("\n")


def test_gmail_breaks_its_attribution_as_gmail_does() -> None:
    text = text_of(mail_of("bois-pagaies", 5)).replace("\xa0", " ")
    assert re.search(
        r"Le \w+\. 4 nov\. 2026 à \d\d h \d\d, Karim Benali\n?\s*<karim\.benali@boreal\.example>", text
    )
    assert "gmail_quote" in mail_of("bois-pagaies", 5).content.decode()


def test_charsets_and_encodings_are_mixed() -> None:
    heads = b"\n".join(mail.content for mail in MAILS).lower()
    for wanted in (
        b"charset=iso-8859-1",
        b"charset=windows-1252",
        b"charset=utf-8",
        b"format=flowed",
        b"encoding: quoted-printable",
        b"encoding: base64",
        b"encoding: 8bit",
        b"=?utf-8?",
        b"=?iso-8859-1?",
        b"filename*=utf-8''",
    ):
        assert wanted in heads, wanted


def test_attachments_are_real_files_with_their_names() -> None:
    for mail in SOUND:
        wanted = script_of(mail).attachments
        found = list(parsed(mail).iter_attachments()) if wanted else []
        assert len(found) == len(wanted)
        for part, script in zip(found, wanted, strict=True):
            assert part.get_filename() == script.name
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            check_file(script.name, content)


def check_file(name: str, content: bytes) -> None:
    if name.endswith(".png"):
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        begin = content.index(b"IDAT") + 4
        length = int.from_bytes(content[begin - 8 : begin - 4], "big")
        assert len(zlib.decompress(content[begin : begin + length])) == 120 * (1 + 240 * 3)
    elif name.endswith(".pdf"):
        offset = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
        assert content[offset:].startswith(b"xref\n")
    else:
        assert content.decode("utf-8").count("\n") >= 3


# ---- broken clients ----------------------------------------------------------------------------------------


def broken(fault: str) -> DemoMail:
    return next(mail for mail in MAILS if fault in script_of(mail).broken)


def test_broken_clients_leave_out_what_they_should_say() -> None:
    assert b"\r\nDate:" not in broken("no-date").content
    assert b"\r\nMessage-ID:" not in broken("no-message-id").content
    assert b"\r\nReferences:" not in broken("only-in-reply-to").content
    assert b"\r\nIn-Reply-To:" in broken("only-in-reply-to").content
    assert b"\r\nIn-Reply-To:" not in broken("no-references").content
    assert b"\r\nIn-Reply-To: Your message of " in broken("prose-in-reply-to").content


def test_broken_clients_write_raw_bytes() -> None:
    assert "Subject: Quai 2 : réparé".encode("latin-1") in mail_of("quai-deux", 0).content
    mail = broken("wrong-charset")
    assert b"charset=utf-8" in mail.content
    with pytest.raises(UnicodeDecodeError):
        mail.content.decode("utf-8")


def test_one_mail_can_barely_be_read() -> None:
    message = parsed(broken("mangled"))
    assert any(part.defects for part in message.walk())


def test_answers_to_a_mail_without_an_id_still_name_what_they_can() -> None:
    thread: ThreadScript = THREADS["cles-entrepot"]
    assert thread.mails[0].broken == ("no-message-id",)
    assert "References" not in parsed(mail_of("cles-entrepot", 1))
    assert "References" in parsed(mail_of("cles-entrepot", 2))
