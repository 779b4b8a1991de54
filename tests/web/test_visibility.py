"""Who sees what: each reader against a conversation of each kind, and 404s that tell nothing."""

from dataclasses import replace

import pytest

from domain.mail import Address
from tests.web.conftest import Browse
from tests.web.world import ADMIN, EVE, INES, MIRELA, PAUL, World, heating, message

SECRET = "cold until ten"  # words of the first mail
WAYS = {
    "everyone": "wiki",
    "participants": "quiet",
    "group": "it-room",
}


@pytest.mark.parametrize(
    ("moved_to", "reader", "sees_entry", "sees_thread"),
    [
        (None, INES, False, True),
        (None, MIRELA, False, False),
        (None, ADMIN, False, False),
        (None, EVE, False, False),
        (None, None, False, False),
        ("everyone", INES, True, True),
        ("everyone", MIRELA, True, True),
        ("everyone", ADMIN, True, True),
        ("everyone", EVE, False, False),
        ("everyone", None, False, False),
        ("participants", INES, True, True),
        ("participants", PAUL, True, True),
        ("participants", MIRELA, False, False),
        ("participants", ADMIN, False, False),
        ("participants", EVE, False, False),
        ("participants", None, False, False),
        ("group", MIRELA, True, True),
        ("group", INES, False, True),
        ("group", ADMIN, False, False),
        ("group", None, False, False),
    ],
)
async def test_a_conversation_is_seen_by_those_it_is_for(
    world: World,
    browse: Browse,
    moved_to: str | None,
    reader: Address | None,
    sees_entry: bool,
    sees_thread: bool,
) -> None:
    if moved_to is None:
        thread_id, entry_path = world.chain(heating()), "/wiki/heating"
    else:
        thread_id, entry_path = world.move(heating(), WAYS[moved_to])
    client = await browse(reader)

    shown = {}
    for path in (entry_path, f"/thread/{thread_id}"):
        response = await client.get(path)
        shown[path] = (response.status, SECRET in await response.text())

    assert shown[entry_path] == ((200, True) if sees_entry else (404, False))
    assert shown[f"/thread/{thread_id}"] == ((200, True) if sees_thread else (404, False))


@pytest.mark.parametrize(
    "reader", [MIRELA, ADMIN, EVE, None], ids=["colleague", "admin", "outsider", "nobody"]
)
async def test_what_is_not_for_the_reader_answers_byte_for_byte_as_what_is_not_there(
    world: World, browse: Browse, reader: Address | None
) -> None:
    thread_id, path = world.move(heating(), "quiet")
    private = world.chain([message(0, INES, "Between us.", to=(PAUL,), subject="Private")])
    client = await browse(reader)
    nothing = await client.get("/wiki/there-is-no-such-page")
    expected = (nothing.status, await nothing.read(), sorted(nothing.headers))

    for hidden in (
        path,
        f"{path}/history",
        f"{path}/edit",
        f"/thread/{thread_id}",
        f"/thread/{private}",
        f"/suggestion/{private}",
        "/space/it-room" if reader is not MIRELA else path,
    ):
        response = await client.get(hidden)
        assert (response.status, await response.read(), sorted(response.headers)) == expected, hidden


@pytest.mark.parametrize("path", ["/", "/space/quiet", "/search?q=cold", "/search?q=heating", "/tag/heating"])
async def test_no_list_betrays_what_is_for_others(world: World, browse: Browse, path: str) -> None:
    world.move(heating(), "quiet")
    client = await browse(MIRELA)

    text = await (await client.get(path)).text()

    assert SECRET not in text
    assert "Why is the annexe" not in text


async def test_a_mail_that_was_not_sent_to_a_participant_is_not_hinted_at(
    world: World, browse: Browse
) -> None:
    aside = message(3, PAUL, "Between the two of us: Inès worries too much.", to=(MIRELA,))
    thread_id = world.chain([*heating(), aside])
    ines, mirela = await browse(INES), await browse(MIRELA)

    for_ines = await (await ines.get(f"/thread/{thread_id}")).text()
    for_mirela = await (await mirela.get(f"/thread/{thread_id}")).text()

    assert SECRET in for_ines
    assert "worries too much" not in for_ines
    assert "in 3 mails" in for_ines
    assert "worries too much" in for_mirela
    assert SECRET not in for_mirela


async def test_a_mail_to_a_list_is_seen_by_the_members_of_its_group(world: World, browse: Browse) -> None:
    it_list = Address(email="it-list@example.com")
    thread_id = world.chain([message(0, INES, "The printer smokes.", to=(it_list,), subject="Printer")])

    member, other = await browse(MIRELA), await browse(PAUL)

    assert "printer smokes" in await (await member.get(f"/thread/{thread_id}")).text()
    assert (await other.get(f"/thread/{thread_id}")).status == 404


async def test_a_mail_that_came_after_the_move_and_was_not_published_stays_with_its_people(
    world: World, browse: Browse
) -> None:
    late = message(5, PAUL, "Late and not published.", to=(INES,))
    first = heating()
    thread_id, _ = world.move(first, "wiki")
    world.add(thread_id, late)

    ines, mirela = await browse(INES), await browse(MIRELA)

    assert "Late and not published" in await (await ines.get(f"/thread/{thread_id}")).text()
    colleague = await (await mirela.get(f"/thread/{thread_id}")).text()
    assert SECRET in colleague
    assert "Late and not published" not in colleague


async def test_a_participant_sees_each_mail_once_wherever_it_stands(world: World, browse: Browse) -> None:
    thread_id, _ = world.move(heating(), "wiki")

    text = await (await (await browse(INES)).get(f"/thread/{thread_id}")).text()

    assert text.count('class="utterance"') == 3


async def test_the_first_page_names_no_subject_that_was_not_sent_to_the_reader(
    world: World, browse: Browse
) -> None:
    first = message(0, INES, "Numbers.", to=(PAUL,), subject="Layoffs in May")
    later = replace(message(1, PAUL, "See below.", to=(MIRELA,)), subject="Room for Friday")
    world.chain([first, later])

    text = await (await (await browse(MIRELA)).get("/")).text()

    assert "Room for Friday" in text
    assert "Layoffs" not in text


async def test_no_address_stands_on_any_page(world: World, browse: Browse) -> None:
    thread_id, path = world.move(heating(), "wiki")
    client = await browse(ADMIN)

    for page in (
        "/",
        path,
        f"{path}/history",
        f"/thread/{thread_id}",
        "/preferences",
        "/admin",
        "/search?q=boiler",
    ):
        text = await (await client.get(page)).text()
        assert "@example.com" not in text, page


async def test_somebody_who_is_no_longer_internal_is_signed_out(world: World, browse: Browse) -> None:
    world.move(heating(), "wiki")
    client = await browse(EVE)

    response = await client.get("/", allow_redirects=False)

    assert (response.status, response.headers["Location"]) == (303, "/sign-in")
