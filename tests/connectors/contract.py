"""What every connector must do: its test inherits the contract of each power that it has.

It says how to build the connector and how to read what people see. One without further powers inherits
ConnectorContract alone, one that speaks HTTP also HttpContract. The service may be the real one or a local
one that follows its published API.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import (
    Answers,
    Appends,
    Attaches,
    Connector,
    Finds,
    Rung,
    Searches,
    Updates,
    Withdraws,
)
from connectors.rendering import markdown_from_text
from domain.errors import Conflict, Refused
from domain.publication import File, Post, Publication, Receipt

OPENED = datetime(2026, 3, 9, 8, 15, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HOSTILE = (
    "{{delete}} [[Category:Secret]] ~~~~ ----",
    "<script>alert(1)</script> <b>bold</b> &amp; <!-- gone -->",
    "@channel @here @all @everyone @alice @[x] <!channel> <@U024BE7LH> #hashtag #general :smile:",
    "[click](javascript:alert) ![x](https://evil.example/x.png) **not bold** __nor this__ `code`",
    "''quote'' ==Head== {code} {{{1}}} ((note)) %%raw%% \\\\server\\share ^up^ ~down~ |cell|",
)
PICTURE = bytes.fromhex(  # a PNG of one pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
FILES = (
    File(name="plan of the room.png", media_type="image/png", content=PICTURE, content_id="plan@example.com"),
    File(name="clés.txt", media_type="text/plain", content="Clé bleue : étage 2\n".encode()),
)


def post(number: int, markdown: str = "Some words.") -> Post:
    """A mail of the chain, one hour after the one before."""
    return Post(
        key=f"post-{number}",
        author=("Inès Caron", "Paul Ashby", "Mirela Kovac")[number % 3],
        author_key=("ines@example.com", "paul@example.com", "mirela@example.com")[number % 3],
        at=OPENED + timedelta(hours=number),
        markdown=markdown,
    )


def publication(key: str = "thread-1/wiki") -> Publication:
    """A chain of two mails."""
    return Publication(
        key=key,
        thread_id="thread-1",
        space="wiki",
        place="",
        title="Which badge opens the bicycle room?",
        posts=(post(0, "Which badge opens it? Mine does not."), post(1, "The **blue** one, until eight.")),
        language="en",
        kind="question",
        tags=("badges",),
        readers=frozenset({"ines@example.com", "paul@example.com"}),
    )


def stand_once_in_order(shown: Sequence[str], *words: str) -> bool:
    """Whether each of some words is shown just once, in this order."""
    text = "\n".join(shown)
    places = [text.find(each) for each in words]
    return -1 not in places and places == sorted(places) and all(text.count(each) == 1 for each in words)


def markdown_as_seen(markdown: str) -> str:
    """What a page made of escaped Markdown shows: without the backslashes and the brackets of addresses."""
    bare = re.sub(r"<(https?://[^<>]*)>", r"\1", markdown)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", bare)


class ConnectorContract:
    """Inherited by the test of each connector."""

    @pytest.fixture
    def connector(self) -> Connector:
        raise NotImplementedError

    async def posts_shown(self, connector: Connector, key: str) -> list[str]:
        """The texts that people see for a key now, in order; empty where nothing is shown.

        Seen, not sent: after the service has made its pages of it. Where one text holds the whole chain it is
        the only one.
        """
        raise NotImplementedError

    async def entries_shown(self, connector: Connector) -> int:
        """How many entries stand in the space."""
        raise NotImplementedError

    async def came_alive(self, connector: Connector, key: str) -> list[str]:
        """What of the text of an entry works as markup though nobody meant it: mentions, templates, tags."""
        return []

    def publication(self, key: str = "thread-1/wiki") -> Publication:
        """A chain of two mails; a test whose space is never empty gives it a key of its own."""
        return publication(key)

    async def test_check_names_the_account_and_writes_nothing(self, connector: Connector) -> None:
        assert await connector.check()
        assert await self.entries_shown(connector) == 0

    async def test_a_publication_is_shown_whole_and_in_order(self, connector: Connector) -> None:
        receipt = await connector.publish(self.publication())

        assert receipt.key == self.publication().key
        assert receipt.url.startswith(("http://", "https://"))
        shown = await self.posts_shown(connector, receipt.key)
        assert stand_once_in_order(shown, "Mine does not.", "until eight.")

    async def test_no_address_of_a_person_is_shown(self, connector: Connector) -> None:
        receipt = await connector.publish(self.publication())

        shown = "\n".join(await self.posts_shown(connector, receipt.key))
        assert "ines@" not in shown
        assert "paul@" not in shown

    async def test_the_same_key_twice_leaves_one_entry(self, connector: Connector) -> None:
        first = await connector.publish(self.publication())
        second = await connector.publish(self.publication())

        if connector.capabilities.rung is Rung.NEITHER:  # what the rung says, so that nobody relies on more
            assert await self.entries_shown(connector) == 2
        else:
            assert second == first
            assert await self.entries_shown(connector) == 1

    async def test_another_key_makes_another_entry(self, connector: Connector) -> None:
        first = await connector.publish(self.publication("thread-1/wiki"))
        second = await connector.publish(self.publication("thread-2/wiki"))

        assert first.entry_id != second.entry_id or connector.capabilities.rung is Rung.NEITHER
        assert await self.entries_shown(connector) == 2

    async def test_letters_of_every_kind_survive(self, connector: Connector) -> None:
        text = "Œuvre, naïveté, 日本語, שלום, 👩‍👩‍👧 and a no-break\u202fspace"
        receipt = await connector.publish(replace(self.publication(), posts=(post(0, text),)))

        assert text in "\n".join(await self.posts_shown(connector, receipt.key))

    async def test_what_looks_like_markup_is_shown_as_it_was_written(self, connector: Connector) -> None:
        for number, text in enumerate(HOSTILE):
            hostile = replace(
                self.publication(f"hostile-{number}"),
                title=text,
                posts=(post(0, markdown_from_text(text)), post(1, "The end.")),
            )
            receipt = await connector.publish(hostile)

            shown = "\n".join(await self.posts_shown(connector, receipt.key))
            assert text in shown or text in self.literal(shown)
            assert await self.came_alive(connector, receipt.key) == []

    def literal(self, shown: str) -> str:
        """What is seen of a text whose source is what the test reads; that source where it is seen so."""
        return shown

    async def test_what_is_too_long_is_split_or_cut_with_a_mark(self, connector: Connector) -> None:
        length = min(connector.capabilities.post_length, 250_000)
        text = "First words. " + "🚲 Ünlimited words. " * (length // 8) + "\n\nLast words."
        receipt = await connector.publish(
            replace(self.publication(), title="t" * 2000, posts=(post(0, text),))
        )

        shown = "\n".join(await self.posts_shown(connector, receipt.key))
        assert "First words." in shown
        assert "Last words." in shown or "…" in shown

    async def test_a_publication_without_posts_is_refused(self, connector: Connector) -> None:
        with pytest.raises(Refused):
            await connector.publish(replace(self.publication(), posts=()))

    def test_every_power_that_it_has_is_under_test(self, connector: Connector) -> None:
        for power, contract in CONTRACTS.items():
            assert isinstance(connector, power) is isinstance(self, contract)


class FindsContract(ConnectorContract):
    """For connectors that can tell whether a publication has landed."""

    async def test_what_landed_is_found_and_what_did_not_is_not(self, connector: Connector) -> None:
        assert isinstance(connector, Finds)
        assert connector.capabilities.rung is not Rung.NEITHER
        assert await connector.find(self.publication().key) is None

        receipt = await connector.publish(self.publication())

        assert await connector.find(self.publication().key) == receipt
        assert await connector.find(self.publication().key + "0") is None


class AppendsContract(ConnectorContract):
    """For connectors that can add later posts."""

    async def test_appended_posts_come_last_and_only_once(self, connector: Connector) -> None:
        assert isinstance(connector, Appends)
        receipt = await connector.publish(self.publication())

        await connector.append(receipt, [post(2, "Third.")])
        await connector.append(receipt, [post(1, "Again."), post(2, "Third."), post(3, "Fourth.")])

        shown = await self.posts_shown(connector, receipt.key)
        assert stand_once_in_order(shown, "until eight.", "Third.", "Fourth.")
        assert "Again." not in "\n".join(shown)
        assert await self.entries_shown(connector) == 1

    async def test_publishing_again_after_an_append_takes_nothing_away(self, connector: Connector) -> None:
        assert isinstance(connector, Appends)
        receipt = await connector.publish(self.publication())
        await connector.append(receipt, [post(2, "Third.")])

        assert await connector.publish(self.publication()) == receipt

        shown = await self.posts_shown(connector, receipt.key)
        assert stand_once_in_order(shown, "until eight.", "Third.")


class UpdatesContract(ConnectorContract):
    """For connectors that can write an entry anew."""

    async def edit_as_somebody_else(self, connector: Connector, receipt: Receipt, text: str) -> None:
        """Another account replaces the text of what was published."""
        raise NotImplementedError

    def changed(self) -> Publication:
        old = self.publication()
        return replace(old, posts=(old.posts[0], post(1, "The *green* one, until nine.")))

    async def test_an_update_replaces_what_was_there(self, connector: Connector) -> None:
        assert isinstance(connector, Updates)
        receipt = await connector.publish(self.publication())

        updated = await connector.update(receipt, self.changed())
        assert await connector.update(updated, self.changed()) == updated

        assert (updated.key, updated.url) == (receipt.key, receipt.url)
        shown = "\n".join(await self.posts_shown(connector, receipt.key))
        assert "until nine." in shown
        assert "until eight." not in shown
        assert await self.entries_shown(connector) == 1

    async def test_an_edit_of_somebody_else_is_never_overwritten(self, connector: Connector) -> None:
        assert isinstance(connector, Updates)
        receipt = await connector.publish(self.publication())
        await self.edit_as_somebody_else(connector, receipt, "Ask the porter instead.")

        with pytest.raises(Conflict):
            await connector.update(receipt, self.changed())

        shown = "\n".join(await self.posts_shown(connector, receipt.key))
        assert "Ask the porter instead." in shown
        assert "until nine." not in shown


class AttachesContract(ConnectorContract):
    """For connectors that upload the files of posts."""

    files = FILES  # what the service takes; one that takes pictures alone names others

    async def files_shown(self, connector: Connector, key: str) -> dict[str, bytes]:
        """The files that people reach from an entry, by their name."""
        raise NotImplementedError

    async def test_files_are_reached_from_their_posts_and_stand_there_once(
        self, connector: Connector
    ) -> None:
        assert isinstance(connector, Attaches)
        first, second = self.publication().posts
        with_files = replace(
            self.publication(),
            posts=(
                first,
                replace(second, files=self.files, attachments=tuple(file.name for file in self.files)),
            ),
        )
        assert all(map(connector.takes, self.files))

        receipt = await connector.publish(with_files)
        await connector.publish(with_files)

        found = await self.files_shown(connector, receipt.key)
        assert {name: found.get(name) for name in (file.name for file in self.files)} == {
            file.name: file.content for file in self.files
        }
        assert len(found) == len(self.files)

    async def test_a_file_that_is_too_big_is_named_and_not_uploaded(self, connector: Connector) -> None:
        assert isinstance(connector, Attaches)
        size = connector.capabilities.file_size + 1
        big = File(name="film.png", media_type="image/png", content=b"\x00" * size)
        opening = replace(post(0, "See the film."), files=(big,), attachments=("film.png",))
        assert not connector.takes(big)

        receipt = await connector.publish(replace(self.publication(), posts=(opening,)))

        assert await self.files_shown(connector, receipt.key) == {}
        assert "film.png" in "\n".join(await self.posts_shown(connector, receipt.key))


class AnswersContract(ConnectorContract):
    """For connectors that can read what people write in the space."""

    async def answer_as_somebody(self, connector: Connector, receipt: Receipt, text: str) -> str:
        """Somebody writes below an entry; returns the name that is shown for them."""
        raise NotImplementedError

    async def test_what_people_write_is_read_and_what_we_posted_is_not(self, connector: Connector) -> None:
        assert isinstance(connector, Answers)
        receipt = await connector.publish(self.publication())
        if isinstance(connector, Appends):
            await connector.append(receipt, [post(2, "Third.")])
        assert await connector.answers(receipt, LONG_AGO) == []

        author = await self.answer_as_somebody(connector, receipt, "The porter has a key, naïvely.")
        await self.answer_as_somebody(connector, receipt, "And he is in until ten.")

        answers = await connector.answers(receipt, LONG_AGO)
        assert [answer.markdown.strip() for answer in answers] == [
            "The porter has a key, naïvely.",
            "And he is in until ten.",
        ]
        assert {answer.author for answer in answers} == {author}
        assert len({answer.key for answer in answers}) == 2
        assert {answer.entry_id for answer in answers} == {receipt.entry_id}
        assert all(answer.url.startswith("http") and answer.at.tzinfo for answer in answers)
        assert await connector.answers(receipt, LONG_AGO) == answers
        assert answers[1] in await connector.answers(receipt, answers[1].at)
        assert await connector.answers(receipt, answers[1].at + timedelta(hours=1)) == []


class SearchesContract(ConnectorContract):
    """For connectors that can look for pages on a topic."""

    async def test_a_page_on_the_topic_is_found_and_one_on_another_is_not(self, connector: Connector) -> None:
        assert isinstance(connector, Searches)
        receipt = await connector.publish(self.publication())

        found = await connector.search(["bicycle room"])
        assert receipt.entry_id in [page.entry_id for page in found]
        assert all(page.url.startswith("http") and page.title for page in found)
        assert await connector.search(["zeppelin maintenance"]) == []


class WithdrawsContract(ConnectorContract):
    """For connectors that can take back what was published."""

    async def test_what_was_withdrawn_is_shown_nowhere_and_never_comes_back(
        self, connector: Connector
    ) -> None:
        assert isinstance(connector, Withdraws)
        receipt = await connector.publish(self.publication())

        await connector.withdraw(receipt)
        await connector.withdraw(receipt)

        assert await self.posts_shown(connector, receipt.key) == []
        with pytest.raises(Refused):
            await connector.publish(self.publication())
        if isinstance(connector, Appends):
            with pytest.raises(Refused):
                await connector.append(receipt, [post(2)])
        if isinstance(connector, Updates):
            with pytest.raises(Refused):
                await connector.update(receipt, self.publication())
        assert await self.posts_shown(connector, receipt.key) == []


CONTRACTS: dict[type, type[ConnectorContract]] = {
    Finds: FindsContract,
    Appends: AppendsContract,
    Updates: UpdatesContract,
    Attaches: AttachesContract,
    Answers: AnswersContract,
    Searches: SearchesContract,
    Withdraws: WithdrawsContract,
}
