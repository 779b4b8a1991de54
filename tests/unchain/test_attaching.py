"""Files go where their posts go: whole, once, within bounds, and never out of an aside."""

from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import update
from sqlmodel import col

from domain.publication import File, Post
from store.tables import RawMailRow
from tests.fakes import FakeConnector
from tests.unchain.workshop import ANA, BOB, CLEO, TEAM, Workshop, mail
from unchain import attaching

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


class Album(FakeConnector):
    """A space that takes files up to a size."""

    largest = 1_000_000

    def takes(self, file: File) -> bool:
        return len(file.content) <= self.largest

    def files(self) -> list[list[tuple[str, bytes]]]:
        """Name and bytes of the files of each post that stands there."""
        return [
            [(file.name, file.content) for file in post.files]
            for posts in self.posts.values()
            for post in posts
        ]


def with_file(
    content: bytes,
    name: str,
    file: bytes,
    *,
    maintype: str = "application",
    subtype: str = "pdf",
    cid: str = "",
) -> bytes:
    """A mail with a file."""
    written = message_from_bytes(content, policy=policy.SMTP)
    assert isinstance(written, EmailMessage)
    if cid:
        written.add_related(file, maintype, subtype, cid=f"<{cid}>", filename=name, disposition="inline")
    else:
        written.add_attachment(file, maintype=maintype, subtype=subtype, filename=name)
    return written.as_bytes()


@pytest.fixture
def album(shop: Workshop) -> Album:
    made = Album("wiki")
    shop.connectors["wiki"] = made
    return made


def receive(shop: Workshop, mails: Sequence[bytes]) -> None:
    for number, content in enumerate(mails):
        shop.receive(content, sender=TEAM[number % 3])


def talk(first: bytes, second: bytes | None = None) -> list[bytes]:
    return [first, second or mail(1, sender=BOB, answers=0), mail(2, sender=CLEO, answers=1)]


async def test_a_file_goes_along_with_its_post(shop: Workshop, album: Album) -> None:
    receive(shop, talk(with_file(mail(0), "plan.pdf", b"%PDF plan")))
    await shop.settle()

    assert album.files() == [[("plan.pdf", b"%PDF plan")], [], []]


async def test_a_file_of_a_later_mail_goes_along_when_it_is_added(shop: Workshop, album: Album) -> None:
    receive(shop, talk(mail(0)))
    await shop.settle()
    shop.receive(with_file(mail(3, answers=2), "late.pdf", b"%PDF late"))
    await shop.work()

    assert album.files()[-1] == [("late.pdf", b"%PDF late")]


async def test_a_connector_without_that_power_gets_names_alone(shop: Workshop) -> None:
    receive(shop, talk(with_file(mail(0), "plan.pdf", b"%PDF plan")))
    await shop.settle()

    (first, *_) = next(iter(shop.wiki.posts.values()))
    assert (first.attachments, first.files) == (("plan.pdf",), ())


async def test_what_the_connector_does_not_take_is_only_named(shop: Workshop, album: Album) -> None:
    album.largest = 10
    receive(shop, talk(with_file(mail(0), "plan.pdf", b"more than ten bytes")))
    await shop.settle()

    (first, *_) = next(iter(album.posts.values()))
    assert (first.attachments, first.files) == (("plan.pdf",), ())


async def test_a_picture_in_the_text_keeps_its_content_id_and_comes_once(
    shop: Workshop, album: Album
) -> None:
    logo = {"maintype": "image", "subtype": "png"}
    receive(
        shop,
        talk(
            with_file(mail(0), "logo.png", PNG, cid="logo@acme", **logo),
            with_file(mail(1, sender=BOB, answers=0), "logo.png", PNG, cid="logo2@acme", **logo),
        ),
    )
    await shop.settle()

    posts: list[Post] = next(iter(album.posts.values()))
    assert [[file.content_id for file in post.files] for post in posts] == [["logo@acme"], [], []]


async def test_the_file_of_an_aside_stays_in_the_mail(shop: Workshop, album: Album) -> None:
    receive(shop, talk(mail(0)))
    shop.receive(with_file(mail(3, "Between us.", to=(ANA,), sender=BOB, answers=2), "salary.pdf", b"%PDF"))
    await shop.settle()

    assert shop.publication().receipt is not None
    assert album.files() == [[], [], []]


async def test_a_mail_that_was_set_aside_gives_no_file(shop: Workshop, album: Album) -> None:
    receive(shop, talk(with_file(mail(0), "plan.pdf", b"%PDF plan")))
    await shop.work()
    with shop.database.write() as session:
        session.execute(update(RawMailRow).where(col(RawMailRow.id) == 1).values(set_aside="unreadable"))
    await shop.settle()

    assert album.files() == [[], [], []]


async def test_a_call_carries_no_more_than_its_bounds(
    shop: Workshop, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attaching, "MOST_BYTES", 25)
    monkeypatch.setattr(attaching, "LARGEST_FILE", 12)
    first = with_file(with_file(mail(0), "a.pdf", bytes(10)), "huge.pdf", bytes(13))
    second = with_file(with_file(mail(1, sender=BOB, answers=0), "b.pdf", bytes(12)), "c.pdf", bytes(4))
    receive(shop, talk(first, second))
    await shop.settle()

    assert [[name for name, _ in files] for files in album.files()] == [["a.pdf"], ["b.pdf"], []]
