"""What the incoming webhooks of chats have in common: one message, a secret address, and nothing to read.

Each chat's own file says how a message is written and what its webhook answers.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Protocol

from pydantic import Field

from connectors.bodies import Json
from connectors.http import HttpClient, HttpOptions, Reply, WebAddress
from domain.errors import AuthLost, Refused
from domain.options import Secret
from domain.publication import Publication, Receipt

# The whole request depends on the address alone: an admin has to look at it.
HOOK_LOST = frozenset({401, 403, 404, 410})


class IncomingWebhookOptions(HttpOptions):
    """What every incoming webhook needs to be told."""

    url: Secret = Field(description="The webhook's address; whoever knows it can post, so it is a secret.")
    channel_url: WebAddress = Field(description="Where people read the channel; redirect replies lead there.")


class Message(Protocol):
    """How a chat writes a publication as one message, cut to what fits."""

    def __call__(self, publication: Publication) -> object: ...


class IncomingWebhook:
    """Posts each publication as one message. Idempotency rung 3: no key is taken, nothing is shown again."""

    def __init__(
        self,
        service: str,
        options: IncomingWebhookOptions,
        *,
        clock: Callable[[], datetime],
        message: Message,
        said_yes: Callable[[Reply], bool],
    ) -> None:
        self._service, self._options, self._clock = service, options, clock
        self._message, self._said_yes = message, said_yes
        self._http = HttpClient(service, options, secrets=(options.url,), account_lost=HOOK_LOST)

    def address(self) -> str:
        """The secret address; raises AuthLost where it cannot be read or is none."""
        try:
            url = self._options.url.reveal()
        except (LookupError, OSError) as error:
            raise AuthLost(f"{self._service}: the address of the webhook cannot be read: {error}") from None
        if not url.startswith(("https://", "http://")):
            raise AuthLost(f"{self._service}: what is kept as the address of the webhook is no web address")
        return url

    async def probe(self, body: object, *, expect: Collection[int]) -> Reply:
        """Ask the webhook with a body that it refuses, so that nothing is posted."""
        return await self._http.ask("POST", self.address(), body=Json(body), expect=expect)

    async def publish(self, publication: Publication) -> Receipt:
        """Post one message with what fits of the conversation."""
        if not publication.posts:
            raise Refused(f"{self._service}: there is nothing to post")
        reply = await self._http.tell("POST", self.address(), body=Json(self._message(publication)))
        if not self._said_yes(reply):
            raise reply.lost(f"{reply.call} answered {reply.status}, but not as a webhook does")
        return Receipt(
            key=publication.key,
            entry_id=publication.key,  # the webhook tells no id of the message
            url=self._options.channel_url,
            published_at=self._clock(),
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()
