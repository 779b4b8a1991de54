"""The connector to Confluence, Cloud and Data Center: a page for each thread, comments for later mails."""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from urllib.parse import unquote

from pydantic import Field, model_validator

from connectors.base import Capabilities, Rung
from connectors.confluence_api import Cloud, Entry, Property, Wiki
from connectors.confluence_data_center import DataCenter
from connectors.http import HttpClient, HttpOptions, WebAddress
from connectors.rendering import CONFLUENCE, cut, markdown_from_text, page, remark
from connectors.rendering.from_html import text_of_html
from domain.errors import Conflict, Refused
from domain.options import Secret
from domain.publication import Answer, Post, Publication, Receipt

CAPABILITIES = Capabilities(title_length=230, post_length=200_000, rung=Rung.FOUND)
_SAID = "Unchain "  # opens what is said of each version that we write
# Confluence gives the anchor macro attributes of its own, so only its end is as we wrote it.
_MARK = re.compile(r">unchain:([A-Za-z0-9/%-]{1,1000})</ac:parameter>")
_NOT_IN_LABEL = re.compile(r"[^\w-]+")


class ConfluenceOptions(HttpOptions):
    """`connector = { type = "confluence", url = "https://…", user = "…", token = {…}, space_key = "IT" }`."""

    type: Literal["confluence"] = Field(description="Confluence, Cloud or Data Center.")
    url: WebAddress = Field(
        description="With /wiki at its end for Cloud: https://example.atlassian.net/wiki."
    )
    edition: Literal["cloud", "data_center"] = Field(default="cloud", description="Which of the two it is.")
    user: str = Field(default="", description="Mail address of the account; Cloud only.")
    token: Secret = Field(description="API token of Cloud, or personal access token of Data Center.")
    space_key: str = Field(pattern=r"^~?[A-Za-z0-9._-]{1,255}$", description="Key of the space.")

    @model_validator(mode="after")
    def _user_where_needed(self) -> "ConfluenceOptions":
        if (self.edition == "cloud") != bool(self.user):
            raise ValueError("user is needed with the cloud edition, and with no other")
        return self


class ConfluenceConnector:
    """Makes pages. Idempotency rung 2: a record beside the home page names the page; titles are unique."""

    capabilities = CAPABILITIES

    def __init__(self, options: ConfluenceOptions, *, clock: Callable[[], datetime]) -> None:
        self._options = options
        self._clock = clock
        self._http = HttpClient(
            "Confluence", options, url=options.url, secrets=(options.token,), headers=self._headers
        )
        edition = Cloud if options.edition == "cloud" else DataCenter
        self._wiki: Wiki = edition(self._http, options.space_key)

    async def check(self) -> str:
        """The name of the account, once the space shows it its home page."""
        name = await self._wiki.account()
        await self._wiki.home()
        return f"{name} in {self._options.space_key}"

    async def publish(self, publication: Publication) -> Receipt:
        """Make a page once; the same key again answers it. Raises Refused where it was taken back."""
        if not publication.posts:
            raise Refused("Confluence: a publication without posts")
        home, name = await self._wiki.home(), _name(publication.key)
        record = await self._wiki.record(home, name)
        if record is None:
            # Before the page, so that it is found by key even where nobody hears that it was made.
            first = {"title": _title(publication.title), "begun": self._clock().isoformat()}
            await self._wiki.keep(home, name, {**first, "language": publication.language}, None)
            record = await self._wiki.record(home, name)
            if record is None:
                raise Refused("Confluence keeps no property of the space's home page")
        found, free = await self._look(record, publication.key)
        if found is None:
            found = await self._wiki.create(free, _storage(publication))
        if "page" not in record.value:
            if labels := list(filter(None, map(_label, publication.tags))):
                await self._wiki.label(found.id, labels)
            await self._wiki.keep(home, name, {**record.value, "page": found.id}, record)
        return self._receipt(publication.key, found, record)

    async def find(self, key: str) -> Receipt | None:
        """The receipt of the page with this key."""
        record = await self._wiki.record(await self._wiki.home(), _name(key))
        if record is None or record.value.get("withdrawn"):
            return None
        found = (await self._look(record, key))[0]
        return None if found is None else self._receipt(key, found, record)

    async def append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        """Add footer comments for the posts that are neither on the page nor below it."""
        entry, language = await self._living(receipt)
        comments = await self._wiki.comments(entry.id)
        there = {unquote(key) for text in _texts(entry, comments) for key in _MARK.findall(text)}
        for post in posts:
            if post.key not in there:
                await self._wiki.comment(entry.id, remark(_fitting(post), CONFLUENCE, language))

    async def update(self, receipt: Receipt, publication: Publication) -> Receipt:
        """Write a page anew; raises Conflict where somebody else has written its last version."""
        entry, _ = await self._living(receipt)
        storage = _storage(publication)
        message = _SAID + hashlib.sha256(storage.encode()).hexdigest()[:16]
        if entry.version.message == message:
            return receipt
        if entry.version.number > 1 and not (entry.version.message or "").startswith(_SAID):
            raise Conflict("Confluence: somebody has changed the page")
        reply = await self._wiki.write(entry, entry.title, storage, message)
        if reply.status == 409:
            raise Conflict("Confluence: somebody is changing the page")
        return receipt

    async def withdraw(self, receipt: Receipt) -> None:
        """Delete the page with its comments; that it was taken back is remembered."""
        home, name = await self._wiki.home(), _name(receipt.key)
        record = await self._wiki.record(home, name)
        if record is None or not record.value.get("withdrawn"):
            await self._wiki.keep(home, name, {"withdrawn": True, "page": receipt.entry_id}, record)
        await self._wiki.remove(receipt.entry_id)

    async def answers(self, receipt: Receipt, since: datetime) -> Sequence[Answer]:
        """What people have written below the page since then."""
        if await self._wiki.entry(receipt.entry_id) is None:
            return []
        written = [
            each
            for each in await self._wiki.comments(receipt.entry_id)
            if each.at >= since and not _MARK.search(each.storage)
        ]
        return [
            Answer(
                key=each.id,
                entry_id=receipt.entry_id,
                author=each.author or "Confluence",
                at=each.at,
                markdown=markdown_from_text(text_of_html(each.storage)),
                url=self._options.url + each.webui if each.webui.startswith("/") else receipt.url,
            )
            for each in sorted(written, key=lambda each: each.at)
        ]

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    def _headers(self) -> dict[str, str]:
        token = self._options.token.reveal()
        if self._options.edition == "data_center":
            return {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        pair = base64.b64encode(f"{self._options.user}:{token}".encode()).decode()
        return {"Authorization": f"Basic {pair}", "Accept": "application/json"}

    async def _look(self, record: Property, key: str) -> tuple[Entry | None, str]:
        """The page of a key, or None and a title that is free."""
        if record.value.get("withdrawn"):
            raise Refused("Confluence: it was taken back")
        if "page" in record.value:
            found = await self._wiki.entry(str(record.value["page"]))
            if found is None:
                raise Refused("Confluence: somebody has deleted the page")
            return found, found.title
        title = str(record.value["title"])
        for wanted in (title, f"{title} ({_name(key)[-8:]})"):
            found = await self._wiki.titled(wanted)
            if found is None or key in map(unquote, _MARK.findall(found.body.storage.value)):
                return found, wanted
        raise Refused("Confluence: other pages have the titles that we would take")

    async def _living(self, receipt: Receipt) -> tuple[Entry, str]:
        """The page of a receipt and its language."""
        record = await self._wiki.record(await self._wiki.home(), _name(receipt.key))
        if record is not None and record.value.get("withdrawn"):
            raise Refused("Confluence: it was taken back")
        entry = await self._wiki.entry(receipt.entry_id)
        if entry is None:
            raise Refused("Confluence: somebody has deleted the page")
        return entry, str(record.value.get("language", "")) if record is not None else ""

    def _receipt(self, key: str, entry: Entry, record: Property) -> Receipt:
        begun = datetime.fromisoformat(str(record.value["begun"]))
        url = self._options.url + entry.links.webui
        return Receipt(key=key, entry_id=entry.id, url=url, published_at=begun)


def _storage(publication: Publication) -> str:
    return page(replace(publication, posts=tuple(map(_fitting, publication.posts))), CONFLUENCE)


def _fitting(post: Post) -> Post:
    length = CAPABILITIES.post_length
    return replace(post, markdown=cut(post.markdown, length), trimmed=cut(post.trimmed, length))


def _texts(entry: Entry, comments: Sequence[Any]) -> list[str]:
    return [entry.body.storage.value, *(each.storage for each in comments)]


def _title(title: str) -> str:
    return cut(" ".join(title.split()), CAPABILITIES.title_length) or "…"


def _name(key: str) -> str:
    return f"unchain-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _label(tag: str) -> str:
    return _NOT_IN_LABEL.sub("-", tag.lower()).strip("-")[:100]
