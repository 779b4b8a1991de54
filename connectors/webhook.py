"""The connector to whatever takes signed JSON by HTTP POST: for tools of one's own.

Signed as Standard Webhooks say (https://www.standardwebhooks.com/), so that receivers have ready-made code.
What is sent is described in docs/connectors.md.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from pydantic import Field

from connectors.base import Capabilities, Rung
from connectors.bodies import Bytes
from connectors.http import HttpClient, HttpOptions, Reply, Shape, WebAddress
from connectors.rendering.short import cut
from connectors.rendering.words import name_of
from domain.errors import AuthLost, Refused
from domain.options import Secret
from domain.publication import Post, Publication, Receipt

TITLE, POST = 500, 1_000_000


class WebhookOptions(HttpOptions):
    """`connector = { type = "webhook", url = "https://…", secret = { env = "HOOK_SECRET" } }`."""

    type: Literal["webhook"] = Field(description="A receiver of your own, by signed JSON.")
    url: WebAddress = Field(description="Where each event is posted.")
    secret: Secret = Field(description="Signs each event; bare, or as whsec_ and Base64.")
    page_url: WebAddress | None = Field(
        default=None, description="Where people read, if the receiver does not answer with a url of its own."
    )
    honours_key: bool = Field(
        default=False,
        description="The receiver takes each webhook-id only once; then posts are added and taken back too.",
    )


class _Where(Shape):
    """What the receiver may answer."""

    url: WebAddress | None = None
    id: str | None = None


class WebhookConnector:
    """Posts events. Idempotency rung 3: nothing is known of a receiver that does not honour our key."""

    capabilities = Capabilities(title_length=TITLE, post_length=POST)

    def __init__(self, options: WebhookOptions, *, clock: Callable[[], datetime]) -> None:
        self._options, self._clock = options, clock
        self._http = HttpClient("Webhook", options, url=options.url, secrets=(options.secret,))

    async def check(self) -> str:
        """Send the event `check`, which a receiver answers with success and otherwise ignores."""
        await self._send(self._http.ask, "check", {"event": "check"})
        return f"webhook at {self._options.url}"

    async def publish(self, publication: Publication) -> Receipt:
        """Send the event `published` with all posts."""
        return await self._published(self._http.tell, publication)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _published(self, call: "_Call", publication: Publication) -> Receipt:
        if not publication.posts:
            raise Refused("Webhook: there is nothing to post")
        body = {
            "event": "published",
            "key": publication.key,
            "space": publication.space,
            "place": publication.place,
            "title": cut(publication.title, TITLE),
            "language": publication.language,
            "kind": publication.kind,
            "tags": list(publication.tags),
            "audience": publication.audience,
            "posts": list(map(_post, publication.posts)),
        }
        reply = await self._send(call, f"published {publication.key}", body)
        where = reply.parse(_Where) if reply.body.strip() else _Where()
        url = where.url or self._options.page_url
        if url is None:
            raise reply.lost(f"{reply.call} answered no url; answer one or set page_url")
        return Receipt(
            key=publication.key, entry_id=where.id or publication.key, url=url, published_at=self._clock()
        )

    async def _send(self, call: "_Call", event_id: str, event: object) -> Reply:
        """Send an event signed; its id is the same whenever the same is sent again."""
        try:
            key = _key(self._options.secret.reveal())
        except (LookupError, OSError, ValueError) as error:
            raise AuthLost(f"Webhook: the secret cannot be read: {error}") from None
        raw = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        stamp = str(int(self._clock().timestamp()))
        name = hashlib.sha256(event_id.encode("utf-8", "replace")).hexdigest()[:32]
        digest = hmac.digest(key, f"{name}.{stamp}.".encode() + raw, "sha256")
        headers = {
            "webhook-id": name,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }
        body = Bytes(raw=raw, media_type="application/json")
        return await call("POST", self._options.url, body=body, headers=headers)


class KeyedWebhookConnector(WebhookConnector):
    """To a receiver that honours our keys. Idempotency rung 1, for as long as the receiver remembers them."""

    capabilities = replace(WebhookConnector.capabilities, rung=Rung.KEY)

    async def publish(self, publication: Publication) -> Receipt:
        """Send the event `published`; the same again is answered as the first time."""
        return await self._published(self._http.ask, publication)

    async def append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        """Send the event `appended`; the receiver leaves out the posts that it has."""
        event = {
            "event": "appended",
            "key": receipt.key,
            "id": receipt.entry_id,
            "posts": list(map(_post, posts)),
        }
        keys = "\n".join(post.key for post in posts)
        await self._send(self._http.ask, f"appended {receipt.key}\n{keys}", event)

    async def withdraw(self, receipt: Receipt) -> None:
        """Send the event `withdrawn`; the receiver answers other events of this key with 410 from then on."""
        event = {"event": "withdrawn", "key": receipt.key, "id": receipt.entry_id}
        await self._send(self._http.ask, f"withdrawn {receipt.key}", event)


_Call = Callable[..., Awaitable[Reply]]  # HttpClient.ask or .tell


def webhook(options: WebhookOptions, *, clock: Callable[[], datetime]) -> WebhookConnector:
    """The connector that fits what the receiver does with our keys."""
    return (KeyedWebhookConnector if options.honours_key else WebhookConnector)(options, clock=clock)


def _key(secret: str) -> bytes:
    """The bytes that sign; raises ValueError where there are none, or no Base64 follows `whsec_`."""
    key = base64.b64decode(secret[6:], validate=True) if secret.startswith("whsec_") else secret.encode()
    if not key:
        raise ValueError("it is empty")
    return key


def _post(post: Post) -> dict[str, object]:
    """A post without any address; what is folded is plain text."""
    return {
        "key": post.key,
        "author": name_of(post.author, "en"),
        "at": post.at.isoformat(),
        "markdown": cut(post.markdown, POST),
        "trimmed": cut(post.trimmed, POST),
        "attachments": list(post.attachments),
    }
