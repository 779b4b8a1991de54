"""Folded text: quotes of what is on the page are kept, words of other mails are not."""

from datetime import UTC, datetime

import pytest

from domain.mail import Address, Message, TextPart, Trim
from ingest.own_words import split_plain
from unchain.quoting import folded, said_in


def mail(*parts: TextPart) -> Message:
    return Message(
        message_id="1@acme.example",
        digest="0",
        subject="Rooms",
        sender=Address(email="ana@acme.example"),
        date=datetime(2026, 3, 2, tzinfo=UTC),
        parts=parts,
    )


OPENING = mail(
    TextPart(text="Our meeting rooms are always booked and half of them stand empty.\nDrop booking?")
)
INTRODUCTION = TextPart(text="On Monday Ana wrote:", trim=Trim.ATTRIBUTION)


@pytest.mark.parametrize(
    ("quote", "kept"),
    [
        pytest.param("> Drop booking?", "> Drop booking?", id="a line of the thread"),
        pytest.param(
            "> Our meeting rooms are\n> always booked and half\n> of them stand empty.",
            "> Our meeting rooms are\n> always booked and half\n> of them stand empty.",
            id="wrapped anew",
        ),
        pytest.param(">> drop   BOOKING?", ">> drop   BOOKING?", id="deeper, other blanks and case"),
        pytest.param("> Bob was warned twice.", "", id="words of another mail"),
        pytest.param("> Drop booking?\n> Bob was warned.", "> Drop booking?", id="only what is known"),
    ],
)
def test_of_a_quote_only_what_the_thread_says_is_kept(quote: str, kept: str) -> None:
    answer = mail(TextPart(text="No."), INTRODUCTION, TextPart(text=quote, trim=Trim.QUOTE))
    expected = f"On Monday Ana wrote:\n{kept}" if kept else ""
    assert folded(answer, said_in([OPENING, answer])) == expected


def test_a_forwarded_mail_that_was_not_in_the_thread_is_not_kept() -> None:
    forward = mail(TextPart(text="FYI"), TextPart(text="From: Eve\n\nHer salary is 5.", trim=Trim.FORWARDED))
    assert folded(forward, said_in([OPENING, forward])) == ""


def test_signature_and_disclaimer_are_kept() -> None:
    signed = mail(
        TextPart(text="Yes."),
        TextPart(text="-- \nAna, extension 4021", trim=Trim.SIGNATURE),
        TextPart(text="Sent from my phone", trim=Trim.DEVICE),
    )
    assert folded(signed, said_in([signed])) == "-- \nAna, extension 4021\nSent from my phone"


def test_a_quote_of_a_quote_from_elsewhere_stays_out_however_often_it_is_repeated() -> None:
    secret = TextPart(text="> Bob was warned twice.", trim=Trim.QUOTE)
    first, second = mail(TextPart(text="See below."), secret), mail(TextPart(text="I see."), secret)
    assert folded(second, said_in([first, second])) == ""


def test_the_quotes_of_a_real_answer_are_kept() -> None:
    text = "None.\n\nOn Mon, 02 Mar 2026 at 09:00, Ana Ruiz <ana@acme.example> wrote:\n> Drop booking?\n"
    answer = mail(*split_plain(text))
    assert "> Drop booking?" in folded(answer, said_in([OPENING, answer]))
