"""The connector to Mattermost by incoming webhook: one message in Markdown that mentions nobody.

https://developers.mattermost.com/integrate/webhooks/incoming/.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from pydantic import Field

from connectors.base import Capabilities
from connectors.http import Reply
from connectors.http_errors import reason_in
from connectors.incoming_webhook import IncomingWebhook, IncomingWebhookOptions
from connectors.quiet_markdown import fitting_page
from domain.errors import AuthLost
from domain.publication import Publication, Receipt

CAPABILITIES = Capabilities(title_length=300, post_length=16_000)  # of 16,383 characters of one message


class MattermostOptions(IncomingWebhookOptions):
    """`connector = { type = "mattermost", url = { env = "MATTERMOST_HOOK" }, channel_url = "https://…" }`."""

    type: Literal["mattermost"] = Field(description="Mattermost, by incoming webhook.")


class MattermostConnector:
    """Posts messages. Idempotency rung 3: an incoming webhook knows no key and reads nothing."""

    capabilities = CAPABILITIES

    def __init__(self, options: MattermostOptions, *, clock: Callable[[], datetime]) -> None:
        self._hook = IncomingWebhook("Mattermost", options, clock=clock, message=_message, said_yes=_said_ok)

    async def check(self) -> str:
        """Whether the webhook is known, by a message without text, which it refuses."""
        reply = await self._hook.probe({}, expect={400})
        reason = reason_in(reply.body)
        if reply.status != 400 or "invalid webhook" in reason.lower() or not reason:
            raise AuthLost(f"{reply.call} did not answer as an incoming webhook of Mattermost does: {reason}")
        return "incoming webhook (Mattermost chose its name and channel)"

    async def publish(self, publication: Publication) -> Receipt:
        """Post one message with what fits of the conversation."""
        return await self._hook.publish(publication)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._hook.aclose()


def _said_ok(reply: Reply) -> bool:
    return reply.body.strip() == b"ok"


def _message(publication: Publication) -> object:
    return {"text": fitting_page(publication, CAPABILITIES)}
