"""The connector to MediaWiki fulfils the contract against a real MediaWiki, and keeps to what wikis do."""

import asyncio
import http.cookiejar
import json
import urllib.parse
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from connectors.base import Connector, Finds
from connectors.mediawiki import MediaWikiConnector, MediaWikiOptions
from connectors.mediawiki_titles import LONGEST, cleaned, titles
from domain.errors import AuthLost, Refused, Transient
from domain.options import Secret
from domain.publication import Receipt
from tests.connectors.contract import (
    AnswersContract,
    AppendsContract,
    AttachesContract,
    FindsContract,
    SearchesContract,
    UpdatesContract,
    WithdrawsContract,
    post,
    publication,
)
from tests.connectors.cutting_proxy import Asked, CuttingProxy
from tests.connectors.http_contract import HttpContract
from tests.servers.mediawiki import BOT, PERSON, MediaWiki


class Somebody:
    """Another account of the wiki, without our connector."""

    def __init__(self, wiki: MediaWiki, name: str) -> None:
        self._wiki = wiki
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        token = self.call(action="query", meta="tokens", type="login")["query"]["tokens"]["logintoken"]
        signed = {"lgname": wiki.login(name), "lgpassword": wiki.passwords[name], "lgtoken": token}
        assert self.call(action="login", **signed)["login"]["result"] == "Success"

    def call(self, **fields: str):  # type: ignore[no-untyped-def]
        body = urllib.parse.urlencode({"format": "json", "formatversion": "2", **fields}).encode()
        with self._opener.open(self._wiki.api, body, timeout=120) as answer:
            return json.load(answer)

    def write(self, **fields: str) -> None:
        token = self.call(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]
        answer = self.call(**{"token": token, "action": "edit", **fields})
        assert "error" not in answer, answer


def html(wiki: MediaWiki, **which: str) -> LexborHTMLParser:
    body = urllib.parse.urlencode(
        {"action": "parse", "format": "json", "formatversion": "2", **which}
    ).encode()
    with urllib.request.urlopen(wiki.api, body, timeout=120) as answer:
        return LexborHTMLParser(json.load(answer).get("parse", {}).get("text", ""))


class TestMediaWikiConnector(
    HttpContract,
    FindsContract,
    AppendsContract,
    UpdatesContract,
    AttachesContract,
    AnswersContract,
    SearchesContract,
    WithdrawsContract,
):
    patience = 20.0

    @pytest.fixture
    async def service_url(self, mediawiki: MediaWiki) -> str:
        self.wiki = mediawiki
        return mediawiki.api

    def build(self, url: str, *, ca_file: Path | None = None, timeout: float = 60) -> Connector:
        password = self.wiki.folder / "password"
        password.write_text(self.wiki.passwords[BOT])
        options = MediaWikiOptions(
            type="mediawiki",
            url=url,
            user=self.wiki.login(BOT),
            password=Secret(file=password),
            file_types=("png", "txt"),
            ca_file=ca_file,
            timeout=timeout,
            requests_per_minute=6000,
        )
        return MediaWikiConnector(options)

    def secrets(self) -> list[str]:
        return [self.wiki.passwords[BOT]]

    def changes(self, asked: Asked) -> bool:
        return b"action=edit" in asked.body or b"action=delete" in asked.body or b'"action"' in asked.body

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        assert isinstance(connector, Finds)
        receipt = await connector.find(key)
        if receipt is None:
            return []
        [title] = [each["title"] for each in self.ask(pageids=receipt.entry_id)]
        texts = [html(self.wiki, pageid=receipt.entry_id), html(self.wiki, page=f"Talk:{title}")]
        return [self.seen(each) for each in texts]

    def seen(self, page: LexborHTMLParser) -> str:
        for node in page.css("script, style, .mw-editsection, .toc, h2"):
            node.decompose()
        return page.body.text() if page.body else ""

    def literal(self, shown: str) -> str:
        return shown.replace("\u00a0", " ")  # MediaWiki keeps signs like ! with the word before, as in French

    async def came_alive(self, connector: Connector, key: str) -> list[str]:
        assert isinstance(connector, Finds)
        receipt = await connector.find(key)
        assert receipt is not None
        found = html(self.wiki, pageid=receipt.entry_id).css(
            'script, img, ref, a:not([href^="#"]):not([href^="http"])'
        )
        told = [
            each["categories"]
            for each in self.ask(pageids=receipt.entry_id, prop="categories")
            if each.get("categories")
        ]
        alive = [node.html or "" for node in found if "section=" not in (node.attributes.get("href") or "")]
        return alive + [
            each["title"] for group in told for each in group if each["title"] != "Category:Badges"
        ]

    async def entries_shown(self, connector: Connector) -> int:
        return len([each for each in self.ask(generator="allpages") if each["title"] != "Main Page"])

    async def files_shown(self, connector: Connector, key: str) -> dict[str, bytes]:
        assert isinstance(connector, Finds)
        receipt = await connector.find(key)
        assert receipt is not None
        found = {}
        for node in html(self.wiki, pageid=receipt.entry_id).css('a[href^="/images/"]'):
            with urllib.request.urlopen(self.wiki.url + str(node.attributes["href"]), timeout=60) as answer:
                found[node.text()] = answer.read()
        return found

    async def edit_as_somebody_else(self, connector: Connector, receipt: Receipt, text: str) -> None:
        Somebody(self.wiki, PERSON).write(pageid=receipt.entry_id, text=text)

    async def answer_as_somebody(self, connector: Connector, receipt: Receipt, text: str) -> str:
        [title] = [each["title"] for each in self.ask(pageids=receipt.entry_id)]
        Somebody(self.wiki, PERSON).write(title=f"Talk:{title}", appendtext=f"\n\n{text} ~~~~")
        return PERSON

    def ask(self, **question: str) -> list[dict]:  # type: ignore[type-arg]
        asked = {"action": "query", "format": "json", "formatversion": "2", **question}
        with urllib.request.urlopen(f"{self.wiki.api}?{urllib.parse.urlencode(asked)}", timeout=60) as answer:
            return list(json.load(answer).get("query", {}).get("pages", []))

    async def test_two_processes_at_once_leave_each_mail_once(self, proxy: CuttingProxy) -> None:
        one, other = self.build(proxy.url), self.build(proxy.url)
        assert isinstance(one, MediaWikiConnector)
        assert isinstance(other, MediaWikiConnector)
        await asyncio.gather(one.check(), other.check())
        wanted = publication()
        made = await asyncio.gather(one.publish(wanted), other.publish(wanted), return_exceptions=True)
        assert all(isinstance(each, Receipt | Transient) for each in made), made
        receipt = await one.publish(wanted)
        later = [post(2, "Third.")]
        told = await asyncio.gather(
            one.append(receipt, later), other.append(receipt, later), return_exceptions=True
        )
        assert all(each is None or isinstance(each, Transient) for each in told), told
        await one.append(receipt, later)

        shown = "\n".join(await self.posts_shown(one, receipt.key))
        assert shown.count("Third.") == shown.count("Mine does not.") == 1
        assert await self.entries_shown(one) == 1
        await asyncio.gather(one.aclose(), other.aclose())

    async def test_a_page_that_was_moved_is_found_and_added_to(self, connector: Connector) -> None:
        assert isinstance(connector, MediaWikiConnector)
        receipt = await connector.publish(publication())
        somebody = Somebody(self.wiki, BOT)
        somebody.write(action="move", fromid=receipt.entry_id, to="Bicycle room", movetalk="1")

        found = await connector.find(receipt.key)
        assert found is not None
        assert found.entry_id == receipt.entry_id
        assert found.url.endswith("Bicycle_room")
        assert await connector.publish(publication()) == found
        await connector.append(receipt, [post(2, "Third.")])
        assert "Third." in html(self.wiki, page="Talk:Bicycle room").body.text()  # type: ignore[union-attr]

    async def test_a_page_that_somebody_deleted_never_comes_back(self, connector: Connector) -> None:
        assert isinstance(connector, MediaWikiConnector)
        receipt = await connector.publish(publication())
        Somebody(self.wiki, BOT).write(action="delete", pageid=receipt.entry_id)

        with pytest.raises(Refused, match="deleted"):
            await connector.publish(publication())
        assert await connector.find(receipt.key) is None

    async def test_a_wiki_that_is_read_only_is_waited_for(self, connector: Connector) -> None:
        assert isinstance(connector, MediaWikiConnector)
        with self.wiki.settings("$wgReadOnly = 'The backup is running.';"):
            for call in (connector.check(), connector.publish(publication())):
                with pytest.raises(Transient):
                    await call
        assert await connector.publish(publication())

    async def test_the_wikis_own_rate_limit_is_waited_for(self, connector: Connector) -> None:
        limit = "$wgRateLimits['edit'] = [ 'user' => [ 1, 3600 ], 'newbie' => [ 1, 3600 ] ]; "
        limit += (
            "$wgGroupPermissions['sysop']['noratelimit'] = $wgGroupPermissions['bot']['noratelimit'] = false;"
        )
        with self.wiki.settings(limit), pytest.raises(Transient, match="ratelimited") as raised:
            await connector.publish(publication())
        assert raised.value.retry_after

        await connector.publish(publication())
        assert await self.entries_shown(connector) == 1

    async def test_an_old_token_is_replaced_at_once(self, connector: Connector) -> None:
        assert isinstance(connector, MediaWikiConnector)
        await connector.check()
        connector._api._token = "gone+\\"

        await connector.publish(publication())
        assert await self.entries_shown(connector) == 1

    async def test_a_wrong_password_is_said_without_it(self, service_url: str) -> None:
        connector = self.build(service_url)
        (self.wiki.folder / "password").write_text("0" * 32)

        with pytest.raises(AuthLost) as raised:
            await connector.check()
        assert "0" * 32 not in str(raised.value)
        await connector.aclose()

    async def test_one_title_of_two_conversations_makes_two_pages(self, connector: Connector) -> None:
        pages = {
            (
                await connector.publish(replace(publication(f"thread-{number}/wiki"), title="Again: [x] {y}"))
            ).url
            for number in range(2)
        }
        assert len(pages) == 2

    async def test_a_place_is_a_prefix_or_a_category(self, connector: Connector) -> None:
        below = await connector.publish(replace(publication("thread-1/wiki"), place="Questions/"))
        within = await connector.publish(replace(publication("thread-2/wiki"), place="Questions"))

        [page, other] = self.ask(pageids=f"{below.entry_id}|{within.entry_id}", prop="categories")
        assert page["title"].startswith("Questions/Which badge")
        assert [each["title"] for each in page["categories"]] == ["Category:Badges"]
        assert {each["title"] for each in other["categories"]} == {"Category:Badges", "Category:Questions"}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("", "–"),
        ("talk: x", "Talk – x"),
        ("12:30 or later", "12:30 or later"),
        ("[a] {b} c|d #e <f>", "(a) (b) c¦d ＃e ‹f›"),
        ("  many__blanks\t here ", "Many blanks here"),
        ("100%41 &amp; ~~~~", "100% 41 & amp; ’’’’"),
        ("../x/./y", "…/x/…/y"),
        ("œuvre\u200e\u202e", "Œuvre"),
        ("ßtraße", "ßtraße"),
    ],
)
def test_titles_are_what_mediawiki_takes(title: str, expected: str) -> None:
    assert cleaned(title) == expected


def test_a_long_title_keeps_within_the_bytes_of_a_title() -> None:
    first, second = titles("🚲" * 300, "thread-1/wiki", "Questions/")

    assert len(first.encode()) <= LONGEST - 11
    assert len(second.encode()) <= LONGEST
    assert first != second
