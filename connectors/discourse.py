"""The connector to Discourse: a conversation is a topic, each mail a post in it.

https://docs.discourse.org/ (REST API). A topic keeps our key as its external_id, which can be there once.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from connectors.base import Capabilities, Rung
from connectors.bodies import Json
from connectors.http import HttpClient, HttpOptions, Shape, WebAddress
from connectors.quiet_markdown import QUIET, fitting_section
from connectors.rendering import cut, footer, keys_in, markdown_from_text
from domain.errors import Refused
from domain.options import Secret
from domain.publication import Answer, Post, Publication, Receipt

CAPABILITIES = Capabilities(title_length=255, post_length=31_000, rung=Rung.KEY)  # of 32,000 a post
BATCH = 20  # posts that Discourse gives at once


class DiscourseOptions(HttpOptions):
    """`{ type = "discourse", url = "…", user = "unchain", key = { env = "…" }, category = 7 }`."""

    type: Literal["discourse"] = Field(description="Discourse, by its REST API.")
    url: WebAddress = Field(description="The forum.")
    user: str = Field(min_length=1, description="Name of the account that posts.")
    key: Secret = Field(description="API key of that account.")
    category: int = Field(ge=1, description="Number of the category, as its address ends.")


class _Post(Shape):
    id: int
    post_number: int
    username: str
    name: str | None = None
    created_at: datetime
    raw: str = ""
    post_type: int = 1  # 1: somebody wrote it; others tell what moderators did


class _Stream(Shape):
    posts: list[_Post]
    stream: list[int] = Field(default_factory=list)


class _Topic(Shape):
    id: int
    slug: str = ""
    created_at: datetime
    post_stream: _Stream


class _Made(Shape):
    id: int
    topic_id: int


class _Batch(Shape):
    post_stream: _Stream


class DiscourseConnector:
    """Posts topics. Idempotency rung 1: external_id is taken once; replies are found by their mark."""

    capabilities = CAPABILITIES

    def __init__(self, options: DiscourseOptions, *, clock: Callable[[], datetime]) -> None:
        self._options, self._clock = options, clock
        self._http = HttpClient(
            "Discourse",
            options,
            url=options.url,
            secrets=(options.key,),
            headers=lambda: {"Api-Key": options.key.reveal(), "Api-Username": options.user},
            account_lost=frozenset({401, 403}),
        )

    async def check(self) -> str:
        """The account, and that it sees the category."""
        await self._http.ask("GET", f"/c/{self._options.category}/show.json")
        return f"{self._options.user} at {self._options.url}"

    async def publish(self, publication: Publication) -> Receipt:
        """Open a topic with the first post and add the others; what is there already is left as it is."""
        if not publication.posts:
            raise Refused("Discourse: there is nothing to post")
        topic = await self._topic(_external_id(publication.key))
        if topic is None:
            topic = await self._open(publication)
        await self._reply(topic, publication.posts, publication.language)
        return self._receipt(publication.key, topic)

    async def find(self, key: str) -> Receipt | None:
        """The receipt of the topic with this key, if it was not deleted."""
        topic = await self._topic(_external_id(key))
        return None if topic is None else self._receipt(key, topic)

    async def append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        """Add posts to the topic; raises Refused where it is gone."""
        topic = await self._topic(_external_id(receipt.key))
        if topic is None:
            raise Refused("Discourse: the topic is not there any more")
        await self._reply(topic, posts, "en")

    async def withdraw(self, receipt: Receipt) -> None:
        """Delete the topic with all its posts."""
        await self._http.ask("DELETE", f"/t/{receipt.entry_id}.json", expect={404, 410})

    async def answers(self, receipt: Receipt, since: datetime) -> Sequence[Answer]:
        """What others have written in the topic since then."""
        topic = await self._topic(_external_id(receipt.key))
        posts = [] if topic is None else await self._posts(topic)
        return [
            Answer(
                key=f"{receipt.entry_id}/{post.id}",
                entry_id=receipt.entry_id,
                author=post.name or post.username,
                at=post.created_at,
                markdown=markdown_from_text(post.raw),
                url=f"{receipt.url}/{post.post_number}",
            )
            for post in posts
            if post.username != self._options.user and post.post_type == 1 and post.created_at >= since
        ]

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _open(self, publication: Publication) -> _Topic:
        opening = publication.posts[0]
        end = footer(publication, QUIET)
        text = fitting_section(opening, publication.language, CAPABILITIES.post_length - len(end) - 2)
        external_id = _external_id(publication.key)
        body = {
            "title": cut(" ".join(publication.title.split()) or "…", CAPABILITIES.title_length),
            "raw": f"{text}\n\n{end}",
            "category": self._options.category,
            "external_id": external_id,
            "tags": list(publication.tags),
        }
        # Harmless twice: the second time external_id is taken, and the topic is found below.
        reply = await self._http.ask("POST", "/posts.json", body=Json(body), expect={422})
        topic = await self._topic(external_id)
        if topic is None and reply.status == 422:
            raise Refused(
                f"{reply.call} refused it: taken back before, or its title or words are not allowed"
            )
        if topic is None:
            raise reply.lost(f"{reply.call} opened a topic that is not shown (does it wait for approval?)")
        return topic

    async def _reply(self, topic: _Topic, posts: Sequence[Post], language: str) -> None:
        """Add the posts that are not there yet, each after having looked."""
        own = [post.raw for post in await self._posts(topic) if post.username == self._options.user]
        there = {key for raw in own for key in keys_in(raw, QUIET)}
        for post in posts:
            if post.key in there:
                continue
            text = fitting_section(post, language, CAPABILITIES.post_length)
            body = {"topic_id": topic.id, "raw": text}
            made = (await self._http.tell("POST", "/posts.json", body=Json(body))).parse(_Made)
            assert made.topic_id == topic.id

    async def _topic(self, external_id: str) -> _Topic | None:
        path = f"/t/external_id/{external_id}.json"
        reply = await self._http.ask("GET", path, query={"include_raw": "1"}, expect={404, 410})
        return reply.parse(_Topic) if reply.status == 200 else None

    async def _posts(self, topic: _Topic) -> list[_Post]:
        """All posts of a topic with their text, in their order."""
        rest, posts = list(topic.post_stream.stream), list[_Post]()
        while rest:
            numbers, rest = rest[:BATCH], rest[BATCH:]
            ids = "&".join(f"post_ids[]={number}" for number in numbers)
            path = f"/t/{topic.id}/posts.json?{ids}&include_raw=1"
            posts += (await self._http.ask("GET", path)).parse(_Batch).post_stream.posts
        return sorted(posts, key=lambda post: post.post_number)

    def _receipt(self, key: str, topic: _Topic) -> Receipt:
        url = f"{self._options.url}/t/{topic.slug or '-'}/{topic.id}"
        return Receipt(key=key, entry_id=str(topic.id), url=url, published_at=topic.created_at)


def _external_id(key: str) -> str:
    """The key as Discourse takes it: at most 50 letters, digits, - and _."""
    return f"unchain-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:40]}"
