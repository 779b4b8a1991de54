"""A question's page links what its space has on the topic; a search that fails holds nothing up."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.classification import Kind
from domain.errors import Transient
from domain.publication import Page
from store import decisions
from tests.fakes import FakeConnector
from tests.unchain.workshop import BOB, CLEO, Workshop, mail, rule
from unchain.relating import STEP

MANUAL = Page(entry_id="12", title="Coffee machine manual", url="https://wiki.acme.example/coffee")


class Library(FakeConnector):
    """A space that can be searched."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.pages: list[Page] = [MANUAL]
        self.asked: list[Sequence[str]] = []
        self.lost: deque[Exception] = deque()

    async def search(self, words: Sequence[str]) -> Sequence[Page]:
        self.asked.append(words)
        if self.lost:
            raise self.lost.popleft()
        return self.pages


@pytest.fixture
def library(shop: Workshop) -> Library:
    made = Library("wiki")
    shop.connectors["wiki"] = made
    shop.use(rule().replace('"discussion"', '"question"'))
    says = shop.classifier.says
    shop.classifier.says = replace(
        says, kind=Kind.QUESTION, scores={kind: 0.93 if kind is Kind.QUESTION else 0.01 for kind in Kind}
    )
    return made


async def ask(shop: Workshop) -> None:
    """A question about the coffee machine that is answered."""
    question = "How do I descale the coffee machine? The descaling light of the coffee machine is on."
    answer = "Run the descaling programme of the coffee machine twice, then press the green button."
    shop.receive(mail(0, question, subject="Descaling the coffee machine"))
    shop.receive(mail(1, answer, sender=BOB, answers=0, subject="Descaling the coffee machine"), sender=BOB)
    shop.receive(
        mail(2, "That worked, thanks.", sender=CLEO, answers=1, subject="Descaling the coffee machine"),
        sender=CLEO,
    )
    await shop.settle()


def related(library: Library) -> tuple[Page, ...]:
    (published,) = library.published.values()
    return published.related


async def test_what_the_space_has_on_the_topic_is_linked(shop: Workshop, library: Library) -> None:
    await ask(shop)
    assert related(library) == (MANUAL,)
    assert any("coffee" in phrase.lower() for phrase in library.asked[0])


async def test_elsewhere_nothing_is_proposed_that_could_not_be_undone(
    shop: Workshop, library: Library
) -> None:
    await ask(shop)
    with shop.database.read() as session:
        decision = decisions.latest(session, shop.thread().id)
    assert decision is not None
    assert STEP not in decision.trail


async def test_a_search_that_fails_keeps_no_page_from_being_posted(shop: Workshop, library: Library) -> None:
    library.lost.append(Transient("the search rests"))
    await ask(shop)
    assert related(library) == ()


async def test_the_page_of_an_attempt_that_was_cut_short_is_not_linked(
    shop: Workshop, library: Library
) -> None:
    library.pages.insert(0, replace(MANUAL, title="Descaling the coffee machine"))
    await ask(shop)
    assert related(library) == (MANUAL,)


async def test_a_discussion_is_not_searched_for(shop: Workshop) -> None:
    library = Library("wiki")
    shop.connectors["wiki"] = library
    await shop.move_talk()
    assert library.asked == []
