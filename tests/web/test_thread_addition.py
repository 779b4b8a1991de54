"""A conversation is added to a page on its topic only when a person says so, and shows nothing new."""

from dataclasses import replace

import pytest

from connectors.commons import CommonsConnector, CommonsOptions
from domain.digest import Digest
from domain.mail import Address
from domain.publication import Page, Publication
from store import commons_reading, decisions, proposals, publications
from store.commons_entry import Entry
from tests.web.conftest import Browse
from tests.web.test_living_page import asked
from tests.web.world import ADMIN, INES, MIRELA, NOW, PAUL, World, form_of, heating, message, post_of
from unchain.relating import STEP, propose, with_related

OFFER = "Add it to that page"


def page_about(
    topic: str, *, audience: str = "everyone", space: str = "wiki", key: str = "old"
) -> Publication:
    """A page that stands there already."""
    first = message(0, PAUL, f"All about the {topic} and the annexe.", subject=topic)
    return Publication(
        key=f"{key}:{space}",
        thread_id=key,
        space=space,
        place="",
        title=f"The {topic}",
        posts=(post_of(first),),
        language="en",
        kind="knowledge",
        audience=audience,
        readers=frozenset({PAUL.email}),
    )


async def arrive(world: World, *, space: str = "wiki", audience: str = "everyone") -> tuple[str, Publication]:
    """A conversation is posted, as the pipeline does it; answers its thread and what was posted."""
    thread_id = world.chain(heating())
    wanted = replace(
        asked(),
        key=publications.key_of(thread_id, space),
        thread_id=thread_id,
        space=space,
        audience=audience,
        readers=frozenset({INES.email, PAUL.email}),
        related=(),
        digest=replace(asked().digest or Digest(language="en"), key_phrases=("boiler", "annexe")),
    )
    connector = CommonsConnector(CommonsOptions(form="wiki"), shelf=world.shelf, clock=lambda: NOW)
    wanted = await with_related(world.database, connector, wanted, world.organisation.url)
    receipt = await connector.publish(wanted)
    with world.database.write() as session:
        publications.plan(session, thread_id=thread_id, space=space, rule=None, title="Heating", now=NOW)
        publications.published(session, receipt, [post.key for post in wanted.posts])
        propose(session, connector, wanted, NOW)
    return thread_id, wanted


def entry_of(world: World, key: str, person: Address = PAUL) -> Entry:
    with world.database.read() as session:
        (entry,) = commons_reading.entries_of_keys(session, world.site().reader(person.email), [key])
    return entry


async def say(browse: Browse, person: Address, thread_id: str, key: str, word: str) -> int:
    client = await browse(person)
    form = await form_of(await client.get("/preferences"))
    data = {"form": form, "key": key, "say": word}
    response = await client.post(f"/thread/{thread_id}/addition", data=data, allow_redirects=False)
    return response.status


async def test_the_new_page_links_the_old_one_and_nothing_is_merged(world: World, browse: Browse) -> None:
    world.shelf.put(page_about("boiler"), form="wiki", at=NOW)
    thread_id, wanted = await arrive(world)

    assert [page.title for page in wanted.related] == ["The boiler"]
    path = f"/wiki/{entry_of(world, wanted.key).slug}"
    text = await (await (await browse(MIRELA)).get(path)).text()
    assert 'See also: <a href="/wiki/the-boiler">The boiler</a>' in text
    assert len(entry_of(world, "old:wiki").talk) == 0
    assert OFFER in await (await (await browse(INES)).get(f"/thread/{thread_id}")).text()
    with world.database.read() as session:
        decision = decisions.latest(session, thread_id)
    assert decision is not None
    assert decision.trail[-1] == STEP


async def test_a_participant_adds_it_and_it_leads_back(world: World, browse: Browse) -> None:
    world.shelf.put(page_about("boiler"), form="wiki", at=NOW)
    thread_id, wanted = await arrive(world)

    assert await say(browse, INES, thread_id, wanted.key, "yes") == 303

    (added,) = entry_of(world, "old:wiki").talk
    own = entry_of(world, wanted.key)
    assert added.author == "Inès Caron"
    assert f"[Heating](/wiki/{own.slug})" in added.markdown
    assert f"(/wiki/{own.slug}#m1)" in added.markdown
    assert "an hour late" in added.markdown
    assert await say(browse, PAUL, thread_id, wanted.key, "yes") == 404
    assert len(entry_of(world, "old:wiki").talk) == 1


async def test_a_participant_says_no_and_nothing_is_asked_again(world: World, browse: Browse) -> None:
    world.shelf.put(page_about("boiler"), form="wiki", at=NOW)
    thread_id, wanted = await arrive(world)

    assert await say(browse, PAUL, thread_id, wanted.key, "no") == 303

    assert entry_of(world, "old:wiki").talk == ()
    assert OFFER not in await (await (await browse(INES)).get(f"/thread/{thread_id}")).text()
    with world.database.write() as session:
        proposals.propose(session, wanted.key, Page(entry_id="1", title="T", url="u"), NOW)
    assert OFFER not in await (await (await browse(INES)).get(f"/thread/{thread_id}")).text()


@pytest.mark.parametrize(("person", "status"), [(MIRELA, 404), (ADMIN, 303), (INES, 303)])
async def test_only_participants_and_admins_answer(
    world: World, browse: Browse, person: Address, status: int
) -> None:
    world.shelf.put(page_about("boiler"), form="wiki", at=NOW)
    thread_id, wanted = await arrive(world)
    assert await say(browse, person, thread_id, wanted.key, "yes") == status
    assert len(entry_of(world, "old:wiki").talk) == (1 if status == 303 else 0)


@pytest.mark.parametrize(
    "other",
    [
        page_about("boiler", space="it-room", audience="group:it"),
        page_about("boiler", space="quiet", audience="participants"),
        page_about("boiler", audience="group:it"),
        page_about("canteen"),
    ],
    ids=["another space", "participants", "another audience", "another topic"],
)
async def test_a_page_for_others_or_on_something_else_is_not_proposed(
    world: World, other: Publication
) -> None:
    world.shelf.put(other, form="wiki", at=NOW)
    thread_id, wanted = await arrive(world)
    assert wanted.related == ()
    with world.database.read() as session:
        decision = decisions.latest(session, thread_id)
    assert decision is not None
    assert STEP not in decision.trail


async def test_in_a_space_for_participants_nothing_is_proposed(world: World) -> None:
    world.shelf.put(page_about("boiler", space="quiet", audience="participants"), form="wiki", at=NOW)
    _, wanted = await arrive(world, space="quiet", audience="participants")
    assert wanted.related == ()


async def test_what_was_taken_back_leaves_no_word_on_the_other_page(world: World, browse: Browse) -> None:
    world.shelf.put(page_about("boiler"), form="wiki", at=NOW)
    thread_id, wanted = await arrive(world)
    await say(browse, INES, thread_id, wanted.key, "yes")

    world.shelf.withdraw(wanted.key, at=NOW)
    with world.database.write() as session:
        proposals.take_back(session, wanted.key, NOW)

    assert entry_of(world, "old:wiki").talk == ()
    with world.database.read() as session:
        reader = world.site().reader(PAUL.email)
        assert commons_reading.search(session, reader, "hour late") == ()


async def test_a_page_that_is_gone_is_proposed_no_more(world: World, browse: Browse) -> None:
    world.shelf.put(page_about("boiler"), form="wiki", at=NOW)
    thread_id, wanted = await arrive(world)
    world.shelf.withdraw("old:wiki", at=NOW)

    assert OFFER not in await (await (await browse(INES)).get(f"/thread/{thread_id}")).text()
    assert await say(browse, INES, thread_id, wanted.key, "yes") == 404
    path = f"/wiki/{entry_of(world, wanted.key).slug}"
    assert "The boiler</a>" not in await (await (await browse(INES)).get(path)).text()
