"""What is to be posted in a space, and what the service answered."""

from dataclasses import dataclass
from datetime import datetime


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
    attachments: tuple[str, ...] = ()  # file names


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


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The service's answer to a publication."""

    key: str  # of the publication
    entry_id: str  # the service's own id
    url: str  # absolute, where people read it
    published_at: datetime
