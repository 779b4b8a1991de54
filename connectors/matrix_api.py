"""The few calls of Matrix' client-server API that the connector needs, each of which does no harm twice.

https://spec.matrix.org/v1.11/client-server-api/
"""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from pydantic import Field

from connectors.bodies import Bytes, Json
from connectors.http import HttpClient, Reply, Shape
from domain.errors import AuthLost, Refused
from domain.publication import File

V1, V3, MEDIA = "/_matrix/client/v1", "/_matrix/client/v3", "/_matrix/media/v3"
KEY = "ca.unchain.key"  # in the content of each event of ours: what it holds
RECORD = "ca.unchain.publication"  # type of the account data in which a publication is remembered
PAGE = 100  # events asked for at once
PAGES = 1000  # more would be a room that answers in a ring


class Content(Shape):
    """What an event says; empty once it was redacted."""

    body: str | None = None
    msgtype: str | None = None
    key: str | None = Field(default=None, alias="ca.unchain.key")


class Event(Shape):
    """An event of a room."""

    event_id: str
    sender: str
    type: str
    origin_server_ts: int  # milliseconds
    content: Content

    @property
    def at(self) -> datetime:
        """When the server took it."""
        return datetime.fromtimestamp(self.origin_server_ts / 1000, UTC)


class Record(Shape):
    """What we remember of a publication in the account data of the room, which only we can read."""

    begun: int  # milliseconds
    event_id: str | None = None  # the opening message, once we know it
    withdrawn: bool = False
    language: str = "en"


class _Chunk(Shape):
    chunk: list[Event]
    next_batch: str | None = None
    end: str | None = None


class _Answer(Shape):
    event_id: str = ""
    room_id: str = ""
    user_id: str = ""
    content_uri: str = ""
    displayname: str | None = None
    joined_rooms: tuple[str, ...] = ()


class Room:
    """One room as one account sees it."""

    def __init__(self, http: HttpClient, *, room_id: str, user_id: str) -> None:
        self._http, self.room_id, self.user_id = http, room_id, user_id
        self._path = f"/rooms/{quote(room_id, safe='')}"
        self._names: dict[str, str] = {}

    async def send(self, content: Mapping[str, object], *, key: str, into: str = "") -> str:
        """Send a message; the same key again, `into` the same thread, is answered with the first event."""
        transaction = hashlib.sha256(f"{self.room_id} {into} {key}".encode("utf-8", "replace")).hexdigest()[
            :40
        ]
        path = f"{V3}{self._path}/send/m.room.message/{transaction}"
        reply = await self._http.ask("PUT", path, body=Json({**content, KEY: key}))
        return _event_id(reply)

    async def redact(self, event_id: str) -> None:
        """Blank an event for everybody."""
        path = f"{V3}{self._path}/redact/{quote(event_id, safe='')}/r{_name(event_id)}"
        (await self._http.ask("PUT", path, body=Json({}))).parse(_Answer)

    async def upload(self, file: File) -> str:
        """Put a file into the media store; one that nothing points to does no harm."""
        body = Bytes(raw=file.content, media_type=file.media_type)
        reply = await self._http.ask("POST", f"{MEDIA}/upload", query={"filename": file.name}, body=body)
        return reply.parse(_Answer).content_uri

    async def record(self, key: str) -> Record | None:
        """What we remember of a publication."""
        reply = await self._http.ask("GET", self._record_path(key), expect={404})
        return None if reply.status == 404 else reply.parse(Record)

    async def remember(self, key: str, record: Record) -> None:
        """Remember it for ever."""
        path = self._record_path(key)
        (await self._http.ask("PUT", path, body=Json(record.model_dump()))).parse(_Answer)

    async def thread(self, event_id: str) -> list[Event]:
        """Everything that is said in the thread of an event, oldest first, what was redacted left out."""
        path = f"{V1}{self._path}/relations/{quote(event_id, safe='')}/m.thread"
        events = [event async for event in self._pages(path, {"dir": "f"}) if event.content.body is not None]
        return sorted(events, key=lambda event: (event.origin_server_ts, event.event_id))

    async def own_since(self, begun: int) -> AsyncIterator[Event]:
        """What we have sent into the room at a time (milliseconds) or later, newest first."""
        only = json.dumps({"types": ["m.room.message"], "senders": [self.user_id]})
        async for event in self._pages(f"{V3}{self._path}/messages", {"dir": "b", "filter": only}):
            if event.origin_server_ts < begun - 3_600_000:  # clocks may differ
                return
            yield event

    async def name_of(self, user_id: str) -> str:
        """The name under which somebody is shown."""
        if user_id not in self._names:
            path = f"{V3}/profile/{quote(user_id, safe='')}/displayname"
            reply = await self._http.ask("GET", path, expect={403, 404})
            shown = reply.parse(_Answer).displayname if reply.status == 200 else None
            self._names[user_id] = shown or user_id[1:].partition(":")[0]
        return self._names[user_id]

    async def _pages(self, path: str, query: Mapping[str, str]) -> AsyncIterator[Event]:
        start: dict[str, str] = {}
        for _ in range(PAGES):
            reply = await self._http.ask("GET", path, query={**query, **start, "limit": str(PAGE)})
            page = reply.parse(_Chunk)
            for event in page.chunk:
                yield event
            following = page.next_batch or page.end
            if not following or start.get("from") == following:
                return
            start = {"from": following}
        raise Refused("Matrix: the room answers without end")

    def _record_path(self, key: str) -> str:
        user = quote(self.user_id, safe="")
        return f"{V3}/user/{user}{self._path}/account_data/{record_type(key)}"


async def enter(http: HttpClient, room: str) -> Room:
    """The room by its id or alias; raises AuthLost where we are not in it, Refused where it is encrypted."""
    user_id = (await http.ask("GET", f"{V3}/account/whoami")).parse(_Answer).user_id
    if room.startswith("#"):
        reply = await http.ask("GET", f"{V3}/directory/room/{quote(room, safe='')}")
        room = reply.parse(_Answer).room_id
    if room not in (await http.ask("GET", f"{V3}/joined_rooms")).parse(_Answer).joined_rooms:
        raise AuthLost(f"Matrix: {user_id} is not in the room {room}; invite it, and let it join")
    state = f"{V3}/rooms/{quote(room, safe='')}/state/m.room.encryption/"
    if (await http.ask("GET", state, expect={404})).status != 404:
        raise Refused(
            f"Matrix: the room {room} is encrypted, and Unchain cannot keep that; name another room"
        )
    return Room(http, room_id=room, user_id=user_id)


def record_type(key: str) -> str:
    """The type of the account data in which a publication is remembered."""
    return f"{RECORD}.{_name(key)}"


def _event_id(reply: Reply) -> str:
    event_id = reply.parse(_Answer).event_id
    if not event_id:
        raise reply.lost(f"{reply.call} answered no event")
    return event_id


def _name(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:40]
