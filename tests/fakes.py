"""One fake for each role: a clock, a classifier that says what it is told, connectors that remember."""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from connectors.base import Capabilities, Rung
from connectors.commons import CommonsShelf
from domain.classification import Classification, Kind, SensitiveHit
from domain.errors import Refused
from domain.mail import Thread
from domain.publication import Post, Publication, Receipt


class FakeClock:
    """Stands still until told."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, wait: timedelta) -> None:
        self.now += wait


class FakeClassifier:
    """Says what it is told of every thread; the gate shuts where a mail holds the word SECRET."""

    version = "fake"

    def __init__(self, additions: object = None) -> None:
        self.says = Classification(
            kind=Kind.DISCUSSION,
            scores={kind: 0.93 if kind is Kind.DISCUSSION else 0.01 for kind in Kind},
            sensitive=False,
            moves=True,
            moves_score=0.9,
            language="en",
            classifier=self.version,
        )
        self.asked = 0
        self.breaks = False

    def classify(self, thread: Thread) -> Classification:
        self.asked += 1
        if self.breaks:
            raise RuntimeError("the classifier has a bug")
        if any("SECRET" in entry.message.own_words for entry in thread.messages):
            hit = SensitiveHit(reason="security", detail="a word that must not get out")
            return replace(self.says, sensitive=True, sensitive_hits=(hit,))
        return self.says


class PlainConnector:
    """Posts and remembers; has no further power. Fails as it is told, once for each thing told."""

    capabilities = Capabilities(title_length=200, post_length=100_000, rung=Rung.KEY)

    def __init__(self, name: str) -> None:
        self.name = name
        self.published: dict[str, Publication] = {}
        self.posts: dict[str, list[Post]] = {}  # as they stand there now
        self.tries = 0  # how often anything was asked of it
        self.fails: deque[Exception] = deque()  # before it does anything
        self.crashes: deque[Exception] = deque()  # after it has done it

    async def check(self) -> str:
        return self.name

    async def publish(self, publication: Publication) -> Receipt:
        self._fail()
        if not publication.posts:
            raise Refused("there is nothing to post")
        if publication.key not in self.published:
            self.published[publication.key] = publication
            self.posts[publication.key] = list(publication.posts)
        self._crash()
        return self._receipt(self.published[publication.key])

    async def aclose(self) -> None:
        """Nothing is held open."""

    def forgets_keys(self) -> None:
        """From now on it stands on no rung: what is posted twice is there twice."""
        self.capabilities = replace(self.capabilities, rung=Rung.NEITHER)

    def texts(self) -> list[str]:
        """What stands in the space now: the own words of all posts, entry after entry."""
        return [post.markdown.strip() for posts in self.posts.values() for post in posts]

    def _fail(self) -> None:
        self.tries += 1
        if self.fails:
            raise self.fails.popleft()

    def _crash(self) -> None:
        if self.crashes:
            raise self.crashes.popleft()

    def _receipt(self, publication: Publication) -> Receipt:
        return Receipt(
            key=publication.key,
            entry_id=publication.key,
            url=f"https://{self.name}.acme.example/{publication.key.replace(':', '-')}",
            published_at=publication.posts[0].at,
        )


class FakeConnector(PlainConnector):
    """Has every power."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.readers: dict[str, set[str]] = {}
        self.withdrawn: list[str] = []

    async def publish(self, publication: Publication) -> Receipt:
        self._refuse_withdrawn(publication.key)
        return await super().publish(publication)

    async def find(self, key: str) -> Receipt | None:
        self._fail()
        return self._receipt(self.published[key]) if key in self.posts else None

    async def append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        self._fail()
        self._refuse_withdrawn(receipt.key)
        there = {post.key for post in self.posts[receipt.key]}
        self.posts[receipt.key] += [post for post in posts if post.key not in there]
        self._crash()

    async def admit(self, receipt: Receipt, readers: Collection[str]) -> None:
        self._fail()
        self._refuse_withdrawn(receipt.key)
        self.readers.setdefault(receipt.key, set()).update(readers)

    async def withdraw(self, receipt: Receipt) -> None:
        self._fail()
        self.posts.pop(receipt.key, None)
        if receipt.key not in self.withdrawn:
            self.withdrawn.append(receipt.key)
        self._crash()

    def _refuse_withdrawn(self, key: str) -> None:
        if key in self.withdrawn:
            raise Refused("it was taken back")


def no_shelf() -> CommonsShelf:
    """Stands where connectors of outer services are built, which put nothing on the shelf of the commons."""
    return cast("CommonsShelf", None)
