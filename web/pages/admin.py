"""The console's first page: what moved, what stayed and why, mails set aside, jobs that failed, the balance.

An admin is a reader like any other: of a conversation that they may not read they see the reason, never the
subject.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints
from sqlmodel import Session

from domain.decision import Decision, Outcome
from domain.delivery import Balance
from domain.job import JobKind
from ingest.subjects import clean_subject
from router.telling import sentence_in
from store import commons_reading, decisions, lessons, mails, publications, queue, threads, uncertain
from store.commons_entry import Reader
from store.publications import Planned, PublicationState
from web import forms
from web.page import render, see_other, signed_in
from web.pages.thread import sent_messages
from web.site import SITE, Site
from web.visitor import Visitor

DECISIONS = 200
SHOWN = 50  # of the mails set aside and of the failed jobs


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was decided about a conversation."""

    decision: Decision
    reason: str  # of the decision, in the admin's language
    title: str  # "" where the admin may not read it
    path: str  # of the conversation's page; "" likewise
    state: str  # of its publication: planned, published, uncertain, refused, withdrawn; "" without one
    may_recall: bool


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A posting of which nobody knows whether it has landed."""

    key: str  # of the publication
    space: str  # name
    title: str  # "" where the admin may not read it
    reason: str


@dataclass(frozen=True, kw_only=True)
class Console:
    """Context of admin.html."""

    rows: tuple[Row, ...]  # newest first
    counts: dict[Outcome, int]  # of all rows
    outcome: Outcome | None  # the only one shown
    balance: Balance
    set_aside: tuple[tuple[int, str], ...]  # number of the mail and reason
    failed_jobs: tuple[tuple[JobKind, str], ...]  # kind and reason
    doubts: tuple[Doubt, ...]


class RecallForm(forms.Form):
    """Which conversation to take back."""

    thread: Annotated[str, StringConstraints(min_length=1, max_length=64)]


async def show(request: web.Request) -> web.Response:
    """GET /admin?outcome=OUTCOME"""
    visitor, site = _admin(request), request.app[SITE]()
    name = request.query.get("outcome", "")
    outcome = Outcome(name) if name in {known.value for known in Outcome} else None
    page = await asyncio.to_thread(_read, site, visitor, outcome)
    return render(request, "admin.html", page)


async def recall(request: web.Request) -> web.Response:
    """POST /admin/recall: take a conversation back, at any time."""
    visitor, site = _admin(request), request.app[SITE]()
    fields = await forms.read(request, RecallForm)
    if not await asyncio.to_thread(_recall, site, visitor, fields.thread):
        raise web.HTTPNotFound
    raise see_other("/admin")


def _admin(request: web.Request) -> Visitor:
    visitor = signed_in(request)
    if not visitor.is_admin:
        raise web.HTTPNotFound
    return visitor


def _read(site: Site, visitor: Visitor, outcome: Outcome | None) -> Console:
    reader = visitor.reader
    assert reader is not None
    with site.database.read() as session:
        recent = [decision for decision, _ in decisions.recent(session, DECISIONS)]
        shown = [decision for decision in recent if outcome is None or decision.outcome is outcome]
        planned = {one.thread_id: publications.of_thread(session, one.thread_id) for one in shown}
        keys = [publication.key for found in planned.values() for publication in found]
        titles = commons_reading.titles_of_keys(session, reader, keys)
        return Console(
            rows=tuple(
                _row(
                    decision,
                    planned[decision.thread_id],
                    titles,
                    reason=sentence_in(visitor.language, decision.reason),
                    own_subject=_own_subject(site, session, reader, decision.thread_id),
                )
                for decision in shown
            ),
            counts={known: sum(one.outcome is known for one in recent) for known in Outcome},
            outcome=outcome,
            balance=mails.balance(session),
            set_aside=tuple(mails.aside(session, SHOWN)),
            failed_jobs=tuple((kind, error) for kind, _, error in queue.failures(session, SHOWN)),
            doubts=_doubts(site, session, reader),
        )


def _doubts(site: Site, session: Session, reader: Reader) -> tuple[Doubt, ...]:
    return tuple(
        Doubt(
            key=one.key,
            space=one.space,
            title=_own_subject(site, session, reader, one.thread_id),
            reason=one.error or "",
        )
        for one in uncertain.everything(session)[:SHOWN]
    )


def _row(
    decision: Decision, planned: list[Planned], titles: dict[str, str], *, reason: str, own_subject: str
) -> Row:
    shown = next((titles[one.key] for one in planned if one.key in titles), own_subject)
    return Row(
        decision=decision,
        reason=reason,
        title=shown,
        path=f"/thread/{decision.thread_id}" if shown else "",
        state=planned[0].state.value if planned else "",
        may_recall=any(one.state is PublicationState.PUBLISHED for one in planned),
    )


def _own_subject(site: Site, session: Session, reader: Reader, thread_id: str) -> str:
    """The subject of a conversation that the admin is in; "" for any other."""
    if not threads.may_read(session, thread_id, reader.email):
        return ""
    sent = sent_messages(site, session, reader, thread_id)
    return clean_subject(sent[0].subject) if sent else ""


def _recall(site: Site, visitor: Visitor, thread_id: str) -> bool:
    assert visitor.reader is not None
    with site.database.write() as session:
        living = threads.current(session, thread_id)
        if living is None:
            return False
        lessons.veto(session, living, visitor.reader.email, site.clock())
        queue.add(session, JobKind.RECALL, living, site.clock())
        return True
