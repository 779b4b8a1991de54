"""Local servers that take what Slack, Teams and Mattermost take at an incoming webhook, and refuse the rest.

Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, its errors
https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks, rich text
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block. Teams (Workflows):
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using, its cards
https://adaptivecards.io/explorer/RichTextBlock.html. Mattermost:
https://developers.mattermost.com/integrate/webhooks/incoming/.
"""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

from aiohttp import web
from markdown_it import MarkdownIt

HOOK = "/hooks/T00000000/B00000000/X9fK2s3cr3t"
_LOOKS = {"bold", "italic", "strike", "code"}
_TAG = re.compile(r"<[^<>]*>")


class ChatServer:
    """Keeps the messages of one channel as people see them; each chat says what it takes."""

    def __init__(self) -> None:
        self.messages: list[str] = []  # as seen
        self.alive: list[str] = []  # mentions, tags and smileys that work
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ChatServer"]:
        app = web.Application(client_max_size=2**22)
        app.router.add_post("/{path:.*}", self._posted)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}{HOOK}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _posted(self, request: web.Request) -> web.Response:
        if request.path != HOOK:
            return self.unknown_hook()
        if request.content_type != "application/json":
            return web.Response(status=400, text="invalid_payload")
        return self.take(json.loads(await request.read()))

    def unknown_hook(self) -> web.Response:
        return web.Response(status=404, text="no_service")

    def take(self, message: dict[str, object]) -> web.Response:
        raise NotImplementedError


class SlackServer(ChatServer):
    """Takes rich text alone, which is all that our connector sends."""

    def take(self, message: dict[str, object]) -> web.Response:
        if not message.get("text") and not message.get("blocks"):
            return web.Response(status=400, text="no_text")
        assert message.keys() <= {"text", "blocks", "unfurl_links", "unfurl_media"}
        text, blocks = message["text"], message["blocks"]
        assert isinstance(text, str)
        assert isinstance(blocks, list)
        if re.search(r"<[!@#a-z]|&(?!amp;|lt;|gt;)", text):  # commands are live in this field
            self.alive.append(text)
        [block] = blocks
        if block["type"] != "rich_text":
            return web.Response(status=400, text="invalid_blocks")
        self.messages.append("".join(self._section(each) for each in block["elements"]))
        return web.Response(text="ok")

    def _section(self, section: dict[str, object]) -> str:
        assert section["type"] == "rich_text_section"
        elements = section["elements"]
        assert isinstance(elements, list)
        shown = ""
        for element in elements:
            assert element["type"] in {"text", "link"}
            assert element["text"]
            assert set(element.get("style", {})) <= _LOOKS
            if element["type"] == "link":
                assert element["url"].startswith("http")
            shown += element["text"]
        assert len(shown) <= 3001
        return shown


class TeamsServer(ChatServer):
    """Takes adaptive cards of rich text blocks; as Workflows, it accepts whatever else comes and drops it."""

    def unknown_hook(self) -> web.Response:
        return web.json_response({"error": {"code": "WorkflowNotFound", "message": "gone"}}, status=404)

    def take(self, message: dict[str, object]) -> web.Response:
        assert message["type"] == "message"
        if len(json.dumps(message, ensure_ascii=False).encode()) > 28 * 1024:
            return web.Response(status=413)
        attachments = message["attachments"]
        assert isinstance(attachments, list)
        [attachment] = attachments
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        card = attachment["content"]
        assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
        lines = []
        for block in card["body"]:
            assert block.keys() == {"type", "inlines"}
            assert block["type"] == "RichTextBlock"
            assert all(run["type"] == "TextRun" and run["text"] for run in block["inlines"])
            lines.append("".join(run["text"] for run in block["inlines"]))
        self.messages.append("\n".join(lines))
        return web.Response(status=202)


class MattermostServer(ChatServer):
    """Renders Markdown; its own signs live in what is left as text, outside code."""

    def unknown_hook(self) -> web.Response:
        message = "Invalid webhook."
        return web.json_response(
            {"id": "web.incoming_webhook.invalid.app_error", "message": message, "status_code": 400},
            status=400,
        )

    def take(self, message: dict[str, object]) -> web.Response:
        text = message.get("text")
        if not text:
            return web.json_response(
                {"id": "web.incoming_webhook.text.app_error", "message": "No text specified."}, status=400
            )
        assert isinstance(text, str)
        assert message.keys() == {"text"}
        assert len(text) <= 16_383
        shown, alive = forum_text(text)
        self.messages.append(shown)
        self.alive += alive
        return web.Response(text="ok")


def forum_text(markdown: str) -> tuple[str, list[str]]:
    """What people see of Markdown, and what of it acts: mentions, tags, smileys, raw HTML, doubtful links."""
    html = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough").render(markdown)
    html = re.sub(r"<!-- unchain:[A-Za-z0-9/%-]+ -->|</?(details|summary)>", "", html)
    alive = re.findall(r"<(?:script|b|img|!--)[^>]*>|href=\"(?!https?:)[^\"]*", html)
    outside_code = re.sub(r"<pre>.*?</pre>|<code>.*?</code>|<a [^>]*>.*?</a>", " ", html, flags=re.DOTALL)
    words = unescape(_TAG.sub("", outside_code))
    alive += re.findall(r"(?<!\w)@[a-z0-9_.-]+|(?<!\S)#\w+|:[a-z_+-]+:", words)
    seen = unescape(_TAG.sub("", html.replace("<br />\n", "\n")))
    return seen.replace("\u2060", ""), alive
