"""The console shows postings that may have landed: to admins, with two buttons, telling nothing private."""

from domain.job import JobKind
from store import publications
from store.publications import PublicationState
from tests.web.conftest import Browse
from tests.web.test_thread import jobs
from tests.web.world import ADMIN, INES, NOW, World, form_of, heating

URL = "https://forum.example.org/t/4711"


def in_doubt(world: World) -> str:
    """The key of a publication of which nobody knows whether it has landed."""
    thread_id = world.chain(heating())
    key = publications.key_of(thread_id, "forum")
    with world.database.write() as session:
        publications.plan(session, thread_id=thread_id, space="forum", rule=None, title="Heating", now=NOW)
        publications.ended(session, key, PublicationState.UNCERTAIN, "the forum did not answer")
    return key


def state(world: World, key: str) -> tuple[PublicationState, str]:
    with world.database.read() as session:
        planned = publications.load(session, key)
    assert planned is not None
    return planned.state, planned.receipt.url if planned.receipt else ""


async def test_an_admin_sees_that_it_may_have_landed_but_no_subject_of_others(
    world: World, browse: Browse
) -> None:
    in_doubt(world)
    text = await (await (await browse(ADMIN)).get("/admin")).text()
    assert "Postings that may have landed" in text
    assert "the forum did not answer" in text
    assert "Heating" not in text


async def test_it_is_there(world: World, browse: Browse) -> None:
    key = in_doubt(world)
    client = await browse(ADMIN)
    form = await form_of(await client.get("/admin"))
    response = await client.post("/admin/there", data={"form": form, "key": key, "url": f" {URL} "})

    assert response.status == 200
    assert state(world, key) == (PublicationState.PUBLISHED, URL)
    assert (JobKind.APPEND, key) in jobs(world)
    assert "Postings that may have landed" not in await response.text()


async def test_an_address_that_is_none_changes_nothing(world: World, browse: Browse) -> None:
    key = in_doubt(world)
    client = await browse(ADMIN)
    form = await form_of(await client.get("/admin"))
    response = await client.post(
        "/admin/there", data={"form": form, "key": key, "url": "javascript:alert(1)"}
    )
    assert response.status == 400
    assert state(world, key) == (PublicationState.UNCERTAIN, "")


async def test_it_is_not_there(world: World, browse: Browse) -> None:
    key = in_doubt(world)
    client = await browse(ADMIN)
    form = await form_of(await client.get("/admin"))
    await client.post("/admin/not-there", data={"form": form, "key": key})
    assert state(world, key) == (PublicationState.PLANNED, "")
    assert (JobKind.PUBLISH, key) in jobs(world)
    assert (await client.post("/admin/not-there", data={"form": form, "key": key})).status == 404


async def test_nobody_else_can_say_so(world: World, browse: Browse) -> None:
    key = in_doubt(world)
    client = await browse(INES)
    form = await form_of(await client.get("/preferences"))
    for path, fields in (("there", {"url": URL}), ("not-there", {})):
        response = await client.post(f"/admin/{path}", data={"form": form, "key": key, **fields})
        assert response.status == 404
    assert state(world, key) == (PublicationState.UNCERTAIN, "")
