"""The connector to DokuWiki: a page for each conversation, later mails on a talk page below it.

DokuWiki has no call that makes a page only where there is none. So the name of ours holds a digest of the
key: nobody else has it, and one publication always writes the same page.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate
from typing import Literal

from pydantic import Field

from connectors.base import Capabilities, Rung
from connectors.dokuwiki_answers import answers_on
from connectors.dokuwiki_api import Api, sendable
from connectors.dokuwiki_files import Files
from connectors.dokuwiki_names import page_name, talk_name
from connectors.dokuwiki_pages import CREATE, Pages, WikiPage
from connectors.dokuwiki_records import Record, Records
from connectors.http import HttpOptions, WebAddress
from connectors.rendering import DOKUWIKI, cut, keys_in, section, titled_page
from connectors.rendering.words import say
from domain.errors import AuthLost, Conflict, Refused
from domain.options import Secret
from domain.publication import Answer, File, Page, Post, Publication, Receipt

TITLE_LENGTH = 300  # characters
POST_LENGTH = 100_000  # characters
PAGE_BYTES = 500_000  # what PHP renders within a few seconds; the rest stands on the talk page
SEARCHED = 5  # phrases that are looked for one by one
_DIGEST = re.compile(r" \[\[#unchain-text:([0-9a-f]{32})\|¶\]\]\s*\Z")


class DokuWikiOptions(HttpOptions):
    """`connector = { type = "dokuwiki", url = "https://…", user = "unchain", password = … }`."""

    type: Literal["dokuwiki"] = Field(description="DokuWiki, by its XML-RPC interface.")
    url: WebAddress = Field(description="Address of the wiki, where doku.php is.")
    user: str = Field(pattern=r"^[^:]+$", description="Name of the account.")
    password: Secret = Field(description="Password of that account.")
    records: str = Field(
        default="unchain",
        pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$",
        description="Namespace of the records by which pages are found again.",
    )
    file_types: tuple[str, ...] = Field(
        default=("png", "gif", "jpg", "jpeg", "pdf"),
        description="Endings of files that are uploaded; the wiki must allow them (conf/mime.local.conf).",
    )
    file_size: int = Field(
        default=2_097_152, ge=0, le=10_485_760, description="Bytes of one file at most; 0 uploads none."
    )


class DokuWikiConnector:
    """Posts pages. Idempotency rung 2: a record of our own, named after the key, leads to what has landed."""

    def __init__(self, options: DokuWikiOptions) -> None:
        self.capabilities = Capabilities(
            title_length=TITLE_LENGTH,
            post_length=POST_LENGTH,
            rung=Rung.FOUND,
            file_size=options.file_size,
            inline_images=True,
        )
        self._user = options.user
        self._api = Api(options.url, options.user, options.password, options)
        self._pages = Pages(self._api, options.url)
        self._records = Records(self._pages, options.records)
        self._files = Files(self._api, options.file_types, options.file_size)

    async def check(self) -> str:
        """The account's name; raises AuthLost where it is not known or may not keep its records."""
        if not await self._api.sign_in():
            raise AuthLost(f"DokuWiki does not know {self._user} with this password")
        if await self._records.may_be_kept() < CREATE:
            raise AuthLost(f"DokuWiki: {self._user} may not create pages in the namespace of its records")
        return self._user

    async def publish(self, publication: Publication) -> Receipt:
        """Make a page, or find the one that was made; raises Refused where it was taken back."""
        if not publication.posts:
            raise Refused(f"{publication.key} has no posts")
        key = publication.key
        record = await self._records.of(key)
        if record is None:
            name = page_name(publication.place, publication.title, key)
            record = await self._records.keep(key, name, publication.language)
        if not record.page:
            raise Refused(f"DokuWiki: the page of {key} was taken back")
        there = await self._pages.read(record.page) or await self._make(publication, record)
        receipt = self._receipt(record, there)
        if rest := _split(publication.posts)[1]:
            await self.append(receipt, rest)
        return receipt

    async def find(self, key: str) -> Receipt | None:
        """The receipt of a page, None where there is none, or none any more."""
        record = await self._records.of(key)
        there = await self._pages.read(record.page) if record and record.page else None
        return self._receipt(record, there) if record and there else None

    async def append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        """Add posts to the talk page; Transient where somebody is writing there."""
        record, entry = await self._entry(receipt)
        name, on_page = talk_name(entry.name), keys_in(entry.text, DOKUWIKI)
        async with self._pages.locked(name):
            talk = await self._pages.read(name)
            text = talk.text if talk else _heading(entry, record.language)
            there = {*on_page, *keys_in(text, DOKUWIKI)}
            new = [_fitting(post) for post in posts if post.key not in there]
            if not new:
                return
            links = await self._files.upload(new, entry.name)
            sections = [section(post, DOKUWIKI, record.language, link=links) for post in new]
            await self._pages.write(name, "\n\n".join([text.rstrip(), *sections]), "Later mails")

    async def update(self, receipt: Receipt, publication: Publication) -> Receipt:
        """Write the page anew under its old name; raises Conflict where somebody has changed it."""
        _, entry = await self._entry(receipt)
        talk = await self._pages.read(talk_name(entry.name))
        told = keys_in(talk.text, DOKUWIKI) if talk else []
        posts = tuple(post for post in publication.posts if post.key not in told)
        text = await self._text(replace(publication, posts=posts or publication.posts), entry.name)
        async with self._pages.locked(entry.name):
            now = await self._pages.read(entry.name)
            if now is None or not _is_ours(now.text):
                raise Conflict(f"DokuWiki: somebody has changed the page of {receipt.key}")
            await self._pages.write(entry.name, text, "Written anew from the mails")
        return receipt

    async def withdraw(self, receipt: Receipt) -> None:
        """Remove page, talk page and files; the wiki's own history still has them."""
        await self._records.take_back(receipt.key)
        for name in (talk_name(receipt.entry_id), receipt.entry_id):
            if await self._pages.read(name) is not None:
                await self._pages.write(name, "", "Taken back")
        await self._files.remove(receipt.entry_id)

    def takes(self, file: File) -> bool:
        """Whether a file has one of the endings of the options and is small enough."""
        return self._files.takes(file)

    async def answers(self, receipt: Receipt, since: datetime) -> Sequence[Answer]:
        """What others have written on the talk page."""
        return await answers_on(self._pages, talk_name(receipt.entry_id), receipt, since)

    async def search(self, words: Sequence[str]) -> Sequence[Page]:
        """Pages that have these phrases, those that have most of them first; no talk pages."""
        found: dict[str, Page] = {}
        hits: dict[str, int] = {}
        for phrase in words[:SEARCHED]:
            for each in await self._pages.search(phrase):
                if not self._records.holds(each.entry_id) and not each.entry_id.endswith(":talk"):
                    found[each.entry_id] = each
                    hits[each.entry_id] = hits.get(each.entry_id, 0) + 1
        return [found[name] for name in sorted(found, key=lambda name: -hits[name])][:10]

    async def aclose(self) -> None:
        """Close all connections."""
        await self._api.aclose()

    async def _entry(self, receipt: Receipt) -> tuple[Record, WikiPage]:
        """What was published and stands there still; raises Refused where it was taken back."""
        record = await self._records.of(receipt.key)
        there = await self._pages.read(record.page) if record and record.page else None
        if record is None or there is None:
            raise Refused(f"DokuWiki: the page of {receipt.key} is gone")
        return record, there

    async def _make(self, publication: Publication, record: Record) -> WikiPage:
        """The page of a record; Refused where somebody has removed it."""
        if await self._pages.versions(record.page):
            if made_meanwhile := await self._pages.read(record.page):  # by another process of ours
                return made_meanwhile
            raise Refused(f"DokuWiki: the page of {record.key} was deleted there")
        text = await self._text(publication, record.page)
        await self._pages.write(record.page, text, "A conversation by mail")
        there = await self._pages.read(record.page)
        if there is None:
            raise Refused(f"DokuWiki: the page of {record.key} was removed as soon as it was made")
        return there

    async def _text(self, publication: Publication, name: str) -> str:
        posts = tuple(map(_fitting, _split(publication.posts)[0]))
        links = await self._files.upload(posts, name)
        title = cut(" ".join(publication.title.split()), TITLE_LENGTH) or "…"
        written = titled_page(replace(publication, title=title, posts=posts), DOKUWIKI, link=links)
        below = f"[[:{talk_name(name)}|{say('talk', publication.language)}]]"
        return _signed(f"{written}\n\n{below}")

    def _receipt(self, record: Record, there: WikiPage) -> Receipt:
        url = self._pages.url(there.name)
        return Receipt(key=record.key, entry_id=there.name, url=url, published_at=record.at)


def _signed(text: str) -> str:
    """A text with a digest of itself, by which we know whether somebody has changed it."""
    whole = sendable(text)
    return f"{whole} [[#unchain-text:{_digest(whole)}|¶]]"


def _is_ours(text: str) -> bool:
    found = _DIGEST.search(text[-200:])
    return found is not None and found[1] == _digest(text[: text.rindex(" [[#unchain-text:")])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _heading(entry: WikiPage, language: str) -> str:
    """What a talk page begins with."""
    return f"{DOKUWIKI.heading(1, say('talk', language))}\n\n[[:{entry.name}]]"


def _split(posts: Sequence[Post]) -> tuple[list[Post], list[Post]]:
    """The posts that one page holds, and the later ones."""
    sizes = accumulate(len(section(_fitting(post), DOKUWIKI, "").encode()) for post in posts)
    held = sum(1 for size in sizes if size <= PAGE_BYTES)
    return list(posts[: max(1, held)]), list(posts[max(1, held) :])


def _fitting(post: Post) -> Post:
    return replace(post, markdown=cut(post.markdown, POST_LENGTH), trimmed=cut(post.trimmed, POST_LENGTH))
