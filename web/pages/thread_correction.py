"""An admin's word on a conversation: what the classifier said, what people said, and the form to correct it.

Only for conversations that the admin may read: of others nobody can say what they are. The worker acts.
"""

import asyncio
from typing import Literal

from aiohttp import web

from domain.classification import Kind
from domain.lesson import Lesson, LessonSort
from store import lessons
from web import forms
from web.page import see_other, signed_in
from web.pages.thread import read_thread
from web.site import SITE, Site
from web.visitor import Visitor

Answer = Literal["", "yes", "no"]
_MEANING: dict[str, bool | None] = {"": None, "yes": True, "no": False}


class CorrectionForm(forms.Form):
    """What an admin says; "" leaves a thing as it is."""

    kind: Literal[""] | Kind = ""
    sensitive: Answer = ""
    moves: Answer = ""


async def correct(request: web.Request) -> web.Response:
    """POST /thread/ID/correct: an admin tells what a conversation is; it is judged anew with it."""
    visitor, site = signed_in(request), request.app[SITE]()
    if not visitor.is_admin:
        raise web.HTTPNotFound
    fields = await forms.read(request, CorrectionForm)
    thread_id = await asyncio.to_thread(_teach, site, visitor, request.match_info["id"], fields)
    if thread_id is None:
        raise web.HTTPNotFound
    raise see_other(f"/thread/{thread_id}#correct")


def _teach(site: Site, visitor: Visitor, thread_id: str, fields: CorrectionForm) -> str | None:
    assert visitor.reader is not None
    page = read_thread(site, visitor.reader, thread_id)
    if page is None:
        return None
    lesson = Lesson(
        sort=LessonSort.CORRECTION,
        kind=fields.kind or None,
        sensitive=_MEANING[fields.sensitive],
        moves=_MEANING[fields.moves],
        by=visitor.reader.email,
        at=site.clock(),
    )
    if fields != CorrectionForm():
        with site.database.write() as session:
            lessons.teach(session, page.id, lesson)
    return page.id
