"""Proposals to split a thread: where subject and words change, and nowhere else."""

import time

import pytest

from domain.mail import Automatic, Message
from ingest.conversation import conversation_order
from ingest.splits import proposed_splits
from tests.ingest.reading import mail

ROOM = "Could somebody book the large meeting room for the budget talk on Thursday afternoon please?"
SURE = "The large meeting room is booked for Thursday afternoon, budget papers lie on the table."
PRINTER = (
    "Hello everybody, since this morning our printer upstairs swallows every second sheet and blinks orange. "
    "Does anyone know whom to call about repairs, or where spare rollers are kept?"
)
ROLLERS = "Spare rollers are in the cupboard behind the printer, second shelf."
FIRST = mail("room@x", subject="Room for Thursday", words=ROOM)
BOOKED = mail("booked@x", subject="Re: Room for Thursday", answers=("room@x",), words=SURE, minutes=5)


def turn(subject: str, words: str = PRINTER, automatic: Automatic = Automatic.NO) -> Message:
    return mail("turn@x", subject=subject, answers=("booked@x",), words=words, minutes=9, automatic=automatic)


def proposed(*further: Message) -> list[tuple[str | None, int]]:
    found = proposed_splits(conversation_order([FIRST, BOOKED, *further]))
    return [(split.message.message_id, split.mails) for split in found]


def test_a_mail_with_another_subject_and_other_words_may_begin_a_thread() -> None:
    rollers = mail("r@x", subject="Re: Printer", answers=("turn@x",), words=ROLLERS, minutes=20)
    assert proposed(turn("Printer upstairs is broken"), rollers) == [("turn@x", 2)]


def test_the_reason_is_told_with_its_figures() -> None:
    (split,) = proposed_splits([FIRST, BOOKED, turn("Printer upstairs is broken")])
    assert split.sentence == (
        "The subject changes from “Room for Thursday” to “Printer upstairs is broken”, and of 24 words of "
        "this mail 0 were used in the mails that it follows."
    )


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Room for Thursday",
        "AW: [EXTERNAL] Re: Room for Thursday",
        "Printer upstairs (was: Room for Thursday)",
        "Drucker oben (war: Room for Thursday)",
        "Thursday's room is too small",
        "Accepted: Room for Thursday",
        "",
        "(no subject)",
    ],
)
def test_a_subject_that_is_kept_named_empty_or_alike_proposes_nothing(subject: str) -> None:
    assert proposed(turn(subject)) == []


def test_the_same_words_under_another_subject_propose_nothing() -> None:
    words = f"{ROOM} {SURE} Shall we order coffee as well?"
    assert proposed(turn("Coffee order", words)) == []


def test_a_mail_of_a_few_words_or_of_a_machine_proposes_nothing() -> None:
    assert proposed(turn("Printer upstairs is broken", "It is broken again.")) == []
    assert proposed(turn("Printer upstairs is broken", automatic=Automatic.ROBOT)) == []


def test_the_parts_of_a_series_belong_together() -> None:
    cover = mail("c@x", subject="[PATCH 0/2] Tidy the parser", words=ROOM)
    part = mail("p@x", subject="[PATCH 1/2] Drop an import", answers=("c@x",), words=PRINTER, minutes=1)
    assert proposed_splits([cover, part]) == ()


def test_only_the_first_mail_with_the_new_subject_is_proposed() -> None:
    stray = mail(
        "stray@x",
        subject="Re: Printer upstairs is broken",
        answers=("room@x",),
        words=ROLLERS * 2,
        minutes=30,
    )
    assert proposed(turn("Printer upstairs is broken"), stray) == [("turn@x", 1)]


def test_scripts_without_blanks_are_compared_by_their_signs() -> None:
    room = mail(
        "room@x", subject="木曜日の会議室", words="木曜日の午後に予算会議のため大会議室を予約してください。"
    )
    same = "大会議室は木曜日の午後に予約しました。予算会議の資料は机の上にあります。"
    other = "二階のプリンターが今朝から紙詰まりを起こしています。修理業者の電話番号を知っている方はいますか。"
    kept = mail("k@x", subject="資料の件", answers=("room@x",), words=same, minutes=1)
    turned = mail("t@x", subject="プリンター故障", answers=("room@x",), words=other, minutes=1)
    assert proposed_splits([room, kept]) == ()
    assert [split.message.message_id for split in proposed_splits([room, turned])] == ["t@x"]


def test_a_ring_and_a_long_chain_take_no_time_that_matters() -> None:
    chain = [
        mail(
            f"{n}@x",
            subject=f"Topic {chr(97 + n % 26) * 5}{n}",
            answers=(f"{(n - 1) % 2000}@x",),
            words=PRINTER,
        )
        for n in range(2_000)
    ]
    before = time.process_time()
    assert len(proposed_splits(chain)) <= len(chain)
    assert time.process_time() - before < 5
