"""The way of a mail, from top to bottom. READ THIS FIRST.

accept   raw mails are committed with their forward and process jobs; only then is 250 said
process  a raw mail is read, joins its thread, and the thread is judged once it has settled
judge    the thread is classified, passes the gates, and the rules decide where it goes
publish  the thread, or what has been added to it, is posted; its people get one redirect reply each
sync     what people answer in the space itself is read and kept with the thread
recall   a publication is taken back and its people are told

Each step is one job; each can be repeated without doing anything twice. Forwarding is not here: it
runs beside accepting (unchain/courier.py) and never waits for any of this.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from connectors.base import Admits, Appends, Connector, Finds
from domain.decision import Decision, Outcome
from domain.errors import Refused
from domain.job import Job, JobKind
from domain.mail import Automatic, RawMail
from ingest.parse import read
from store import decisions, lessons, mails, publications, queue, reachability, thread_keys, threads
from store.database import Database
from store.publications import Planned, PublicationState
from unchain import bridging, posting, relating
from unchain.attaching import with_files
from unchain.examining import Examiner, Judgement
from unchain.identifying import identified
from unchain.joining import join
from unchain.notices import Notices
from unchain.publishing import (
    internal_people,
    posts_of,
    publication_of,
    shown_part,
    title_of,
)
from unchain.recalling import Recalling, occasion_of
from unchain.replies import obey, wants_to_keep
from unchain.returning import absorb
from unchain.rulebook import Rulebook


def accept(session: Session, raws: Sequence[RawMail], *, own_address: str) -> list[int]:
    """Write mails with their jobs, in the edge's transaction (unchain/ledger.py); gives their ids."""
    return mails.accept(session, raws, own_address=own_address)


class Pipeline:
    """The further steps, put together once for each version of the config (unchain/wiring.py)."""

    def __init__(
        self,
        *,
        database: Database,
        rulebook: Rulebook,
        examiner: Examiner,
        connectors: Mapping[str, Connector],
        former: Connector,
        notices: Notices,
        clock: Callable[[], datetime],
    ) -> None:
        self.database = database
        self.rulebook = rulebook
        self.examiner = examiner
        self.connectors = connectors
        self.notices = notices
        self.clock = clock
        self.recalling = Recalling(
            database=database,
            examiner=examiner,
            connectors=connectors,
            former=former,
            notices=notices,
            clock=clock,
        )

    def process(self, raw_id: int) -> None:
        """Read a raw mail and put it into its thread; a mail seen before adds only its recipients."""
        with self.database.read() as session:
            raw = mails.load(session, raw_id)
        if raw is None:
            return
        message = read(raw)
        with self.database.write() as session:
            own_address = self.rulebook.organisation.own_address
            if message.sender.email == own_address:
                return
            if absorb(session, message, own_address, self.clock()):
                return
            if message.automatic is Automatic.NO:
                reachability.back(session, message.sender.email)
            thread_id = thread_keys.of_digest(session, message.digest)
            if thread_id is not None:  # the same mail for further recipients, blind ones perhaps
                threads.add_people(session, thread_id, [address.email for address in message.bcc])
            elif obey(session, message, self.rulebook, self.clock()):
                return
            else:
                place = join(session, message, origin=raw.source)
                thread_id = place.thread_id
                if wants_to_keep(message, self.rulebook):  # the gate reads it each time; this is for learning
                    lessons.note_veto(session, thread_id, message.sender.email, self.clock())
                for changed in place.changed:
                    self._schedule(session, changed)
            self._schedule(session, thread_id)

    def judge(self, thread_id: str) -> None:
        """Decide where a settled thread goes, and plan it."""
        found = self.examiner.examine(thread_id)
        if found is None or found.thread.moved_to:
            return
        decision = self.examiner.decide(found)
        with self.database.write() as session:
            decisions.record(session, decision, found.classification)
            if threads.is_archived(session, found.thread.id):
                return
            if decision.outcome is Outcome.MOVE:
                self.plan(session, found, decision)
            elif decision.outcome is Outcome.SUGGEST:
                again_at = self.notices.suggest(occasion_of(session, found, self.clock()), decision)
                if again_at is not None:
                    queue.add(session, JobKind.JUDGE, found.thread.id, again_at)

    def plan(self, session: Session, found: Judgement, decision: Decision) -> None:
        """Plan a publication in each space that the decision names."""
        now = self.clock()
        for space in (decision.space, *decision.also):
            if space is None:
                continue
            publications.plan(
                session,
                thread_id=found.thread.id,
                space=space,
                rule=decision.rule,
                title=title_of(shown_part(found.thread, found.facts), found.classification.language),
                now=now,
            )
            queue.add(session, JobKind.PUBLISH, publications.key_of(found.thread.id, space), now)

    def move(self, thread_id: str) -> None:
        """A person accepted a suggestion: plan what it suggested, if the gates still let it pass."""
        found = self.examiner.examine(thread_id)
        if found is None:
            return
        with self.database.write() as session:
            last = decisions.latest(session, found.thread.id)
            if last is None or last.outcome is not Outcome.SUGGEST:
                return
            agreed = replace(
                last,
                outcome=Outcome.MOVE,
                reason="The person who started it agreed to the suggestion.",
                decided_at=self.clock(),
            )
            decisions.record(session, agreed, found.classification)
            self.plan(session, found, agreed)

    async def publish(self, key: str) -> None:
        """Post a planned publication, or add to a published one what has come since.

        The gates are asked again about the thread as it is now: a mail that came after the decision may
        have made it sensitive or brought in an outsider.
        """
        with self.database.read() as session:
            planned = publications.load(session, key)
            twin = None if planned is None else publications.twin_of(session, planned)
        if planned is None or planned.state not in posting.MAY_GO_ON:
            return
        if planned.space not in self.connectors:
            raise Refused(f"the config has no space named {planned.space} any more")
        found = await asyncio.to_thread(self.examiner.examine, planned.thread_id)
        if found is None:
            return
        held = f"It is in {planned.space} as {twin}." if twin else self.examiner.shut(found, planned.space)
        if held is not None:
            await self._hold(planned, held)
        elif planned.receipt is None:
            await self._publish_new(planned, found)
        else:
            await self._publish_more(planned, found)

    async def _publish_new(self, planned: Planned, found: Judgement) -> None:
        posts = posts_of(found.facts)
        with self.database.write() as session:
            intended = publications.intend(session, planned.key, [post.key for post in posts])
        connector = self.connectors[planned.space]
        first = [post for post in posts if post.key in intended]
        publication = publication_of(
            shown_part(found.thread, found.facts),
            await asyncio.to_thread(with_files, self.database, first, connector),
            found.classification,
            self.rulebook.spaces[planned.space],
            key=planned.key,
            readers=internal_people(found.facts),
        )
        url = self.rulebook.organisation.url
        publication = await relating.with_related(self.database, connector, publication, url)
        receipt = await posting.post(self.database, connector, planned, publication)
        with self.database.write() as session:
            publications.published(session, receipt, intended)
            relating.propose(session, connector, publication, self.clock())
            bridging.listen(session, connector, planned.key, self.clock())
            self._redirect(session, planned, found)
            queue.add(session, JobKind.APPEND, planned.key, self.clock())  # what came meanwhile

    async def _publish_more(self, planned: Planned, found: Judgement) -> None:
        receipt, connector = planned.receipt, self.connectors[planned.space]
        assert receipt is not None
        receipt = await identified(connector, receipt)
        fresh = posts_of(found.facts, without=planned.posted) if receipt.entry_id else ()
        if fresh and isinstance(connector, Appends):
            whole = await asyncio.to_thread(with_files, self.database, fresh, connector)
            await connector.append(receipt, whole)
        if receipt.entry_id and isinstance(connector, Admits):
            await connector.admit(receipt, internal_people(found.facts))
        with self.database.write() as session:
            posted = [*planned.posted, *(post.key for post in fresh)]
            publications.published(session, receipt, posted)
            bridging.listen(session, connector, planned.key, self.clock())
            self._redirect(session, planned, found)

    def _redirect(self, session: Session, planned: Planned, found: Judgement) -> None:
        """Send the redirect replies that nobody has had yet; what the budget holds back goes later."""
        standing = publications.load(session, planned.key)
        if standing is None or threads.is_archived(session, standing.thread_id):
            return
        kept = lessons.taught(session, standing.thread_id).keeps
        if kept or threads.is_vetoed(session, standing.thread_id):  # said while it was being posted
            queue.add(session, JobKind.RECALL, standing.thread_id, self.clock())
            return
        shown = replace(found, thread=shown_part(found.thread, found.facts))
        again_at = self.notices.redirect(occasion_of(session, shown, self.clock()), standing)
        if again_at is not None:
            queue.add(session, JobKind.APPEND, planned.key, again_at)

    async def _hold(self, planned: Planned, reason: str) -> None:
        """Post nothing, and say why. What a crash left posted without our knowing is found and recorded."""
        connector, receipt = self.connectors[planned.space], planned.receipt
        if receipt is None and isinstance(connector, Finds):
            receipt = await connector.find(planned.key)
        with self.database.write() as session:
            if receipt is None:
                publications.ended(session, planned.key, posting.end_of(planned), reason)
            else:
                publications.published(session, receipt, planned.posted)
                publications.remark(session, planned.key, reason)

    async def recall(self, thread_id: str) -> None:
        """Take back every publication of a thread and tell those who were redirected."""
        await self.recalling.recall(thread_id)

    def may_be_repeated(self, job: Job) -> bool:
        """Whether a job of which nobody knows what it has done can be run again without harm."""
        with self.database.read() as session:
            return posting.may_be_repeated(session, self.connectors, job)

    async def sync(self, key: str) -> None:
        """Read what people answered in the space itself."""
        await bridging.sync(self.database, self.connectors, key, self.clock)

    def _schedule(self, session: Session, thread_id: str) -> None:
        """A moved thread grows in its spaces at once; another is judged when it has settled."""
        now = self.clock()
        published = [
            planned
            for planned in publications.of_thread(session, thread_id)
            if planned.state is PublicationState.PUBLISHED
        ]
        for planned in published:
            queue.add(session, JobKind.APPEND, planned.key, now)
        if not published:
            ripe = threads.size(session, thread_id) >= self.rulebook.settle.messages
            wait = timedelta(0) if ripe else timedelta(seconds=self.rulebook.settle.quiet)
            queue.add(session, JobKind.JUDGE, thread_id, now + wait)
