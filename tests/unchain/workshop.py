"""A pipeline and worker on a real database with fakes around them, and the mails of an invented office."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses
from pathlib import Path

from sqlalchemy import select
from sqlmodel import col

from connectors.base import Connector
from domain.decision import Decision
from domain.job import JobKind
from domain.mail import RawMail, Thread
from store import decisions, mails, publications, queue, threads
from store.database import Database
from store.migrate import upgrade
from store.publications import Planned
from store.tables import RawMailRow
from tests.fakes import FakeClassifier, FakeClock, FakeConnector
from unchain.config import parse
from unchain.examining import Examiner
from unchain.notices import Notices
from unchain.pipeline import Pipeline, accept
from unchain.rulebook import rulebook_of
from unchain.worker import Worker

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUIET = timedelta(seconds=60)
OWN = "unchain@acme.example"
ANA, BOB, CLEO, DEV = (f"{name}@acme.example" for name in ("ana", "bob", "cleo", "dev"))
TEAM = (ANA, BOB, CLEO)

CONFIG = """
[organisation]
name = "Acme"
domains = ["acme.example"]
url = "https://commons.acme.example"

[ingest.smtp]
listen = "127.0.0.1:0"
next_hop = "mail.acme.example:25"

[settle]
quiet = 60
messages = 6

[worker]
lease = 60
attempts = 3

{budget}

[[spaces]]
name = "wiki"
connector = {{ type = "commons", form = "wiki" }}

[[spaces]]
name = "blog"
connector = {{ type = "commons", form = "blog" }}

{rules}
"""
RULE = """
[[rules]]
name = "Discussions"
when = [{{ kind = "discussion" }}]
to = "{to}"
stage = "{stage}"
also = {also}
"""


def rule(stage: str = "move", to: str = "wiki", also: str = "false") -> str:
    """A rule that applies to whatever the fake classifier says by default."""
    return RULE.format(stage=stage, to=to, also=also)


def mail(  # the headers of a mail, each by name
    number: int | str,
    words: str = "",
    *,
    sender: str = ANA,
    to: Sequence[str] = TEAM,
    subject: str = "Which coffee next",
    answers: int | str | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A mail with the id `<NUMBER@acme.example>`, sent NUMBER minutes after the start."""
    written = EmailMessage()
    written["From"] = f"{sender.partition('@')[0].title()} <{sender}>"
    written["To"] = ", ".join(address for address in to if address != sender)
    written["Subject"] = subject if answers is None else f"Re: {subject}"
    minutes = number if isinstance(number, int) else 30
    written["Date"] = format_datetime(START + timedelta(minutes=minutes))
    written["Message-ID"] = f"<{number}@acme.example>"
    if answers is not None:
        answered = f"<{answers}@acme.example>" if "@" not in str(answers) else f"<{answers}>"
        written["In-Reply-To"] = written["References"] = answered
    for name, value in (headers or {}).items():
        written[name] = value
    written.set_content(words or f"These are the words of mail {number}.")
    return written.as_bytes(policy=policy.SMTP)


def migrated(folder: Path) -> Database:
    """A new database, up to date."""
    database = Database(f"sqlite:///{folder}/unchain.db")
    upgrade(database)
    return database


class Workshop:
    """What a running worker is made of; time stands still until `rest`."""

    def __init__(self, database: Database, *, rules: str = "", budget: str = "") -> None:
        self.database = database
        self.clock = FakeClock(START + timedelta(hours=1))
        self.classifier = FakeClassifier()
        self.wiki, self.blog = FakeConnector("wiki"), FakeConnector("blog")
        self.connectors: dict[str, Connector] = {"wiki": self.wiki, "blog": self.blog}
        self.former = FakeConnector("former")
        self.use(rules or rule(), budget)

    def use(self, rules: str, budget: str = "") -> None:
        """Put another config in force."""
        config = parse(CONFIG.format(rules=rules, budget=budget), Path("config.toml"))
        rulebook = rulebook_of(config)
        examiner = Examiner(
            database=self.database, rulebook=rulebook, classifier=self.classifier, clock=self.clock
        )
        self.pipeline = Pipeline(
            database=self.database,
            rulebook=rulebook,
            examiner=examiner,
            connectors=self.connectors,
            former=self.former,
            notices=Notices(rulebook),
            clock=self.clock,
        )
        self.worker = self.another_worker("worker")
        self.options = config.worker

    def another_worker(self, owner: str) -> Worker:
        """A worker on the same database."""
        return Worker(
            database=self.database,
            current=lambda: self.pipeline,
            options=parse(CONFIG.format(rules="", budget=""), Path("config.toml")).worker,
            owner=owner,
            clock=self.clock,
        )

    def receive(self, content: bytes, *recipients: str, source: str = "smtp", sender: str = ANA) -> None:
        """Accept a mail; by default for those whom its To names."""
        named = [to for _, to in getaddresses([message_from_bytes(content)["To"] or ""])]
        raw = RawMail(
            content=content,
            mail_from=sender,
            rcpt_to=recipients or tuple(named),
            source=source,
            received_at=self.clock.now,
        )
        own_address = self.pipeline.rulebook.organisation.own_address
        with self.pipeline.database.write() as session:
            accept(session, [raw], own_address=own_address)

    def receive_talk(self, count: int = 3) -> None:
        """Accept a conversation of the team: mails 0 to COUNT - 1, each answering the one before."""
        for number in range(count):
            sender = TEAM[number % 3]
            content = mail(number, sender=sender, answers=number - 1 if number else None)
            self.receive(content, sender=sender)

    async def work(self) -> None:
        """Run all that is due now."""
        for _ in range(50):
            if not await self.worker.run_once():
                return
        raise AssertionError("the worker finds no end")

    async def settle(self) -> None:
        """Run what is due, let the threads settle, run what is due then."""
        await self.work()
        self.clock.advance(QUIET)
        await self.work()

    async def move_talk(self, count: int = 3) -> Planned:
        """A conversation that has moved into the wiki."""
        self.receive_talk(count)
        await self.settle()
        return self.publication()

    def all_threads(self) -> list[Thread]:
        """Every living thread."""
        with self.database.read() as session:
            found = [threads.load(session, thread_id) for thread_id in threads.all_ids(session)]
        return [thread for thread in found if thread is not None]

    def thread(self) -> Thread:
        """The only thread."""
        (only,) = self.all_threads()
        return only

    def decision(self) -> Decision | None:
        """The last decision about the only thread."""
        with self.database.read() as session:
            return decisions.latest(session, self.thread().id)

    def publications(self) -> list[Planned]:
        """All of them, oldest first."""
        with self.database.read() as session:
            return publications.everything(session)

    def publication(self) -> Planned:
        """The only one."""
        (only,) = self.publications()
        return only

    def notices(self, sort: str = "") -> list[tuple[str, EmailMessage]]:
        """Our own mails so far, oldest first: recipient and mail; `sort` begins its Message-ID."""
        with self.database.read() as session:
            ids = session.execute(
                select(col(RawMailRow.id))
                .where(col(RawMailRow.source) == mails.OWN)
                .order_by(col(RawMailRow.id))
            ).scalars()
            raws = [raw for raw_id in ids.all() if (raw := mails.load(session, raw_id or 0)) is not None]
        own = [(raw.rcpt_to[0], raw.content) for raw in raws]
        parsed = [(to, message_from_bytes(content, policy=policy.default)) for to, content in own]
        return [(to, each) for to, each in parsed if each["Message-ID"].startswith(f"<{sort}")]

    def told(self, sort: str) -> Counter[str]:
        """How many mails of a sort each person has had."""
        return Counter(to for to, _ in self.notices(sort))

    def jobs(self) -> dict[tuple[JobKind, str], int]:
        """The worker's jobs, by kind and state."""
        with self.database.read() as session:
            counts = queue.counts(session)
        return {key: number for key, number in counts.items() if key[0] is not JobKind.FORWARD}

    def failures(self) -> list[tuple[JobKind, str]]:
        """Kind and reason of failed jobs."""
        with self.database.read() as session:
            return [(kind, reason) for kind, _, reason in queue.failures(session)]
