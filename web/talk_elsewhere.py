"""What was said of a conversation where it stands: answers on our own pages, and in services elsewhere.

A reader is shown what was written elsewhere only where the space's audience admits them; of a space for
participants, only where a mail that stands there was sent to them. A space that has left the config is
shown to nobody, for nobody knows its audience any more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from domain.space import Space
from domain.web_address import is_web_address
from store import answers
from store.commons_entry import Entry, Reader
from store.publications import Planned, PublicationState
from web.site import Site


@dataclass(frozen=True, kw_only=True)
class Place:
    """An entry in a service elsewhere."""

    title: str
    space: str  # name
    url: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """An answer that is no mail."""

    anchor: str
    author: str
    at: datetime
    markdown: str
    space: str  # name
    url: str  # where it was written; "" where that cannot be linked


def readable(
    site: Site, reader: Reader, planned: Iterable[Planned], sent: Iterable[str]
) -> tuple[Planned, ...]:
    """The publications elsewhere that a person may read; `sent` are the digests of the mails sent to them."""
    known, digests = {space.name: space for space in site.elsewhere}, frozenset(sent)
    return tuple(
        one
        for one in planned
        if one.state is PublicationState.PUBLISHED and one.receipt is not None and one.space in known
        if _admits(known[one.space], reader, digests.intersection(one.posted))
    )


def _admits(space: Space, reader: Reader, got_of_it: frozenset[str]) -> bool:
    if space.audience == "everyone":
        return reader.internal
    if space.audience == "participants":
        return bool(got_of_it)
    return space.audience.startswith("group:") and space.audience[6:] in reader.groups


def places(standing: Iterable[Planned]) -> tuple[Place, ...]:
    """Where publications stand elsewhere."""
    return tuple(
        Place(title=one.title, space=one.space, url=one.receipt.url)
        for one in standing
        if one.receipt is not None and is_web_address(one.receipt.url)
    )


def said_elsewhere(session: Session, standing: Sequence[Planned]) -> list[Said]:
    """The answers written below publications elsewhere, by time."""
    spaces = {one.key: one.space for one in standing}
    return [
        Said(
            anchor=f"s{answer.id}",
            author=answer.author,
            at=answer.at,
            markdown=answer.markdown,
            space=spaces[answer.publication_key],
            url=answer.url,
        )
        for answer in answers.standing(session, list(spaces))
    ]


def said_on_pages(entries: Iterable[Entry]) -> list[Said]:
    """The answers written on our own pages of a conversation."""
    return [
        Said(
            anchor=f"p{entry.id}-{remark.number}",
            author=remark.author,
            at=remark.at,
            markdown=remark.markdown,
            space=entry.space,
            url=f"/{entry.form}/{entry.slug}#m{remark.number}",
        )
        for entry in entries
        for remark in entry.remarks
        if not remark.from_mail
    ]
