"""`unchain correct` on a real database: it is remembered, acts at once and can be read again."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.decision import Outcome
from store import lessons
from store.publications import PublicationState
from tests.unchain.terminal import Run
from tests.unchain.workshop import ANA, BOB, Workshop, mail


def states(shop: Workshop) -> list[PublicationState]:
    return [planned.state for planned in shop.publications()]


async def work_now(shop: Workshop) -> None:
    """Do what a command has asked for: it goes by the real clock."""
    shop.clock.now = max(shop.clock.now, datetime.now(UTC))
    await shop.settle()


@pytest.mark.parametrize("option", ["--sensitive", "--stays"])
async def test_a_moved_thread_is_taken_back_and_stays_in_the_mail(
    shop: Workshop, unchain: Run, config: Path, option: str
) -> None:
    shop.receive_talk()
    await shop.settle()
    assert states(shop) == [PublicationState.PUBLISHED]

    assert "taken back" in unchain("correct", "0@acme.example", option).out
    await work_now(shop)

    assert states(shop) == [PublicationState.WITHDRAWN]
    decision = shop.decision()
    assert decision is not None
    assert decision.outcome is Outcome.STAY


async def test_a_thread_told_sensitive_before_it_settled_never_moves(
    shop: Workshop, unchain: Run, config: Path
) -> None:
    shop.receive_talk()
    await shop.work()

    unchain("correct", "<0@acme.example>", "--sensitive")
    await work_now(shop)

    decision = shop.decision()
    assert decision is not None
    assert decision.outcome is Outcome.STAY
    assert shop.wiki.tries == 0


async def test_a_right_kind_is_judged_anew(shop: Workshop, unchain: Run, config: Path) -> None:
    shop.receive_talk()
    await shop.work()

    unchain("correct", "0@acme.example", "--kind", "coordination")
    await work_now(shop)

    assert shop.wiki.tries == 0  # the rule wants a discussion
    found = shop.pipeline.examiner.examine(shop.thread().id)
    assert found is not None
    assert (found.classification.kind, found.classification.corrected) == ("coordination", ("kind",))


async def test_not_sensitive_never_lifts_what_is_certain(shop: Workshop, unchain: Run, config: Path) -> None:
    shop.receive(mail(0, words="The word is SECRET", to=(BOB,)))
    await shop.work()

    unchain("correct", "0@acme.example", "--not-sensitive", "--moves")
    await work_now(shop)

    decision = shop.decision()
    assert decision is not None
    assert decision.outcome is Outcome.STAY


async def test_what_was_said_is_listed_with_who_and_when(shop: Workshop, unchain: Run, config: Path) -> None:
    shop.receive_talk()
    await shop.work()
    unchain("correct", "0@acme.example", "--kind", "question", "--not-sensitive", "--moves")

    listed = unchain("correct", "0@acme.example", "--json")

    (said,) = json.loads(listed.out)["said"]
    assert (said["kind"], said["sensitive"], said["moves"]) == ("question", False, True)
    assert said["by"].startswith("operator")
    assert (
        "correction: question, not sensitive, moves, by operator" in unchain("correct", "0@acme.example").out
    )


async def test_keep_in_mail_and_recall_are_evidence(shop: Workshop, unchain: Run, config: Path) -> None:
    shop.receive_talk()
    await shop.settle()
    shop.receive(mail(9, "KEEP IN MAIL", to=(BOB,), answers=0))
    await shop.work()
    unchain("recall", shop.thread().id)

    with shop.database.read() as session:
        said = lessons.of_thread(session, shop.thread().id)
    assert [(each.sort, each.moves) for each in said] == [("veto", False)] * 2
    assert said[0].by == ANA


def test_no_such_mail_and_no_such_kind_are_told_in_a_sentence(unchain: Run, config: Path) -> None:
    ended = unchain("correct", "nobody@acme.example", "--sensitive")
    assert (ended.code, len(ended.err.splitlines())) == (1, 1)
    assert unchain("correct", "nobody@acme.example", "--kind", "gossip").code == 2
