"""The connector to the commons, the embedded wiki, blog and stream; how they are kept is the store's part."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal, Protocol

from pydantic import Field

from connectors.base import Capabilities, Rung
from connectors.rendering.lead import lead
from domain.options import Options
from domain.publication import Post, Publication, Receipt

CAPABILITIES = Capabilities(
    title_length=300,
    post_length=200_000,  # more would make a page that no browser shows with ease
    rung=Rung.KEY,
)


class CommonsOptions(Options):
    """`connector = { type = "commons", form = "wiki" }`: pages that Unchain serves itself."""

    type: Literal["commons"] = "commons"
    form: Literal["wiki", "blog", "stream"] = Field(
        description="wiki: pages to edit; blog: posts with comments; stream: short posts with replies."
    )


class CommonsShelf(Protocol):
    """The place where entries stand; store.commons.Shelf fits. Each call is one transaction."""

    def put(self, publication: Publication, *, form: str, at: datetime, body: str = "") -> Receipt:
        """Put a publication up once; `body` is what a wiki page says above the talk, "": its first post."""
        ...

    def find(self, key: str) -> Receipt | None:
        """The receipt of what stands there under a key."""
        ...

    def append(self, key: str, posts: Sequence[Post], *, at: datetime) -> None:
        """Add the posts that are not there yet."""
        ...

    def admit(self, key: str, readers: Collection[str]) -> None:
        """Let further participants read an entry."""
        ...

    def withdraw(self, key: str, *, at: datetime) -> None:
        """Blank an entry."""
        ...


class CommonsConnector:
    """Posts in the commons. Idempotency rung 1: the shelf honours our key for ever."""

    capabilities = CAPABILITIES

    def __init__(
        self, options: CommonsOptions, *, shelf: CommonsShelf, clock: Callable[[], datetime]
    ) -> None:
        self._form = options.form
        self._shelf = shelf
        self._clock = clock

    async def check(self) -> str:
        """The name of the account: the commons need none."""
        return f"commons ({self._form})"

    async def publish(self, publication: Publication) -> Receipt:
        """Put up an entry; raises Refused where the key was taken back before."""
        fitting = replace(
            publication,
            title=_cut(publication.title, CAPABILITIES.title_length),
            posts=tuple(map(_fitting, publication.posts)),
        )
        body = _body(fitting) if self._form == "wiki" else ""
        return await asyncio.to_thread(self._shelf.put, fitting, form=self._form, at=self._clock(), body=body)

    async def find(self, key: str) -> Receipt | None:
        """The receipt of the entry with this key, or None where there is none or it was taken back."""
        return await asyncio.to_thread(self._shelf.find, key)

    async def append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        """Add later posts below an entry; raises Refused where it is not there or was taken back."""
        fitting = [_fitting(post) for post in posts]
        await asyncio.to_thread(self._shelf.append, receipt.key, fitting, at=self._clock())

    async def admit(self, receipt: Receipt, readers: Collection[str]) -> None:
        """Let further participants read an entry; raises Refused as `append` does."""
        await asyncio.to_thread(self._shelf.admit, receipt.key, readers)

    async def withdraw(self, receipt: Receipt) -> None:
        """Blank an entry with its history and all remarks."""
        await asyncio.to_thread(self._shelf.withdraw, receipt.key, at=self._clock())

    async def aclose(self) -> None:
        """Nothing is held open."""


def _body(publication: Publication) -> str:
    """What a wiki page says above its talk; "" where that is its first post as it is."""
    numbers = {post.key: number for number, post in enumerate(publication.posts)}
    # Pages on the same topic are not in it: they are looked up for each reader, and may be taken back.
    return lead(publication, lambda post: f"#m{numbers[post.key]}")


def _fitting(post: Post) -> Post:
    return replace(
        post,
        markdown=_cut(post.markdown, CAPABILITIES.post_length),
        trimmed=_cut(post.trimmed, CAPABILITIES.post_length),
    )


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 2]} …"
