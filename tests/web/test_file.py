"""Files of an entry's mails: for the entry's readers alone, and never as anything that a browser runs."""

from email.message import EmailMessage

import pytest

from domain.mail import Address, RawMail
from domain.publication import File
from ingest.parse import read
from store import mails, publications
from tests.web.conftest import Browse
from tests.web.world import ADMIN, EVE, INES, MIRELA, NOW, PAUL, World
from web.pages.file import headers_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)
PAGE = b"<script>alert(document.domain)</script>"


def with_plans(world: World, space: str) -> str:
    """A conversation in a space whose first mail brought three files; answers the path of its entry."""
    mail = EmailMessage()
    mail["From"] = "Ines Caron <ines@example.com>"
    mail["To"] = "paul@example.com"
    mail["Subject"] = "Heating"
    mail.set_content("Here are the plans.")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="étage 2.pdf")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="stairs.png")
    mail.add_attachment(PAGE, maintype="text", subtype="html", filename="page.html")
    raw = RawMail(
        content=mail.as_bytes(), mail_from=INES.email, rcpt_to=(PAUL.email,), source="smtp", received_at=NOW
    )
    with world.database.write() as session:
        mails.accept(session, [raw])
    return world.move([read(raw)], space)[1]


@pytest.mark.parametrize(
    ("space", "reader", "status"),
    [
        ("wiki", MIRELA, 200),
        ("wiki", EVE, 404),
        ("wiki", None, 404),
        ("quiet", INES, 200),
        ("quiet", PAUL, 200),
        ("quiet", MIRELA, 404),
        ("quiet", ADMIN, 404),
        ("it-room", MIRELA, 200),
        ("it-room", INES, 404),
    ],
)
async def test_a_file_is_served_to_the_readers_of_its_entry(
    world: World, browse: Browse, space: str, reader: Address | None, status: int
) -> None:
    path = with_plans(world, space)

    response = await (await browse(reader)).get(f"{path}/file/0/0")

    assert response.status == status
    assert (await response.read() == b"%PDF-1.7") is (status == 200)


async def test_the_page_links_its_files(world: World, browse: Browse) -> None:
    path = with_plans(world, "wiki")

    text = await (await (await browse(MIRELA)).get(path)).text()

    for number, name in enumerate(("étage 2.pdf", "stairs.png", "page.html")):
        assert f'<a href="{path}/file/0/{number}">{name}</a>' in text


async def test_a_page_that_somebody_sent_is_never_run(world: World, browse: Browse) -> None:
    path = with_plans(world, "wiki")

    response = await (await browse(MIRELA)).get(f"{path}/file/0/2")

    assert await response.read() == PAGE
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]


async def test_a_picture_may_be_looked_at_in_its_sandbox(world: World, browse: Browse) -> None:
    path = with_plans(world, "wiki")

    response = await (await browse(MIRELA)).get(f"{path}/file/0/1")

    assert (response.headers["Content-Type"], await response.read()) == ("image/png", PNG)
    assert response.headers["Content-Disposition"].startswith("inline;")
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("tail", ["0/3", "1/0", "9/0", "0/9999"])
async def test_what_is_not_there_is_not_found(world: World, browse: Browse, tail: str) -> None:
    path = with_plans(world, "wiki")
    assert (await (await browse(MIRELA)).get(f"{path}/file/{tail}")).status == 404


async def test_a_mail_that_was_set_aside_gives_no_file(world: World, browse: Browse) -> None:
    path = with_plans(world, "wiki")
    with world.database.write() as session:
        mails.set_aside(session, 1, "nobody knows what is in it")

    assert (await (await browse(MIRELA)).get(f"{path}/file/0/0")).status == 404


async def test_what_was_taken_back_gives_no_file(world: World, browse: Browse) -> None:
    path = with_plans(world, "wiki")
    client = await browse(MIRELA)
    assert (await client.get(f"{path}/file/0/0")).status == 200
    with world.database.read() as session:
        (planned,) = publications.everything(session)
    world.shelf.withdraw(planned.key, at=NOW)

    assert (await client.get(f"{path}/file/0/0")).status == 404


def test_a_name_cannot_break_out_of_its_header() -> None:
    file = File(name='a"\r\nX: y; 日.png', media_type="image/png", content=b"no picture")

    headers = headers_of(file)

    assert headers["Content-Disposition"] == (
        "attachment; filename=\"a___X_ y_ _.png\"; filename*=UTF-8''a%22%0D%0AX%3A%20y%3B%20%E6%97%A5.png"
    )
    assert headers["Content-Type"] == "application/octet-stream"
