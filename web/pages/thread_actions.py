"""What a participant can do with a conversation: keep it in the mail, or take it back there.

Buttons write rows; the worker takes the entries down and tells the people.
"""

import asyncio

from aiohttp import web

from domain.job import JobKind
from store import lessons, queue
from web import forms
from web.page import see_other, signed_in
from web.pages.thread import read_thread
from web.site import SITE, Site
from web.visitor import Visitor


class Button(forms.Form):
    """A form with nothing but its button."""


async def keep(request: web.Request) -> web.Response:
    """POST /thread/ID/keep: no rule moves the conversation any more; what has moved is taken back."""
    visitor = signed_in(request)
    await forms.read(request, Button)
    thread_id = request.match_info["id"]
    if not await asyncio.to_thread(_keep, request.app[SITE](), visitor, thread_id):
        raise web.HTTPNotFound
    raise see_other(f"/thread/{thread_id}")


def _keep(site: Site, visitor: Visitor, thread_id: str) -> bool:
    assert visitor.reader is not None
    page = read_thread(site, visitor.reader, thread_id)
    if page is None or not (page.may_keep or page.may_recall):
        return False
    with site.database.write() as session:
        lessons.veto(session, page.id, visitor.reader.email, site.clock())
        if page.may_recall:
            queue.add(session, JobKind.RECALL, page.id, site.clock())
    return True
