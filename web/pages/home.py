"""The first page: what is new in all spaces, the spaces, and the reader's own conversations."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlmodel import Session

from ingest.subjects import clean_subject
from store import commons_reading, threads
from store.commons_entry import Card, Reader
from web.page import readable_spaces, render, see_other
from web.pages.thread import sent_messages
from web.site import SITE, CommonsSpace, Site
from web.visitor import VISITOR

NEWS = 12
CONVERSATIONS = 6


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """A chain that the reader is in."""

    id: str
    subject: str
    last_at: datetime
    messages: int


@dataclass(frozen=True, kw_only=True)
class Home:
    """Context of home.html."""

    news: tuple[Card, ...]  # last changed first
    spaces: tuple[tuple[CommonsSpace, int], ...]  # with the number of entries
    conversations: tuple[Conversation, ...]  # newest first


async def show(request: web.Request) -> web.Response:
    """GET /"""
    visitor, site = request[VISITOR], request.app[SITE]()
    if visitor.reader is None:
        raise see_other("/sign-in")
    spaces = readable_spaces(site, visitor)
    page = await asyncio.to_thread(_read, site, visitor.reader, spaces)
    return render(request, "home.html", page)


def _read(site: Site, reader: Reader, spaces: tuple[CommonsSpace, ...]) -> Home:
    with site.database.read() as session:
        counted = commons_reading.counts(session, reader)
        mine = threads.of_person(session, reader.email, CONVERSATIONS)
        conversations = (_conversation(site, session, reader, thread_id) for thread_id, *_ in mine)
        return Home(
            news=commons_reading.recent(session, reader, limit=NEWS),
            spaces=tuple((space, counted.get(space.name, 0)) for space in spaces),
            conversations=tuple(found for found in conversations if found is not None),
        )


def _conversation(site: Site, session: Session, reader: Reader, thread_id: str) -> Conversation | None:
    """What the reader's own mails of a conversation tell; a subject not sent to them does not show."""
    sent = sent_messages(site, session, reader, thread_id)
    if not sent:
        return None
    return Conversation(
        id=thread_id,
        subject=clean_subject(sent[0].subject),
        last_at=max(message.date for message in sent),
        messages=len(sent),
    )
