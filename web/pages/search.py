"""Search in all that the reader may see."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from store import commons_reading
from store.commons_entry import Card, Reader
from web.page import page_number, render, signed_in
from web.pages.space import PAGE_SIZE
from web.site import SITE, Site

QUERY_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class Results:
    """Context of search.html."""

    words: str  # as typed
    cards: tuple[Card, ...]
    number: int  # of this page of results, from 1
    has_more: bool


async def show(request: web.Request) -> web.Response:
    """GET /search?q=WORDS"""
    visitor, site = signed_in(request), request.app[SITE]()
    assert visitor.reader is not None
    words, number = request.query.get("q", "")[:QUERY_LENGTH].strip(), page_number(request)
    cards = await asyncio.to_thread(_find, site, visitor.reader, words, number)
    page = Results(words=words, cards=cards[:PAGE_SIZE], number=number, has_more=len(cards) > PAGE_SIZE)
    return render(request, "search.html", page)


def _find(site: Site, reader: Reader, words: str, number: int) -> tuple[Card, ...]:
    with site.database.read() as session:
        return commons_reading.search(
            session, reader, words, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE + 1
        )
