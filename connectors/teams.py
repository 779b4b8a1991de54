"""The connector to Microsoft Teams by a webhook of Workflows: one adaptive card of text without any markup.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using, and
https://adaptivecards.io/explorer/RichTextBlock.html.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from connectors.base import Capabilities
from connectors.chat_lines import Line, Run, fitting, lines_of
from connectors.http import Reply
from connectors.incoming_webhook import IncomingWebhook, IncomingWebhookOptions
from domain.publication import Publication, Receipt

CARD_BYTES = 24_000  # of 28 KB that a message may have, with room for what Teams adds
CAPABILITIES = Capabilities(title_length=300, post_length=6000)


class TeamsOptions(IncomingWebhookOptions):
    """`connector = { type = "teams", url = { env = "TEAMS_HOOK" }, channel_url = "https://…" }`."""

    type: Literal["teams"] = Field(description="Microsoft Teams, by a webhook of Workflows.")


class TeamsConnector:
    """Posts cards. Idempotency rung 3: a workflow knows no key, and reads nothing."""

    capabilities = CAPABILITIES

    def __init__(self, options: TeamsOptions, *, clock: Callable[[], datetime]) -> None:
        self._hook = IncomingWebhook("Teams", options, clock=clock, message=_message, said_yes=_said_accepted)

    async def check(self) -> str:
        """The host of the workflow: asking it anything would start it, so it is not asked."""
        return f"workflow at {urlsplit(self._hook.address()).hostname} (not asked: that would start it)"

    async def publish(self, publication: Publication) -> Receipt:
        """Post one card with what fits of the conversation."""
        return await self._hook.publish(publication)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._hook.aclose()


def _said_accepted(reply: Reply) -> bool:
    """202 without a word; a page in HTML comes from something else, a proxy perhaps."""
    return reply.status == 202 or reply.body.strip() == b"1"


def _message(publication: Publication) -> object:
    lines = lines_of(publication, title_length=CAPABILITIES.title_length)
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [_block(line) for line in fitting(lines, CARD_BYTES, _cost)],
        "msteams": {"width": "Full"},
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _cost(line: Line) -> int:
    return len(json.dumps(_block(line), ensure_ascii=False).encode("utf-8", "replace")) + 1


def _block(line: Line) -> dict[str, object]:
    return {"type": "RichTextBlock", "inlines": [_run(run) for run in line]}


def _run(run: Run) -> dict[str, object]:
    looks: dict[str, object] = {"type": "TextRun", "text": run.text}
    if run.bold:
        looks["weight"] = "Bolder"
    if run.italic:
        looks["italic"] = True
    if run.struck:
        looks["strikethrough"] = True
    if run.code:
        looks["fontType"] = "Monospace"
    if run.address.startswith("http"):
        looks["selectAction"] = {"type": "Action.OpenUrl", "url": run.address}
    return looks
