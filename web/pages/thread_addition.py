"""Answering a proposal: a participant, or an admin who may read it, adds a conversation to a page, or not."""

import asyncio
from typing import Annotated, Literal

from aiohttp import web
from pydantic import StringConstraints

from store import proposals
from web import forms
from web.page import see_other, signed_in
from web.pages.thread import read_thread
from web.site import SITE, Site
from web.visitor import Visitor


class AdditionForm(forms.Form):
    """Which publication, and whether it is added to the proposed page."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    say: Literal["yes", "no"]


async def answer(request: web.Request) -> web.Response:
    """POST /thread/ID/addition"""
    visitor, site = signed_in(request), request.app[SITE]()
    fields = await forms.read(request, AdditionForm)
    thread_id = request.match_info["id"]
    target = await asyncio.to_thread(_answer, site, visitor, thread_id, fields)
    if target is None:
        raise web.HTTPNotFound
    raise see_other(target if fields.say == "yes" else f"/thread/{thread_id}")


def _answer(site: Site, visitor: Visitor, thread_id: str, fields: AdditionForm) -> str | None:
    """The path of the proposed page; None where this person has nothing to answer."""
    assert visitor.reader is not None
    page = read_thread(site, visitor.reader, thread_id)
    found = () if page is None else page.proposals
    proposal = next((each for each in found if each.publication_key == fields.key), None)
    if proposal is None:
        return None
    say = proposals.accept if fields.say == "yes" else proposals.refuse
    with site.database.write() as session:
        done = say(session, visitor.writer, fields.key, site.clock())
    return proposal.url if done else None
