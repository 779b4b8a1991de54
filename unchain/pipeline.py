"""The way of a mail, from top to bottom. READ THIS FIRST.

accept   raw mails are committed with their forward and process jobs; only then is 250 said
process  a raw mail is read, joins its thread, and the thread is judged once it has settled
judge    the thread is classified, passes the gates, and the rules decide where it goes
publish  the thread, or what has been added to it, is posted; its people get one redirect reply each
recall   a publication is taken back and its people are told

Each step is one job; each can be repeated without doing anything twice. Forwarding is not here: it
runs beside accepting (unchain/courier.py) and never waits for any of this.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session

from connectors.base import Admits, Appends, Connector, Finds, Withdraws
from domain.decision import Decision, Outcome
from domain.errors import ConnectorError, Refused
from domain.job import JobKind
from domain.mail import Automatic, RawMail
from ingest.parse import read
from store import decisions, mails, publications, queue, reachability, thread_keys, threads
from store.database import Database
from store.publications import Planned, PublicationState
from unchain.examining import Examiner, Judgement
from unchain.joining import join
from unchain.notices import Notices, Occasion
from unchain.publishing import internal_people, posts_of, publication_of, shown_part, title_of
from unchain.replies import obey
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
        self.former = former  # where pages of spaces that have left the config may still stand
        self.notices = notices
        self.clock = clock

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
                again_at = self.notices.suggest(self._occasion(session, found), decision)
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
        if planned is None or planned.state not in (PublicationState.PLANNED, PublicationState.PUBLISHED):
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
        publication = publication_of(
            shown_part(found.thread, found.facts),
            tuple(post for post in posts if post.key in intended),
            found.classification,
            self.rulebook.spaces[planned.space],
            key=planned.key,
            readers=internal_people(found.facts),
        )
        receipt = await self.connectors[planned.space].publish(publication)
        with self.database.write() as session:
            publications.published(session, receipt, intended)
            self._redirect(session, planned, found)
            queue.add(session, JobKind.APPEND, planned.key, self.clock())  # what came meanwhile

    async def _publish_more(self, planned: Planned, found: Judgement) -> None:
        receipt, connector = planned.receipt, self.connectors[planned.space]
        assert receipt is not None
        fresh = posts_of(found.facts, without=planned.posted)
        if fresh and isinstance(connector, Appends):
            await connector.append(receipt, fresh)
        if isinstance(connector, Admits):
            await connector.admit(receipt, internal_people(found.facts))
        with self.database.write() as session:
            posted = [*planned.posted, *(post.key for post in fresh)]
            publications.published(session, receipt, posted)
            self._redirect(session, planned, found)

    def _redirect(self, session: Session, planned: Planned, found: Judgement) -> None:
        """Send the redirect replies that nobody has had yet; what the budget holds back goes later."""
        standing = publications.load(session, planned.key)
        if standing is None or threads.is_archived(session, standing.thread_id):
            return
        if threads.is_vetoed(session, standing.thread_id):  # somebody said KEEP while it was being posted
            queue.add(session, JobKind.RECALL, standing.thread_id, self.clock())
            return
        shown = replace(found, thread=shown_part(found.thread, found.facts))
        again_at = self.notices.redirect(self._occasion(session, shown), standing)
        if again_at is not None:
            queue.add(session, JobKind.APPEND, planned.key, again_at)

    def _occasion(self, session: Session, found: Judgement) -> Occasion:
        return Occasion(
            session=session,
            thread=found.thread,
            language=found.classification.language,
            now=self.clock(),
        )

    async def _hold(self, planned: Planned, reason: str) -> None:
        """Post nothing, and say why. What a crash left posted without our knowing is found and recorded."""
        connector, receipt = self.connectors[planned.space], planned.receipt
        if receipt is None and isinstance(connector, Finds):
            receipt = await connector.find(planned.key)
        with self.database.write() as session:
            if receipt is None:
                publications.ended(session, planned.key, PublicationState.REFUSED, reason)
            else:
                publications.published(session, receipt, planned.posted)
                publications.remark(session, planned.key, reason)

    async def recall(self, thread_id: str) -> None:
        """Take back every publication of a thread and tell those who were redirected."""
        found = await asyncio.to_thread(self.examiner.examine, thread_id)
        if found is None:
            return
        with self.database.read() as session:
            standing = publications.of_thread(session, found.thread.id)
        failed: list[ConnectorError] = []
        for planned in standing:
            try:
                await self._take_back(planned, found)
            except ConnectorError as error:  # one space that fails must not keep the others from it
                failed.append(error)
        if failed:
            raise failed[0]

    async def _take_back(self, planned: Planned, found: Judgement) -> None:
        """Withdraw what stands in a space; also what a crash left standing there without our knowing."""
        if planned.state in (PublicationState.REFUSED, PublicationState.WITHDRAWN):
            return
        connector, receipt = self.connectors.get(planned.space, self.former), planned.receipt
        left = planned.space not in self.connectors
        if (receipt is None or left) and isinstance(connector, Finds):
            receipt = await connector.find(planned.key)
        if receipt is not None and isinstance(connector, Withdraws):
            await connector.withdraw(receipt)
        elif planned.receipt is not None:
            raise Refused(f"{planned.space} cannot take back; remove {planned.receipt.url} by hand")
        elif planned.state is PublicationState.UNCERTAIN:
            return  # a human still has to look
        with self.database.write() as session:
            publications.ended(session, planned.key, PublicationState.WITHDRAWN, None)
            titled = replace(found, thread=replace(found.thread, subject=planned.title))
            self.notices.recalled(self._occasion(session, titled), planned)

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
