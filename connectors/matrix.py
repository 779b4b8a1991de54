"""The connector to Matrix: a conversation is a message with its thread, files are messages in it.

Nothing is encrypted by us, so rooms that are encrypted are refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

from pydantic import Field

from connectors.base import Capabilities, Rung, Unit
from connectors.bodies import Json
from connectors.http import HttpClient, HttpOptions, WebAddress
from connectors.matrix_api import Record, Room, enter
from connectors.rendering import HTML, PLAIN, cut, markdown_from_text, remark, render
from domain.errors import Refused
from domain.options import Secret
from domain.publication import Answer, File, Post, Publication, Receipt

EVENT_BYTES = 60_000  # of 65,536 that an event may have, with room for what the server adds
CAPABILITIES = Capabilities(
    title_length=300,
    post_length=20_000,
    unit=Unit.BYTES,
    rung=Rung.KEY,
    file_size=20 * 2**20,
    inline_images=False,
)


class MatrixOptions(HttpOptions):
    """`connector = { type = "matrix", url = "https://…", token = { env = "…" }, room = "#…" }`."""

    type: Literal["matrix"] = Field(description="Matrix, by the client-server API.")
    url: WebAddress = Field(description="The homeserver.")
    token: Secret = Field(description="Access token of the account that posts.")
    room: str = Field(pattern=r"^[!#]\S+$", description="The room: its id (!…) or alias (#…:example.com).")
    link: str = Field(
        default="https://matrix.to/#/{room}/{event}", description="Where people read a message, in a client."
    )


class MatrixConnector:
    """Posts threads. Idempotency rung 1: transaction ids, and account data that outlives them."""

    capabilities = CAPABILITIES

    def __init__(self, options: MatrixOptions, *, clock: Callable[[], datetime]) -> None:
        self._options, self._clock = options, clock
        self._http = HttpClient(
            "Matrix",
            options,
            url=options.url,
            secrets=(options.token,),
            headers=lambda: {"Authorization": f"Bearer {options.token.reveal()}"},
            account_lost=frozenset({401, 403}),  # 403: not in the room, or without the right to speak
        )
        self._entered: Room | None = None

    async def check(self) -> str:
        """The account, once it is in the room."""
        room = await self._room()
        return f"{room.user_id} in {self._options.room}"

    async def publish(self, publication: Publication) -> Receipt:
        """Send the first post, then the others into its thread; what is there already is left as it is."""
        if not publication.posts:
            raise Refused("Matrix: there is nothing to post")
        room = await self._room()
        record = await room.record(publication.key)
        if record is None:
            begun = int(self._clock().timestamp() * 1000)
            record = Record(begun=begun, language=publication.language)
            await room.remember(publication.key, record)
        elif record.withdrawn:
            raise Refused("Matrix: it was taken back")
        event_id = record.event_id or await self._landed(room, publication.key, record)
        if event_id is None:
            event_id = await room.send(_opening(publication), key=publication.key)
        if event_id != record.event_id:
            record = record.model_copy(update={"event_id": event_id})
            await room.remember(publication.key, record)
        opening = publication.posts[0].key
        await self._into_thread(room, event_id, publication.posts, record.language, opening=opening)
        return self._receipt(room, publication.key, record)

    async def find(self, key: str) -> Receipt | None:
        """The receipt of what was sent under this key and not taken back."""
        room = await self._room()
        record = await room.record(key)
        if record is None or record.withdrawn:
            return None
        event_id = record.event_id or await self._landed(room, key, record)
        if event_id is None:
            return None
        return self._receipt(room, key, record.model_copy(update={"event_id": event_id}))

    async def append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        """Send further posts into the thread; raises Refused where it was taken back."""
        room = await self._room()
        record = await room.record(receipt.key)
        if record is None or record.withdrawn:
            raise Refused("Matrix: it was taken back")
        await self._into_thread(room, receipt.entry_id, posts, record.language)

    async def withdraw(self, receipt: Receipt) -> None:
        """Blank the message and all that we have said in its thread; what others said stays theirs."""
        room = await self._room()
        record = await room.record(receipt.key) or Record(begun=0, event_id=receipt.entry_id)
        await room.remember(receipt.key, record.model_copy(update={"withdrawn": True}))
        for event in await room.thread(receipt.entry_id):
            if event.sender == room.user_id:
                await room.redact(event.event_id)
        await room.redact(receipt.entry_id)

    async def answers(self, receipt: Receipt, since: datetime) -> Sequence[Answer]:
        """What others have said in the thread since then."""
        room = await self._room()
        return [
            Answer(
                key=event.event_id,
                entry_id=receipt.entry_id,
                author=await room.name_of(event.sender),
                at=event.at,
                markdown=markdown_from_text(event.content.body or ""),
                url=self._link(room, event.event_id),
            )
            for event in await room.thread(receipt.entry_id)
            if event.sender != room.user_id
            and event.at >= since
            and event.content.msgtype in {"m.text", "m.emote"}
        ]

    def takes(self, file: File) -> bool:
        """Whether a file is small enough; homeservers take every kind."""
        return len(file.content) <= CAPABILITIES.file_size

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _room(self) -> Room:
        if self._entered is None:
            self._entered = await enter(self._http, self._options.room)
        return self._entered

    async def _landed(self, room: Room, key: str, record: Record) -> str | None:
        """The opening message of an attempt that was cut short, however long ago."""
        async for event in room.own_since(record.begun):
            if event.content.key == key:
                return event.event_id
        return None

    async def _into_thread(
        self, room: Room, root: str, posts: Sequence[Post], language: str, *, opening: str = ""
    ) -> None:
        """Send what is not there yet; the root itself holds the post with the key `opening`."""
        there = {event.content.key for event in await room.thread(root) if event.sender == room.user_id}
        for post in posts:
            if post.key != opening and post.key not in there:
                await room.send(_in_thread(_message(post, language), root), key=post.key, into=root)
            for number, file in enumerate(each for each in post.files if self.takes(each)):
                key = f"{post.key} file {number}"
                if key not in there:
                    content = _file(file, await room.upload(file))
                    await room.send(_in_thread(content, root), key=key, into=root)

    def _receipt(self, room: Room, key: str, record: Record) -> Receipt:
        assert record.event_id is not None
        return Receipt(
            key=key,
            entry_id=record.event_id,
            url=self._link(room, record.event_id),
            published_at=datetime.fromtimestamp(record.begun / 1000, UTC),
        )

    def _link(self, room: Room, event_id: str) -> str:
        return self._options.link.format(room=quote(room.room_id, safe="!:"), event=quote(event_id, safe="$"))


def _opening(publication: Publication) -> dict[str, object]:
    return _message(
        publication.posts[0],
        publication.language,
        title=cut(publication.title.strip(), CAPABILITIES.title_length),
    )


def _message(post: Post, language: str, *, title: str = "") -> dict[str, object]:
    """A post as it fits into an event: whole, without what is folded, or its words cut."""
    bare = replace(post, trimmed="")
    for candidate in (post, bare):
        content = _written(candidate, language, title)
        if _size(content) <= EVENT_BYTES:
            return content
    words, length = render(post.markdown, PLAIN), CAPABILITIES.post_length
    while _size(content) > EVENT_BYTES:
        content = _written(replace(bare, markdown=markdown_from_text(cut(words, length))), language, title)
        length //= 2
    return content


def _written(post: Post, language: str, title: str) -> dict[str, object]:
    plain, html = remark(post, PLAIN, language), remark(post, HTML, language)
    return {
        "msgtype": "m.notice",  # no robot answers it
        "m.mentions": {},  # whomever the text names: nobody is called
        "body": f"{title}\n\n{plain}" if title else plain,
        "format": "org.matrix.custom.html",
        "formatted_body": HTML.heading(3, title) + html if title else html,
    }


def _file(file: File, address: str) -> dict[str, object]:
    is_picture = file.media_type in {"image/png", "image/jpeg", "image/gif", "image/webp"}
    return {
        "msgtype": "m.image" if is_picture else "m.file",
        "m.mentions": {},
        "body": file.name,
        "filename": file.name,
        "url": address,
        "info": {"mimetype": file.media_type, "size": len(file.content)},
    }


def _in_thread(content: dict[str, object], root: str) -> dict[str, object]:
    relation = {
        "rel_type": "m.thread",
        "event_id": root,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": root},
    }
    return {**content, "m.relates_to": relation}


def _size(content: dict[str, object]) -> int:
    raw = Json(content).content()
    return len(raw)
