"""What became of a mail at the next hop, written down: each recipient's state, and what its sender hears.

In the transaction that finishes or postpones the mail's job, so that nothing is told twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from connectors.dsn import Reporter, enhanced_status, may_notify, may_tell_delay
from connectors.outbound_mail import RecipientResult, RecipientState, expired
from domain.delivery import Consignment, DeliveryState, concerns_address
from domain.job import Job
from store import mails, reachability
from unchain import delivery_reports

Results = Mapping[str, RecipientResult]  # by the recipient's address


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What the next hop said of each recipient of a mail, to be written by the ledger."""

    job: Job
    consignment: Consignment | None  # None where the mail is gone
    results: Results

    @property
    def has_reached_all(self) -> bool:
        """Whether nothing is left to do or to tell."""
        return all(each.state is RecipientState.DELIVERED for each in self.results.values())


@dataclass(frozen=True, kw_only=True)
class Setback:
    """A fault of ours kept a mail from being handed over."""

    job: Job
    reason: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """Nothing to write: it only makes the ledger claim."""


Outcome = Settlement | Setback | Look


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """Says which recipients are done with, and writes down what became of them all."""

    reporter: Reporter
    keep_trying: timedelta  # after it a mail is returned to its sender
    tell_delay: timedelta  # after it a sender hears, once, that a mail still waits; zero: never

    def waiting(self, consignment: Consignment, results: Results, now: datetime) -> Results:
        """The recipients to be tried again; a temporary failure is final when the mail is too old."""
        if expired(consignment.received_at, now, keep_trying=self.keep_trying):
            return {}
        return {a: each for a, each in results.items() if each.state is RecipientState.TEMPORARY}

    def record(self, session: Session, consignment: Consignment, results: Results, now: datetime) -> None:
        """Write down what became of each recipient, and tell the sender what the sender is to know."""
        waiting = self.waiting(consignment, results, now)
        states = {
            address: (_state(each, is_waiting=address in waiting), each.code, each.text)
            for address, each in results.items()
        }
        mails.settle(session, {consignment.raw_id: states}, now)
        bounced = {a: results[a] for a, (state, _, _) in states.items() if state is DeliveryState.BOUNCED}
        if consignment.source == mails.OWN:
            _remember(session, bounced, now)
        if bounced and may_notify(consignment.mail_from):
            mails.accept(session, [delivery_reports.of_failure(consignment, bounced, self.reporter, now)])
        if self._is_to_hear_of_delay(consignment, waiting, now):
            until = consignment.received_at + self.keep_trying
            report = delivery_reports.of_delay(consignment, waiting, self.reporter, now, retry_until=until)
            mails.accept(session, [report])
            mails.delay_told(session, consignment.raw_id, now)

    def record_delivered(
        self, session: Session, reached: Sequence[tuple[Consignment, Results]], now: datetime
    ) -> None:
        """Write down only whom mails have reached: the rest is for who holds their jobs."""
        states = {
            consignment.raw_id: {
                address: (DeliveryState.DELIVERED, each.code, each.text)
                for address, each in results.items()
                if each.state is RecipientState.DELIVERED
            }
            for consignment, results in reached
        }
        mails.settle(session, states, now)

    def _is_to_hear_of_delay(self, consignment: Consignment, waiting: Results, now: datetime) -> bool:
        """Whether a sender is to hear now, for the only time, that the mail is late.

        A next hop that does not answer at all would not take the notification either: it would arrive
        together with the mail that it is about, and double what waits.
        """
        return (
            bool(self.tell_delay)
            and now - consignment.received_at >= self.tell_delay
            and not consignment.delay_told
            and consignment.source != mails.OWN
            and any(each.code for each in waiting.values())
            and may_tell_delay(consignment.mail_from, consignment.content)
        )


def _state(result: RecipientResult, *, is_waiting: bool) -> DeliveryState:
    if result.state is RecipientState.DELIVERED:
        return DeliveryState.DELIVERED
    return DeliveryState.QUEUED if is_waiting else DeliveryState.BOUNCED


def _remember(session: Session, bounced: Results, now: datetime) -> None:
    """Our own mails have the null reverse-path: what their recipients' server says is said here only."""
    for address, result in bounced.items():
        refused = result.state is RecipientState.PERMANENT
        if refused and concerns_address(enhanced_status(result.text)):
            reachability.lost(session, address, at=now, why=f"{result.code} {result.text}")
