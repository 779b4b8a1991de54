"""The few calls of Mastodon's API that the connector needs, and what the account has posted so far.

https://docs.joinmastodon.org/methods/statuses/. No mark of ours can be asked for: the account's own statuses
are read once and then only what is new, so a second look costs one request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from connectors.bodies import Json, Upload
from connectors.http import HttpClient, Shape
from connectors.mastodon_texts import Limits, Mark, Wanted, mark_of
from connectors.rendering.from_html import text_of_html
from domain.errors import Refused
from domain.publication import File

PAGE = 40  # statuses that Mastodon gives at once
PAGES = 5000  # more would be a server that answers in a ring
Visibility = Literal["public", "unlisted", "private", "direct"]


class _Person(Shape):
    id: str
    username: str
    display_name: str = ""


class _Media(Shape):
    id: str


class Status(Shape):
    """A status as people see it."""

    id: str
    account: _Person
    content: str  # HTML
    created_at: datetime
    url: str | None = None
    visibility: str
    language: str | None = None
    spoiler_text: str = ""
    media_attachments: tuple[_Media, ...] = ()

    @property
    def words(self) -> str:
        """What it says, without its looks."""
        return text_of_html(self.content)


class _Context(Shape):
    descendants: list[Status]


class _Source(Shape):
    text: str


class _StatusLimits(Shape):
    max_characters: int = 500
    max_media_attachments: int = 4
    characters_reserved_per_url: int = 23


class _Configuration(Shape):
    statuses: _StatusLimits = _StatusLimits()


class _Instance(Shape):
    configuration: _Configuration = _Configuration()
    max_toot_chars: int = 0  # servers related to Mastodon say it so


@dataclass
class Talk:
    """What stands of one publication: our statuses by post and part, as far as they were seen."""

    opening: Status | None = None
    withdrawn: bool = False
    posts: dict[str, dict[int, tuple[Status, Mark]]] = field(default_factory=dict)

    def stands(self, mark: Mark) -> bool:
        """Whether a status is there, or another form of its post is, which is left as it is."""
        there = self.posts.get(mark.post, {})
        return bool(there) and (mark.part in there or mark.parts not in {m.parts for _, m in there.values()})

    def standing(self) -> list[tuple[Status, Mark]]:
        """All of them."""
        return [each for parts in self.posts.values() for each in parts.values()]


class Account:
    """An account and what it has posted."""

    def __init__(self, http: HttpClient, person: _Person, limits: Limits) -> None:
        self._http, self.id, self.name, self.limits = http, person.id, person.username, limits
        self._talks: dict[str, Talk] = {}
        self._newest = ""

    async def talk(self, publication: str) -> Talk:
        """What stands of a publication, by its name in marks; it is kept up to date with what is posted."""
        await self._look()
        return self._talks.setdefault(publication, Talk())

    async def post(self, wanted: Wanted, *, language: str, visibility: Visibility, below: str = "") -> Status:
        """Post a status, `below` another; Mastodon takes it once within an hour, we look before each time."""
        mark = wanted.mark
        media = [await self._upload(file) for file in wanted.files]
        body: dict[str, object] = {
            "status": wanted.text,
            "visibility": visibility,
            "language": language[:2] or None,
        }
        body |= {"media_ids": media} if media else {}
        body |= {"in_reply_to_id": below} if below else {}
        key = f"unchain-{mark.sort}-{mark.publication}-{mark.post}-{mark.part}"
        reply = await self._http.ask(
            "POST", "/api/v1/statuses", body=Json(body), headers={"Idempotency-Key": key}
        )
        status = reply.parse(Status)
        self._keep(status, mark)
        return status

    async def edit(self, status: Status, wanted: Wanted) -> None:
        """Let a status say something else; its files stay."""
        media = [each.id for each in status.media_attachments]
        body = {"status": wanted.text, **({"media_ids": media} if media else {})}
        reply = await self._http.ask("PUT", f"/api/v1/statuses/{status.id}", body=Json(body))
        self._keep(reply.parse(Status), wanted.mark)

    async def delete(self, status_id: str) -> None:
        """Take a status away with its files; one that is gone already is no error."""
        path = f"/api/v1/statuses/{status_id}"
        await self._http.ask("DELETE", path, query={"delete_media": "true"}, expect={404})
        for talk in self._talks.values():
            if talk.opening is not None and talk.opening.id == status_id:
                talk.opening = None
            for parts in talk.posts.values():
                for part in [part for part, (status, _) in parts.items() if status.id == status_id]:
                    del parts[part]

    async def source(self, status_id: str) -> str | None:
        """A status as it was typed in; None where it is gone."""
        reply = await self._http.ask("GET", f"/api/v1/statuses/{status_id}/source", expect={404})
        return None if reply.status == 404 else reply.parse(_Source).text

    async def below(self, status_id: str) -> list[Status] | None:
        """Everything that is written below a status, by anybody; None where it is gone."""
        reply = await self._http.ask("GET", f"/api/v1/statuses/{status_id}/context", expect={404})
        return None if reply.status == 404 else reply.parse(_Context).descendants

    async def _upload(self, file: File) -> str:
        """Put a picture into the media store; one that no status shows is cleared away by Mastodon."""
        body = Upload({"description": file.name}, [("file", file)])
        return (await self._http.ask("POST", "/api/v2/media", body=body)).parse(_Media).id

    async def _look(self) -> None:
        """Read what is new among our own statuses, newest first."""
        query, newest = {"limit": str(PAGE), "exclude_reblogs": "true"}, ""
        if self._newest:
            query["since_id"] = self._newest
        for _ in range(PAGES):
            page = await self._page(query)
            if not page:
                self._newest = newest or self._newest
                return
            newest = newest or page[0].id
            for status in page:
                mark = mark_of(status.words)
                if mark is not None and status.account.id == self.id:
                    self._keep(status, mark)
            query["max_id"] = page[-1].id
        raise Refused("Mastodon: the account's statuses come without end")

    async def _page(self, query: dict[str, str]) -> Sequence[Status]:
        reply = await self._http.ask("GET", f"/api/v1/accounts/{self.id}/statuses", query=query)
        return reply.parse(list[Status])

    def _keep(self, status: Status, mark: Mark) -> None:
        talk = self._talks.setdefault(mark.publication, Talk())
        if mark.sort == "x":
            talk.withdrawn = True
            return
        if mark.sort == "u":
            talk.opening = status
        talk.posts.setdefault(mark.post, {})[mark.part] = (status, mark)


async def enter(http: HttpClient, *, parts: int, characters: int | None) -> Account:
    """The account that the token belongs to, and what the server takes, tightened to `characters`."""
    person = (await http.ask("GET", "/api/v1/accounts/verify_credentials")).parse(_Person)
    reply = await http.ask("GET", "/api/v2/instance", expect={404})
    if reply.status == 404:  # before Mastodon 4.0
        reply = await http.ask("GET", "/api/v1/instance")
    said = reply.parse(_Instance)
    limits = said.configuration.statuses
    most = max(limits.max_characters, said.max_toot_chars)
    return Account(
        http,
        person,
        Limits(
            characters=min(most, characters or most),
            url=limits.characters_reserved_per_url,
            files=limits.max_media_attachments,
            parts=parts,
        ),
    )
