"""What holds for any text that a mail may pass on: nothing lost or raised, no words of the author taken."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mail import Trim
from ingest.forwarded import find_forwarded
from ingest.own_words import split_html, split_plain

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
PIECES = (
    "---------- Forwarded message ---------",
    "Begin forwarded message:",
    "-----Original Message-----",
    "----- Forwarded Message ----- From: A <a@q.example>To: b@q.exampleSent: 3 May 2024 14:05Subject: x",
    "----- Forwarded by Ann/Quarry on 05/03/2024 02:05 PM -----",
    "From: Ann <ann@quarry.example>",
    "De : Ann",
    "Sent: Friday, May 3, 2024 2:05 PM",
    "Date: 3/5/24",
    "Subject: Fwd: Gates",
    "To: tom@harbour.example;",
    " folded <more@harbour.example>",
    "On Fri, 3 May 2024 at 14:05, Ann <ann@quarry.example> wrote:",
    ">>> Ann <ann@quarry.example> 5/3/2024 2:05 PM >>>",
    "> > deeper",
    "> quoted",
    "Some words of my own.",
    "________________________________",
    "",
    "",
    "> ",
)
texts = st.lists(
    st.tuples(st.sampled_from(("", "> ", ">> ", "\t")), st.sampled_from(PIECES) | st.text(max_size=20))
)
subjects = st.sampled_from(("Fwd: Gates", "RE: Gates", "VS: Gates", "Gates (fwd)", "", "[Fwd: Gates]"))


@settings(max_examples=150, deadline=None)
@given(texts, subjects)
def test_every_text_stays_whole_and_only_marks_change(pieces: list[tuple[str, str]], subject: str) -> None:
    split = split_plain("\n".join(mark + piece for mark, piece in pieces))
    found = find_forwarded(split, subject=subject, date=NOON)

    assert "\n".join(part.text for part in found.parts) == "\n".join(part.text for part in split)
    assert len(found.mails) <= 50
    for mail in found.mails:
        assert mail.date is None or mail.date.tzinfo is not None
        assert "\n" not in mail.subject + mail.sender.name + mail.sender.email


@settings(max_examples=100, deadline=None)
@given(texts)
def test_an_answer_keeps_all_its_words(pieces: list[tuple[str, str]]) -> None:
    split = split_plain("\n".join(mark + piece for mark, piece in pieces))
    found = find_forwarded(split, subject="Re: Gates", date=NOON)
    assert [part.text for part in found.parts if part.trim is None] == [
        part.text for part in split if part.trim is None
    ]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), subjects)
def test_any_text_and_any_markup_can_be_read(text: str, subject: str) -> None:
    for split in (split_plain(text), split_html(text)):
        found = find_forwarded(split, subject=subject, date=NOON, date_field=text)
        assert {part.trim for part in found.parts} <= {*Trim, None}
