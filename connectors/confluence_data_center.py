"""Confluence Data Center by its REST interface v1; see confluence_api.py for what is asked of it."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic import Field

from connectors.bodies import Json
from connectors.confluence_api import (
    MOST_COMMENTS,
    Bodies,
    Comment,
    Entry,
    Links,
    Named,
    Property,
    Shared,
)
from connectors.http import Reply, Shape

_WHOLE = "body.storage,version"


class _Home(Shape):
    id: str


class _Space(Shape):
    homepage: _Home | None = None


class _Entries(Shape):
    results: list[Entry]


class _History(Shape):
    author: Named = Field(default=Named(), alias="createdBy")
    at: datetime = Field(alias="createdDate")


class _Comment(Shape):
    id: str
    history: _History
    body: Bodies = Bodies()
    links: Links = Field(default=Links(), alias="_links")


class _Comments(Shape):
    results: list[_Comment]
    links: Links = Field(default=Links(), alias="_links")


class DataCenter(Shared):
    """A Confluence of one's own."""

    async def home(self) -> str:
        """The id of the space's home page."""
        path = f"/rest/api/space/{quote(self.space, safe='')}"
        reply = await self.http.ask("GET", path, query={"expand": "homepage"}, expect={404})
        found = None if reply.status == 404 else reply.parse(_Space).homepage
        if found is None:
            raise self.lost_home()
        return found.id

    async def record(self, home: str, name: str) -> Property | None:
        """The record of a name."""
        path = f"/rest/api/content/{home}/property/{name}"
        reply = await self.http.ask("GET", path, query={"expand": "version"}, expect={404})
        return None if reply.status == 404 else reply.parse(Property)

    async def keep(self, home: str, name: str, value: dict[str, Any], old: Property | None) -> None:
        """Write a record."""
        path = f"/rest/api/content/{home}/property"
        told = {"key": name, "value": value}
        if old is None:
            (await self.http.ask("POST", path, body=Json(told))).parse(Property)
            return
        told["version"] = {"number": old.version.number + 1}
        (await self.http.ask("PUT", f"{path}/{name}", body=Json(told))).parse(Property)

    async def titled(self, title: str) -> Entry | None:
        """The page of this title in the space."""
        query = {"spaceKey": self.space, "title": title, "type": "page", "expand": _WHOLE}
        found = (await self.http.ask("GET", "/rest/api/content", query=query)).parse(_Entries).results
        return found[0] if found else None

    async def entry(self, page: str) -> Entry | None:
        """The page with this id, unless it was deleted."""
        path = f"/rest/api/content/{quote(page, safe='')}"
        reply = await self.http.ask("GET", path, query={"expand": _WHOLE}, expect={404})
        return None if reply.status == 404 else reply.parse(Entry)

    async def create(self, title: str, storage: str) -> Entry:
        """A new page in the space."""
        told = {"type": "page", "title": title, "space": {"key": self.space}, "body": _body(storage)}
        path, query = "/rest/api/content", {"expand": _WHOLE}
        return (await self.http.ask("POST", path, query=query, body=Json(told))).parse(Entry)

    async def write(self, page: Entry, title: str, storage: str, message: str) -> Reply:
        """The next version of a page."""
        version = {"number": page.version.number + 1, "message": message}
        told = {"id": page.id, "type": "page", "title": title, "version": version, "body": _body(storage)}
        path = f"/rest/api/content/{quote(page.id, safe='')}"
        return await self.http.ask("PUT", path, body=Json(told), expect={409})

    async def remove(self, page: str) -> None:
        """Delete a page; only an admin of the space may empty the trash."""
        path = f"/rest/api/content/{quote(page, safe='')}"
        await self.http.ask("DELETE", path, expect={404})
        await self.http.ask("DELETE", path, query={"status": "trashed"}, expect={400, 403, 404})

    async def comments(self, page: str) -> list[Comment]:
        """All footer comments and their replies."""
        found: list[_Comment] = []
        path = f"/rest/api/content/{quote(page, safe='')}/child/comment"
        query: dict[str, str] | None = {"depth": "all", "expand": "body.storage,history", "limit": "100"}
        for _ in range(MOST_COMMENTS):
            part = (await self.http.ask("GET", path, query=query)).parse(_Comments)
            found += part.results
            if not part.links.next:
                break
            path, query = part.links.next, None
        return [
            Comment(
                id=each.id,
                storage=each.body.storage.value,
                author=each.history.author.name,
                at=each.history.at,
                webui=each.links.webui,
            )
            for each in found
        ]

    async def comment(self, page: str, storage: str) -> None:
        """A new footer comment."""
        told = {"type": "comment", "container": {"id": page, "type": "page"}, "body": _body(storage)}
        await self.http.ask("POST", "/rest/api/content", body=Json(told))


def _body(storage: str) -> dict[str, Any]:
    return {"storage": {"value": storage, "representation": "storage"}}
