"""The Mastodon connector fulfils the contract at somebody else's imitation of Mastodon's API.

The imitation counts every character, also those of addresses, so it is told to take less than it does.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from connectors import mastodon_api
from connectors.base import Connector
from connectors.registry import Parts, SpaceOptions, build
from domain.errors import AuthLost, Refused, Transient
from domain.publication import File, Receipt
from tests.connectors.contract import (
    OPENED,
    PICTURE,
    AnswersContract,
    AppendsContract,
    AttachesContract,
    FindsContract,
    UpdatesContract,
    WithdrawsContract,
    post,
    publication,
)
from tests.connectors.cutting_proxy import CuttingProxy
from tests.connectors.http_contract import HttpContract
from tests.fakes import no_shelf
from tests.servers.mastodon_mock import BOT, PERSON, MastodonMock

LINK = "https://commons.example.com/thread/{thread}"


class TestMastodon(
    HttpContract,
    FindsContract,
    AppendsContract,
    UpdatesContract,
    AttachesContract,
    AnswersContract,
    WithdrawsContract,
):
    patience = 4.0
    files = (
        File(name="plan of the room.png", media_type="image/png", content=PICTURE),
        File(name="clés.png", media_type="image/png", content=PICTURE + b"\n"),
    )

    @pytest.fixture
    def service_url(self, mastodon_mock: MastodonMock, tmp_path: Path) -> str:
        self.server = mastodon_mock
        self.token = tmp_path / "token"
        self.token.write_text(mastodon_mock.tokens[BOT])
        return mastodon_mock.url

    def build(
        self, url: str, *, ca_file: Path | None = None, timeout: float = 60, **further: object
    ) -> Connector:
        connector = {
            "type": "mastodon",
            "url": url,
            "token": {"file": self.token},
            "link": LINK,
            "visibility": "unlisted",
            "characters": 400,
            "ca_file": ca_file,
            "timeout": timeout,
            "requests_per_minute": 6000,
            **further,
        }
        options = SpaceOptions.model_validate({"name": "stream", "connector": connector})
        return build(options, Parts(shelf=no_shelf(), clock=lambda: OPENED))

    def secrets(self) -> list[str]:
        return [self.server.tokens[BOT]]

    def call(self, method: str, path: str, who: str, body: object = None) -> object:
        asked = Request(
            self.server.url + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.server.tokens[who]}", "Content-Type": "application/json"},
            method=method,
        )
        with urlopen(asked, timeout=60) as answer:
            return json.load(answer)

    def own(self) -> list[dict[str, object]]:
        """What a person sees of the account, oldest first."""
        account = self.call("GET", "/api/v1/accounts/verify_credentials", BOT)["id"]  # type: ignore[index]
        found: list[dict[str, object]] = []
        path = f"/api/v1/accounts/{account}/statuses?limit=40"
        while page := self.call("GET", path + (f"&max_id={found[-1]['id']}" if found else ""), PERSON):
            assert isinstance(page, list)
            found += page
        return found[::-1]

    async def thread(self, connector: Connector, key: str) -> list[dict[str, object]]:
        receipt = await connector.find(key)  # type: ignore[attr-defined]
        if receipt is None:
            return []
        opening = self.call("GET", f"/api/v1/statuses/{receipt.entry_id}", PERSON)
        below = self.call("GET", f"/api/v1/statuses/{receipt.entry_id}/context", PERSON)
        return [
            each
            for each in [opening, *below["descendants"]]  # type: ignore[index]
            if each["account"]["username"] == BOT
        ]

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        # The imitation makes bold type of asterisks, which Mastodon does not: the text as it was taken.
        return [
            str(self.call("GET", f"/api/v1/statuses/{each['id']}/source", PERSON)["text"])  # type: ignore[index]
            for each in await self.thread(connector, key)
        ]

    def literal(self, shown: str) -> str:
        return shown.replace("\u2060", "")

    async def entries_shown(self, connector: Connector) -> int:
        return len([each for each in self.own() if each["in_reply_to_id"] is None])

    async def came_alive(self, connector: Connector, key: str) -> list[str]:
        return [
            str(sign)
            for each in await self.thread(connector, key)
            for sign in (*each["mentions"], *each["tags"])  # type: ignore[misc]
        ]

    async def files_shown(self, connector: Connector, key: str) -> dict[str, bytes]:
        found = {}
        for each in await self.thread(connector, key):
            for media in each["media_attachments"]:  # type: ignore[attr-defined]
                assert media["url"].startswith(("http://127.0.0.1", "http://localhost"))
                path = media["url"].split("/", 3)[3]
                with urlopen(f"{self.server.url}/{quote(path)}", timeout=60) as answer:
                    found[media["description"]] = answer.read()
        return found

    async def edit_as_somebody_else(self, connector: Connector, receipt: Receipt, text: str) -> None:
        self.call("PUT", f"/api/v1/statuses/{receipt.entry_id}", BOT, {"status": text})

    async def answer_as_somebody(self, connector: Connector, receipt: Receipt, text: str) -> str:
        body = {"status": f"@{BOT} {text}", "in_reply_to_id": receipt.entry_id}
        answer = self.call("POST", "/api/v1/statuses", PERSON, body)
        account = answer["account"]  # type: ignore[index]
        return str(account["display_name"] or account["username"])

    async def test_check_names_the_account(self, connector: Connector) -> None:
        assert (await connector.check()).startswith(f"{BOT} at http://127.0.0.1:")

    async def test_each_status_leads_to_the_page_of_the_conversation(self, connector: Connector) -> None:
        await connector.publish(publication())
        shown = await self.posts_shown(connector, publication().key)
        assert len(shown) == 2
        assert all("\n\nhttps://commons.example.com/thread/thread-1#" in each for each in shown)
        assert shown[0].startswith("Which badge opens the bicycle room?\n\nInès Caron: Which badge")

    async def test_a_new_process_finds_what_an_older_one_has_posted_and_taken_back(
        self, connector: Connector, service_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mastodon_api, "PAGE", 2)
        for number in range(5):
            await connector.publish(replace(publication(f"other-{number}"), posts=(post(0),)))
        receipt = await connector.publish(publication())
        another = self.build(service_url)
        assert await another.publish(publication()) == receipt
        assert await self.entries_shown(another) == 6
        await another.withdraw(receipt)  # type: ignore[attr-defined]
        await another.aclose()

        third = self.build(service_url)
        with pytest.raises(Refused, match="taken back"):
            await third.publish(publication())
        await third.aclose()
        assert await self.entries_shown(connector) == 5

    async def test_a_long_mail_fills_as_many_statuses_as_it_may(self, service_url: str) -> None:
        long = replace(publication(), posts=(post(0, "Quite a long mail. " * 60), post(1, "The end.")))
        connector = self.build(service_url, statuses_per_mail=3)
        await connector.publish(long)
        await connector.publish(long)
        shown = await self.posts_shown(connector, long.key)
        await connector.aclose()
        assert [f"({number}/3)" in text for number, text in enumerate(shown, 1)] == [True, True, True, False]
        assert "…" in shown[2]
        assert "The end." in shown[3]

    async def test_what_was_said_to_few_is_not_read(self, connector: Connector) -> None:
        receipt = await connector.publish(publication())
        body = {"status": f"@{BOT} Between us.", "in_reply_to_id": receipt.entry_id, "visibility": "direct"}
        self.call("POST", "/api/v1/statuses", PERSON, body)
        assert await connector.answers(receipt, OPENED) == []  # type: ignore[attr-defined]

    async def test_an_opening_that_somebody_has_deleted_does_not_come_back(
        self, connector: Connector
    ) -> None:
        receipt = await connector.publish(publication())
        self.call("DELETE", f"/api/v1/statuses/{receipt.entry_id}", BOT)
        with pytest.raises(Refused, match="deleted"):
            await connector.publish(publication())
        assert await connector.find(publication().key) is None  # type: ignore[attr-defined]

    async def test_a_mail_that_has_become_shorter_leaves_no_status_behind(self, service_url: str) -> None:
        long = replace(publication(), posts=(post(0, "Quite a long mail. " * 60), post(1, "The end.")))
        connector = self.build(service_url, statuses_per_mail=3)
        receipt = await connector.publish(long)
        short = replace(long, posts=(post(0, "Short now."), long.posts[1]))
        await connector.update(receipt, short)  # type: ignore[attr-defined]
        shown = await self.posts_shown(connector, long.key)
        await connector.aclose()
        assert "Short now." in shown[0]
        assert not any("Quite a long" in each for each in [*shown, *map(str, self.own())])

    async def test_a_spent_budget_is_waited_for_until_it_is_renewed(
        self, connector: Connector, proxy: CuttingProxy
    ) -> None:
        renewed = (datetime.now(UTC) + timedelta(minutes=4)).isoformat().replace("+00:00", "Z")
        proxy.say(429, headers=f"X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: {renewed}\r\n")
        with pytest.raises(Transient) as raised:
            await connector.publish(publication())
        assert raised.value.retry_after is not None
        assert 0 < raised.value.retry_after <= 240

    async def test_a_wrong_token_is_for_the_admin(self, connector: Connector) -> None:
        self.token.write_text("wrong")
        with pytest.raises(AuthLost, match="renew the credentials"):
            await connector.check()
