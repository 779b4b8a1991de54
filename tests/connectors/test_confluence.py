"""The Confluence connector fulfils the contract against a local server of each edition; unproven live."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree as ET

import pytest
from pydantic import ValidationError

from connectors.base import Connector
from connectors.confluence import ConfluenceConnector
from connectors.registry import Parts, SpaceOptions, build
from connectors.rendering import marked
from connectors.rendering.from_html import text_of_html
from domain.errors import AuthLost, Refused
from domain.publication import Receipt
from tests.connectors.confluence_server import (
    CloudServer,
    Confluence,
    DataCenterServer,
    Kept,
    well_formed,
)
from tests.connectors.contract import (
    AnswersContract,
    AppendsContract,
    FindsContract,
    UpdatesContract,
    WithdrawsContract,
    publication,
)
from tests.connectors.http_contract import HttpContract
from tests.fakes import no_shelf

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
TOKEN = "nobody-must-see-this-token"
MACROS = {"anchor", "expand", "code"}


def seen(node: ET.Element) -> str:
    """What people see of a body: parameters of macros are not among it."""
    inner = "".join(seen(child) + (child.tail or "") for child in node)
    return "" if node.tag == "{ac}parameter" else (node.text or "") + inner


class ConfluenceContract(
    HttpContract, FindsContract, AppendsContract, UpdatesContract, AnswersContract, WithdrawsContract
):
    edition: ClassVar[str]
    server_type: ClassVar[type[Confluence]]
    authorization: ClassVar[str]

    @pytest.fixture(autouse=True)
    def _token(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CONFLUENCE_TOKEN", TOKEN)

    @pytest.fixture
    async def service_url(self) -> AsyncIterator[str]:
        self.server = self.server_type(self.authorization)
        async with self.server.running("/wiki") as url:
            yield url

    def build(
        self, url: str, *, ca_file: Path | None = None, timeout: float = 60, space_key: str = "IT"
    ) -> Connector:
        connector = {
            "type": "confluence",
            "edition": self.edition,
            "url": url,
            "user": "unchain@example.com" if self.edition == "cloud" else "",
            "token": {"env": "CONFLUENCE_TOKEN"},
            "space_key": space_key,
            "ca_file": ca_file,
            "timeout": timeout,
            "requests_per_minute": 6000,
        }
        space = SpaceOptions.model_validate({"name": "wiki", "connector": connector})
        return build(space, Parts(shelf=no_shelf(), clock=lambda: NOW))

    def secrets(self) -> list[str]:
        return [TOKEN, self.authorization]

    def shown(self, key: str) -> list[Kept]:
        pages = [page for page in self.server.pages() if f">unchain:{marked(key)}<" in page.storage]
        return [each for page in pages for each in (page, *self.server.comments(page.id))]

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        return [seen(well_formed(each.storage)) for each in self.shown(key)]

    async def entries_shown(self, connector: Connector) -> int:
        return len(self.server.pages())

    async def came_alive(self, connector: Connector, key: str) -> list[str]:
        tree = well_formed("".join(each.storage for each in self.shown(key)))
        macros = {each.attrib["{ac}name"] for each in tree.iter("{ac}structured-macro")}
        alive = [each.tag for each in tree.iter() if each.tag in {"script", "img", "b"} or "ri}" in each.tag]
        return [*alive, *(macros - MACROS)]

    async def edit_as_somebody_else(self, connector: Connector, receipt: Receipt, text: str) -> None:
        page = self.server.all[receipt.entry_id]
        page.storage, page.number, page.message = f"{page.storage}<p>{text}</p>", page.number + 1, ""

    async def answer_as_somebody(self, connector: Connector, receipt: Receipt, text: str) -> str:
        self.server.add("", f"<p>{text}</p>", "Mirela Kovac", receipt.entry_id)
        return "Mirela Kovac"

    async def test_tags_become_labels(self, connector: Connector) -> None:
        receipt = await connector.publish(replace(publication(), tags=("Bicycle room", "clé")))

        assert self.server.all[receipt.entry_id].labels == {"bicycle-room", "clé"}

    async def test_a_title_that_somebody_else_has_is_lengthened(self, connector: Connector) -> None:
        self.server.add(publication().title, "<p>Theirs.</p>", "Mirela Kovac")

        receipt = await connector.publish(publication())

        ours = self.server.all[receipt.entry_id]
        assert ours.title.startswith(f"{publication().title} (")
        assert await connector.publish(publication()) == receipt

    async def test_a_page_that_people_have_renamed_is_found(self, connector: Connector) -> None:
        assert isinstance(connector, ConfluenceConnector)
        receipt = await connector.publish(publication())
        self.server.all[receipt.entry_id].title = "Badges"

        assert await connector.find(publication().key) == receipt

    async def test_a_page_that_people_have_deleted_does_not_come_back(self, connector: Connector) -> None:
        receipt = await connector.publish(publication())
        self.server.remove(receipt.entry_id, purged="")

        with pytest.raises(Refused, match="somebody has deleted the page"):
            await connector.publish(publication())

    async def test_a_space_that_is_not_shown_is_said_before_the_first_post(self, service_url: str) -> None:
        connector = self.build(service_url, space_key="HR")

        with pytest.raises(AuthLost, match="no space HR"):
            await connector.check()
        await connector.aclose()


class TestConfluenceCloud(ConfluenceContract):
    edition = "cloud"
    server_type = CloudServer
    authorization = "Basic " + base64.b64encode(f"unchain@example.com:{TOKEN}".encode()).decode()


class TestConfluenceDataCenter(ConfluenceContract):
    edition = "data_center"
    server_type = DataCenterServer
    authorization = f"Bearer {TOKEN}"


def test_a_user_goes_with_cloud_alone() -> None:
    options = {"type": "confluence", "url": "https://x.org", "token": {"env": "T"}, "space_key": "IT"}
    for wrong in ({}, {"edition": "data_center", "user": "x@y.org"}):
        with pytest.raises(ValidationError, match="user is needed with the cloud edition"):
            SpaceOptions.model_validate({"name": "wiki", "connector": {**options, **wrong}})


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One <b>two</b></p><p>three<br>four</p>", "One two\n\nthree\nfour"),
        ("<ul><li>a</li><li>b &amp; c</li></ul>", "- a\n- b & c"),
        ("<script>x</script><p>y</p><style>z</style>", "y"),
        ("a < b <!-- gone --> <unknown>c</unknown>", "a < b c"),
        ('<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">py</ac:parameter>'
         "<ac:plain-text-body><![CDATA[print(1)]]></ac:plain-text-body></ac:structured-macro>", "print(1)"),
        ("</script></script><p>x", "x"),
    ],
)  # fmt: skip
def test_words_of_html(html: str, text: str) -> None:
    assert text_of_html(html) == text
