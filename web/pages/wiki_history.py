"""A wiki page's history: who changed what when, the difference, and going back to an earlier text."""

import asyncio
import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web

from store import commons_editing, commons_reading
from store.commons_editing import EditConflict
from store.commons_entry import Reader, Revision
from web import forms
from web.page import render, say, see_other, signed_in
from web.site import SITE, Site
from web.visitor import Visitor

CONTEXT = 3  # unchanged lines shown around a change


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a difference."""

    sign: str  # "+" added, "-" removed, " " as before, "…" lines left out
    text: str


@dataclass(frozen=True, kw_only=True)
class History:
    """Context of history.html."""

    slug: str
    title: str
    revisions: tuple[Revision, ...]  # newest first


@dataclass(frozen=True, kw_only=True)
class RevisionPage:
    """Context of revision.html."""

    slug: str
    revision: Revision
    newest: int  # number of the newest revision
    lines: tuple[Line, ...]  # what changed against the revision before


class RestoreForm(forms.Form):
    """Going back to an earlier text."""

    number: int
    based_on: int


async def show(request: web.Request) -> web.Response:
    """GET /wiki/SLUG/history"""
    found = await read_history(request, signed_in(request))
    page = History(slug=request.match_info["slug"], title=found[0].title, revisions=found)
    return render(request, "history.html", page)


async def show_revision(request: web.Request) -> web.Response:
    """GET /wiki/SLUG/history/NUMBER"""
    found = await read_history(request, signed_in(request))
    revision = _numbered(found, int(request.match_info["number"]))
    before = next((other for other in found if other.number == revision.number - 1), None)
    page = RevisionPage(
        slug=request.match_info["slug"],
        revision=revision,
        newest=found[0].number,
        lines=difference("" if before is None else before.markdown, revision.markdown),
    )
    return render(request, "revision.html", page)


async def restore(request: web.Request) -> web.Response:
    """POST /wiki/SLUG/restore: the earlier text becomes the newest revision; nothing is lost."""
    visitor, site, slug = signed_in(request), request.app[SITE](), request.match_info["slug"]
    fields = await forms.read(request, RestoreForm)
    wanted = _numbered(await read_history(request, visitor), fields.number)
    note = say(request, "Back to version %(number)s", number=wanted.number)
    try:
        await asyncio.to_thread(_restore, site, visitor, slug, wanted, based_on=fields.based_on, note=note)
    except EditConflict:
        raise forms.StaleForm from None
    raise see_other(f"/wiki/{slug}")


async def read_history(request: web.Request, visitor: Visitor) -> tuple[Revision, ...]:
    """The revisions of the page that a path names, newest first; raises HTTPNotFound without one."""
    assert visitor.reader is not None
    found = await asyncio.to_thread(_read, request.app[SITE](), visitor.reader, request.match_info["slug"])
    if not found:
        raise web.HTTPNotFound
    return found


def difference(before: str, after: str) -> tuple[Line, ...]:
    """The lines that were added and removed, with a few unchanged ones around them."""
    old, new = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, old, new)
    return tuple(_lines(matcher, old, new))


def _lines(matcher: difflib.SequenceMatcher[str], old: list[str], new: list[str]) -> Iterator[Line]:
    end = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        if group[0][1] > end:
            yield Line(sign="…", text="")
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from (Line(sign=" ", text=line) for line in old[old_start:old_end])
                continue
            yield from (Line(sign="-", text=line) for line in old[old_start:old_end])
            yield from (Line(sign="+", text=line) for line in new[new_start:new_end])
        end = group[-1][2]
    if 0 < end < len(old):
        yield Line(sign="…", text="")


def _numbered(revisions: tuple[Revision, ...], number: int) -> Revision:
    for revision in revisions:
        if revision.number == number:
            return revision
    raise web.HTTPNotFound


def _read(site: Site, reader: Reader, slug: str) -> tuple[Revision, ...]:
    with site.database.read() as session:
        return commons_reading.revisions(session, reader, slug=slug)


def _restore(site: Site, visitor: Visitor, slug: str, wanted: Revision, *, based_on: int, note: str) -> None:
    with site.database.write() as session:
        commons_editing.revise(
            session,
            visitor.writer,
            slug=slug,
            based_on=based_on,
            title=wanted.title,
            markdown=wanted.markdown,
            note=note,
            at=site.clock(),
        )
