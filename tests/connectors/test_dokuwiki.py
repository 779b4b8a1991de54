"""The connector to DokuWiki fulfils the contract against a real DokuWiki, and keeps to what wikis do."""

import asyncio
import base64
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from connectors.base import Connector, Finds
from connectors.dokuwiki import DokuWikiConnector, DokuWikiOptions
from connectors.dokuwiki_api import _read
from connectors.dokuwiki_names import file_name, page_name
from connectors.http import Reply
from connectors.http_errors import harmless
from domain.errors import AuthLost, Conflict, Refused, Transient
from domain.options import Secret
from domain.publication import File, Receipt
from tests.connectors.contract import (
    LONG_AGO,
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
from tests.servers.dokuwiki import BOT, PERSON, DokuWiki

WRITES = (b"wiki.putPage", b"wiki.putAttachment", b"wiki.deleteAttachment")


class Somebody:
    """An account of the wiki, without our connector."""

    def __init__(self, wiki: DokuWiki, name: str) -> None:
        address = wiki.xml_rpc.replace("://", f"://{name}:{wiki.passwords[name]}@")
        self.wiki = xmlrpc.client.ServerProxy(address)

    def write(self, page: str, text: str) -> None:
        """Replace a page, in a later second than its last version: in one second it keeps one only."""
        told = self.wiki.wiki.getPageInfo(page)
        while isinstance(told, dict) and told and time.time() < int(str(told["version"])) + 1:
            threading.Event().wait(0.05)
        assert self.wiki.wiki.putPage(page, text, {"sum": "", "minor": False}) is True

    def text(self, page: str) -> str:
        return str(self.wiki.wiki.getPage(page))

    def pages(self) -> list[str]:
        return [str(each["id"]) for each in self.wiki.dokuwiki.getPagelist("", {"depth": 0})]  # type: ignore[union-attr,index,call-overload]


def html(wiki: DokuWiki, page: str) -> LexborHTMLParser:
    """A page as strangers see it."""
    address = f"{wiki.url}/doku.php?id={urllib.parse.quote(page)}&do=export_xhtmlbody"
    try:
        with urllib.request.urlopen(address, timeout=120) as answer:
            return LexborHTMLParser(answer.read().decode())
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return LexborHTMLParser("")


class TestDokuWikiConnector(
    HttpContract,
    FindsContract,
    AppendsContract,
    UpdatesContract,
    AttachesContract,
    AnswersContract,
    SearchesContract,
    WithdrawsContract,
):
    patience = 5.0

    @pytest.fixture
    async def service_url(self, dokuwiki: DokuWiki) -> str:
        self.wiki = dokuwiki
        return dokuwiki.url

    def build(self, url: str, *, ca_file: Path | None = None, timeout: float = 60) -> Connector:
        password = self.wiki.folder / "password"
        password.write_text(self.wiki.passwords[BOT])
        options = DokuWikiOptions(
            type="dokuwiki",
            url=url,
            user=BOT,
            password=Secret(file=password),
            file_types=("png", "txt"),
            ca_file=ca_file,
            timeout=timeout,
            requests_per_minute=6000,
        )
        return DokuWikiConnector(options)

    def secrets(self) -> list[str]:
        return [self.wiki.passwords[BOT]]

    def changes(self, asked: Asked) -> bool:
        return any(each in asked.body for each in WRITES)

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        assert isinstance(connector, Finds)
        receipt = await connector.find(key)
        if receipt is None:
            return []
        bodies = [html(self.wiki, page).body for page in (receipt.entry_id, f"{receipt.entry_id}:talk")]
        return [body.text().replace("\u2060", "") for body in bodies if body]

    async def came_alive(self, connector: Connector, key: str) -> list[str]:
        assert isinstance(connector, Finds)
        receipt = await connector.find(key)
        assert receipt is not None
        tree = html(self.wiki, receipt.entry_id)
        links = [str(node.attributes.get("href")) for node in tree.css("a")]
        ours = re.compile(r"#unchain.*|.*:talk|https://evil\.example/x\.png")  # the last as the mail had it
        return [
            *filter(lambda link: not ours.fullmatch(link), links),
            *(n.tag for n in tree.css("script,img")),
        ]

    def literal(self, shown: str) -> str:
        """DokuWiki sets quotes as printers do."""
        return shown.translate({ord(each): "'" for each in "‘’"} | {ord(each): '"' for each in "“”"})

    async def entries_shown(self, connector: Connector) -> int:
        ours = Somebody(self.wiki, BOT).pages()
        return len([each for each in ours if not each.startswith("unchain:") and not each.endswith(":talk")])

    async def files_shown(self, connector: Connector, key: str) -> dict[str, bytes]:
        assert isinstance(connector, Finds)
        receipt = await connector.find(key)
        assert receipt is not None
        found = {}
        for node in html(self.wiki, receipt.entry_id).css('a[href*="/lib/exe/fetch.php"]'):
            with urllib.request.urlopen(self.wiki.url + str(node.attributes["href"]), timeout=60) as answer:
                found[node.text()] = answer.read()
        return found

    async def edit_as_somebody_else(self, connector: Connector, receipt: Receipt, text: str) -> None:
        Somebody(self.wiki, PERSON).write(receipt.entry_id, text)

    async def answer_as_somebody(self, connector: Connector, receipt: Receipt, text: str) -> str:
        somebody, talk = Somebody(self.wiki, PERSON), f"{receipt.entry_id}:talk"
        signature = " --- //[[alice@example.com|Alice]] 2026/11/24 01:02//"
        somebody.write(talk, f"{somebody.text(talk)}\n\n**{text}**{signature}")
        return PERSON

    async def test_two_processes_at_once_leave_each_mail_once(self, proxy: CuttingProxy) -> None:
        one, other = self.build(proxy.url), self.build(proxy.url)
        assert isinstance(one, DokuWikiConnector)
        assert isinstance(other, DokuWikiConnector)
        receipt, same = await asyncio.gather(one.publish(publication()), other.publish(publication()))
        assert (receipt.entry_id, receipt.url) == (same.entry_id, same.url)
        later = [post(2, "Third.")]
        await asyncio.gather(one.append(receipt, later), other.append(receipt, later))

        shown = "\n".join(await self.posts_shown(one, receipt.key))
        assert shown.count("Third.") == shown.count("Mine does not.") == 1
        assert await self.entries_shown(one) == 1
        await asyncio.gather(one.aclose(), other.aclose())

    async def test_a_page_made_between_two_of_our_questions_is_not_taken_for_a_deleted_one(
        self, proxy: CuttingProxy, service_url: str
    ) -> None:
        one = self.build(proxy.url)
        landed: list[Receipt] = []

        async def publish_as_another_process() -> Receipt:
            other = self.build(service_url)
            try:
                return await other.publish(publication())
            finally:
                await other.aclose()

        def asks_for_the_history(asked: Asked) -> bool:
            if b"wiki.getPageVersions" in asked.body and not landed:
                with ThreadPoolExecutor(1) as thread:
                    landed.append(thread.submit(asyncio.run, publish_as_another_process()).result())
            return False

        proxy.refuse(asks_for_the_history)
        receipt = await one.publish(publication())
        assert [each.entry_id for each in landed] == [receipt.entry_id]
        assert await self.entries_shown(one) == 1
        await one.aclose()

    async def test_a_page_that_somebody_deleted_never_comes_back(self, connector: Connector) -> None:
        assert isinstance(connector, DokuWikiConnector)
        receipt = await connector.publish(publication())
        Somebody(self.wiki, PERSON).write(receipt.entry_id, "")

        with pytest.raises(Refused, match="deleted"):
            await connector.publish(publication())
        assert await connector.find(receipt.key) is None

    async def test_an_edit_in_the_very_second_of_ours_is_seen_too(self, connector: Connector) -> None:
        assert isinstance(connector, DokuWikiConnector)
        receipt = await connector.publish(publication())
        Somebody(self.wiki, PERSON).wiki.wiki.putPage(receipt.entry_id, "Mine.", {"sum": "", "minor": False})

        with pytest.raises(Conflict):
            await connector.update(receipt, publication())
        assert Somebody(self.wiki, BOT).text(receipt.entry_id) == "Mine."

    async def test_somebody_who_is_writing_is_waited_for(self, connector: Connector) -> None:
        assert isinstance(connector, DokuWikiConnector)
        receipt = await connector.publish(publication())
        somebody, talk = Somebody(self.wiki, PERSON), f"{receipt.entry_id}:talk"
        somebody.wiki.dokuwiki.setLocks({"lock": [talk], "unlock": []})

        with pytest.raises(Transient, match="editing") as raised:
            await connector.append(receipt, [post(2, "Third.")])
        assert raised.value.retry_after

        somebody.wiki.dokuwiki.setLocks({"lock": [], "unlock": [talk]})
        await connector.append(receipt, [post(2, "Third.")])
        assert somebody.text(talk).count("Third.") == 1
        assert somebody.wiki.dokuwiki.setLocks({"lock": [talk], "unlock": []})["locked"]  # type: ignore[index,call-overload]

    async def test_a_wrong_password_is_said_without_it(self, service_url: str) -> None:
        connector = self.build(service_url)
        (self.wiki.folder / "password").write_text("0" * 32)

        for call in (connector.check(), connector.publish(publication())):
            with pytest.raises(AuthLost) as raised:
                await call
            assert "0" * 32 not in str(raised.value)
        await connector.aclose()

    async def test_an_account_that_may_not_keep_records_is_told_so(self, service_url: str) -> None:
        connector = self.build(service_url)
        (self.wiki.folder / "password").write_text(self.wiki.passwords[PERSON])
        assert isinstance(connector, DokuWikiConnector)
        connector._user = connector._api._user = PERSON

        for call in (connector.check(), connector.publish(publication())):
            with pytest.raises(AuthLost):
                await call
        await connector.aclose()

    async def test_an_interface_that_is_switched_off_is_a_lost_account(self, connector: Connector) -> None:
        with self.wiki.settings("$conf['remote'] = 0;"), pytest.raises(AuthLost, match="not enabled"):
            await connector.publish(publication())
        assert await connector.publish(publication())

    async def test_one_title_of_two_conversations_makes_two_pages(self, connector: Connector) -> None:
        pages = [
            await connector.publish(replace(publication(f"thread-{number}/wiki"), title="Again: [x] {y}"))
            for number in range(2)
        ]
        assert len({each.url for each in pages}) == 2

    async def test_a_place_is_a_namespace(self, connector: Connector) -> None:
        receipt = await connector.publish(replace(publication(), place="IT Desk:questions"))

        assert receipt.entry_id.startswith("it_desk:questions:which_badge_opens")
        body = html(self.wiki, receipt.entry_id).body
        assert body is not None
        assert "until eight." in body.text()

    async def test_names_and_texts_of_any_letters_are_taken(self, connector: Connector) -> None:
        assert isinstance(connector, DokuWikiConnector)
        wanted = replace(
            publication(),
            title="自転車 Œuvré ½ \x07" + "ñ" * 400,
            posts=(post(0, "Bell \x07 and \ud800 and \ufffe.\r\nNext."),),
        )
        receipt = await connector.publish(wanted)

        assert await connector.publish(wanted) == receipt == await connector.find(wanted.key)
        assert "Bell  and  and ." in "\n".join(await self.posts_shown(connector, receipt.key))
        assert await connector.update(receipt, wanted) == receipt

    async def test_records_are_hidden_from_others(self, connector: Connector) -> None:
        await connector.publish(publication())

        [record] = [each for each in Somebody(self.wiki, BOT).pages() if each.startswith("unchain:")]
        assert html(self.wiki, record).css_first(".wikilink1") is None

    async def test_a_person_who_restores_a_page_finds_their_file_left(self, connector: Connector) -> None:
        assert isinstance(connector, DokuWikiConnector)
        receipt = await connector.publish(publication())
        bot = Somebody(self.wiki, BOT).wiki.wiki
        theirs = f"{receipt.entry_id}:theirs.png"
        picture = base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg=="
        )
        bot.putAttachment(theirs, xmlrpc.client.Binary(picture), {"ow": False})

        await connector.withdraw(receipt)
        assert bot.getAttachmentInfo(theirs)["size"] == len(picture)  # type: ignore[index,call-overload]
        assert await connector.answers(receipt, LONG_AGO) == []


def answered(body: bytes, status: int = 200) -> Reply:
    return Reply(status=status, headers={}, body=body, call="DokuWiki: POST", lost=harmless)


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<methodResponse><params><param><value><string>&b;</string></value></param></params></methodResponse>"""


@pytest.mark.parametrize(
    "body",
    [
        LAUGHS,
        LAUGHS.decode().encode("utf-16"),
        b"<methodResponse><params><param><value><string>&b;</string></value></param></params></methodResponse>",
        b"<methodResponse><params><param><value><int>"
        + b"9" * 5000
        + b"</int></value></param></params></methodResponse>",
        b"<methodResponse>" * 10_000,
        b"<methodResponse><params><param><value><array>",
        b"",
    ],
    ids=["entities", "entities in UTF-16", "unknown entity", "endless number", "deep", "cut", "empty"],
)
def test_an_answer_that_is_hostile_or_broken_is_no_answer(body: bytes) -> None:
    with pytest.raises(Transient, match="no XML-RPC"):
        _read(answered(body), "wiki.getPage")


def test_a_page_in_html_that_forbids_is_not_the_wiki_that_does() -> None:
    with pytest.raises(Refused):
        _read(answered(b"<html>This looks like an attack.</html>", 403), "wiki.putPage")


@pytest.mark.parametrize(
    ("place", "title", "expected"),
    [
        ("", "", "mail-"),
        ("", "Re: [x] {y} // ~~NOTOC~~ :smile:", "re_x_y_notoc_smile-"),
        ("IT desk:Questions:", "Où ?", "it_desk:questions:où-"),
        ("../..:x", "../../etc/passwd", "x:etc_passwd-"),
    ],
)
def test_pages_have_names_that_dokuwiki_takes(place: str, title: str, expected: str) -> None:
    name = page_name(place, title, "thread-1/wiki")

    assert re.fullmatch(re.escape(expected) + "[0-9a-f]{12}", name)
    assert name != page_name(place, title, "thread-2/wiki")


def test_a_long_title_keeps_within_the_name_of_a_file() -> None:
    name = page_name("", "自転車" * 100, "thread-1/wiki")
    assert len(urllib.request.pathname2url(name)) < 150


def test_a_file_keeps_its_name_within_the_namespace_of_its_page() -> None:
    file = File(name="../../conf/Plan A.tar.GZ;", media_type="x/y", content=b"x")
    assert re.fullmatch(r"it:a-1:plan_a_tar-[0-9a-f]{12}\.gz", file_name(file, "it:a-1"))
