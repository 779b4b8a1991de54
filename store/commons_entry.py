"""What the commons hand out: entries, their remarks and revisions, cards for lists, and who reads."""

from dataclasses import dataclass
from datetime import datetime

FORMS = ("wiki", "blog", "stream")


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A signed-in person, as far as audiences need to know."""

    email: str  # lower case
    internal: bool
    groups: frozenset[str] = frozenset()  # names of the groups that the person is in


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A mail of the chain or an answer written on the page."""

    key: str  # of the post that it came as
    number: int  # 0 is the mail that opened the entry; stable, stands in permalinks
    from_mail: bool
    author: str
    at: datetime
    markdown: str
    trimmed: str
    attachments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A wiki page, blog post or stream post with all that stands below it."""

    id: int
    form: str
    space: str
    place: str
    slug: str
    title: str
    body: str  # Markdown
    author: str
    language: str
    kind: str
    audience: str
    thread_id: str | None
    tags: tuple[str, ...]
    remarks: tuple[Remark, ...]  # by number
    version: int
    published_at: datetime
    changed_at: datetime

    @property
    def opening(self) -> Remark | None:
        """The mail that opened the entry; None where it was written by hand."""
        return next((remark for remark in self.remarks if remark.number == 0), None)

    @property
    def talk(self) -> tuple[Remark, ...]:
        """What was said after the opening."""
        return tuple(remark for remark in self.remarks if remark.number > 0)


@dataclass(frozen=True, kw_only=True)
class Card:
    """An entry in a list."""

    form: str
    space: str
    slug: str
    title: str
    body: str  # Markdown, whole
    author: str
    language: str
    kind: str  # "" where written by hand
    audience: str
    remarks: int  # without the opening
    published_at: datetime
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A wiki page's text as it stood after an edit."""

    number: int
    title: str
    markdown: str
    author: str
    at: datetime
    note: str
