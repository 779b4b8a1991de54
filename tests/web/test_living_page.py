"""A wiki page about a question begins with the question and its answer, each sentence linked to its mail."""

from dataclasses import replace

from connectors.commons import CommonsConnector, CommonsOptions
from domain.digest import Digest, Excerpt
from domain.publication import Page, Publication
from store import commons_reading
from tests.web.conftest import Browse
from tests.web.world import INES, MIRELA, NOW, World, heating, post_of


def asked(form: str = "wiki") -> Publication:
    """A question with its answer, on its way into a space."""
    messages = heating()
    return Publication(
        key=f"t:{form}",
        thread_id="t",
        space={"wiki": "wiki", "blog": "news"}[form],
        place="",
        title="Heating",
        posts=tuple(post_of(one) for one in messages),
        language="en",
        kind="question",
        tags=("annexe", "boiler"),
        digest=Digest(
            language="en",
            question=Excerpt(text="Why is the annexe cold until ten?", key=messages[0].digest),
            answer=(Excerpt(text="The boiler's clock is an hour late.", key=messages[1].digest),),
        ),
        related=(Page(entry_id="9", title="Boilers", url="http://commons.example.com/wiki/boilers"),),
    )


async def published(world: World, publication: Publication, form: str = "wiki") -> str:
    """The path of the entry."""
    options = CommonsOptions.model_validate({"form": form})
    connector = CommonsConnector(options, shelf=world.shelf, clock=lambda: NOW)
    receipt = await connector.publish(publication)
    return receipt.url.removeprefix(world.organisation.url)


async def test_question_and_answer_lead_to_their_mails_and_the_talk_is_below(
    world: World, browse: Browse
) -> None:
    path = await published(world, asked())
    text = await (await (await browse(MIRELA)).get(path)).text()

    top, talk = text.split('id="talk"')
    assert "Why is the annexe cold until ten?" in top
    assert 'href="#m0"' in top
    assert "The boiler&#39;s clock is an hour late." in top or "The boiler's clock is an hour late." in top
    assert '<a href="#m1"' in top
    assert "Paul Ashby" in top
    assert 'id="m1"' in talk
    for tag in ("annexe", "boiler"):
        assert f'href="/tag/{tag}"' in top


async def test_the_mail_it_began_with_is_kept_whole(world: World, browse: Browse) -> None:
    path = await published(world, asked())
    text = await (await (await browse(MIRELA)).get(path)).text()
    assert 'id="m0"' in text
    assert "The mail that this page began with" in text


async def test_its_history_begins_with_what_we_put_together(world: World) -> None:
    path = await published(world, asked())
    with world.database.read() as session:
        (first,) = commons_reading.revisions(session, world.site().reader(INES.email), slug=path[6:])
    assert first.author == "Unchain"
    assert "# Answer" in first.markdown


async def test_a_blog_post_stays_the_mail_that_it_is(world: World, browse: Browse) -> None:
    path = await published(world, asked("blog"), "blog")
    text = await (await (await browse(MIRELA)).get(path)).text()
    assert "See also" not in text
    assert ">Answer</h2>" not in text


async def test_a_page_without_an_answer_begins_with_its_first_mail(world: World) -> None:
    path = await published(world, replace(asked(), digest=None, related=()))
    with world.database.read() as session:
        reader = world.site().reader(INES.email)
        entry = commons_reading.entry(session, reader, form="wiki", slug=path[6:])
    assert entry is not None
    assert entry.opening is not None
    assert entry.body == entry.opening.markdown
