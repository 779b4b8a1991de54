"""A small company with one conversation of each kind of visibility, served by a real application."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from connectors.rendering import markdown_from_text
from domain.classification import Classification, Kind
from domain.decision import Decision, Outcome, TrailStep
from domain.mail import Address, Attachment, Joined, Message, TextPart, Trim
from domain.organisation import Group, Organisation
from domain.publication import Post, Publication
from domain.space import Space
from store import decisions, metadata, people, people_sign_in, publications, threads
from store.commons import Shelf
from store.database import Database
from web.app import build_app
from web.page import Templates
from web.site import CommonsSpace, Site

NOW = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)
INES = Address(email="ines@example.com", name="Inès Caron")
PAUL = Address(email="paul@example.com", name="Paul Ashby")
MIRELA = Address(email="mirela@example.com", name="Mirela Kovac")  # a colleague outside of every chain
ADMIN = Address(email="ada@example.com", name="Ada Stone")
EVE = Address(email="eve@elsewhere.example", name="Eve")  # an outsider
ORGANISATION = Organisation(
    name="Example Works",
    domains=("example.com",),
    languages=("en", "fr"),
    url="http://commons.example.com",
    admins=("ada@example.com",),
)
SPACES = (
    CommonsSpace(name="wiki", title="Knowledge", audience="everyone", form="wiki"),
    CommonsSpace(name="news", title="News", audience="everyone", form="blog"),
    CommonsSpace(name="stream", title="Chatter", audience="everyone", form="stream"),
    CommonsSpace(name="quiet", title="Among us", audience="participants", form="wiki"),
    CommonsSpace(name="it-room", title="IT room", audience="group:it", form="blog"),
)


PLAN = Attachment(name="plan.pdf", content_type="application/pdf", size=9)
SIGNATURE = Attachment(name="smime.p7s", content_type="application/pkcs7-signature", size=9, inline=True)


def message(
    number: int,
    sender: Address,
    words: str,
    *,
    to: Sequence[Address] = (INES, PAUL),
    subject: str = "Heating",
) -> Message:
    """A mail of a chain, one hour after the one before."""
    quote = "On Monday Paul <paul@example.com> wrote:\n> old words of Paul"
    return Message(
        message_id=f"{subject}-{number}@example.com",
        digest=sha256(f"{subject} {number} {words}".encode()).hexdigest(),
        subject=subject if number == 0 else f"Re: {subject}",
        sender=sender,
        to=tuple(to),
        date=NOW - timedelta(hours=20 - number),
        in_reply_to=() if number == 0 else (f"{subject}-{number - 1}@example.com",),
        own_words=words,
        parts=(TextPart(text=words), *(() if number == 0 else (TextPart(text=quote, trim=Trim.QUOTE),))),
        attachments=(PLAN, SIGNATURE) if number == 0 else (),
    )


@dataclass
class World:
    """The database of a company, and what tests ask of it."""

    folder: Path
    organisation: Organisation = ORGANISATION
    now: datetime = NOW
    templates: Mapping[str, Templates] | None = None  # compiled before
    elsewhere: tuple[Space, ...] = ()  # spaces of other services
    database: Database = field(init=False)
    shelf: Shelf = field(init=False)

    def __post_init__(self) -> None:
        self.database = Database(f"sqlite:///{self.folder}/unchain.db")
        metadata.metadata.create_all(self.database.engine)
        self.shelf = Shelf(self.database, url=self.organisation.url)

    def site(self) -> Site:
        """What the application is built from."""
        return Site(
            database=self.database,
            organisation=self.organisation,
            groups=(Group(name="it", members=("mirela@example.com",), addresses=("it-list@example.com",)),),
            spaces=SPACES,
            elsewhere=self.elsewhere,
            clock=lambda: self.now,
            zone=UTC,
        )

    async def client(self) -> TestClient:
        """A browser that has never been here."""
        client: TestClient = TestClient(TestServer(build_app(self.site, templates=self.templates)))
        await client.start_server()
        return client

    def sign_in(self, client: TestClient, person: Address) -> None:
        """Give a browser the cookie of a person's session."""
        with self.database.write() as session:
            people.meet(session, person.email, name=person.name, at=self.now)
            cookie = people_sign_in.begin(session, person.email, at=self.now)
        client.session.cookie_jar.update_cookies({"unchain": cookie})

    def chain(
        self, messages: Sequence[Message], *, outcome: Outcome = Outcome.STAY, space: str | None = None
    ) -> str:
        """A conversation that stayed in the mail, with its decision; answers its id."""
        with self.database.write() as session:
            thread_id = threads.begin(session, messages[0], origin="smtp")
            for one in messages:
                joined = Joined.FIRST if one is messages[0] else Joined.REFERENCE
                threads.add(session, thread_id, one, joined, [one.message_id or ""], base_subject="")
            decisions.record(session, decision(thread_id, outcome, space), CLASSIFICATION)
        return thread_id

    def add(self, thread_id: str, late: Message) -> None:
        """A further mail of a conversation."""
        with self.database.write() as session:
            threads.add(session, thread_id, late, Joined.REFERENCE, [late.message_id or ""], base_subject="")

    def move(self, messages: Sequence[Message], space: str) -> tuple[str, str]:
        """A conversation that has moved; answers its thread's id and the path of its entry."""
        thread_id = self.chain(messages, outcome=Outcome.MOVE, space=space)
        configured = self.site().space(space)
        assert configured is not None
        key = publications.key_of(thread_id, space)
        publication = Publication(
            key=key,
            thread_id=thread_id,
            space=space,
            place="",
            title=messages[0].subject,
            posts=tuple(post_of(one) for one in messages),
            language="en",
            kind="question",
            tags=("heating",),
            audience=configured.audience,
            readers=frozenset({INES.email, PAUL.email}),
        )
        receipt = self.shelf.put(publication, form=configured.form, at=self.now)
        with self.database.write() as session:
            publications.plan(
                session, thread_id=thread_id, space=space, rule="Answered", title="Heating", now=self.now
            )
            publications.published(session, receipt, [post.key for post in publication.posts])
        return thread_id, receipt.url.removeprefix(self.organisation.url)


CLASSIFICATION = Classification(
    kind=Kind.QUESTION, scores={Kind.QUESTION: 0.9}, sensitive=False, moves=True, language="en"
)


def decision(thread_id: str, outcome: Outcome, space: str | None) -> Decision:
    """A decision with a trail of two steps."""
    return Decision(
        thread_id=thread_id,
        outcome=outcome,
        rule="Answered questions become pages" if space else None,
        space=space,
        reason="A question that was answered by paul@example.com.",
        trail=(
            TrailStep(name="gate: sensitive", passed=True, sentence="Nothing sensitive was found."),
            TrailStep(
                name="rule: Answered questions",
                passed=outcome is not Outcome.STAY,
                sentence="All of:",
                steps=(TrailStep(name="kind", passed=True, sentence="It is a question (0.90)."),),
            ),
        ),
        config_version="c0ffee",
        decided_at=NOW,
    )


def post_of(one: Message) -> Post:
    """A message as it is posted."""
    return Post(
        key=one.digest,
        author=one.sender.label,
        author_key=one.sender.email,
        at=one.date,
        markdown=markdown_from_text(one.own_words),
        trimmed=one.trimmed,
        attachments=tuple(each.name for each in one.attachments if not each.is_signature),
    )


def heating() -> list[Message]:
    """A question of Inès that Paul answers."""
    return [
        message(0, INES, "Why is the annexe cold until ten?", to=(PAUL,)),
        message(1, PAUL, "The boiler's clock is an hour late.", to=(INES,)),
        message(2, INES, "Merci, réglé !", to=(PAUL,)),
    ]


async def form_of(response: ClientResponse) -> str:
    """The token of the forms on a page."""
    found = re.search(r'name="form" value="([0-9a-f]{64})"', await response.text())
    assert found is not None, "the page has no form"
    return found[1]
