"""Reading and writing single pages of a DokuWiki, and the lock that keeps others from writing meanwhile."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from connectors.dokuwiki_api import BUSY, UNEXPLAINED, Api, Failed
from connectors.http import Shape
from domain.errors import AuthLost, ConnectorError, Transient
from domain.publication import Page

EDIT = 2  # of its rights: https://www.dokuwiki.org/acl
CREATE = 4
_NO_PAGE = frozenset({UNEXPLAINED, 121})


class Version(Shape):
    """One state of a page, as its history names it."""

    user: str | None = None  # name of an account; empty for strangers
    version: int  # seconds since 1970

    @property
    def at(self) -> datetime:
        """When it was written, by the clock of the wiki."""
        return datetime.fromtimestamp(self.version, UTC)


class _Told(Shape):
    name: str
    version: int


class _Locks(Shape):
    lockfail: tuple[str, ...] = ()


class _Hit(Shape):
    id: str
    title: str | None = None


@dataclass(frozen=True, kw_only=True)
class WikiPage:
    """A page that is there."""

    name: str  # with its namespaces
    text: str
    at: datetime  # of its last change, by the clock of the wiki


class Pages:
    """Reads and writes pages."""

    def __init__(self, api: Api, url: str) -> None:
        """`url` is the address of the wiki."""
        self._api = api
        self._url = url

    async def read(self, name: str) -> WikiPage | None:
        """A page, None where there is none."""
        try:
            told = await self._api.ask(_Told, "wiki.getPageInfo", name)
        except Failed as failed:
            if failed.code in _NO_PAGE:
                return None
            raise
        text = await self._api.ask(str, "wiki.getPage", name)
        return WikiPage(name=told.name, text=text, at=datetime.fromtimestamp(told.version, UTC))

    async def write(self, name: str, text: str, summary: str) -> None:
        """Put a text in the place of what is there; an empty one removes the page, the same does nothing."""
        await self._api.ask(bool, "wiki.putPage", name, text, {"sum": summary, "minor": False})

    @contextlib.asynccontextmanager
    async def locked(self, name: str) -> AsyncIterator[None]:
        """Keep others from editing a page; Transient where somebody does, AuthLost where we may not.

        Where a connection breaks the lock stays, for 15 minutes as wikis are set up, but never for us.
        """
        locks = await self._api.ask(_Locks, "dokuwiki.setLocks", {"lock": [name], "unlock": []})
        if locks.lockfail:
            if await self.rights(name) < EDIT:
                raise AuthLost(f"DokuWiki: this account may not edit {name}")
            raise Transient(f"DokuWiki: somebody is editing {name}", BUSY)
        try:
            yield
        finally:
            with contextlib.suppress(ConnectorError):  # it ends by itself
                await self._api.ask(_Locks, "dokuwiki.setLocks", {"lock": [], "unlock": [name]})

    async def rights(self, name: str) -> int:
        """What the account may do with a page, as the wiki counts rights."""
        return await self._api.ask(int, "wiki.aclCheck", name)

    async def versions(self, name: str, first: int = 0) -> Sequence[Version]:
        """The next versions of a page after so many newer ones, newest first; of a deleted one too."""
        return await self._api.ask(tuple[Version, ...], "wiki.getPageVersions", name, first)

    async def text_of(self, name: str, version: Version) -> str:
        """The text of a page as it was."""
        return await self._api.ask(str, "wiki.getPageVersion", name, version.version)

    async def search(self, phrase: str) -> list[Page]:
        """The pages that have a phrase, best first."""
        quoted = '"' + " ".join(phrase.replace('"', " ").split()) + '"'
        hits = await self._api.ask(tuple[_Hit, ...], "dokuwiki.search", quoted)
        return [Page(entry_id=hit.id, title=hit.title or hit.id, url=self.url(hit.id)) for hit in hits]

    def url(self, name: str) -> str:
        """Where people read a page."""
        return f"{self._url}/doku.php?id={quote(name, safe=':')}"
