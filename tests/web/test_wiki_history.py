"""Editing a wiki page: history, differences, conflicts and going back."""

from aiohttp.test_utils import TestClient
from selectolax.lexbor import LexborHTMLParser

from tests.web.conftest import Browse
from tests.web.world import INES, MIRELA, World, form_of, heating
from web.pages.wiki_history import Line, difference


async def edit(client: TestClient, path: str, text: str, *, based_on: int, note: str = "") -> int:
    form = await form_of(await client.get(f"{path}/edit"))
    fields = {"form": form, "title": "Heating", "text": text, "note": note, "based_on": str(based_on)}
    return (await client.post(f"{path}/edit", data=fields, allow_redirects=False)).status


async def test_an_edit_is_shown_and_kept_with_its_reason(world: World, browse: Browse) -> None:
    _, path = world.move(heating(), "wiki")
    client = await browse(MIRELA)

    status = await edit(client, path, "The clock is right now.", based_on=1, note="the answer on top")

    page = await (await client.get(path)).text()
    history = await (await client.get(f"{path}/history")).text()
    assert status == 303
    assert "The clock is right now." in page
    assert "The mail that this page began with" in page
    assert "the answer on top" in history
    assert "Version 2" in history


async def test_the_difference_shows_what_was_added_and_removed(world: World, browse: Browse) -> None:
    _, path = world.move(heating(), "wiki")
    client = await browse(MIRELA)
    await edit(client, path, "Warm.", based_on=1)

    page = LexborHTMLParser(await (await client.get(f"{path}/history/2")).text())

    assert [node.text() for node in page.css(".difference ins")] == ["+Warm."]
    assert [node.text() for node in page.css(".difference del")] == ["−Why is the annexe cold until ten?"]


async def test_two_people_who_edit_at_once_lose_nothing(world: World, browse: Browse) -> None:
    _, path = world.move(heating(), "wiki")
    mirela, ines = await browse(MIRELA), await browse(INES)
    form = await form_of(await ines.get(f"{path}/edit"))
    await edit(mirela, path, "Mirela's text.", based_on=1)

    late = await ines.post(
        f"{path}/edit",
        data={"form": form, "title": "Heating", "text": "Inès' text.", "note": "", "based_on": "1"},
    )

    shown = LexborHTMLParser(await late.text())
    assert late.status == 409
    assert "Mirela's text." in shown.css_first(".theirs").text()
    assert "Inès' text." in shown.css_first("textarea").text()
    assert shown.css_first("input[name=based_on]").attributes["value"] == "2"
    assert "Mirela's text." in await (await ines.get(path)).text()


async def test_going_back_makes_a_new_version_and_loses_nothing(world: World, browse: Browse) -> None:
    _, path = world.move(heating(), "wiki")
    client = await browse(MIRELA)
    await edit(client, path, "Nonsense.", based_on=1)
    form = await form_of(await client.get(f"{path}/history/1"))

    restored = await client.post(f"{path}/restore", data={"form": form, "number": "1", "based_on": "2"})

    assert "annexe cold until ten" in await restored.text()
    history = await (await client.get(f"{path}/history")).text()
    assert "Back to version 1" in history
    assert "Version 3" in history


async def test_going_back_from_an_outdated_page_changes_nothing(world: World, browse: Browse) -> None:
    _, path = world.move(heating(), "wiki")
    client = await browse(MIRELA)
    await edit(client, path, "Two.", based_on=1)
    await edit(client, path, "Three.", based_on=2)
    form = await form_of(await client.get(f"{path}/history/1"))

    restored = await client.post(f"{path}/restore", data={"form": form, "number": "1", "based_on": "2"})

    assert restored.status == 403
    assert "Three." in await (await client.get(path)).text()


async def test_a_version_that_never_was_is_not_there(world: World, browse: Browse) -> None:
    _, path = world.move(heating(), "wiki")

    assert (await (await browse(MIRELA)).get(f"{path}/history/9")).status == 404


def test_far_away_lines_are_left_out_of_a_difference() -> None:
    before = "\n".join(str(number) for number in range(20))
    after = before.replace("10", "ten")

    lines = difference(before, after)

    assert lines[0] == Line(sign="…", text="")
    assert [line.text for line in lines if line.sign == " "] == ["7", "8", "9", "11", "12", "13"]
    assert [(line.sign, line.text) for line in lines if line.sign in "+-"] == [("-", "10"), ("+", "ten")]
    assert lines[-1] == Line(sign="…", text="")
