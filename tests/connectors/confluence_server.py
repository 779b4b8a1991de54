"""A local server that follows the published interfaces of Confluence, as far as our connector asks them.

Cloud: https://developer.atlassian.com/cloud/confluence/rest/v2/ (and v1 for labels and users).
Data Center: https://developer.atlassian.com/server/confluence/rest/.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from aiohttp import web

SPACE, SPACE_ID, HOME = "IT", "77", "1"
BOT = "Unchain Bot"
BEGINNING = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


@dataclass
class Kept:
    """A page, or a comment with the page it belongs to."""

    id: str
    title: str
    storage: str
    author: str
    page: str = ""
    number: int = 1
    message: str = ""
    status: str = "current"
    labels: set[str] = field(default_factory=set)
    at: datetime = BEGINNING


def well_formed(storage: str) -> ET.Element:
    """The tree of a body; ParseError where Confluence would refuse it."""
    return ET.fromstring(f'<x xmlns:ac="ac" xmlns:ri="ri">{storage}</x>')


class Confluence:
    """Holds one space; `authorization` is the only header that it lets in."""

    def __init__(self, authorization: str) -> None:
        self.authorization = authorization
        self.all: dict[str, Kept] = {HOME: Kept(HOME, "Home", "", "Admin")}
        self.properties: dict[str, dict[str, Any]] = {}

    def pages(self) -> list[Kept]:
        """What people see in the space besides its home page."""
        return [each for each in self.all.values() if each.status == "current" and not each.page][1:]

    def comments(self, page: str) -> list[Kept]:
        """What stands below a page."""
        return [each for each in self.all.values() if each.page == page]

    def add(self, title: str, storage: str, author: str, page: str = "") -> Kept:
        """A page or a comment; 400 as Confluence says it."""
        try:
            well_formed(storage)
        except ET.ParseError as error:
            raise web.HTTPBadRequest(text=f'{{"message": "Error parsing xhtml: {error}"}}') from None
        if not page and title in [each.title for each in self.all.values() if each.status == "current"]:
            raise web.HTTPBadRequest(text='{"message": "A page with this title already exists"}')
        number = str(len(self.all) + 1)
        at = BEGINNING + timedelta(minutes=len(self.all))
        self.all[number] = Kept(number, title, storage, author, page, at=at)
        return self.all[number]

    def write(self, page: str, title: str, storage: str, version: dict[str, Any]) -> Kept:
        """The next version of a page; 409 where it is not the next one."""
        kept = self.current(page)
        if version["number"] != kept.number + 1:
            raise web.HTTPConflict(text='{"message": "Version must be incremented"}')
        well_formed(storage)
        kept.title, kept.storage, kept.number = title, storage, version["number"]
        kept.message = version.get("message", "")
        return kept

    def current(self, page: str) -> Kept:
        """A page or comment that is there."""
        if page not in self.all or self.all[page].status != "current":
            raise web.HTTPNotFound(text='{"message": "No content found"}')
        return self.all[page]

    def remove(self, page: str, *, purged: str) -> None:
        """Into the trash, and out of it."""
        if page not in self.all:
            raise web.HTTPNotFound
        if self.all[page].status == "current" and purged:
            raise web.HTTPBadRequest
        if purged:
            for each in [page, *(each.id for each in self.comments(page))]:
                del self.all[each]
        else:
            self.all[page].status = "trashed"

    def keep(self, name: str, value: dict[str, Any], number: int) -> dict[str, Any]:
        """A content property of the home page."""
        old = self.properties.get(name)
        if number != (old["version"]["number"] + 1 if old else 1):
            raise web.HTTPConflict(text='{"message": "Conflict"}')
        self.properties[name] = {
            "id": f"p-{name}",
            "key": name,
            "value": value,
            "version": {"number": number},
        }
        return self.properties[name]

    @asynccontextmanager
    async def running(self, prefix: str) -> AsyncIterator[str]:
        """Serves at http://127.0.0.1:PORT and the prefix."""

        @web.middleware
        async def let_in(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            if request.headers.get("Authorization") != self.authorization:
                raise web.HTTPUnauthorized
            return await handler(request)

        app = web.Application(client_max_size=2**24, middlewares=[let_in])
        for (method, path), handler in self.routes().items():
            app.router.add_route(method, prefix + path, handler)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}{prefix}"
        finally:
            await runner.cleanup()

    def routes(self) -> dict[tuple[str, str], Callable[[web.Request], Awaitable[web.Response]]]:
        """The calls that both editions have."""
        return {
            ("GET", "/rest/api/user/current"): self._me,
            ("POST", "/rest/api/content/{id}/label"): self._label,
        }

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response({"displayName": BOT})

    async def _label(self, request: web.Request) -> web.Response:
        self.current(request.match_info["id"]).labels |= {each["name"] for each in await request.json()}
        return web.json_response({"results": []})


class CloudServer(Confluence):
    """Cloud; lists come two at a time."""

    def routes(self) -> dict[tuple[str, str], Callable[[web.Request], Awaitable[web.Response]]]:
        properties = "/api/v2/pages/1/properties"
        return {
            **super().routes(),
            ("GET", "/rest/api/user"): self._user,
            ("GET", "/api/v2/spaces"): self._spaces,
            ("GET", properties): self._property,
            ("POST", properties): self._keep,
            ("PUT", properties + "/{property}"): self._keep,
            ("GET", "/api/v2/pages"): self._titled,
            ("POST", "/api/v2/pages"): self._create,
            ("GET", "/api/v2/pages/{id}"): self._page,
            ("PUT", "/api/v2/pages/{id}"): self._write,
            ("DELETE", "/api/v2/pages/{id}"): self._remove,
            ("GET", "/api/v2/pages/{id}/footer-comments"): self._comments,
            ("GET", "/api/v2/footer-comments/{id}/children"): self._comments,
            ("POST", "/api/v2/footer-comments"): self._comment,
        }

    def told(self, kept: Kept) -> dict[str, Any]:
        version = {"number": kept.number, "message": kept.message, "authorId": f"account of {kept.author}"}
        return {
            "id": kept.id,
            "title": kept.title,
            "status": kept.status,
            "version": {**version, "createdAt": kept.at.isoformat().replace("+00:00", ".000Z")},
            "body": {"storage": {"representation": "storage", "value": kept.storage}},
            "_links": {"webui": f"/spaces/{SPACE}/pages/{kept.page or kept.id}?of={kept.id}"},
        }

    async def _user(self, request: web.Request) -> web.Response:
        return web.json_response({"displayName": request.query["accountId"].removeprefix("account of ")})

    async def _spaces(self, request: web.Request) -> web.Response:
        found = [{"id": SPACE_ID, "key": SPACE, "homepageId": HOME}] if request.query["keys"] == SPACE else []
        return web.json_response({"results": found})

    async def _property(self, request: web.Request) -> web.Response:
        found = self.properties.get(request.query["key"])
        return web.json_response({"results": [found] if found else []})

    async def _keep(self, request: web.Request) -> web.Response:
        told = await request.json()
        return web.json_response(
            self.keep(told["key"], told["value"], told.get("version", {"number": 1})["number"])
        )

    async def _titled(self, request: web.Request) -> web.Response:
        assert request.query["space-id"] == SPACE_ID
        found = [self.told(each) for each in self.pages() if each.title == request.query["title"]]
        return web.json_response({"results": found})

    async def _create(self, request: web.Request) -> web.Response:
        told = await request.json()
        assert (told["spaceId"], told["body"]["representation"]) == (SPACE_ID, "storage")
        return web.json_response(self.told(self.add(told["title"], told["body"]["value"], BOT)))

    async def _page(self, request: web.Request) -> web.Response:
        page = self.all.get(request.match_info["id"])  # Cloud also tells of what is in the trash
        return web.json_response(self.told(page)) if page else web.Response(status=404)

    async def _write(self, request: web.Request) -> web.Response:
        told = await request.json()
        written = self.write(request.match_info["id"], told["title"], told["body"]["value"], told["version"])
        return web.json_response(self.told(written))

    async def _remove(self, request: web.Request) -> web.Response:
        self.remove(request.match_info["id"], purged=request.query.get("purge", ""))
        return web.Response(status=204)

    async def _comments(self, request: web.Request) -> web.Response:
        start = int(request.query.get("cursor", "0"))
        found = self.comments(request.match_info["id"])
        links = (
            {"next": f"{request.path}?body-format=storage&cursor={start + 2}"}
            if start + 2 < len(found)
            else {}
        )
        part = [self.told(each) for each in found[start : start + 2]]
        return web.json_response({"results": part, "_links": links})

    async def _comment(self, request: web.Request) -> web.Response:
        told = await request.json()
        page = self.current(told["pageId"])
        return web.json_response(self.told(self.add("", told["body"]["value"], BOT, page.id)), status=201)


class DataCenterServer(Confluence):
    """Data Center; lists come two at a time."""

    def routes(self) -> dict[tuple[str, str], Callable[[web.Request], Awaitable[web.Response]]]:
        properties = "/rest/api/content/1/property"
        return {
            **super().routes(),
            ("GET", "/rest/api/space/{key}"): self._space,
            ("GET", properties + "/{name}"): self._property,
            ("POST", properties): self._keep,
            ("PUT", properties + "/{name}"): self._keep,
            ("GET", "/rest/api/content"): self._titled,
            ("POST", "/rest/api/content"): self._create,
            ("GET", "/rest/api/content/{id}"): self._page,
            ("PUT", "/rest/api/content/{id}"): self._write,
            ("DELETE", "/rest/api/content/{id}"): self._remove,
            ("GET", "/rest/api/content/{id}/child/comment"): self._comments,
        }

    def told(self, kept: Kept) -> dict[str, Any]:
        return {
            "id": kept.id,
            "title": kept.title,
            "status": kept.status,
            "version": {"number": kept.number, "message": kept.message},
            "history": {"createdBy": {"displayName": kept.author}, "createdDate": kept.at.isoformat()},
            "body": {"storage": {"representation": "storage", "value": kept.storage}},
            "_links": {"webui": f"/display/{SPACE}/{kept.page or kept.id}?of={kept.id}"},
        }

    async def _space(self, request: web.Request) -> web.Response:
        if request.match_info["key"] != SPACE:
            raise web.HTTPNotFound
        return web.json_response({"key": SPACE, "homepage": {"id": HOME}})

    async def _property(self, request: web.Request) -> web.Response:
        found = self.properties.get(request.match_info["name"])
        return web.json_response(found) if found else web.Response(status=404)

    async def _keep(self, request: web.Request) -> web.Response:
        told = await request.json()
        return web.json_response(
            self.keep(told["key"], told["value"], told.get("version", {"number": 1})["number"])
        )

    async def _titled(self, request: web.Request) -> web.Response:
        assert request.query["spaceKey"] == SPACE
        found = [self.told(each) for each in self.pages() if each.title == request.query["title"]]
        return web.json_response({"results": found})

    async def _create(self, request: web.Request) -> web.Response:
        told = await request.json()
        page = self.current(told["container"]["id"]).id if told["type"] == "comment" else ""
        storage = told["body"]["storage"]["value"]
        return web.json_response(self.told(self.add(told.get("title", ""), storage, BOT, page)))

    async def _page(self, request: web.Request) -> web.Response:
        return web.json_response(self.told(self.current(request.match_info["id"])))

    async def _write(self, request: web.Request) -> web.Response:
        told = await request.json()
        storage = told["body"]["storage"]["value"]
        return web.json_response(
            self.told(self.write(request.match_info["id"], told["title"], storage, told["version"]))
        )

    async def _remove(self, request: web.Request) -> web.Response:
        self.remove(request.match_info["id"], purged=request.query.get("status", ""))
        return web.Response(status=204)

    async def _comments(self, request: web.Request) -> web.Response:
        start = int(request.query.get("start", "0"))
        found = self.comments(request.match_info["id"])
        path = f"{request.path.removeprefix('/wiki')}?expand=body.storage,history&start={start + 2}"
        links = {"next": path} if start + 2 < len(found) else {}
        part = [self.told(each) for each in found[start : start + 2]]
        return web.json_response({"results": part, "_links": links})
