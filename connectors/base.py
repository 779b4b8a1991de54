"""What every connector fulfils, and the optional powers, each a small protocol of its own.

A connector speaks to one kind of service. It never retries and never sleeps; it fails as Transient,
Refused, AuthLost or Uncertain (domain/errors.py) and the worker decides what follows. What a connector
cannot do it does not mention: ask with `isinstance(connector, Appends)`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from domain.publication import Post, Publication, Receipt


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """The limits of a service, which its connector keeps by cutting; the whole text stays in the mail."""

    title_length: int  # characters
    post_length: int  # characters of Markdown in one post


class Connector(Protocol):
    """Posts publications in one space; publishing the same key twice leaves one entry."""

    @property
    def capabilities(self) -> Capabilities:
        """The limits to which it cuts what it posts."""
        ...

    async def check(self) -> str:
        """Read, without writing anything, the name of the account that will post; raises ConnectorError."""
        ...

    async def publish(self, publication: Publication) -> Receipt:
        """Post a publication and answer where it can be read; raises ConnectorError."""
        ...

    async def aclose(self) -> None:
        """Give back connections; the connector is not used afterwards."""
        ...


@runtime_checkable
class Finds(Protocol):
    """Can tell whether a publication has landed."""

    async def find(self, key: str) -> Receipt | None:
        """The receipt of the publication with this key, or None where nothing of it can be read."""
        ...


@runtime_checkable
class Appends(Protocol):
    """Can add later posts to what was published."""

    async def append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        """Add posts in their order; a post whose key is already there is left as it is."""
        ...


@runtime_checkable
class Admits(Protocol):
    """Keeps a list of readers of its own for spaces whose audience is the participants."""

    async def admit(self, receipt: Receipt, readers: Collection[str]) -> None:
        """Let further participants (internal addresses) read an entry; nobody loses the right."""
        ...


@runtime_checkable
class Withdraws(Protocol):
    """Can take back what was published."""

    async def withdraw(self, receipt: Receipt) -> None:
        """Remove or blank an entry with all its posts; doing it twice is the same as once."""
        ...
