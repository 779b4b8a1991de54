"""The connector to Mastodon: a conversation is a status with its replies, each an excerpt with a link.

The words of a mail mention nobody and belong to no tag. The mark by which a status is found again stands in
the fragment of its link.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import AfterValidator, Field

from connectors.base import Capabilities, Rung, Unit
from connectors.http import HttpClient, HttpOptions, WebAddress
from connectors.mastodon_api import Account, Status, Talk, enter
from connectors.mastodon_texts import Wanted, is_as_written, mark_of, named, statuses, taken_back
from connectors.rendering import cut, markdown_from_text
from domain.errors import Conflict, Refused
from domain.options import Secret
from domain.publication import Answer, File, Post, Publication, Receipt

CAPABILITIES = Capabilities(
    title_length=150,
    post_length=500,
    unit=Unit.GRAPHEMES,
    rung=Rung.FOUND,
    file_size=8 * 2**20,  # what every version takes
    inline_images=False,
)
_PICTURES = frozenset({"image/png", "image/jpeg", "image/webp"})  # Mastodon works on others after it answered
_READABLE = frozenset({"public", "unlisted"})  # what others have written for few stays with them


def _page_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^/\s#]+/[^\s#]*", value):
        raise ValueError(
            "must be a web address with a path, like https://commons.example.com/thread/{thread}"
        )
    return value


PageAddress = Annotated[str, AfterValidator(_page_address)]


class MastodonOptions(HttpOptions):
    """`{ type = "mastodon", url = "https://…", token = {…}, link = "https://…/thread/{thread}" }`."""

    type: Literal["mastodon"] = Field(description="Mastodon, by its API.")
    url: WebAddress = Field(description="The server.")
    token: Secret = Field(description="Access token of the account that posts.")
    link: PageAddress = Field(
        description="Page where the whole conversation is read; {thread} is replaced by its number."
    )
    visibility: Literal["public", "unlisted", "private"] = Field(
        default="private", description="Who sees the statuses; private: followers of the account."
    )
    statuses_per_mail: int = Field(
        default=1,
        ge=1,
        le=20,
        description="How many statuses one mail may fill; the rest is behind the link.",
    )
    characters: int | None = Field(
        default=None, ge=200, description="Length of a status, where less is wanted than the server takes."
    )


class MastodonConnector:
    """Posts statuses. Idempotency rung 2: found among our own by its mark; Mastodon's key lasts an hour."""

    capabilities = CAPABILITIES

    def __init__(self, options: MastodonOptions) -> None:
        self._options = options
        self._http = HttpClient(
            "Mastodon",
            options,
            url=options.url,
            secrets=(options.token,),
            headers=lambda: {"Authorization": f"Bearer {options.token.reveal()}"},
            account_lost=frozenset({401, 403}),  # 403: without the right, or suspended
        )
        self._entered: Account | None = None

    async def check(self) -> str:
        """The account that will post."""
        self._entered = None
        return f"{(await self._account()).name} at {self._options.url}"

    async def publish(self, publication: Publication) -> Receipt:
        """Post the opening status, then the replies; what is there already is left as it is."""
        if not publication.posts:
            raise Refused("Mastodon: there is nothing to post")
        account, name = await self._account(), named(publication.key)
        talk = await account.talk(name)
        _refuse_withdrawn(talk)
        wanted = list(self._statuses(account, publication))
        opening = talk.opening
        if opening is None and talk.standing():
            raise Refused("Mastodon: somebody has deleted the opening status")
        if opening is None:
            opening = await account.post(
                wanted[0], language=publication.language, visibility=self._options.visibility
            )
        await self._reply(account, talk, opening, wanted)
        return _receipt(publication.key, opening)

    async def find(self, key: str) -> Receipt | None:
        """The receipt of the status with this key, if it can be read."""
        account = await self._account()
        talk = await account.talk(named(key))
        if talk.withdrawn or talk.opening is None or await account.below(talk.opening.id) is None:
            return None
        return _receipt(key, talk.opening)

    async def append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        """Reply with the posts that are not there yet; raises Refused where the opening status is gone."""
        account, name = await self._account(), named(receipt.key)
        talk = await account.talk(name)
        _refuse_withdrawn(talk)
        opening = talk.opening
        mark = None if opening is None else mark_of(opening.words)
        if opening is None or mark is None:
            raise Refused("Mastodon: the opening status is gone, or somebody has taken its link away")
        wanted = [
            each
            for post in posts
            for each in statuses(
                self._with_pictures(post),
                account.limits,
                publication=name,
                page=mark.page,
                language=opening.language or "en",
            )
        ]
        await self._reply(account, talk, opening, wanted)

    async def update(self, receipt: Receipt, publication: Publication) -> Receipt:
        """Edit what says something else now; raises Conflict where somebody has edited it before."""
        account, name = await self._account(), named(receipt.key)
        talk = await account.talk(name)
        _refuse_withdrawn(talk)
        if talk.opening is None:
            raise Refused("Mastodon: the opening status is gone, or somebody has taken its link away")
        wanted = list(self._statuses(account, publication))
        there = {(mark.post, mark.part): status for status, mark in talk.standing()}
        edits = []
        for each in wanted:
            status = there.pop((each.mark.post, each.mark.part), None)
            source = None if status is None else await account.source(status.id)
            if status is None or source is None:
                continue
            if not is_as_written(source):
                raise Conflict("Mastodon: somebody has edited the status")
            if mark_of(source) != each.mark:
                edits.append((status, each))
        for status, each in edits:
            await account.edit(status, each)
        posts = {each.mark.post for each in wanted}
        for (post, _), status in there.items():
            if post in posts:  # a mail that has become shorter
                await account.delete(status.id)
        await self._reply(account, talk, talk.opening, wanted)
        return receipt

    async def withdraw(self, receipt: Receipt) -> None:
        """Note, for our own eyes only, that it was taken back, then delete all that we have said."""
        account, name = await self._account(), named(receipt.key)
        talk = await account.talk(name)
        if not talk.withdrawn:
            note = taken_back(name, self._link(""))
            await account.post(note, language="en", visibility="direct")
        await account.delete(receipt.entry_id)
        for status, _ in talk.standing():
            await account.delete(status.id)

    async def answers(self, receipt: Receipt, since: datetime) -> Sequence[Answer]:
        """What others have written below it for everybody to read."""
        account = await self._account()
        written = [
            status
            for status in await account.below(receipt.entry_id) or []
            if status.account.id != account.id
            and status.visibility in _READABLE
            and status.created_at >= since
        ]
        return [
            Answer(
                key=status.id,
                entry_id=receipt.entry_id,
                author=status.account.display_name or status.account.username,
                at=status.created_at,
                markdown=markdown_from_text(_answer_words(status, account.name)),
                url=status.url or receipt.url,
            )
            for status in sorted(written, key=lambda status: (status.created_at, status.id))
        ]

    def takes(self, file: File) -> bool:
        """Whether it is a picture of a kind and size that every version of Mastodon takes."""
        return file.media_type in _PICTURES and len(file.content) <= CAPABILITIES.file_size

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _account(self) -> Account:
        if self._entered is None:
            self._entered = await enter(
                self._http, parts=self._options.statuses_per_mail, characters=self._options.characters
            )
        return self._entered

    def _link(self, thread_id: str) -> str:
        return self._options.link.replace("{thread}", quote(thread_id, safe=""))

    def _statuses(self, account: Account, publication: Publication) -> Iterator[Wanted]:
        """All statuses of a publication; the first opens it."""
        title = cut(" ".join(publication.title.split()) or "…", CAPABILITIES.title_length)
        for at, post in enumerate(publication.posts):
            yield from statuses(
                self._with_pictures(post),
                account.limits,
                publication=named(publication.key),
                page=self._link(publication.thread_id),
                language=publication.language,
                title=title if at == 0 else "",
            )

    def _with_pictures(self, post: Post) -> Post:
        return replace(post, files=tuple(filter(self.takes, post.files)))

    async def _reply(self, account: Account, talk: Talk, opening: Status, wanted: Sequence[Wanted]) -> None:
        """Add what is not there yet, each below the last one of ours."""
        below = await account.below(opening.id)
        if below is None:
            raise Refused("Mastodon: somebody has deleted the opening status")
        own = [status for status in below if status.account.id == account.id and mark_of(status.words)]
        last = max(own, key=lambda status: (status.created_at, status.id), default=opening)
        for each in wanted:
            if not talk.stands(each.mark):
                last = await account.post(
                    each,
                    language=opening.language or "en",
                    visibility=self._options.visibility,
                    below=last.id,
                )


def _refuse_withdrawn(talk: Talk) -> None:
    if talk.withdrawn:
        raise Refused("Mastodon: it was taken back")


def _receipt(key: str, opening: Status) -> Receipt:
    return Receipt(key=key, entry_id=opening.id, url=opening.url or "", published_at=opening.created_at)


def _answer_words(status: Status, own_name: str) -> str:
    """What an answer says, without the mention of us that answers begin with."""
    words = re.sub(rf"\A@{re.escape(own_name)}(@[\w.-]+)?\s+", "", status.words)
    return "\n\n".join(filter(None, [status.spoiler_text, words]))
