"""Mails that mails pass on, in all clients and languages; the mails are in tests/mails/forwarded/."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.mail import Address, Forwarded, Message, RawMail, TextPart, Trim
from ingest.forwarded import find_forwarded
from ingest.own_words import split_plain
from ingest.parse import read

MAILS = Path(__file__).parent.parent / "mails" / "forwarded"
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
HEADER = "From: Ines <ines@quarry.example>\nSent: Friday, May 3, 2024 2:05 PM\nTo: Lena\nSubject: Gates\n"


def _cases() -> list[object]:
    found: list[object] = []
    for path in sorted(MAILS.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


def _read(mail: str) -> Message:
    content = mail.encode()
    return read(RawMail(content=content, mail_from="", rcpt_to=(), source="eml", received_at=NOON))


def _told(mail: Forwarded) -> tuple[str, datetime | None, str]:
    name, email = mail.sender.name, mail.sender.email
    return (f"{name} <{email}>" if name and email else name or email), mail.date, mail.subject


def _expected(each: dict[str, str]) -> tuple[str, datetime | None, str]:
    date = datetime.fromisoformat(each["date"]) if "date" in each else None
    return each["from"], date, each.get("subject", "")


@pytest.mark.parametrize("case", _cases())
def test_the_mails_that_a_mail_passes_on_are_found(case: dict[str, object]) -> None:
    message = _read(str(case["mail"]))

    expected = [_expected(each) for each in case["forwarded"]]  # type: ignore[attr-defined]
    assert [_told(mail) for mail in message.forwarded] == expected
    assert message.own_words.strip("\n") == str(case["own"]).strip("\n")


@pytest.mark.parametrize("case", [case for case in _cases() if case.values[0]["forwarded"]])  # type: ignore[attr-defined]
def test_what_is_passed_on_is_no_quote(case: dict[str, object]) -> None:
    parts = _read(str(case["mail"])).parts
    assert [part.text for part in parts if part.trim is Trim.QUOTE] == []


def _forwarded(text: str, subject: str) -> tuple[TextPart, ...]:
    return find_forwarded(split_plain(text), subject=subject, date=NOON).parts


def test_a_bare_header_is_a_quote_in_a_reply_and_forwarded_in_a_forward() -> None:
    text = f"See below.\n\n{HEADER}\nTwo bolts are missing."
    assert [part.trim for part in _forwarded(text, "RE: Gates")] == [None, Trim.ATTRIBUTION, Trim.QUOTE]
    assert [part.trim for part in _forwarded(text, "FW: Gates")] == [None, Trim.ATTRIBUTION, Trim.FORWARDED]


@pytest.mark.parametrize("subject", ["Fwd: Gates", "RE: Gates", ""])
def test_the_text_stays_whole(subject: str) -> None:
    text = f"a\n\n{HEADER}\nb\n> c\n\n---------- Forwarded message ---------\n{HEADER}\n\nd\n"
    assert "\n".join(part.text for part in _forwarded(text, subject)) == text


def test_replies_within_a_forward_are_not_passed_on_themselves() -> None:
    inner = "On Thu, 2 May 2024 at 10:00, Lena <lena@harbour.example> wrote:\n> How are the gates?"
    text = f"---------- Forwarded message ---------\n{HEADER}\nMissing bolts.\n\n{inner}\n"
    found = find_forwarded(split_plain(text), subject="Fwd: Gates", date=NOON)
    assert [mail.sender.email for mail in found.mails] == ["ines@quarry.example"]
    assert Trim.QUOTE not in {part.trim for part in found.parts}


def test_an_answer_between_quoted_lines_makes_it_a_reply_whatever_the_subject_says() -> None:
    quoted = "On Fri, 3 May 2024 at 14:05, Ines <ines@quarry.example> wrote:\n> Bolts?"
    text = f"Hi,\n\n{quoted}\n\nTomorrow.\n\n> Nuts?\n"
    found = find_forwarded(split_plain(text), subject="Gates (fwd)", date=NOON)
    assert found.mails == ()
    assert Trim.FORWARDED not in {part.trim for part in found.parts}


def test_an_author_in_whose_name_somebody_else_sent_counts() -> None:
    text = HEADER.replace(
        "Ines <ines@quarry.example>", "desk@quarry.example [mailto:desk@quarry.example] On Behalf Of Ines"
    )
    found = find_forwarded(split_plain(f"{text}\nHello"), subject="FW: Gates", date=NOON)
    assert [mail.sender for mail in found.mails] == [Address(email="", name="Ines")]


def test_a_bounce_passes_nothing_on_though_it_encloses_a_mail() -> None:
    path = MAILS.parent / "automatic" / "bounce__from_a_no_reply_address.eml"
    assert _read(path.read_text(encoding="utf-8")).forwarded == ()


def test_a_mail_full_of_separators_passes_on_no_more_than_can_be_told() -> None:
    text = f"----- Forwarded message -----\n{HEADER}\n" * 2_000
    found = find_forwarded(split_plain(text), subject="Fwd: Gates", date=NOON)
    assert len(found.mails) == 50
    assert "\n".join(part.text for part in found.parts) == text
