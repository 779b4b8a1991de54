"""Finding pages on a thread's topic before it is posted, to link them and to propose an addition to one.

Nothing is merged here: the thread gets a page of its own whatever is found, and people may say more.
"""

import asyncio
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from connectors.base import Connector, Searches
from connectors.commons import CommonsConnector
from domain.decision import TrailStep
from domain.errors import ConnectorError
from domain.publication import Page, Publication
from store import decisions, proposals
from store.database import Database

MOST_PAGES = 3
STEP = TrailStep(
    name="related page",
    passed=True,
    sentence="A page on the same topic stands there already; adding it there was proposed.",
)


async def with_related(
    database: Database, connector: Connector, publication: Publication, url: str
) -> Publication:
    """The publication with the pages of its space that it should link; none where the space cannot tell.

    Of a space for participants nothing is linked: its pages are not for the same people.
    """
    if publication.audience == "participants" or publication.kind not in ("question", "knowledge"):
        return publication
    if isinstance(connector, CommonsConnector):
        pages = await asyncio.to_thread(_in_commons, database, publication, url)
    elif isinstance(connector, Searches) and publication.digest is not None:
        pages = await _elsewhere(connector, publication)
    else:
        pages = ()
    return replace(publication, related=pages)


def _in_commons(database: Database, publication: Publication, url: str) -> tuple[Page, ...]:
    with database.read() as session:
        return proposals.related(session, publication, url)


async def _elsewhere(connector: Searches, publication: Publication) -> tuple[Page, ...]:
    phrases = () if publication.digest is None else publication.digest.key_phrases
    if not phrases:
        return ()
    try:
        found = await connector.search(phrases)
    except ConnectorError:  # a page without such links is better than none
        return ()
    # An attempt that was cut short may have left this very page there.
    return tuple(page for page in found if page.title != publication.title)[:MOST_PAGES]


def propose(session: Session, connector: Connector, publication: Publication, now: datetime) -> None:
    """Propose to add what was just posted to the page that fits best, where we could do it and undo it.

    Elsewhere the new page links the others, and people add to them by hand.
    """
    if publication.related and isinstance(connector, CommonsConnector):
        proposals.propose(session, publication.key, publication.related[0], now)
        decisions.add_step(session, publication.thread_id, STEP)
