"""A local server that answers as Discourse's REST API does, as far as our connector asks it.

https://docs.discourse.org/ for what is sent and answered. As in its source, external_id is unique, also among
deleted topics, /t/external_id/… redirects to the topic, and few posts come at once.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

from tests.connectors.chat_servers import forum_text

KEY, USER, CATEGORY = "a6f1c0ffee-discourse-key", "unchain", 7
FIRST = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


@dataclass
class Topic:
    id: int
    title: str
    external_id: str
    deleted: bool = False
    posts: list[dict[str, object]] = field(default_factory=list)


class DiscourseServer:
    """Keeps topics; `answer` lets somebody else write."""

    def __init__(self) -> None:
        self.topics: dict[int, Topic] = {}
        self.written = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application(client_max_size=2**22, middlewares=[self._guard])
        app.router.add_get("/c/{id}/show.json", self._category)
        app.router.add_post("/posts.json", self._create)
        app.router.add_get("/t/external_id/{external_id}.json", self._by_external_id)
        app.router.add_get("/t/{id:\\d+}.json", self._show)
        app.router.add_delete("/t/{id:\\d+}.json", self._delete)
        app.router.add_get("/t/{id:\\d+}/posts.json", self._posts)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    def standing(self) -> list[Topic]:
        return [topic for topic in self.topics.values() if not topic.deleted]

    def answer(self, topic_id: int, text: str) -> None:
        self._write(self.topics[topic_id], "mirela", text, name="Mirela Kovac")

    @web.middleware
    async def _guard(self, request: web.Request, handler: object) -> web.StreamResponse:
        if request.headers.get("Api-Key") != KEY or request.headers.get("Api-Username") != USER:
            return _error(403, "You are not permitted to view the requested resource.")
        return await handler(request)  # type: ignore[operator,no-any-return]

    async def _category(self, request: web.Request) -> web.Response:
        if int(request.match_info["id"]) != CATEGORY:
            return _error(404, "The requested URL or resource could not be found.")
        return web.json_response({"category": {"id": CATEGORY, "name": "Questions"}})

    async def _create(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        if not 20 <= len(asked["raw"]) <= 32_000:
            return _error(422, "Body is too short (minimum is 20 characters) or too long")
        if "topic_id" in asked:
            topic = self.topics[asked["topic_id"]]
            if topic.deleted:
                return _error(404, "The requested URL or resource could not be found.")
        else:
            if not 1 <= len(asked["title"]) <= 255:
                return _error(422, "Title is too long (maximum is 255 characters)")
            assert asked["category"] == CATEGORY
            assert len(asked["external_id"]) <= 50
            if any(each.external_id == asked["external_id"] for each in self.topics.values()):
                return _error(422, "External ID has already been taken")
            number = len(self.topics) + 1
            topic = self.topics[number] = Topic(number, asked["title"], asked["external_id"])
        return web.json_response(self._write(topic, USER, asked["raw"]))

    def _write(self, topic: Topic, username: str, raw: str, *, name: str = "Unchain") -> dict[str, object]:
        self.written += 1
        post: dict[str, object] = {
            "id": 1000 + self.written,
            "topic_id": topic.id,
            "post_number": len(topic.posts) + 1,
            "username": username,
            "name": name,
            "created_at": (FIRST + timedelta(minutes=self.written)).isoformat(),
            "raw": raw,
            "cooked": forum_text(raw)[0],
            "post_type": 1,
        }
        topic.posts.append(post)
        return post

    async def _by_external_id(self, request: web.Request) -> web.Response:
        wanted = request.match_info["external_id"]
        for topic in self.standing():
            if topic.external_id == wanted:
                query = f"?{request.query_string}" if request.query_string else ""
                raise web.HTTPMovedPermanently(f"/t/{topic.id}.json{query}")
        return _error(404, "The requested URL or resource could not be found.")

    async def _show(self, request: web.Request) -> web.Response:
        topic = self.topics[int(request.match_info["id"])]
        if topic.deleted:
            return _error(404, "The requested URL or resource could not be found.")
        stream = {"posts": _shown(request, topic.posts[:20]), "stream": [each["id"] for each in topic.posts]}
        created = topic.posts[0]["created_at"]
        answer = {"id": topic.id, "title": topic.title, "slug": f"topic-{topic.id}", "created_at": created}
        return web.json_response({**answer, "post_stream": stream})

    async def _posts(self, request: web.Request) -> web.Response:
        topic = self.topics[int(request.match_info["id"])]
        wanted = {int(each) for each in request.query.getall("post_ids[]")}
        posts = _shown(request, [each for each in topic.posts if each["id"] in wanted][:20])
        return web.json_response({"post_stream": {"posts": posts}, "id": topic.id})

    async def _delete(self, request: web.Request) -> web.Response:
        topic = self.topics[int(request.match_info["id"])]
        if topic.deleted:
            return _error(404, "The requested URL or resource could not be found.")
        topic.deleted = True
        return web.Response()


def _shown(request: web.Request, posts: list[dict[str, object]]) -> list[dict[str, object]]:
    hidden = set() if "include_raw" in request.query else {"raw"}
    return [{name: value for name, value in post.items() if name not in hidden} for post in posts]


def _error(status: int, reason: str) -> web.Response:
    return web.json_response({"errors": [reason]}, status=status)
