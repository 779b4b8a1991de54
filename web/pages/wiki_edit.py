"""Editing a wiki page, and writing a new page, post or short post."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from store import commons_editing
from store.commons_editing import Draft, EditConflict
from web import forms
from web.markdown import excerpt
from web.page import render, see_other, signed_in
from web.pages import wiki_history
from web.pages.space import may_write, readable_space
from web.site import SITE, CommonsSpace, Site
from web.visitor import Visitor

STREAM_TITLE_LENGTH = 80


@dataclass(frozen=True, kw_only=True)
class Editor:
    """Context of edit.html and new.html: what stands in the fields."""

    form: str  # wiki | blog | stream
    space: CommonsSpace | None  # of a new entry
    slug: str  # "" for a new entry
    title: str
    text: str
    note: str
    based_on: int  # revision that the text was made from
    has_conflict: bool  # somebody else was quicker; `theirs` is what stands there now
    theirs: str = ""


class EditForm(forms.Form):
    """A page's new text."""

    title: forms.Title
    text: forms.Text
    note: forms.Note = ""
    based_on: int


class PageForm(forms.Form):
    """A new page or post."""

    title: forms.Title
    text: forms.Text


class ShortForm(forms.Form):
    """A new post of the stream."""

    text: forms.Text


async def show(request: web.Request) -> web.Response:
    """GET /wiki/SLUG/edit"""
    visitor, slug = signed_in(request), request.match_info["slug"]
    newest = (await wiki_history.read_history(request, visitor))[0]
    page = Editor(
        form="wiki",
        space=None,
        slug=slug,
        title=newest.title,
        text=newest.markdown,
        note="",
        based_on=newest.number,
        has_conflict=False,
    )
    return render(request, "edit.html", page)


async def save(request: web.Request) -> web.Response:
    """POST /wiki/SLUG/edit"""
    visitor, site, slug = signed_in(request), request.app[SITE](), request.match_info["slug"]
    fields = await forms.read(request, EditForm)
    try:
        number = await asyncio.to_thread(_save, site, visitor, slug, fields)
    except EditConflict:
        return await _show_conflict(request, visitor, fields)
    if number is None:
        raise web.HTTPNotFound
    raise see_other(f"/wiki/{slug}")


async def show_new(request: web.Request) -> web.Response:
    """GET /space/NAME/new"""
    space = _writable(request, signed_in(request))
    page = Editor(
        form=space.form, space=space, slug="", title="", text="", note="", based_on=0, has_conflict=False
    )
    return render(request, "new.html", page)


async def create(request: web.Request) -> web.Response:
    """POST /space/NAME/new"""
    visitor, site = signed_in(request), request.app[SITE]()
    space = _writable(request, visitor)
    if space.form == "stream":
        text = (await forms.read(request, ShortForm)).text
        title = excerpt(text, STREAM_TITLE_LENGTH) or text.partition("\n")[0][:STREAM_TITLE_LENGTH]
    else:
        fields = await forms.read(request, PageForm)
        title, text = fields.title, fields.text
    draft = Draft(
        form=space.form,
        space=space.name,
        audience=space.audience,
        title=title,
        markdown=text,
        language=visitor.language,
    )
    slug = await asyncio.to_thread(_create, site, visitor, draft)
    raise see_other(f"/{space.form}/{slug}")


async def _show_conflict(request: web.Request, visitor: Visitor, fields: EditForm) -> web.Response:
    newest = (await wiki_history.read_history(request, visitor))[0]
    page = Editor(
        form="wiki",
        space=None,
        slug=request.match_info["slug"],
        title=fields.title,
        text=fields.text,
        note=fields.note,
        based_on=newest.number,
        has_conflict=True,
        theirs=newest.markdown,
    )
    return render(request, "edit.html", page, status=409)


def _writable(request: web.Request, visitor: Visitor) -> CommonsSpace:
    space = readable_space(request.app[SITE](), visitor, request.match_info["name"])
    if not may_write(space):
        raise web.HTTPNotFound
    return space


def _save(site: Site, visitor: Visitor, slug: str, fields: EditForm) -> int | None:
    with site.database.write() as session:
        return commons_editing.revise(
            session,
            visitor.writer,
            slug=slug,
            based_on=fields.based_on,
            title=fields.title,
            markdown=fields.text,
            note=fields.note,
            at=site.clock(),
        )


def _create(site: Site, visitor: Visitor, draft: Draft) -> str:
    with site.database.write() as session:
        return commons_editing.create(session, visitor.writer, draft, at=site.clock())
