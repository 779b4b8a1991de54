"""Reading and writing single pages of a MediaWiki: their text, who has written it, and their talk page."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from connectors.http import Shape
from connectors.mediawiki_api import Api
from domain.errors import Refused, Transient


class _Content(Shape):
    content: str = ""


class _Slots(Shape):
    main: _Content = _Content()


class Revision(Shape):
    """One state of a page."""

    revid: int
    user: str = ""  # empty where an admin has hidden it
    timestamp: datetime
    slots: _Slots = _Slots()

    @property
    def text(self) -> str:
        """Its wikitext; empty where an admin has hidden it."""
        return self.slots.main.content


class PageShape(Shape):
    """A page as the API tells of it."""

    pageid: int = 0
    title: str = ""
    missing: bool = False
    invalid: bool = False
    fullurl: str = ""
    associatedpage: str = ""
    index: int = 0
    revisions: tuple[Revision, ...] = ()


class _Continue(Shape):
    rvcontinue: str = ""


class _Query(Shape):
    pages: tuple[PageShape, ...] = ()


class PagesAnswer(Shape):
    """What `action=query` answers about pages."""

    query: _Query = _Query()
    go_on: _Continue = Field(default=_Continue(), alias="continue")


class _Edit(Shape):
    pageid: int = 0
    title: str = ""


class _EditAnswer(Shape):
    edit: _Edit


class _LogEvent(Shape):
    timestamp: datetime


class _LogQuery(Shape):
    logevents: tuple[_LogEvent, ...] = ()


class _LogAnswer(Shape):
    query: _LogQuery = _LogQuery()


@dataclass(frozen=True, kw_only=True)
class WikiPage:
    """A page that is there."""

    pageid: int
    title: str
    url: str
    talk: str  # title of its talk page
    latest: Revision


class Pages:
    """Reads and writes pages."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def by_titles(self, *wanted: str) -> list[WikiPage | None]:
        """The pages of some titles, in their order; None where there is none."""
        answer = await self._pages(titles="|".join(wanted))
        found = {page.title: _page(page) for page in answer if not page.missing}
        return [found.get(title) for title in wanted]

    async def by_title(self, title: str) -> WikiPage | None:
        """The page of a title, wherever it was moved."""
        return next(filter(None, map(_page, await self._pages(titles=title, redirects="1"))), None)

    async def by_id(self, page_id: str) -> WikiPage | None:
        """The page of a number, which it keeps when it is moved."""
        return next(filter(None, map(_page, await self._pages(pageids=page_id))), None)

    async def first_revision(self, page: WikiPage) -> Revision:
        """How a page began."""
        asked = {"rvdir": "newer", "rvlimit": "1", "pageids": str(page.pageid)}
        [found] = await self._pages(**asked) or [PageShape()]
        if not found.revisions:
            raise Transient(f"MediaWiki does not tell how the page {page.pageid} began")
        return found.revisions[0]

    async def create(self, title: str, text: str, summary: str) -> None:
        """Make a page; raises Exists where there is one."""
        await self._edit(title=title, text=text, summary=summary, createonly="1")

    async def change(self, page: WikiPage, text: str, summary: str) -> None:
        """Put a text in the place of the one that was read; raises Conflict where it is another by now."""
        base = str(page.latest.revid)
        await self._edit(pageid=str(page.pageid), text=text, summary=summary, baserevid=base, nocreate="1")

    async def was_deleted(self, title: str, since: datetime) -> bool:
        """Whether somebody has deleted a page of this title since then."""
        asked = {"list": "logevents", "leaction": "delete/delete", "letitle": title, "lelimit": "1"}
        reply = await self._api.query(**asked, leprop="timestamp")
        return any(event.timestamp >= since for event in reply.parse(_LogAnswer).query.logevents)

    async def search(self, phrase: str, where: str) -> list[PageShape]:
        """The pages that have a phrase in their `title` or `text`, best first, at most ten."""
        quoted = '"' + phrase.replace('"', " ") + '"'
        asked = {"generator": "search", "gsrsearch": quoted, "gsrlimit": "10", "gsrwhat": where}
        try:
            reply = await self._api.query(**asked, prop="info", inprop="url")
        except Refused as error:
            if where == "title" and "search-title" in str(error):
                return []  # its search looks through titles and texts at once
            raise
        return sorted(reply.parse(PagesAnswer).query.pages, key=lambda each: each.index)

    async def _edit(self, **fields: str) -> None:
        reply = await self._api.write(action="edit", bot="1", **fields)
        reply.parse(_EditAnswer)

    async def _pages(self, **asked: str) -> tuple[PageShape, ...]:
        told = {"rvprop": "ids|user|timestamp|content", "rvslots": "main", "inprop": "url|associatedpage"}
        reply = await self._api.query(prop="revisions|info", **told, **asked)
        return reply.parse(PagesAnswer).query.pages


def _page(told: PageShape) -> WikiPage | None:
    if told.missing or told.invalid or not told.revisions:
        return None
    return WikiPage(
        pageid=told.pageid,
        title=told.title,
        url=told.fullurl,
        talk=told.associatedpage,
        latest=told.revisions[0],
    )
