"""The connector to Slack by incoming webhook: one message of rich text, which takes no markup at all.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and, for the blocks,
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

from pydantic import Field

from connectors.base import Capabilities
from connectors.chat_lines import Line, Run, fitting, lines_of
from connectors.http import Reply
from connectors.http_errors import reason_in
from connectors.incoming_webhook import IncomingWebhook, IncomingWebhookOptions
from domain.errors import AuthLost
from domain.publication import Publication, Receipt

_NO_TEXT = frozenset({"no_text", "invalid_payload", "missing_text_or_fallback_or_attachments"})
CAPABILITIES = Capabilities(title_length=150, post_length=3000)  # a section takes no more


class SlackOptions(IncomingWebhookOptions):
    """`connector = { type = "slack", url = { env = "SLACK_HOOK" }, channel_url = "https://…" }`."""

    type: Literal["slack"] = Field(description="Slack, by incoming webhook.")


class SlackConnector:
    """Posts messages. Idempotency rung 3: an incoming webhook knows no key and reads nothing."""

    capabilities = CAPABILITIES

    def __init__(self, options: SlackOptions, *, clock: Callable[[], datetime]) -> None:
        self._hook = IncomingWebhook("Slack", options, clock=clock, message=_message, said_yes=_said_ok)

    async def check(self) -> str:
        """Whether the webhook is known, by a message without text, which it refuses as `no_text`."""
        reply = await self._hook.probe({}, expect={400})
        if reply.status != 400 or reason_in(reply.body) not in _NO_TEXT:
            raise AuthLost(f"{reply.call} did not answer as an incoming webhook of Slack does")
        return "incoming webhook (Slack chose its name and channel)"

    async def publish(self, publication: Publication) -> Receipt:
        """Post one message with what fits of the conversation."""
        return await self._hook.publish(publication)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._hook.aclose()


def _said_ok(reply: Reply) -> bool:
    return reply.body.strip() == b"ok"


def _message(publication: Publication) -> object:
    lines = fitting(_lines(publication), CAPABILITIES.post_length, _cost)
    sections = [
        {"type": "rich_text_section", "elements": [*map(_element, line), {"type": "text", "text": "\n"}]}
        for line in lines
    ]
    return {
        "text": _escaped(publication.title[: CAPABILITIES.title_length]),  # what notifications show
        "blocks": [{"type": "rich_text", "elements": sections}],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _lines(publication: Publication) -> Iterator[Line]:
    return lines_of(publication, title_length=CAPABILITIES.title_length)


def _cost(line: Line) -> int:
    return sum(len(run.text) + len(run.address) for run in line) + 1


def _element(run: Run) -> dict[str, object]:
    looks = {"bold": run.bold, "italic": run.italic, "strike": run.struck, "code": run.code}
    style = {name: True for name, wanted in looks.items() if wanted}
    element: dict[str, object] = {"type": "text", "text": run.text}
    if run.address.startswith("http"):
        element = {"type": "link", "url": run.address, "text": run.text}
    return {**element, "style": style} if style else element


def _escaped(text: str) -> str:
    """For `text` alone, in which Slack reads <…> as commands."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
