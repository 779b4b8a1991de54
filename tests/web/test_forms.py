"""No form is taken from a page that this browser was not shown."""

import pytest

from store import people
from tests.web.conftest import Browse
from tests.web.world import INES, PAUL, World, form_of, heating


@pytest.mark.parametrize("proof", ["none", "wrong", "of another person", "of a stranger"])
async def test_a_form_without_its_proof_changes_nothing(world: World, browse: Browse, proof: str) -> None:
    client = await browse(INES)
    proofs = {
        "none": None,
        "wrong": "0" * 64,
        "of another person": await form_of(await (await browse(PAUL)).get("/preferences")),
        "of a stranger": await form_of(await (await browse(None)).get("/sign-in")),
    }
    fields = {"chains": "keep"} if proofs[proof] is None else {"chains": "keep", "form": proofs[proof]}

    response = await client.post("/preferences", data=fields)

    with world.database.read() as session:
        assert not people.person(session, INES.email).opted_out
    assert response.status == 403


async def test_every_form_that_writes_asks_for_its_proof(world: World, browse: Browse) -> None:
    thread_id, path = world.move(heating(), "wiki")
    client = await browse(INES)

    for target in (
        f"{path}/answer",
        f"{path}/edit",
        f"{path}/restore",
        "/space/wiki/new",
        f"/thread/{thread_id}/keep",
        "/preferences",
        "/sign-out",
        "/sign-in",
    ):
        response = await client.post(target, data={"text": "x", "title": "x"})
        assert response.status == 403, target


async def test_the_admins_form_asks_for_its_proof_too(world: World, browse: Browse) -> None:
    from tests.web.world import ADMIN

    thread_id, _ = world.move(heating(), "wiki")

    response = await (await browse(ADMIN)).post("/admin/recall", data={"thread": thread_id})

    assert response.status == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"chains": "perhaps"},
        {},
        {"chains": "keep", "language": "xx"},
        {"chains": "keep", "language": "fr", "admin": "1"},
    ],
    ids=["unknown choice", "missing", "unknown language", "unknown field"],
)
async def test_a_form_with_wrong_fields_changes_nothing(
    world: World, browse: Browse, fields: dict[str, str]
) -> None:
    client = await browse(INES)
    form = await form_of(await client.get("/preferences"))

    response = await client.post("/preferences", data={**fields, "form": form})

    with world.database.read() as session:
        assert not people.person(session, INES.email).opted_out
    assert response.status == 400


async def test_more_than_a_form_can_take_is_refused(world: World, browse: Browse) -> None:
    _, path = world.move(heating(), "wiki")
    client = await browse(INES)
    form = await form_of(await client.get(path))

    long = await client.post(f"{path}/answer", data={"form": form, "text": "x" * 300_000})
    huge = await client.post(f"{path}/answer", data={"form": form, "text": "x" * 2_000_000})

    assert (long.status, huge.status) == (400, 413)
