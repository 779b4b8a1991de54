"""Saying yes to a suggested move: for the person who began the conversation, whom Unchain asked."""

import asyncio
from dataclasses import dataclass, replace

from aiohttp import web

from domain.decision import Outcome
from domain.job import JobKind
from ingest.conversation import conversation_order
from ingest.subjects import clean_subject
from router.telling import sentence_in
from store import decisions, queue, threads
from store.commons_entry import Reader
from web import forms
from web.page import render, say, signed_in
from web.pages import notice
from web.pages.notice import Notice
from web.pages.thread_actions import Button
from web.site import SITE, Site
from web.visitor import VISITOR


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """Context of suggestion.html."""

    thread_id: str
    title: str
    messages: int
    space: str  # name
    audience: str  # everyone | participants | group:NAME
    reason: str  # why it is suggested


async def show(request: web.Request) -> web.Response:
    """GET /suggestion/ID"""
    suggestion = await _suggestion(request)
    reason = sentence_in(request[VISITOR].language, suggestion.reason)
    return render(request, "suggestion.html", replace(suggestion, reason=reason))


async def accept(request: web.Request) -> web.Response:
    """POST /suggestion/ID: the worker asks the gates once more, then moves it."""
    site = request.app[SITE]()
    signed_in(request)
    await forms.read(request, Button)
    suggestion = await _suggestion(request)
    await asyncio.to_thread(_ask_for_move, site, suggestion.thread_id)
    done = Notice(
        title=say(request, "Thank you"),
        sentence=say(request, "The conversation is on its way. Everybody in it gets one mail with the link."),
        link=f"/thread/{suggestion.thread_id}",
        link_text=say(request, "To the conversation"),
    )
    return notice.show(request, done)


async def _suggestion(request: web.Request) -> Suggestion:
    visitor = signed_in(request)
    assert visitor.reader is not None
    found = await asyncio.to_thread(_read, request.app[SITE](), visitor.reader, request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound
    return found


def _read(site: Site, reader: Reader, thread_id: str) -> Suggestion | None:
    with site.database.read() as session:
        thread = threads.load(session, thread_id)
        if thread is None or not thread.messages or thread.moved_to:
            return None
        decision = decisions.latest(session, thread.id)
        if decision is None or decision.outcome is not Outcome.SUGGEST or decision.space is None:
            return None
        if threads.is_vetoed(session, thread.id) or threads.is_archived(session, thread.id):
            return None
    first = conversation_order([joined.message for joined in thread.messages])[0]
    space = site.space(decision.space)
    if first.sender.email != reader.email:
        return None
    return Suggestion(
        thread_id=thread.id,
        title=clean_subject(first.subject),
        messages=len(thread.messages),
        space=decision.space,
        audience="" if space is None else space.audience,
        reason=decision.reason,
    )


def _ask_for_move(site: Site, thread_id: str) -> None:
    with site.database.write() as session:
        queue.add(session, JobKind.MOVE, thread_id, site.clock())
