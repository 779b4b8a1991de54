"""Answers written in the spaces stand in the thread view, for those who may read them there."""

from datetime import timedelta

import pytest

from domain.mail import Address
from domain.publication import Answer, Receipt
from domain.space import Space
from store import answers, people, publications
from tests.web.conftest import Browse
from tests.web.world import ADMIN, INES, MIRELA, NOW, PAUL, World, form_of, heating

FORUM = "https://forum.example.org/t/4711"


def forum(audience: str) -> tuple[Space, ...]:
    return (Space(name="forum", title="The forum", audience=audience),)


def stands_in_forum(world: World, *markdown: str, url: str = f"{FORUM}#a") -> str:
    """A conversation that stands in a service elsewhere, with answers between its mails and later."""
    messages = heating()
    thread_id = world.chain(messages)
    key = publications.key_of(thread_id, "forum")
    receipt = Receipt(key=key, entry_id="4711", url=FORUM, published_at=NOW - timedelta(hours=10))
    found = [
        Answer(
            key=f"a{number}",
            entry_id="4711",
            author="Lou Park",
            at=NOW - timedelta(hours=19, minutes=30) + timedelta(minutes=number),
            markdown=text,
            url=url,
        )
        for number, text in enumerate(markdown)
    ]
    with world.database.write() as session:
        publications.plan(
            session, thread_id=thread_id, space="forum", rule=None, title="Heating there", now=NOW
        )
        publications.published(session, receipt, [one.digest for one in messages])
        answers.take(session, key, found, since=NOW - timedelta(days=9), now=NOW)
    return thread_id


async def read(browse: Browse, person: Address, thread_id: str) -> str:
    response = await (await browse(person)).get(f"/thread/{thread_id}")
    return await response.text() if response.status == 200 else ""


async def test_an_answer_stands_at_its_time_marked_with_its_space_and_linked(
    world: World, browse: Browse
) -> None:
    world.elsewhere = forum("everyone")
    thread_id = stands_in_forum(world, "Mine was **cold** too.")

    text = await read(browse, INES, thread_id)

    order = ["cold until ten", "Mine was <strong>cold</strong> too.", "an hour late", "réglé"]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert f'<a href="{FORUM}#a" rel="noopener noreferrer nofollow">written in The forum</a>' in text
    assert f'href="{FORUM}"' in text
    assert "Heating there" in text


@pytest.mark.parametrize(
    ("audience", "reader", "sees"),
    [
        ("everyone", INES, True),
        ("participants", INES, True),
        ("participants", PAUL, True),
        ("group:it", INES, False),
        ("everyone", MIRELA, False),  # the conversation itself is not hers to read here
        ("everyone", ADMIN, False),
        ("group:it", MIRELA, False),
        ("whoever", INES, False),
    ],
)
async def test_only_those_who_may_read_both_see_it(
    world: World, browse: Browse, audience: str, reader: Address, sees: bool
) -> None:
    world.elsewhere = forum(audience)
    thread_id = stands_in_forum(world, "Mine too.")
    text = await read(browse, reader, thread_id)
    assert ("Mine too." in text, FORUM in text) == (sees, sees)


async def test_of_a_space_for_participants_only_those_whose_mail_stands_there_read(
    world: World, browse: Browse
) -> None:
    world.elsewhere = forum("participants")
    thread_id = stands_in_forum(world, "Mine too.")
    key = publications.key_of(thread_id, "forum")
    with world.database.write() as session:
        planned = publications.load(session, key)
        assert planned is not None
        assert planned.receipt is not None
        publications.published(session, planned.receipt, ["the digest of some other mail"])

    assert "Mine too." not in await read(browse, INES, thread_id)


async def test_a_space_that_left_the_config_shows_nothing(world: World, browse: Browse) -> None:
    thread_id = stands_in_forum(world, "Mine too.")
    text = await read(browse, INES, thread_id)
    assert "cold until ten" in text
    assert "Mine too." not in text


async def test_foreign_text_runs_nothing_and_loads_nothing(world: World, browse: Browse) -> None:
    world.elsewhere = forum("everyone")
    evil = (
        "<script>alert(1)</script> <img src=x onerror=alert(1)> ![x](https://evil.example/p.png) "
        "[y](javascript:alert(2)) {{ 7*7 }}"
    )
    text = await read(browse, INES, stands_in_forum(world, evil, url=""))

    assert "<script" not in text.split("</head>")[1]
    assert "<img" not in text.replace('<img src="/static/logo.svg"', "")
    assert 'href="javascript' not in text
    assert "{{ 7*7 }}" in text
    assert "written in The forum" in text


async def test_an_answer_on_the_commons_page_stands_there_too(world: World, browse: Browse) -> None:
    thread_id, path = world.move(heating(), "wiki")
    client = await browse(MIRELA)
    token = await form_of(await client.get(path))
    await client.post(f"{path}/answer", data={"form": token, "text": "The clock was replaced."})

    text = await read(browse, INES, thread_id)

    assert "The clock was replaced." in text
    assert f'<a href="{path}#m3" rel="noopener noreferrer nofollow">written in Knowledge</a>' in text
    assert "in 3 mails" in text


async def test_it_is_told_in_french(world: World, browse: Browse) -> None:
    world.elsewhere = forum("everyone")
    thread_id = stands_in_forum(world, "Moi aussi.")
    client = await browse(INES)
    with world.database.write() as session:
        people.choose_language(session, INES.email, "fr", at=NOW)

    assert "écrit dans The forum" in await (await client.get(f"/thread/{thread_id}")).text()
