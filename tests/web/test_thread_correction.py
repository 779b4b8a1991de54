"""An admin's form on a conversation's page: seen by admins alone, kept with name and time, acted on."""

import pytest

from domain.classification import Kind
from domain.job import JobKind
from store import lessons
from tests.web.conftest import Browse
from tests.web.test_thread import jobs
from tests.web.world import ADMIN, INES, PAUL, World, form_of, heating, message

CORRECT = "Correct it"


def said(world: World, thread_id: str) -> list[tuple[object, ...]]:
    with world.database.read() as session:
        found = lessons.of_thread(session, thread_id)
    return [(each.kind, each.sensitive, each.moves, each.by) for each in found]


async def test_an_admin_corrects_and_sees_who_said_what(world: World, browse: Browse) -> None:
    thread_id, _ = world.move(heating(), "wiki")
    admin = await browse(ADMIN)
    page = await admin.get(f"/thread/{thread_id}")
    assert CORRECT in await page.text()
    fields = {"form": await form_of(page), "kind": "knowledge", "sensitive": "yes", "moves": ""}

    answer = await admin.post(f"/thread/{thread_id}/correct", data=fields)

    assert said(world, thread_id) == [(Kind.KNOWLEDGE, True, None, ADMIN.email)]
    assert (JobKind.RECALL, thread_id) in jobs(world)
    text = await answer.text()
    assert ADMIN.name in text
    assert "It is sensitive." in text
    assert ADMIN.email not in text


async def test_only_admins_have_the_form_or_may_post_it(world: World, browse: Browse) -> None:
    thread_id = world.chain(heating())
    browser = await browse(INES)
    page = await browser.get(f"/thread/{thread_id}")
    token = await form_of(page)

    answer = await browser.post(f"/thread/{thread_id}/correct", data={"form": token, "moves": "yes"})

    assert CORRECT not in await page.text()
    assert answer.status == 404
    assert said(world, thread_id) == []


async def test_an_admin_cannot_say_what_they_cannot_read(world: World, browse: Browse) -> None:
    thread_id, _ = world.move(heating(), "wiki")
    private = world.chain([message(0, INES, "Only for us.", subject="Aside")])
    admin = await browse(ADMIN)
    token = await form_of(await admin.get(f"/thread/{thread_id}"))

    answer = await admin.post(f"/thread/{private}/correct", data={"form": token, "sensitive": "no"})

    assert answer.status == 404
    assert said(world, private) == []


@pytest.mark.parametrize(
    "fields",
    [{"kind": "gossip"}, {"sensitive": "perhaps"}, {"form": "forged", "kind": "update"}],
    ids=["unknown kind", "no answer", "forged"],
)
async def test_a_wrong_form_changes_nothing(world: World, browse: Browse, fields: dict[str, str]) -> None:
    thread_id, _ = world.move(heating(), "wiki")
    admin = await browse(ADMIN)
    token = await form_of(await admin.get(f"/thread/{thread_id}"))

    answer = await admin.post(f"/thread/{thread_id}/correct", data={"form": token, **fields})

    assert answer.status in (400, 403)
    assert said(world, thread_id) == []


async def test_keeping_it_in_the_mail_is_evidence(world: World, browse: Browse) -> None:
    thread_id = world.chain(heating())
    browser = await browse(PAUL)
    page = await browser.get(f"/thread/{thread_id}")
    token = await form_of(page)

    await browser.post(f"/thread/{thread_id}/keep", data={"form": token})

    assert said(world, thread_id) == [(None, None, False, PAUL.email)]


async def test_an_empty_form_says_nothing(world: World, browse: Browse) -> None:
    thread_id, _ = world.move(heating(), "wiki")
    admin = await browse(ADMIN)
    token = await form_of(await admin.get(f"/thread/{thread_id}"))

    await admin.post(f"/thread/{thread_id}/correct", data={"form": token, "kind": ""})

    assert said(world, thread_id) == []
