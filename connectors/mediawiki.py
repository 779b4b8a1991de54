"""The connector to MediaWiki: a page for each conversation, later mails on its talk page.

For each publication a page below the account's own, named by a digest of the key, leads to the page of the
conversation: by it we find again what has landed, at once and whatever the page is called by then.
"""

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate, product
from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field

from connectors.base import Capabilities, Rung
from connectors.http import HttpOptions, Shape, WebAddress
from connectors.mediawiki_answers import answers_on
from connectors.mediawiki_api import Api, Exists
from connectors.mediawiki_pages import Pages, WikiPage
from connectors.mediawiki_signs import Sign, Signs
from connectors.mediawiki_titles import cleaned, file_title, titles
from connectors.rendering import WIKITEXT, Linker, cut, keys_in, page, section
from domain.errors import AuthLost, Conflict, Refused, Transient
from domain.options import Secret
from domain.publication import Answer, File, Page, Post, Publication, Receipt

POST_LENGTH = 100_000  # characters
PAGE_BYTES = 1_500_000  # of 2 MiB ($wgMaxArticleSize); what goes beyond it stands on the talk page
SEARCHED = 5  # phrases that are looked for one by one
_NEEDED = frozenset({"edit", "createpage", "createtalk"})
_PICTURES = frozenset({"png", "gif", "jpg", "jpeg", "webp"})
_OUR_FILE = re.compile(r"\[\[Media:([^\[\]|\n]{1,255}-[0-9a-f]{12}\.[a-z0-9]{1,10})\|")


class MediaWikiOptions(HttpOptions):
    """`connector = { type = "mediawiki", url = "https://…/api.php", user = "Bot@mail", password = … }`."""

    type: Literal["mediawiki"] = Field(description="MediaWiki, by its action API and a bot password.")
    url: WebAddress = Field(description="Address of api.php.")
    user: str = Field(
        pattern=r"^[^@]+@[^@]+$", description="Account and name of its bot password: `Unchain@mail`."
    )
    password: Secret = Field(description="The bot password (Special:BotPasswords).")
    file_types: tuple[str, ...] = Field(
        default=("png", "gif", "jpg", "jpeg", "webp"),
        description="Endings of files that are uploaded; the wiki must allow them ($wgFileExtensions).",
    )
    file_size: int = Field(
        default=2_097_152, ge=0, le=104_857_600, description="Bytes of one file at most; 0 uploads none."
    )


class _User(Shape):
    name: str
    rights: frozenset[str] = frozenset()


class _General(Shape):
    readonly: bool = False


class _Self(Shape):
    userinfo: _User
    general: _General


class _SelfAnswer(Shape):
    query: _Self


class MediaWikiConnector:
    """Posts pages. Idempotency rung 2: a page of our own, named after the key, leads to what has landed."""

    def __init__(self, options: MediaWikiOptions) -> None:
        self.capabilities = Capabilities(
            title_length=200,
            post_length=POST_LENGTH,
            rung=Rung.FOUND,
            file_size=options.file_size,
            inline_images=True,
        )
        self._types = frozenset(each.lower().lstrip(".") for each in options.file_types)
        self._api = Api(options.url, options.user, options.password, options)
        self._pages = Pages(self._api)
        self._signs = Signs(self._api, self._pages)

    async def check(self) -> str:
        """The account's name; raises AuthLost where it may not edit, Transient where nobody may."""
        reply = await self._api.query(meta="userinfo|siteinfo", uiprop="rights")
        told = reply.parse(_SelfAnswer).query
        if missing := _NEEDED - told.userinfo.rights:
            raise AuthLost(f"MediaWiki: {told.userinfo.name} lacks the rights {', '.join(sorted(missing))}")
        if told.general.readonly:
            raise Transient("MediaWiki is read-only now")
        return told.userinfo.name

    async def publish(self, publication: Publication) -> Receipt:
        """Make a page, or find the one that was made; raises Refused where it was taken back."""
        if not publication.posts:
            raise Refused(f"{publication.key} has no posts")
        key, first, second = (
            publication.key,
            *titles(publication.title, publication.key, _prefix(publication)),
        )
        sign = await self._signs.of(key)
        if sign is None:
            taken = await self._pages.by_title(first)
            sign = await self._signs.put(key, second if taken else first, publication.language)
        if not sign.title:
            raise Refused(f"MediaWiki: the page of {key} was taken back")
        entry = await self._standing(key, sign)
        if entry is None and await self._pages.was_deleted(sign.title, sign.at):
            raise Refused(f"MediaWiki: the page of {key} was deleted there")
        if entry is None:
            sign, entry = await self._make(publication, sign, second)
        receipt = _receipt(key, entry, sign)
        if rest := _split(publication.posts)[1]:
            await self.append(receipt, rest)
        return receipt

    async def find(self, key: str) -> Receipt | None:
        """The receipt of a page, None where there is none, or none any more."""
        sign = await self._signs.of(key)
        entry = await self._standing(key, sign) if sign and sign.title else None
        return _receipt(key, entry, sign) if sign and entry else None

    async def append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        """Add posts to the talk page; Transient where somebody writes there at the same time."""
        sign, entry = await self._entry(receipt)
        talk = (await self._pages.by_titles(entry.talk))[0]
        text = talk.latest.text if talk else ""
        there = {*keys_in(entry.latest.text, WIKITEXT), *keys_in(text, WIKITEXT)}
        new = [post for post in posts if post.key not in there]
        if not new:
            return
        links = await self._upload(new, receipt.key)
        sections = [section(_fitting(post), WIKITEXT, sign.language, link=links) for post in new]
        written, summary = "\n\n".join([*filter(None, [text.rstrip()]), *sections]), "Later mails"
        try:
            if talk:
                await self._pages.change(talk, written, summary)
            else:
                await self._pages.create(entry.talk, written, summary)
        except (Conflict, Exists) as error:
            raise Transient(f"somebody else has just written on the talk page: {error}", 5) from None

    async def update(self, receipt: Receipt, publication: Publication) -> Receipt:
        """Write the page anew under its old title; raises Conflict where the last edit is not ours."""
        _, entry = await self._entry(receipt)
        if entry.latest.user != self._api.account:
            raise Conflict(f"MediaWiki: {entry.latest.user} has changed the page of {receipt.key}")
        talk = (await self._pages.by_titles(entry.talk))[0]
        told = keys_in(talk.latest.text, WIKITEXT) if talk else []
        posts = tuple(post for post in publication.posts if post.key not in told)
        text = await self._text(replace(publication, posts=posts or publication.posts))
        await self._pages.change(entry, text, "Written anew from the mails")
        return receipt

    async def withdraw(self, receipt: Receipt) -> None:
        """Delete page, talk page and files; blank them where the account may not delete."""
        await self._signs.take_back(receipt.key)
        entry = await self._pages.by_id(receipt.entry_id)
        if entry is None:
            return
        talk = (await self._pages.by_titles(entry.talk))[0]
        texts = [entry.latest.text, talk.latest.text if talk else ""]
        for name in dict.fromkeys(found for text in texts for found in _OUR_FILE.findall(text)):
            await self._remove(await self._pages.by_title(f"File:{name}"))
        await self._remove(talk)
        await self._remove(entry)

    def takes(self, file: File) -> bool:
        """Whether a file has one of the endings of the options and is small enough."""
        ending = PurePosixPath(file.name).suffix.lower().lstrip(".")
        return ending in self._types and 0 < len(file.content) <= self.capabilities.file_size

    async def answers(self, receipt: Receipt, since: datetime) -> Sequence[Answer]:
        """What others have written on the talk page."""
        entry = await self._pages.by_id(receipt.entry_id)
        talk = (await self._pages.by_titles(entry.talk))[0] if entry else None
        return [] if talk is None else await answers_on(self._api, talk, receipt, since)

    async def search(self, words: Sequence[str]) -> Sequence[Page]:
        """Pages that have these phrases, those that have most of them first."""
        found: dict[int, Page] = {}
        hits: dict[int, int] = {}
        for phrase, where in product(words[:SEARCHED], ("title", "text")):
            for each in await self._pages.search(phrase, where):
                found[each.pageid] = Page(entry_id=str(each.pageid), title=each.title, url=each.fullurl)
                hits[each.pageid] = hits.get(each.pageid, 0) + 1
        return [found[number] for number in sorted(found, key=lambda number: -hits[number])][:10]

    async def aclose(self) -> None:
        """Close all connections."""
        await self._api.aclose()

    async def _standing(self, key: str, sign: Sign) -> WikiPage | None:
        """The page to which a sign leads, if it is ours from its beginning."""
        there = await self._pages.by_title(sign.title)
        if there is None or key not in keys_in((await self._pages.first_revision(there)).text, WIKITEXT):
            return None
        return there

    async def _entry(self, receipt: Receipt) -> tuple[Sign, WikiPage]:
        """What was published and stands there still; raises Refused where it was taken back."""
        sign, entry = await self._signs.of(receipt.key), await self._pages.by_id(receipt.entry_id)
        if sign is None or not sign.title or entry is None:
            raise Refused(f"MediaWiki: the page of {receipt.key} is gone")
        return sign, entry

    async def _make(self, publication: Publication, sign: Sign, second: str) -> tuple[Sign, WikiPage]:
        """The page, and its sign; under a second title where somebody has been quicker with the first."""
        text = await self._text(publication)
        for title in dict.fromkeys((sign.title, second)):
            if title != sign.title:
                sign = await self._signs.lead_on(sign, title)
            with contextlib.suppress(Exists):
                await self._pages.create(title, text, "A conversation by mail")
            if entry := await self._standing(publication.key, sign):
                return sign, entry
        raise Refused(f"MediaWiki: the title {second} is taken")

    async def _text(self, publication: Publication) -> str:
        posts = tuple(map(_fitting, _split(publication.posts)[0]))
        links = await self._upload(posts, publication.key)
        written = page(replace(publication, posts=posts), WIKITEXT, link=links)
        names = filter(None, ("" if _prefix(publication) else publication.place, *publication.tags))
        categories = [f"[[Category:{cleaned(name)}]]" for name in dict.fromkeys(names)]
        return "\n\n".join(filter(None, [written, "\n".join(categories)]))

    async def _upload(self, posts: Sequence[Post], key: str) -> Linker:
        """Upload the files of posts that the wiki takes; what links them from their posts."""
        links: dict[tuple[str, str], str] = {}
        for post in posts:
            for file in filter(self.takes, post.files):
                name = file_title(file, key)
                fields = {
                    "action": "upload",
                    "filename": name,
                    "ignorewarnings": "1",
                    "comment": "From a mail",
                }
                try:
                    await self._api.write(file, **fields)
                except Refused as error:
                    if "fileexists-no-change" not in str(error):
                        continue  # it is named in its post all the same
                links[post.key, file.name] = _link(name, file.name)
        return lambda post, name: links.get((post.key, name))

    async def _remove(self, there: WikiPage | None) -> None:
        """Delete a page, or blank it."""
        if there is None:
            return
        try:
            await self._api.write(action="delete", pageid=str(there.pageid), reason="Taken back")
        except Refused as error:
            if "permissiondenied" not in str(error):
                raise
            await self._pages.change(there, "", "Taken back")


def _prefix(publication: Publication) -> str:
    """The place where it begins titles, as a namespace or a page above; any other place is a category."""
    return publication.place if publication.place.endswith((":", "/")) else ""


def _receipt(key: str, entry: WikiPage, sign: Sign) -> Receipt:
    return Receipt(key=key, entry_id=str(entry.pageid), url=entry.url, published_at=sign.at)


def _split(posts: Sequence[Post]) -> tuple[list[Post], list[Post]]:
    """The posts that one page holds, and the later ones."""
    sizes = accumulate(len(section(_fitting(post), WIKITEXT, "").encode()) for post in posts)
    held = sum(1 for size in sizes if size <= PAGE_BYTES)
    return list(posts[: max(1, held)]), list(posts[max(1, held) :])


def _fitting(post: Post) -> Post:
    return replace(post, markdown=cut(post.markdown, POST_LENGTH), trimmed=cut(post.trimmed, POST_LENGTH))


def _link(title: str, name: str) -> str:
    """The link to a file, with a small picture where it is one."""
    link = f"[[Media:{title}|{WIKITEXT.line(name)}]]"
    is_picture = PurePosixPath(name).suffix.lower().lstrip(".") in _PICTURES
    return f"{link}<br />[[File:{title}|frameless|300px|alt=]]" if is_picture else link
