"""A wiki page, a blog post or a post of the stream, with all that was said below it; and answering there."""

import asyncio
from dataclasses import dataclass

from aiohttp import web
from markupsafe import Markup

from domain.publication import Page
from store import commons_editing, commons_reading, proposals
from store.commons_entry import Entry, Reader
from web import forms, markdown
from web.page import RENDER, render, see_other, signed_in
from web.site import SITE, Site
from web.visitor import Visitor

LONG_PAGE = 3  # headings from which a table of contents helps


@dataclass(frozen=True, kw_only=True)
class EntryPage:
    """Context of wiki.html, blog.html and stream.html."""

    entry: Entry
    body: Markup
    contents: tuple[markdown.Heading, ...]  # empty where the page is short
    people: tuple[str, ...]  # names of who wrote, each once
    related: tuple[Page, ...] = ()  # pages on the same topic


class AnswerForm(forms.Form):
    """An answer written on the page."""

    text: forms.Text


async def show(request: web.Request) -> web.Response:
    """GET /wiki/SLUG, /blog/SLUG and /stream/SLUG"""
    visitor = signed_in(request)
    form = form_of(request)
    entry = await read_entry(request, visitor, form)
    rendered = request.app[RENDER](entry.body)
    page = EntryPage(
        entry=entry,
        body=rendered.html,
        contents=rendered.headings if len(rendered.headings) >= LONG_PAGE else (),
        people=tuple(dict.fromkeys((entry.author, *(remark.author for remark in entry.remarks)))),
        related=await asyncio.to_thread(_related, request.app[SITE](), visitor.reader, entry),
    )
    return render(request, f"{form}.html", page)


async def answer(request: web.Request) -> web.Response:
    """POST /FORM/SLUG/answer"""
    visitor, site = signed_in(request), request.app[SITE]()
    form, slug = form_of(request), request.match_info["slug"]
    fields = await forms.read(request, AnswerForm)
    number = await asyncio.to_thread(_answer, site, visitor, form, slug, fields.text)
    if number is None:
        raise web.HTTPNotFound
    raise see_other(f"/{form}/{slug}#m{number}")


def form_of(request: web.Request) -> str:
    """wiki, blog or stream: the first part of the path."""
    return request.path.split("/", 2)[1]


async def read_entry(request: web.Request, visitor: Visitor, form: str) -> Entry:
    """The entry that a path names; raises HTTPNotFound where there is none for the visitor."""
    assert visitor.reader is not None
    slug = request.match_info["slug"]
    entry = await asyncio.to_thread(_read, request.app[SITE](), visitor.reader, form, slug)
    if entry is None:
        raise web.HTTPNotFound
    return entry


def _read(site: Site, reader: Reader, form: str, slug: str) -> Entry | None:
    with site.database.read() as session:
        return commons_reading.entry(session, reader, form=form, slug=slug)


def _related(site: Site, reader: Reader | None, entry: Entry) -> tuple[Page, ...]:
    if reader is None or entry.form != "wiki":
        return ()
    with site.database.read() as session:
        return proposals.linked(session, reader, entry.id)


def _answer(site: Site, visitor: Visitor, form: str, slug: str, text: str) -> int | None:
    with site.database.write() as session:
        return commons_editing.answer(
            session, visitor.writer, form=form, slug=slug, markdown=text, at=site.clock()
        )
