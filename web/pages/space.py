"""The index of a space, and the entries with a tag: lists in pages of twenty."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from store import commons_reading
from store.commons_entry import Card, Reader
from web.page import page_number, readable_spaces, render, signed_in
from web.site import SITE, CommonsSpace, Site
from web.visitor import Visitor

PAGE_SIZE = 20


@dataclass(frozen=True, kw_only=True)
class SpaceIndex:
    """Context of space.html."""

    space: CommonsSpace
    cards: tuple[Card, ...]  # last changed first
    number: int  # of this page of the list, from 1
    has_more: bool
    may_write: bool


@dataclass(frozen=True, kw_only=True)
class TagIndex:
    """Context of tag.html."""

    tag: str
    cards: tuple[Card, ...]
    number: int
    has_more: bool


async def show(request: web.Request) -> web.Response:
    """GET /space/NAME"""
    visitor, site = signed_in(request), request.app[SITE]()
    assert visitor.reader is not None
    space = readable_space(site, visitor, request.match_info["name"])
    number = page_number(request)
    cards = await asyncio.to_thread(_recent, site, visitor.reader, space.name, number)
    page = SpaceIndex(
        space=space,
        cards=cards[:PAGE_SIZE],
        number=number,
        has_more=len(cards) > PAGE_SIZE,
        may_write=may_write(space),
    )
    return render(request, "space.html", page)


async def show_tag(request: web.Request) -> web.Response:
    """GET /tag/TAG"""
    visitor, site = signed_in(request), request.app[SITE]()
    assert visitor.reader is not None
    tag, number = request.match_info["tag"], page_number(request)
    cards = await asyncio.to_thread(_tagged, site, visitor.reader, tag, number)
    if not cards:
        raise web.HTTPNotFound
    page = TagIndex(tag=tag, cards=cards[:PAGE_SIZE], number=number, has_more=len(cards) > PAGE_SIZE)
    return render(request, "tag.html", page)


def readable_space(site: Site, visitor: Visitor, name: str) -> CommonsSpace:
    """A space that the visitor may read; raises HTTPNotFound for any other name."""
    for space in readable_spaces(site, visitor):
        if space.name == name:
            return space
    raise web.HTTPNotFound


def may_write(space: CommonsSpace) -> bool:
    """Whether entries can be written by hand: not where the participants of a chain are the audience."""
    return space.audience != "participants"


def _recent(site: Site, reader: Reader, space: str, number: int) -> tuple[Card, ...]:
    with site.database.read() as session:
        return commons_reading.recent(
            session, reader, space=space, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE + 1
        )


def _tagged(site: Site, reader: Reader, tag: str, number: int) -> tuple[Card, ...]:
    with site.database.read() as session:
        return commons_reading.tagged(
            session, reader, tag, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE + 1
        )
