"""The connector to a folder of a static site fulfils the contract, with git and without."""

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from connectors.base import Connector
from connectors.registry import Parts, SpaceOptions, build
from connectors.static_site import StaticSiteConnector
from domain.errors import AuthLost, Refused
from domain.publication import Receipt
from tests.connectors.contract import (
    AppendsContract,
    FindsContract,
    UpdatesContract,
    WithdrawsContract,
    post,
    publication,
)
from tests.fakes import no_shelf

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
READER = MarkdownIt("commonmark", {"html": True})


def made(folder: Path, **options: object) -> StaticSiteConnector:
    connector = {"type": "static_site", "folder": str(folder), "url": "https://example.com/talks", **options}
    space = SpaceOptions.model_validate({"name": "site", "connector": connector})
    built = build(space, Parts(shelf=no_shelf(), clock=lambda: NOW))
    assert isinstance(built, StaticSiteConnector)
    return built


def git(folder: Path, *words: str) -> str:
    ended = subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=True)
    return ended.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "talks").mkdir()
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "Unchain")
    git(tmp_path, "config", "user.email", "unchain@example.com")
    return tmp_path / "talks"


class TestStaticSite(FindsContract, AppendsContract, UpdatesContract, WithdrawsContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        self.folder = tmp_path
        return made(tmp_path)

    def text_of(self, path: Path) -> str:
        return path.read_text(encoding="utf-8").split("---\n", 2)[2].strip()

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        paths = [path for path in self.folder.glob("*.md") if f'"{key}"' in path.read_text(encoding="utf-8")]
        body = LexborHTMLParser(READER.render("\n".join(map(self.text_of, paths)))).body
        shown = "" if body is None else body.text().strip()
        return [shown] if shown else []

    async def entries_shown(self, connector: Connector) -> int:
        return len([path for path in self.folder.glob("*.md") if self.text_of(path)])

    async def came_alive(self, connector: Connector, key: str) -> list[str]:
        text = "\n".join(self.text_of(path) for path in self.folder.glob("*.md"))
        tags = LexborHTMLParser(READER.render(text)).css("script, b, img")
        return [*re.findall(r"\{\{|\{%|\{#", text), *(tag.tag or "" for tag in tags)]

    async def edit_as_somebody_else(self, connector: Connector, receipt: Receipt, text: str) -> None:
        path = self.folder / receipt.entry_id
        path.write_text(path.read_text(encoding="utf-8").replace("until eight.", text), encoding="utf-8")

    async def test_a_file_that_somebody_has_changed_takes_later_mails(self, connector: Connector) -> None:
        assert isinstance(connector, StaticSiteConnector)
        receipt = await connector.publish(publication())
        await self.edit_as_somebody_else(connector, receipt, "Ask the porter.")

        await connector.append(receipt, [post(2, "Third.")])

        shown = "\n".join(await self.posts_shown(connector, receipt.key))
        assert shown.index("Ask the porter.") < shown.index("Third.") < shown.index("Unchain moved it here")

    async def test_the_address_is_that_of_the_site(self, connector: Connector) -> None:
        receipt = await connector.publish(publication())

        assert receipt.published_at == NOW
        assert re.fullmatch(
            r"https://example\.com/talks/which-badge-opens-the-bicycle-room-[0-9a-f]{16}/", receipt.url
        )

    async def test_a_changed_title_leaves_the_file_where_it_is(self, connector: Connector) -> None:
        assert isinstance(connector, StaticSiteConnector)
        receipt = await connector.publish(publication())

        again = await connector.publish(replace(publication(), title="The blue badge"))

        assert again == receipt

    async def test_a_file_that_is_gone_or_spoilt_is_refused(self, connector: Connector) -> None:
        assert isinstance(connector, StaticSiteConnector)
        receipt = await connector.publish(publication())
        (self.folder / receipt.entry_id).write_text("no front matter")
        with pytest.raises(Refused, match="no longer a file that we can read"):
            await connector.append(receipt, [post(2)])

        (self.folder / receipt.entry_id).unlink()
        with pytest.raises(Refused, match="is gone"):
            await connector.append(receipt, [post(2)])


async def test_each_change_is_one_commit_of_one_file(repository: Path) -> None:
    connector = made(repository, commit="git", ending=".html")
    (repository / "draft.md").write_text("somebody's own")

    receipt = await connector.publish(publication())
    await connector.publish(publication())
    await connector.append(receipt, [post(2, "Third.")])
    await connector.append(receipt, [post(2, "Third.")])
    await connector.withdraw(receipt)

    assert git(repository, "log", "--format=%an: %s", "--reverse").splitlines() == [
        "Unchain: Add thread-1/wiki",
        "Unchain: Add to thread-1/wiki",
        "Unchain: Take back thread-1/wiki",
    ]
    assert git(repository, "status", "--porcelain", ".") == "?? talks/draft.md"
    assert receipt.url.endswith(".html")


async def test_a_commit_that_was_missed_is_made_up_for(repository: Path) -> None:
    await made(repository).publish(publication())

    await made(repository, commit="git").publish(publication())

    assert git(repository, "log", "--format=%s") == "Add thread-1/wiki"


async def test_the_name_of_commits_is_told(repository: Path) -> None:
    assert await made(repository, commit="git").check() == f"{repository}, as Unchain"


async def test_a_folder_that_is_not_there_is_said_before_the_first_post(tmp_path: Path) -> None:
    with pytest.raises(AuthLost, match="no folder that can be written"):
        await made(tmp_path / "nowhere").check()
    with pytest.raises(AuthLost, match="is not there"):
        await made(tmp_path / "nowhere").publish(publication())
