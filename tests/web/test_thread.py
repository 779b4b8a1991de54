"""The page of a conversation: why it is where it is, and a participant's button to keep it in the mail."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from domain.decision import Decision, Outcome, TrailStep
from domain.mail import Address
from store import decisions, people, threads
from store.tables import JobRow
from tests.web.conftest import Browse
from tests.web.world import (
    ADMIN,
    CLASSIFICATION,
    INES,
    MIRELA,
    NOW,
    PAUL,
    World,
    decision,
    form_of,
    heating,
)

KEEP = "Keep it in the mail"
TAKE_BACK = "Take it back into the mail"


def jobs(world: World) -> list[tuple[str, str]]:
    with world.database.read() as session:
        return [(row.kind, row.subject) for row in session.exec(select(JobRow)).all()]


def is_kept(world: World, thread_id: str) -> bool:
    with world.database.read() as session:
        return threads.is_vetoed(session, thread_id)


def blind_copy(thread_id: str, reason: str) -> Decision:
    """A conversation that stays because somebody had a blind copy, and somebody else opted out."""
    return replace(
        decision(thread_id, Outcome.STAY, None),
        reason=reason,
        trail=(
            TrailStep(name="gate: automatic", passed=True, sentence="A person wrote in it."),
            TrailStep(name="gate: blind copy", passed=False, sentence="Somebody had a blind copy (Bcc)."),
            TrailStep(name="gate: opted out", passed=False, sentence="A participant has opted out."),
            TrailStep(name="gate: asides", passed=True, sentence="An aside is kept out."),
        ),
    )


async def test_the_decision_is_shown_with_every_step_down_to_its_parts(world: World, browse: Browse) -> None:
    thread_id, _ = world.move(heating(), "wiki")

    text = await (await (await browse(MIRELA)).get(f"/thread/{thread_id}")).text()

    assert "A question that was answered by paul." in text
    assert "Answered questions become pages" in text
    for step in ("Nothing sensitive was found.", "All of:", "It is a question (0.90)."):
        assert step in text


async def test_the_decision_is_told_in_the_readers_language(world: World, browse: Browse) -> None:
    thread_id = world.chain(heating())
    with world.database.write() as session:
        people.choose_language(session, INES.email, "fr", at=NOW)
        decisions.record(session, blind_copy(thread_id, "It is sensitive (staff)."), CLASSIFICATION)

    text = await (await (await browse(INES)).get(f"/thread/{thread_id}")).text()

    assert "Le contenu est sensible" in text
    assert "Une personne y a écrit." in text


async def test_nobody_is_told_that_somebody_had_a_blind_copy_or_opted_out(
    world: World, browse: Browse
) -> None:
    thread_id = world.chain(heating())
    with world.database.write() as session:
        hidden = "Somebody had a blind copy (Bcc)."
        decisions.record(session, blind_copy(thread_id, hidden), CLASSIFICATION)

    text = await (await (await browse(INES)).get(f"/thread/{thread_id}")).text()

    assert "It stays with those who received it." in text
    assert "A person wrote in it." in text
    for word in ("blind", "Bcc", "opted", "aside is kept"):
        assert word not in text


async def test_a_participant_keeps_a_conversation_in_the_mail(world: World, browse: Browse) -> None:
    thread_id = world.chain(heating())
    client = await browse(PAUL)
    page = await client.get(f"/thread/{thread_id}")
    assert KEEP in await page.text()

    kept = await client.post(f"/thread/{thread_id}/keep", data={"form": await form_of(page)})

    assert is_kept(world, thread_id)
    assert jobs(world) == []
    assert KEEP not in await kept.text()


async def test_a_participant_takes_a_moved_conversation_back(world: World, browse: Browse) -> None:
    thread_id, _ = world.move(heating(), "wiki")
    client = await browse(PAUL)
    page = await client.get(f"/thread/{thread_id}")
    assert TAKE_BACK in await page.text()

    await client.post(f"/thread/{thread_id}/keep", data={"form": await form_of(page)})

    assert is_kept(world, thread_id)
    assert jobs(world) == [("recall", thread_id)]


async def test_after_the_grace_time_only_an_admin_takes_it_back(world: World, browse: Browse) -> None:
    thread_id, _ = world.move(heating(), "wiki")
    world.now = NOW + timedelta(days=15)
    paul, admin = await browse(PAUL), await browse(ADMIN)
    page = await paul.get(f"/thread/{thread_id}")
    assert TAKE_BACK not in await page.text()

    refused = await paul.post(f"/thread/{thread_id}/keep", data={"form": await form_of(page)})
    assert (refused.status, jobs(world)) == (404, [])
    console = await admin.get("/admin")
    await admin.post("/admin/recall", data={"form": await form_of(console), "thread": thread_id})

    assert jobs(world) == [("recall", thread_id)]


@pytest.mark.parametrize("person", [MIRELA, ADMIN])
async def test_nobody_else_can_keep_or_take_back(world: World, browse: Browse, person: Address) -> None:
    moved, _ = world.move(heating(), "wiki")
    client = await browse(person)
    page = await client.get(f"/thread/{moved}")
    assert TAKE_BACK not in await page.text()

    response = await client.post(f"/thread/{moved}/keep", data={"form": await form_of(page)})

    assert (response.status, is_kept(world, moved), jobs(world)) == (404, False, [])


async def test_the_starter_says_yes_to_a_suggestion(world: World, browse: Browse) -> None:
    thread_id = world.chain(heating(), outcome=Outcome.SUGGEST, space="wiki")
    client = await browse(INES)
    page = await client.get(f"/suggestion/{thread_id}")
    assert "Knowledge" in await page.text()

    done = await client.post(f"/suggestion/{thread_id}", data={"form": await form_of(page)})

    assert done.status == 200
    assert jobs(world) == [("move", thread_id)]


@pytest.mark.parametrize(
    ("person", "outcome"),
    [(PAUL, Outcome.SUGGEST), (MIRELA, Outcome.SUGGEST), (INES, Outcome.STAY), (INES, Outcome.OBSERVE)],
)
async def test_a_suggestion_is_there_only_for_the_starter_who_was_asked(
    world: World, browse: Browse, person: Address, outcome: Outcome
) -> None:
    thread_id = world.chain(heating(), outcome=outcome, space="wiki")
    client = await browse(person)
    form = await form_of(await client.get("/preferences"))

    shown = await client.get(f"/suggestion/{thread_id}")
    posted = await client.post(f"/suggestion/{thread_id}", data={"form": form})

    assert (shown.status, posted.status, jobs(world)) == (404, 404, [])


async def test_a_conversation_that_is_kept_is_no_longer_suggested(world: World, browse: Browse) -> None:
    thread_id = world.chain(heating(), outcome=Outcome.SUGGEST, space="wiki")
    with world.database.write() as session:
        threads.veto(session, thread_id, PAUL.email)

    assert (await (await browse(INES)).get(f"/suggestion/{thread_id}")).status == 404


async def test_files_are_shown_and_signatures_are_not(world: World, browse: Browse) -> None:
    thread_id = world.chain(heating())

    text = await (await (await browse(PAUL)).get(f"/thread/{thread_id}")).text()

    assert "plan.pdf" in text
    assert "smime.p7s" not in text
