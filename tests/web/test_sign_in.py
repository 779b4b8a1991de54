"""Signing in by a link sent by mail."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiohttp.test_utils import TestClient
from sqlmodel import select

from store import mails, people
from store.tables import RawMailRow
from tests.web.conftest import Browse
from tests.web.world import INES, NOW, ORGANISATION, World, form_of, heating


def mails_sent(world: World) -> list[tuple[str, str, str]]:
    """Recipient, subject and text of each mail of ours that is queued."""
    with world.database.read() as session:
        raws = [mails.load(session, row.id or 0) for row in session.exec(select(RawMailRow)).all()]
    parsed = [(raw, message_from_bytes(raw.content, policy=default)) for raw in raws if raw is not None]
    return [(raw.rcpt_to[0], str(mail["Subject"]), mail.get_content()) for raw, mail in parsed]


async def ask_for_link(client: TestClient, email: str) -> tuple[int, str]:
    form = await form_of(await client.get("/sign-in"))
    response = await client.post("/sign-in", data={"form": form, "email": email})
    return response.status, await response.text()


def link_in(text: str) -> str:
    found = re.search(r"http://commons\.example\.com(/sign-in/\S+)", text)
    assert found is not None
    return found[1]


async def test_the_link_signs_in_after_its_button_is_pressed(world: World, browse: Browse) -> None:
    client = await browse(None)
    status, _ = await ask_for_link(client, " Ines@Example.com ")
    [(recipient, _, text)] = mails_sent(world)

    opened = await client.get(link_in(text))
    not_yet = await client.get("/", allow_redirects=False)
    pressed = await client.post(link_in(text), data={"form": await form_of(opened)}, allow_redirects=False)
    home = await client.get("/")

    assert (status, recipient, opened.status, not_yet.status) == (200, "ines@example.com", 200, 303)
    assert (pressed.status, pressed.headers["Location"]) == (303, "/")
    assert (home.status, home.url.path) == (200, "/")


async def test_opening_the_link_many_times_does_not_use_it_up(world: World, browse: Browse) -> None:
    client = await browse(None)
    await ask_for_link(client, INES.email)
    link = link_in(mails_sent(world)[0][2])

    statuses = [(await client.get(link)).status for _ in range(3)]

    assert statuses == [200, 200, 200]


async def test_a_link_works_once(world: World, browse: Browse) -> None:
    client, other = await browse(None), await browse(None)
    await ask_for_link(client, INES.email)
    link = link_in(mails_sent(world)[0][2])
    other_form = await form_of(await other.get("/sign-in"))

    first = await client.post(
        link, data={"form": await form_of(await client.get(link))}, allow_redirects=False
    )
    second = await other.post(link, data={"form": other_form}, allow_redirects=False)

    assert (first.status, second.status) == (303, 410)
    assert "Set-Cookie" not in second.headers


async def test_a_link_lapses(world: World, browse: Browse) -> None:
    client = await browse(None)
    await ask_for_link(client, INES.email)
    world.now = NOW + timedelta(minutes=16)

    response = await client.get(link_in(mails_sent(world)[0][2]))

    assert response.status == 410


async def test_the_answer_is_the_same_for_every_address_and_outsiders_get_no_mail(
    world: World, browse: Browse
) -> None:
    client = await browse(None)

    answers = [
        await ask_for_link(client, email)
        for email in ("ines@example.com", "nobody@example.com", "eve@elsewhere.example", "x@x")
    ]
    often = [await ask_for_link(client, "ines@example.com") for _ in range(4)]

    assert set(answers) | set(often) == {answers[0]}
    assert [recipient for recipient, _, _ in mails_sent(world)].count("ines@example.com") == 3
    assert not any("elsewhere" in recipient for recipient, _, _ in mails_sent(world))


@pytest.mark.parametrize(
    "email",
    [
        "eve@elsewhere.example,ines@example.com",
        '"eve@elsewhere.example"@example.com',
        "ines@example.com\r\nBcc: eve@elsewhere.example",
        "eve@elsewhere.example\n@example.com",
        "<ines@example.com",
        "@example.com",
        "a b@example.com",
    ],
)
async def test_only_one_plain_mailbox_gets_a_mail(world: World, browse: Browse, email: str) -> None:
    status, text = await ask_for_link(await browse(None), email)

    assert (status, "a link is on its way" in text) == (200, True)
    assert mails_sent(world) == []


async def test_a_name_with_commas_and_accents_makes_one_sender(world: World, browse: Browse) -> None:
    world.organisation = ORGANISATION.model_copy(update={"name": "Bérubé, Roy (et fils)"})
    await ask_for_link(await browse(None), INES.email)

    with world.database.read() as session:
        raw = mails.load(session, 1)

    assert raw is not None
    [sender] = message_from_bytes(raw.content, policy=default)["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (
        "Unchain, Bérubé, Roy (et fils)",
        "unchain@example.com",
    )


async def test_the_mail_is_in_the_language_that_the_person_chose(world: World, browse: Browse) -> None:
    client = await browse(None)
    with world.database.write() as session:
        people.choose_language(session, INES.email, "fr", at=NOW)

    await ask_for_link(client, INES.email)
    await ask_for_link(client, "paul@example.com")

    (_, french, text), (_, english, _) = mails_sent(world)
    assert french == "Votre lien de connexion à Example Works"
    assert "Il fonctionne une seule fois" in text
    assert english == "Your sign-in link for Example Works"


async def test_the_mail_is_marked_as_automatic_and_cannot_bounce_to_anyone(
    world: World, browse: Browse
) -> None:
    await ask_for_link(await browse(None), INES.email)

    with world.database.read() as session:
        raw = mails.load(session, 1)

    assert raw is not None
    mail = message_from_bytes(raw.content, policy=default)
    assert (raw.mail_from, raw.source, mail["Auto-Submitted"]) == ("", "unchain", "auto-generated")
    assert b"\r\n" in raw.content


async def test_signing_in_leads_to_the_page_that_was_wanted(world: World, browse: Browse) -> None:
    _, path = world.move(heating(), "wiki")
    client = await browse(None)
    assert (await client.get(path)).status == 404
    await ask_for_link(client, INES.email)
    link = link_in(mails_sent(world)[0][2])

    pressed = await client.post(
        link, data={"form": await form_of(await client.get(link))}, allow_redirects=False
    )

    assert pressed.headers["Location"] == path


@pytest.mark.parametrize(
    "wanted", ["//evil.example/", "/\\evil.example", "https://evil.example", "%2F%2Fevil.example"]
)
async def test_signing_in_never_leads_to_another_site(world: World, browse: Browse, wanted: str) -> None:
    client = await browse(None)
    await ask_for_link(client, INES.email)
    link = link_in(mails_sent(world)[0][2])
    form = await form_of(await client.get(link))
    client.session.cookie_jar.update_cookies({"unchain-next": wanted})

    pressed = await client.post(link, data={"form": form}, allow_redirects=False)

    assert pressed.headers["Location"] == "/"


async def test_signing_out_ends_the_session_everywhere(world: World, browse: Browse) -> None:
    client = await browse(INES)
    stolen = {cookie.key: cookie.value for cookie in client.session.cookie_jar}
    home = await client.get("/")

    await client.post("/sign-out", data={"form": await form_of(home)})

    thief = await browse(None)
    thief.session.cookie_jar.update_cookies(stolen)
    assert (await thief.get("/", allow_redirects=False)).status == 303


async def test_the_language_can_be_changed_before_signing_in(browse: Browse) -> None:
    client = await browse(None)

    page = await client.get("/sign-in?language=fr")

    assert "Votre adresse professionnelle" in await page.text()
    assert page.headers["Content-Language"] == "fr"
