"""A conversation: each message's own words, the rest folded, where it stands and why.

A participant sees the mails that were sent to them; anybody else sees only what stands in an entry that they
may read. A mail that was sent to neither is not hinted at.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web
from sqlmodel import Session

from connectors.rendering import markdown_from_text
from domain.decision import Decision
from domain.mail import Message
from ingest.conversation import conversation_order
from ingest.subjects import clean_subject
from router.telling import decision_in
from store import commons_reading, decisions, proposals, publications, threads
from store.commons_entry import Entry, Reader
from store.proposals import Proposal
from store.publications import PublicationState
from web.correction_panel import CorrectionPanel, correction_panel
from web.discretion import discreet
from web.page import render, signed_in
from web.site import SITE, Site
from web.talk_elsewhere import Place, Said, places, readable, said_elsewhere, said_on_pages


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A message as it is shown."""

    anchor: str
    author: str
    at: datetime
    markdown: str  # own words
    trimmed: str
    attachments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ThreadPage:
    """Context of thread.html."""

    id: str
    title: str
    mails: tuple[Mail, ...]  # in the conversation's order
    talk: tuple[Mail | Said, ...]  # the same with the answers that are no mails, each by its time
    people: tuple[str, ...]  # names of who wrote, each once
    entries: tuple[Entry, ...]  # where it stands, as far as the reader may see
    places: tuple[Place, ...]  # where it stands elsewhere, likewise
    decision: Decision | None
    is_kept: bool  # a participant wants it kept in the mail
    may_keep: bool  # the reader can say so
    may_recall: bool  # the reader can take it back into the mail
    proposals: tuple[Proposal, ...] = ()  # pages that it could be added to, for the reader to say
    correction: CorrectionPanel | None = None  # admins can say what it is


async def show(request: web.Request) -> web.Response:
    """GET /thread/ID"""
    visitor, site = signed_in(request), request.app[SITE]()
    assert visitor.reader is not None
    page = await asyncio.to_thread(read_thread, site, visitor.reader, request.match_info["id"])
    if page is None:
        raise web.HTTPNotFound
    told = None if page.decision is None else decision_in(visitor.language, discreet(page.decision))
    return render(request, "thread.html", replace(page, decision=told))


def read_thread(site: Site, reader: Reader, thread_id: str) -> ThreadPage | None:
    """What a reader may see of a conversation; None where that is nothing."""
    with site.database.read() as session:
        living = threads.current(session, thread_id)
        if living is None:
            return None
        planned = publications.of_thread(session, living)
        entries = commons_reading.entries_of_keys(session, reader, [one.key for one in planned])
        sent = sent_messages(site, session, reader, living)
        if not sent and not entries:
            return None
        is_participant = threads.may_read(session, living, reader.email)
        is_kept = threads.is_vetoed(session, living)
        is_moved = any(one.state is PublicationState.PUBLISHED for one in planned)
        mails = _mails(sent, entries)
        elsewhere = readable(site, reader, planned, [message.digest for message in sent])
        said = [*said_elsewhere(session, elsewhere), *said_on_pages(entries)]
        return ThreadPage(
            id=living,
            title=entries[0].title if entries else clean_subject(sent[0].subject),
            mails=mails,
            talk=tuple(sorted((*mails, *said), key=lambda each: each.at)) if said else mails,
            people=tuple(dict.fromkeys(mail.author for mail in mails)),
            entries=entries,
            places=places(elsewhere),
            decision=decisions.latest(session, living),
            is_kept=is_kept,
            may_keep=is_participant and not is_kept and not is_moved,
            may_recall=is_participant and not is_kept and within_grace(site, session, living),
            proposals=tuple(proposals.still_open(session, reader, [entry.key for entry in planned]))
            if is_participant or site.is_admin(reader.email)
            else (),
            correction=correction_panel(session, living) if site.is_admin(reader.email) else None,
        )


def sent_messages(site: Site, session: Session, reader: Reader, thread_id: str) -> list[Message]:
    """The messages of a conversation that a person wrote or received, in the conversation's order."""
    thread = threads.load(session, thread_id)
    if thread is None:
        return []
    ordered = conversation_order([joined.message for joined in thread.messages])
    return [message for message in ordered if was_sent_to(site, reader, message)]


def was_sent_to(site: Site, reader: Reader, message: Message) -> bool:
    """Whether a person wrote a message or received it, themselves or through a list of a group of theirs."""
    people = (message.sender, *message.to, *message.cc, *message.bcc)
    lists = {address for group in site.groups if group.name in reader.groups for address in group.addresses}
    return any(person.email == reader.email or person.email in lists for person in people)


def within_grace(site: Site, session: Session, thread_id: str) -> bool:
    """Whether a conversation has moved so lately that a participant can still take it back."""
    return any(
        planned.state is PublicationState.PUBLISHED
        and planned.receipt is not None
        and site.clock() - planned.receipt.published_at <= site.grace
        for planned in publications.of_thread(session, thread_id)
    )


def _mails(sent: list[Message], entries: tuple[Entry, ...]) -> tuple[Mail, ...]:
    """The reader's own mails and, of the first entry they may see, the mails that are not among them."""
    mails = [_mail(message) for message in sent]
    known = {message.digest for message in sent}
    shown = [
        Mail(
            anchor=f"e{remark.number}",
            author=remark.author,
            at=remark.at,
            markdown=remark.markdown,
            trimmed=remark.trimmed,
            attachments=remark.attachments,
        )
        for remark in (entries[0].remarks if entries else ())
        if remark.from_mail and remark.key not in known
    ]
    return tuple(sorted([*mails, *shown], key=lambda mail: mail.at)) if shown and mails else (*mails, *shown)


def _mail(message: Message) -> Mail:
    return Mail(
        anchor=f"m{message.digest[:12]}",
        author=message.sender.label,
        at=message.date,
        markdown=markdown_from_text(message.own_words),
        trimmed=message.trimmed,
        attachments=tuple(each.name for each in message.attachments if not each.is_signature),
    )
