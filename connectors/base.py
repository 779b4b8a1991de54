"""What every connector fulfils, and the optional powers, each a small protocol of its own.

A connector speaks to one kind of service. It never retries, and waits only to keep its pace; it fails as
Transient, Refused, AuthLost or Uncertain (domain/errors.py) and the worker decides what follows. What a
connector cannot do it does not mention: ask with `isinstance(connector, Appends)`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from domain.publication import Answer, File, Page, Post, Publication, Receipt


class Unit(StrEnum):
    """What a service counts when it limits the length of a post."""

    CHARACTERS = "characters"  # Unicode code points
    GRAPHEMES = "graphemes"  # what a reader takes for one letter: UAX #29
    UTF16 = "utf16"  # code units, as JavaScript and Java count
    BYTES = "bytes"  # of UTF-8


class Rung(StrEnum):
    """What keeps a publication from landing twice when nobody knows whether it has landed."""

    KEY = "key"  # rung 1: the service honours our key
    FOUND = "found"  # rung 2: `publish` looks for the key first, in something that is never late
    NEITHER = "neither"  # rung 3: an unknown outcome is left to a human


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """The limits of a service, which its connector keeps by cutting; the whole text stays in the mail."""

    title_length: int  # in `unit`s; 0 where posts have no title
    post_length: int  # in `unit`s of one post, in the service's own markup
    unit: Unit = Unit.CHARACTERS
    rung: Rung = Rung.NEITHER
    file_size: int = 0  # bytes of one file; 0 where it takes none
    inline_images: bool = False  # pictures are shown within the text, not only linked from it


class Connector(Protocol):
    """Posts publications in one space; publishing the same key twice leaves one entry, but on rung 3."""

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


@runtime_checkable
class Updates(Protocol):
    """Can write what was published anew."""

    async def update(self, receipt: Receipt, publication: Publication) -> Receipt:
        """Replace title and posts of an entry; the same again changes nothing.

        Raises Conflict where somebody else has changed the entry since we wrote it: an edit is never
        overwritten. How the connector sees that (last editor, a digest left in the entry) is its own affair.
        """
        ...


@runtime_checkable
class Attaches(Protocol):
    """Uploads the files of posts with `publish`, `append` and `update`, and links them from their posts.

    A file that is not taken is only named in its post, as `Post.attachments` are by every connector.
    """

    def takes(self, file: File) -> bool:
        """Whether the service would take a file of this size, kind and name; asks nobody."""
        ...


@runtime_checkable
class Answers(Protocol):
    """Can read what people write below a publication in the space itself."""

    async def answers(self, receipt: Receipt, since: datetime) -> Sequence[Answer]:
        """What was written there at `since` (aware) or later, oldest first; never what we posted ourselves.

        What was taken away again is left out. Empty where the entry is gone.
        """
        ...


@runtime_checkable
class Searches(Protocol):
    """Can look for pages on a topic."""

    async def search(self, words: Sequence[str]) -> Sequence[Page]:
        """Pages of the space that speak of these words or phrases, best first, at most ten."""
        ...
