"""The Matrix connector fulfils the contract at a real Synapse."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from connectors.base import Connector
from connectors.matrix_api import record_type
from connectors.registry import Parts, SpaceOptions, build
from domain.errors import AuthLost, Refused
from domain.publication import Receipt
from tests.connectors.contract import (
    AnswersContract,
    AppendsContract,
    AttachesContract,
    FindsContract,
    WithdrawsContract,
    post,
    publication,
)
from tests.connectors.http_contract import HttpContract
from tests.fakes import no_shelf
from tests.servers.synapse import BOT, PERSON, Synapse

NOW = datetime.now(UTC).replace(microsecond=0)
MARKS = re.compile(r"<!--.*?-->|<[^<>]+>")


class TestMatrix(
    HttpContract, FindsContract, AppendsContract, AttachesContract, AnswersContract, WithdrawsContract
):
    patience = 8.0

    @pytest.fixture
    def service_url(self, synapse: Synapse, tmp_path: Path) -> str:
        self.synapse = synapse
        created = synapse.call(
            "POST", "/createRoom", BOT, {"preset": "private_chat", "invite": [synapse.user(PERSON)]}
        )
        self.room = str(created["room_id"])
        synapse.call("POST", f"/join/{quote(self.room)}", PERSON, {})
        self.token = tmp_path / "token"
        self.token.write_text(synapse.tokens[BOT])
        return synapse.url

    def build(
        self, url: str, *, ca_file: Path | None = None, timeout: float = 60, room: str = ""
    ) -> Connector:
        connector = {
            "type": "matrix",
            "url": url,
            "token": {"file": self.token},
            "room": room or self.room,
            "ca_file": ca_file,
            "timeout": timeout,
            "requests_per_minute": 6000,
        }
        options = SpaceOptions.model_validate({"name": "chat", "connector": connector})
        return build(options, Parts(shelf=no_shelf(), clock=lambda: NOW))

    def secrets(self) -> list[str]:
        return [self.synapse.tokens[BOT]]

    def messages(self) -> list[dict[str, object]]:
        """What stands in the room for a reader, oldest first, redacted messages left out."""
        path = f"/rooms/{quote(self.room)}/messages?dir=b&limit=1000"
        chunk = self.synapse.call("GET", path, PERSON)["chunk"]
        assert isinstance(chunk, list)
        return [
            event
            for event in reversed(chunk)
            if event["type"] == "m.room.message" and event["content"].get("body")
        ]

    def own(self) -> list[dict[str, object]]:
        return [event for event in self.messages() if event["sender"] == self.synapse.user(BOT)]

    def thread(self, key: str) -> list[dict[str, object]]:
        roots = [event for event in self.own() if event["content"]["ca.unchain.key"] == key]
        if not roots:
            return []
        [root] = roots
        related = [event["content"].get("m.relates_to", {}).get("event_id") for event in self.own()]
        return [root] + [
            event for event, into in zip(self.own(), related, strict=True) if into == root["event_id"]
        ]

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        shown = []
        for event in self.thread(key):
            content = event["content"]
            html = content.get("formatted_body", content["body"]).replace("<br />", "\n")
            shown.append(unescape(MARKS.sub("", html)))
        return shown

    async def entries_shown(self, connector: Connector) -> int:
        return len([event for event in self.own() if "m.relates_to" not in event["content"]])

    async def came_alive(self, connector: Connector, key: str) -> list[str]:
        contents = [event["content"] for event in self.thread(key)]
        tags = [tag for each in contents for tag in re.findall(r"<(\w+)", each.get("formatted_body", ""))]
        mentions = [str(each["m.mentions"]) for each in contents if each["m.mentions"]]
        return mentions + [tag for tag in tags if tag in {"script", "img", "b"}]

    async def files_shown(self, connector: Connector, key: str) -> dict[str, bytes]:
        found = {}
        for event in self.thread(key):
            content = event["content"]
            if "url" in content:
                place = content["url"].removeprefix("mxc://")
                asked = Request(
                    f"{self.synapse.url}/_matrix/client/v1/media/download/{place}",
                    headers={"Authorization": f"Bearer {self.synapse.tokens[PERSON]}"},
                )
                with urlopen(asked, timeout=60) as answer:
                    found[content["filename"]] = answer.read()
        return found

    async def answer_as_somebody(self, connector: Connector, receipt: Receipt, text: str) -> str:
        relation = {"rel_type": "m.thread", "event_id": receipt.entry_id}
        content = {"msgtype": "m.text", "body": text, "m.relates_to": relation}
        number = len(self.messages())
        path = f"/rooms/{quote(self.room)}/send/m.room.message/answer{number}"
        self.synapse.call("PUT", path, PERSON, content)
        return PERSON

    async def test_check_names_account_and_room(self, connector: Connector) -> None:
        assert await connector.check() == f"@{BOT}:example.test in {self.room}"

    async def test_a_room_that_it_is_not_in_is_for_the_admin(
        self, synapse: Synapse, service_url: str
    ) -> None:
        other = str(synapse.call("POST", "/createRoom", PERSON, {})["room_id"])
        outside = self.build(service_url, room=other)
        with pytest.raises(AuthLost, match="is not in the room"):
            await outside.publish(publication())
        await outside.aclose()

    async def test_an_encrypted_room_is_refused(self, synapse: Synapse, service_url: str) -> None:
        path = f"/rooms/{quote(self.room)}/state/m.room.encryption/"
        synapse.call("PUT", path, BOT, {"algorithm": "m.megolm.v1.aes-sha2"})
        connector = self.build(service_url)
        with pytest.raises(Refused, match="is encrypted"):
            await connector.check()
        await connector.aclose()

    async def test_a_wrong_token_is_for_the_admin_until_it_is_renewed(self, connector: Connector) -> None:
        self.token.write_text("syt_wrong_token\n")
        with pytest.raises(AuthLost, match="renew the credentials"):
            await connector.publish(publication())
        self.token.write_text(self.synapse.tokens[BOT])
        assert await connector.publish(publication())

    async def test_an_opening_that_only_the_room_remembers_is_found_again(
        self, connector: Connector, synapse: Synapse
    ) -> None:
        """As after a kill between sending and remembering, when the server has forgotten the transaction."""
        receipt = await connector.publish(publication())
        user, room = quote(synapse.user(BOT)), quote(self.room)
        sent = [event for event in self.own() if event["event_id"] == receipt.entry_id]
        assert len(sent) == 1
        # A new device has no transactions; the record is what it was before the message was sent.
        path = f"/user/{user}/rooms/{room}/account_data/{record_type(publication().key)}"
        record = synapse.call("GET", path, BOT)
        synapse.call("PUT", path, BOT, {**record, "event_id": None})

        assert await connector.publish(publication()) == receipt
        assert await self.entries_shown(connector) == 1

    async def test_a_text_of_nothing_but_markup_fits_into_an_event(self, connector: Connector) -> None:
        text = "\\<\\&" * 30_000
        receipt = await connector.publish(replace(publication(), posts=(post(0, text),)))
        assert "…" in "\n".join(await self.posts_shown(connector, receipt.key))
