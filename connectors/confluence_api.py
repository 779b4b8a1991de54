"""Confluence's two interfaces behind one, and that of Cloud (REST v2, and v1 for labels and names).

https://developer.atlassian.com/cloud/confluence/rest/v2/ and https://developer.atlassian.com/server/confluence/rest/.
Every write here does no harm twice: titles are unique within a space, and comments are looked up first.
"""

from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from pydantic import Field

from connectors.bodies import Json
from connectors.http import HttpClient, Reply, Shape
from domain.errors import AuthLost

MOST_COMMENTS = 50  # requests for the comments of one page, of a hundred each


class Body(Shape):
    """A body in storage format, as both say it."""

    value: str = ""


class Bodies(Shape):
    """The bodies of a page or comment."""

    storage: Body = Body()


class Version(Shape):
    """Which version it is, and what was said of it."""

    number: int
    message: str | None = None


class Links(Shape):
    """Ways to it, and from a list to the next part of it."""

    webui: str = ""
    next: str = ""


class Entry(Shape):
    """A page as both say it."""

    id: str
    title: str
    status: str = "current"
    version: Version
    body: Bodies = Bodies()
    links: Links = Field(default=Links(), alias="_links")


class Property(Shape):
    """A value that we keep beside a page; `id` is Cloud's."""

    id: str
    value: dict[str, Any]
    version: Version


class Comment(Shape):
    """A footer comment."""

    id: str
    storage: str
    author: str
    at: datetime
    webui: str


class Wiki(Protocol):
    """What the connector asks of a Confluence."""

    async def account(self) -> str:
        """The name of the account."""
        ...

    async def home(self) -> str:
        """The id of the space's home page, beside which we keep our records."""
        ...

    async def record(self, home: str, name: str) -> Property | None:
        """The record of a name."""
        ...

    async def keep(self, home: str, name: str, value: dict[str, Any], old: Property | None) -> None:
        """Write a record, the first or the next version of it."""
        ...

    async def titled(self, title: str) -> Entry | None:
        """The page of this title in the space."""
        ...

    async def entry(self, page: str) -> Entry | None:
        """The page with this id, unless it was deleted."""
        ...

    async def create(self, title: str, storage: str) -> Entry:
        """A new page in the space."""
        ...

    async def write(self, page: Entry, title: str, storage: str, message: str) -> Reply:
        """The next version of a page; answers 409 where that is no longer the next one."""
        ...

    async def remove(self, page: str) -> None:
        """Delete a page, and from the trash too where we may."""
        ...

    async def label(self, page: str, names: list[str]) -> None:
        """Add labels."""
        ...

    async def comments(self, page: str) -> list[Comment]:
        """All footer comments and their replies."""
        ...

    async def comment(self, page: str, storage: str) -> None:
        """A new footer comment."""
        ...


class Named(Shape):
    """Somebody."""

    name: str = Field(default="", alias="displayName")


class _CloudSpace(Shape):
    id: str
    home: str | None = Field(default=None, alias="homepageId")


class _CloudSpaces(Shape):
    results: list[_CloudSpace]


class _Properties(Shape):
    results: list[Property]


class _Entries(Shape):
    results: list[Entry]


class _CloudVersion(Version):
    author: str = Field(default="", alias="authorId")
    at: datetime = Field(alias="createdAt")


class _CloudComment(Shape):
    id: str
    version: _CloudVersion
    body: Bodies = Bodies()
    links: Links = Field(default=Links(), alias="_links")


class _CloudComments(Shape):
    results: list[_CloudComment]
    links: Links = Field(default=Links(), alias="_links")


class Shared:
    """What is the same in both."""

    def __init__(self, http: HttpClient, space: str) -> None:
        self.http = http
        self.space = space

    async def account(self) -> str:
        """The name of the account."""
        name = (await self.http.ask("GET", "/rest/api/user/current")).parse(Named).name
        if name in {"", "Anonymous"}:  # Data Center takes a wrong token for nobody, not for an error
            raise AuthLost("Confluence does not know the account; renew its token")
        return name

    async def label(self, page: str, names: list[str]) -> None:
        """Add labels; the newer interface of Cloud has no call for that."""
        labels = [{"prefix": "global", "name": name} for name in names]
        await self.http.ask("POST", f"/rest/api/content/{quote(page, safe='')}/label", body=Json(labels))

    def lost_home(self) -> AuthLost:
        """Why nothing can be done."""
        return AuthLost(f"Confluence shows no space {self.space} with a home page to this account")


class Cloud(Shared):
    """Confluence Cloud."""

    _space_id = ""

    async def home(self) -> str:
        """The id of the space's home page."""
        reply = await self.http.ask("GET", "/api/v2/spaces", query={"keys": self.space})
        found = reply.parse(_CloudSpaces).results
        if not found or not found[0].home:
            raise self.lost_home()
        self._space_id = found[0].id
        return found[0].home

    async def record(self, home: str, name: str) -> Property | None:
        """The record of a name."""
        reply = await self.http.ask("GET", f"/api/v2/pages/{home}/properties", query={"key": name})
        found = reply.parse(_Properties).results
        return found[0] if found else None

    async def keep(self, home: str, name: str, value: dict[str, Any], old: Property | None) -> None:
        """Write a record."""
        path, told = f"/api/v2/pages/{home}/properties", {"key": name, "value": value}
        if old is None:
            (await self.http.ask("POST", path, body=Json(told))).parse(Property)
            return
        told["version"] = {"number": old.version.number + 1}
        (await self.http.ask("PUT", f"{path}/{quote(old.id, safe='')}", body=Json(told))).parse(Property)

    async def titled(self, title: str) -> Entry | None:
        """The page of this title in the space."""
        query = {"space-id": await self._id(), "title": title, "status": "current", "body-format": "storage"}
        found = (await self.http.ask("GET", "/api/v2/pages", query=query)).parse(_Entries).results
        return found[0] if found else None

    async def entry(self, page: str) -> Entry | None:
        """The page with this id, unless it was deleted."""
        path = f"/api/v2/pages/{quote(page, safe='')}"
        reply = await self.http.ask("GET", path, query={"body-format": "storage"}, expect={404})
        found = None if reply.status == 404 else reply.parse(Entry)
        return found if found is not None and found.status == "current" else None

    async def create(self, title: str, storage: str) -> Entry:
        """A new page in the space."""
        body = {"representation": "storage", "value": storage}
        told = {"spaceId": await self._id(), "status": "current", "title": title, "body": body}
        return (await self.http.ask("POST", "/api/v2/pages", body=Json(told))).parse(Entry)

    async def write(self, page: Entry, title: str, storage: str, message: str) -> Reply:
        """The next version of a page."""
        told = {"id": page.id, "status": "current", "title": title}
        told |= {"body": {"representation": "storage", "value": storage}}  # type: ignore[dict-item]
        told |= {"version": {"number": page.version.number + 1, "message": message}}  # type: ignore[dict-item]
        path = f"/api/v2/pages/{quote(page.id, safe='')}"
        return await self.http.ask("PUT", path, body=Json(told), expect={409})

    async def remove(self, page: str) -> None:
        """Delete a page; only an admin of the space may empty the trash."""
        path = f"/api/v2/pages/{quote(page, safe='')}"
        await self.http.ask("DELETE", path, expect={404})
        await self.http.ask("DELETE", path, query={"purge": "true"}, expect={400, 403, 404})

    async def comments(self, page: str) -> list[Comment]:
        """All footer comments and their replies."""
        found = await self._listed(f"/api/v2/pages/{quote(page, safe='')}/footer-comments")
        for each in tuple(found):
            found += await self._listed(f"/api/v2/footer-comments/{quote(each.id, safe='')}/children")
        names = {each.version.author: "" for each in found}
        for account in names:
            reply = await self.http.ask(
                "GET", "/rest/api/user", query={"accountId": account}, expect={400, 403, 404}
            )
            names[account] = reply.parse(Named).name if reply.status < 300 else ""
        return [
            Comment(
                id=each.id,
                storage=each.body.storage.value,
                author=names[each.version.author],
                at=each.version.at,
                webui=each.links.webui,
            )
            for each in found
        ]

    async def comment(self, page: str, storage: str) -> None:
        """A new footer comment."""
        body = {"representation": "storage", "value": storage}
        await self.http.ask("POST", "/api/v2/footer-comments", body=Json({"pageId": page, "body": body}))

    async def _listed(self, path: str) -> list[_CloudComment]:
        found: list[_CloudComment] = []
        query: dict[str, str] | None = {"body-format": "storage", "limit": "100"}
        for _ in range(MOST_COMMENTS):
            part = (await self.http.ask("GET", path, query=query)).parse(_CloudComments)
            found += part.results
            if not part.links.next:
                break
            path, query = part.links.next.removeprefix("/wiki"), None
        return found

    async def _id(self) -> str:
        if not self._space_id:
            await self.home()
        return self._space_id
