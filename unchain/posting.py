"""Asking a space to take a publication so that it lands once, whatever is cut short on the way.

A service that honours our key, or shows what it has under it, may be asked again. That any other is asked is
written down first, so that after a crash a human looks instead.
"""

from collections.abc import Mapping

from sqlmodel import Session

from connectors.base import Connector, Rung
from domain.errors import AuthLost, Refused, Transient, Uncertain
from domain.job import Job, JobKind
from domain.publication import Publication, Receipt
from store import publications
from store.database import Database
from store.publications import Planned, PublicationState

# States in which a publication may be posted or added to.
MAY_GO_ON = (PublicationState.PLANNED, PublicationState.POSTING, PublicationState.PUBLISHED)
_KEYED = (JobKind.PUBLISH, JobKind.APPEND)


async def post(
    database: Database, connector: Connector, planned: Planned, publication: Publication
) -> Receipt:
    """Post a publication; raises Uncertain where a service without keys was being asked when we crashed."""
    if connector.capabilities.rung is not Rung.NEITHER:
        return await connector.publish(publication)
    if planned.state is PublicationState.POSTING:
        raise Uncertain(
            f"posting in {planned.space} was cut short and may have landed; look there, then retry or drop it"
        )
    with database.write() as session:
        publications.posting(session, planned.key)
    try:
        return await connector.publish(publication)
    except (Transient, AuthLost, Refused):
        with database.write() as session:
            publications.not_posted(session, planned.key)
        raise


def end_of(planned: Planned) -> PublicationState:
    """How a publication ends that must not be posted any more and that nobody finds in its space."""
    was_asked = planned.state is PublicationState.POSTING
    return PublicationState.UNCERTAIN if was_asked else PublicationState.REFUSED


def may_be_repeated(session: Session, connectors: Mapping[str, Connector], job: Job) -> bool:
    """Whether a job of which nobody knows what it has done can be run again without harm."""
    if job.kind not in _KEYED:
        return True  # reading, judging and taking back do the same twice as once
    planned = publications.load(session, job.subject)
    connector = None if planned is None else connectors.get(planned.space)
    return connector is not None and connector.capabilities.rung is not Rung.NEITHER
