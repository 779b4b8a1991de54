"""What is to be posted in a space, and what the service answered."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.digest import Digest


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that came with a mail, whole."""

    name: str  # never a path
    media_type: str  # type/subtype, in small letters
    content: bytes = field(repr=False)
    content_id: str = ""  # RFC 2392, without angle brackets; "" where the text does not show it


@dataclass(frozen=True, kw_only=True)
class Post:
    """One message of a publication; names only, never addresses."""

    key: str  # unique and stable: appending it twice leaves one
    author: str  # name to show
    author_key: str = (
        ""  # internal address for the commons' own use; connectors to other services never send it
    )
    at: datetime
    markdown: str  # own words
    trimmed: str = ""  # plain text: quotes and signature, to be folded
    attachments: tuple[str, ...] = ()  # file names, of those too whose bytes are not in `files`
    files: tuple[File, ...] = ()  # those that may be shown, for connectors that take them (Attaches)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Something that stands in a space already, whoever wrote it."""

    entry_id: str  # the service's own id
    title: str
    url: str  # absolute


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A thread on its way into a space. `key` makes it land exactly once."""

    key: str  # thread and space
    thread_id: str
    space: str  # name
    place: str  # namespace, category, account; "" = the space's default
    title: str
    posts: tuple[Post, ...]  # conversation order; the first is the opening post
    language: str
    kind: str
    tags: tuple[str, ...] = ()
    audience: str = "everyone"  # everyone | participants | group:NAME
    readers: frozenset[str] = frozenset()  # internal addresses of its participants
    digest: Digest | None = None  # what its posts come to, for the top of a page
    related: tuple[Page, ...] = ()  # pages of the space on the same topic, for links from this one


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The service's answer to a publication."""

    key: str  # of the publication
    entry_id: str  # the service's own id
    url: str  # absolute, where people read it
    published_at: datetime


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What somebody wrote in the space itself, below what was published there."""

    key: str  # unique and stable within the space: reading it twice is seen
    entry_id: str  # the Receipt's: what it was written below
    author: str  # name to show
    author_key: str = ""  # internal address, only where the service vouches for it
    at: datetime
    markdown: str
    url: str  # absolute, where people read it
