"""Preferences, opting out with one click, and the console."""

from urllib.parse import urlsplit

import pytest

from domain.mail import Address
from store import mails, people
from tests.web.conftest import Browse
from tests.web.world import ADMIN, INES, MIRELA, NOW, PAUL, World, form_of, heating, message
from web.links import opt_out_url


def opt_out_path(world: World) -> str:
    with world.database.write() as session:
        return urlsplit(opt_out_url(session, "https://commons.example.com/", INES.email, at=NOW)).path


def has_opted_out(world: World) -> bool:
    with world.database.read() as session:
        return people.person(session, INES.email).opted_out


async def test_preferences_are_saved_and_shown_in_the_chosen_language(world: World, browse: Browse) -> None:
    client = await browse(INES)
    form = await form_of(await client.get("/preferences"))

    saved = await client.post("/preferences", data={"form": form, "language": "fr", "chains": "keep"})

    assert "Enregistré." in await saved.text()
    assert has_opted_out(world)
    assert "Quoi de neuf" in await (await client.get("/")).text()


async def test_one_click_opts_out_without_a_session(world: World, browse: Browse) -> None:
    client = await browse(None)

    response = await client.post(opt_out_path(world), data={"List-Unsubscribe": "One-Click"})

    assert response.status == 200
    assert has_opted_out(world)


async def test_opening_the_opt_out_link_only_asks(world: World, browse: Browse) -> None:
    path = opt_out_path(world)

    response = await (await browse(None)).get(path)

    assert response.status == 200
    assert not has_opted_out(world)
    assert "ines" not in path.lower()


async def test_a_forged_opt_out_link_does_nothing(world: World, browse: Browse) -> None:
    client, path = await browse(None), opt_out_path(world)

    answers = [await client.post(path[:-1] + "x"), await client.get(path[:-1] + "x")]

    assert [answer.status for answer in answers] == [404, 404]
    assert not has_opted_out(world)


async def test_the_console_shows_no_subject_of_a_private_conversation(world: World, browse: Browse) -> None:
    world.chain([message(0, INES, "Between us.", to=(PAUL,), subject="My salary")])
    world.move(heating(), "quiet")
    moved, _ = world.move([message(0, INES, "For all.", subject="Bicycle room")], "wiki")

    text = await (await (await browse(ADMIN)).get("/admin")).text()

    assert "My salary" not in text
    assert "Heating" not in text
    assert "Bicycle room" in text
    assert text.count("A question that was answered by") == 3
    assert f"/thread/{moved}" in text


async def test_the_console_shows_the_balance_and_what_was_set_aside(world: World, browse: Browse) -> None:
    from domain.mail import RawMail

    with world.database.write() as session:
        raw = RawMail(
            content=b"x", mail_from="a@b", rcpt_to=("ines@example.com",), source="smtp", received_at=NOW
        )
        [raw_id] = mails.accept(session, [raw])
        mails.set_aside(session, raw_id, "the mail of ines@example.com could not be read")

    text = await (await (await browse(ADMIN)).get("/admin")).text()

    assert "The balance is right" in text
    assert "the mail of ines could not be read" in text


async def test_the_console_can_show_one_outcome_only(world: World, browse: Browse) -> None:
    world.chain(heating())
    world.move([message(0, INES, "For all.", subject="Bicycle room")], "wiki")

    text = await (await (await browse(ADMIN)).get("/admin?outcome=stay")).text()

    assert "Bicycle room" not in text
    assert text.count("A question that was answered by") == 1


@pytest.mark.parametrize("person", [INES, MIRELA, None], ids=["participant", "colleague", "nobody"])
async def test_the_console_is_not_there_for_others(browse: Browse, person: Address | None) -> None:
    assert (await (await browse(person)).get("/admin")).status == 404
