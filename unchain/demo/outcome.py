"""Gathers from the store what the demo tells at its end."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlmodel import Session

from ingest.subjects import clean_subject
from store import decisions, mails, notices, people_sign_in, publications, threads
from store.publications import PublicationState
from unchain.demo.report import DemoReport, Place, SignIn
from unchain.demo.run import Demo
from unchain.demo.script import Person
from unchain.demo.verdict import DecidedThread, compare
from unchain.notices import REDIRECT
from unchain.publishing import in_order
from web.links import sign_in_url

READERS = 2  # people to sign in as, besides the admin


def gather(demo: Demo) -> DemoReport:
    """The whole report."""
    with demo.database.read() as session:
        decided = [one for id_ in threads.all_ids(session) if (one := _decided(session, id_)) is not None]
        balance = mails.balance(session)
        redirects = notices.count(session, REDIRECT)
    return DemoReport(
        company=demo.company.name,
        seconds=demo.seconds,
        mails=len(demo.mails),
        decided=tuple(decided),
        verdict=compare(demo.company, demo.mails, decided),
        balance=balance,
        redirects=redirects,
        places=_places(demo),
        sign_in=_sign_in(demo),
    )


def _decided(session: Session, thread_id: str) -> DecidedThread | None:
    thread = threads.load(session, thread_id)
    decision = decisions.latest(session, thread_id)
    said = decisions.latest_classification(session, thread_id)
    if thread is None or decision is None or said is None:
        return None
    standing = [
        planned
        for planned in publications.of_thread(session, thread_id)
        if planned.state is PublicationState.PUBLISHED
    ]
    home = standing[0] if standing else None
    return DecidedThread(
        digests=frozenset(entry.message.digest for entry in thread.messages),
        title=clean_subject(in_order(thread).subject),
        kind=said.kind,
        sensitive=said.sensitive,
        reason=decision.reason,
        space=home.space if home else None,
        rule=home.rule if home else None,
        url=home.receipt.url if home and home.receipt else None,
    )


def _places(demo: Demo) -> tuple[Place, ...]:
    base = demo.installation.config.organisation.url
    spaces = [
        Place(name=options.title or options.name, url=f"{base}/space/{options.name}")
        for options in demo.installation.config.spaces
    ]
    return (Place(name="Home", url=base), *spaces, Place(name="Console", url=f"{base}/admin"))


def _sign_in(demo: Demo) -> tuple[SignIn, ...]:
    organisation = demo.installation.config.organisation
    admins = [person for person in demo.company.people if person.email in organisation.admins]
    others = [person for person in demo.company.people if person.email not in organisation.admins]
    links = []
    with demo.database.write() as session:
        for person in _each_once([*admins, *others[:READERS]]):
            token = people_sign_in.ask(session, person.email, client="demo", at=datetime.now(UTC))
            if token is not None:
                role = " (admin)" if person in admins else ""
                links.append(SignIn(name=f"{person.name}{role}", link=sign_in_url(organisation.url, token)))
    return tuple(links)


def _each_once(people: Sequence[Person]) -> list[Person]:
    return list(dict.fromkeys(people))
