"""Pages of wiki, blog and stream: what they show, answers, and hostile text shown as literal text."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.web.conftest import Browse
from tests.web.world import INES, MIRELA, PAUL, World, form_of, heating, message

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "![x](https://tracker.example/pixel.png)",
)
REMOTE_OR_ACTIVE = (
    "script, iframe, object, embed, style, base, [onerror], [onload], [onclick], link[href^=http]"
)


@pytest.mark.parametrize("space", ["wiki", "news", "stream"])
async def test_an_entry_shows_own_words_folded_quotes_names_and_attachments(
    world: World, browse: Browse, space: str
) -> None:
    _, path = world.move(heating(), space)

    text = await (await (await browse(MIRELA)).get(path)).text()

    page = LexborHTMLParser(text)
    for shown in (
        "Why is the annexe cold",
        "clock is an hour late",
        "Paul Ashby",
        "plan.pdf",
        "Merci, réglé",
    ):
        assert shown in text
    assert [node.text(strip=True) for node in page.css("details.trimmed pre")] == [
        "On Monday Paul <paul> wrote:\n> old words of Paul"
    ] * 2
    assert not page.css("details.trimmed[open]")


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("space", ["wiki", "news", "stream"])
async def test_hostile_mail_is_shown_as_it_was_typed(
    world: World, browse: Browse, space: str, words: str
) -> None:
    hostile = message(0, INES, f"Look: {words}", subject=f"Subject {words}")
    thread_id, path = world.move([hostile, message(1, PAUL, words, subject=words)], space)
    client = await browse(INES)

    for page in (path, f"/thread/{thread_id}", "/", f"/space/{space}", "/search?q=look"):
        text = await (await client.get(page)).text()
        parsed = LexborHTMLParser(text)
        assert words in parsed.text(), page
        assert not parsed.css(REMOTE_OR_ACTIVE), page
        assert not [a for a in parsed.css("a") if (a.attributes["href"] or "").startswith("javascript")], page
        assert {img.attributes["src"] for img in parsed.css("img")} <= {"/static/logo.svg"}, page


@pytest.mark.parametrize("words", HOSTILE)
async def test_a_hostile_answer_or_edit_does_nothing_active(world: World, browse: Browse, words: str) -> None:
    _, path = world.move(heating(), "wiki")
    client = await browse(MIRELA)
    form = await form_of(await client.get(path))

    await client.post(f"{path}/answer", data={"form": form, "text": words})
    await client.post(
        f"{path}/edit", data={"form": form, "title": words, "text": words, "note": words, "based_on": "1"}
    )

    for page in (path, f"{path}/edit", f"{path}/history", f"{path}/history/2", "/"):
        parsed = LexborHTMLParser(await (await client.get(page)).text())
        assert not parsed.css(REMOTE_OR_ACTIVE), page
        assert not [a for a in parsed.css("a") if (a.attributes["href"] or "").startswith("javascript")], page
        assert {img.attributes["src"] for img in parsed.css("img")} <= {"/static/logo.svg"}, page


@pytest.mark.parametrize("space", ["wiki", "news", "stream"])
async def test_an_answer_appears_with_its_writers_name(world: World, browse: Browse, space: str) -> None:
    _, path = world.move(heating(), space)
    client = await browse(MIRELA)
    form = await form_of(await client.get(path))

    answered = await client.post(
        f"{path}/answer", data={"form": form, "text": "It is **warm** now."}, allow_redirects=False
    )

    page = LexborHTMLParser(await (await client.get(path)).text())
    last = page.css(".utterance")[-1]
    assert answered.headers["Location"] == f"{path}#m3"
    assert last.id == "m3"
    assert "Mirela Kovac" in last.text()
    assert [node.text() for node in last.css("strong")] == ["warm"]


async def test_nobody_answers_where_they_may_not_read(world: World, browse: Browse) -> None:
    _, path = world.move(heating(), "quiet")
    client = await browse(MIRELA)
    form = await form_of(await client.get("/preferences"))

    response = await client.post(f"{path}/answer", data={"form": form, "text": "Hello"})

    assert response.status == 404
    assert "Hello" not in await (await (await browse(INES)).get(path)).text()


async def test_a_long_page_has_a_table_of_contents_that_leads_to_its_headings(
    world: World, browse: Browse
) -> None:
    client = await browse(MIRELA)
    form = await form_of(await client.get("/space/wiki/new"))
    text = "## One\n\na\n\n## Two & *three*\n\nb\n\n### Two\n\nc\n\n## Two\n\nd"

    page = LexborHTMLParser(
        await (
            await client.post("/space/wiki/new", data={"form": form, "title": "Long", "text": text})
        ).text()
    )

    links = [a.attributes["href"] for a in page.css("nav.contents a")]
    assert links == ["#s-one", "#s-two-three", "#s-two", "#s-two-2", "#talk"]
    for link in links:
        assert page.css_first(link or "") is not None


@pytest.mark.parametrize(("space", "form_name"), [("wiki", "wiki"), ("news", "blog"), ("stream", "stream")])
async def test_an_entry_can_be_written_by_hand(
    world: World, browse: Browse, space: str, form_name: str
) -> None:
    client = await browse(MIRELA)
    form = await form_of(await client.get(f"/space/{space}/new"))
    fields = {"form": form, "text": "Bring your own cup."}
    if space != "stream":
        fields["title"] = "Cups"

    created = await client.post(f"/space/{space}/new", data=fields)

    assert created.url.path.startswith(f"/{form_name}/")
    assert "Bring your own cup." in await (await (await browse(PAUL)).get(created.url.path)).text()


@pytest.mark.parametrize("space", ["quiet", "it-room", "no-such-space"])
async def test_nothing_is_written_by_hand_where_the_reader_has_no_place(
    world: World, browse: Browse, space: str
) -> None:
    client = await browse(PAUL)
    form = await form_of(await client.get("/preferences"))

    shown = await client.get(f"/space/{space}/new")
    posted = await client.post(f"/space/{space}/new", data={"form": form, "title": "T", "text": "x"})

    assert (shown.status, posted.status) == (404, 404)


async def test_what_was_taken_back_is_gone_from_every_page(world: World, browse: Browse) -> None:
    thread_id, path = world.move(heating(), "wiki")
    client = await browse(MIRELA)
    assert (await client.get(path)).status == 200

    world.shelf.withdraw(f"{thread_id}:wiki", at=world.now)

    for page in (path, f"/thread/{thread_id}", f"{path}/history", "/tag/heating"):
        assert (await client.get(page)).status == 404
    assert "annexe" not in await (await client.get("/")).text()
