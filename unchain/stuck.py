"""What an operator does about mails and jobs that are stuck: try them, hold them, give them up.

Behind `unchain queue`, with the service up or down: all of it is rows that couriers and workers heed.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from connectors.dsn import Reporter, may_notify
from connectors.smtp_connection import RecipientResult, RecipientState
from domain.delivery import DeliveryState
from domain.job import JobKind
from store import backlog, mails, publications, queue
from unchain import delivery_reports

DROPPED = RecipientResult(state=RecipientState.PERMANENT, code=554, text="5.3.0 dropped by the operator")


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What is stuck, as an operator names it: a mail by its number, any other job by kind and subject."""

    kind: JobKind  # FORWARD for a mail
    subject: str

    @property
    def name(self) -> str:
        """`4711` or `publish/1f0c9a7d2b3e4f55:wiki`."""
        return self.subject if self.kind is JobKind.FORWARD else f"{self.kind}/{self.subject}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of a wish."""

    name: str  # of the ticket
    done: bool
    sentence: str  # without the name


def ticket(name: str) -> Ticket | None:
    """The ticket of that name; None where it is none."""
    if _is_number(name):
        return Ticket(kind=JobKind.FORWARD, subject=str(int(name)))
    kind, _, subject = name.partition("/")
    if kind not in backlog.OTHER_KINDS or not subject:
        return None
    if kind == JobKind.PROCESS and not _is_number(subject):
        return None
    return Ticket(kind=JobKind(kind), subject=subject)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19  # what the database takes as a number


def retry(session: Session, tickets: Iterable[Ticket], now: datetime) -> list[Answer]:
    """Try mails and jobs now; held ones are released, mails set aside are read again."""
    return [
        _retry_mail(session, each, now) if each.kind is JobKind.FORWARD else _retry_job(session, each, now)
        for each in tickets
    ]


def retry_waiting(session: Session, names: Sequence[str], now: datetime) -> list[Answer]:
    """Try these mails now, as far as they still wait."""
    tried = backlog.go_on(session, names, now)
    return [Answer(name=name, done=True, sentence="is tried now") for name in names if name in tried]


def others(session: Session) -> list[Ticket]:
    """All other jobs that are stuck, and the mails that were set aside."""
    stuck = [Ticket(kind=job.kind, subject=job.subject) for job in backlog.stuck(session)]
    failed = {each.subject for each in stuck if each.kind is JobKind.PROCESS}
    aside = [str(raw_id) for raw_id, _ in mails.aside(session, limit=-1) if str(raw_id) not in failed]
    return stuck + [Ticket(kind=JobKind.PROCESS, subject=subject) for subject in aside]


def retry_others(session: Session, tickets: Sequence[Ticket], now: datetime) -> list[Answer]:
    """Try these jobs now, and read these mails again."""
    return [_retry_job(session, each, now) for each in tickets]


def _retry_mail(session: Session, asked: Ticket, now: datetime) -> Answer:
    tried = bool(backlog.go_on(session, [asked.subject], now))
    read = mails.put_back(session, int(asked.subject))
    if read:
        queue.add(session, JobKind.PROCESS, asked.subject, now)
    if tried and read:
        return Answer(name=asked.name, done=True, sentence="is tried now, and read again")
    if tried or read:
        return Answer(name=asked.name, done=True, sentence="is tried now" if tried else "is read again")
    return _nothing_waits(session, asked)


def _retry_job(session: Session, asked: Ticket, now: datetime) -> Answer:
    posts = asked.kind in (JobKind.PUBLISH, JobKind.APPEND)
    if posts and not publications.may_be_repeated(session, asked.subject):
        sentence = "may have landed or was taken back: look in the space; `retry --not-there` posts it again"
        return Answer(name=asked.name, done=False, sentence=sentence)
    if posts:
        publications.plan_again(session, asked.subject)
    aside = asked.kind is JobKind.PROCESS and mails.put_back(session, int(asked.subject))
    if backlog.try_again(session, asked.kind, asked.subject, now):
        return Answer(name=asked.name, done=True, sentence="is tried now")
    if aside:
        queue.add(session, asked.kind, asked.subject, now)
        return Answer(name=asked.name, done=True, sentence="is read again")
    return Answer(name=asked.name, done=False, sentence="there is no such job")


def confirm_not_there(session: Session, tickets: Iterable[Ticket]) -> None:
    """Take a human's word that these publications did not land, so that `retry` may post them again."""
    for each in tickets:
        if each.kind is JobKind.PUBLISH:
            publications.plan_again(session, each.subject)


def hold(session: Session, tickets: Sequence[Ticket]) -> list[Answer]:
    """Keep mails and deliver them no more until `retry` or `release`."""
    held = backlog.hold(session, _mails(tickets))
    return [_moved(session, each, held, "is held") for each in tickets]


def hold_waiting(session: Session, names: Sequence[str]) -> list[Answer]:
    """Hold these mails, as far as they still wait."""
    held = backlog.hold(session, names)
    return [Answer(name=name, done=True, sentence="is held") for name in names if name in held]


def release(session: Session, tickets: Sequence[Ticket], now: datetime) -> list[Answer]:
    """Let mails that are held go on."""
    freed = backlog.release(session, _mails(tickets), now)
    return [
        _moved(session, each, freed, "is tried now")
        if each.subject in freed or not _waits(session, each)
        else Answer(name=each.name, done=False, sentence="is not held")
        for each in tickets
    ]


def release_held(session: Session, names: Sequence[str], now: datetime) -> list[Answer]:
    """Let these mails go on, as far as they are still held."""
    freed = backlog.release(session, names, now)
    return [Answer(name=name, done=True, sentence="is tried now") for name in names if name in freed]


def drop(session: Session, asked: Ticket, reporter: Reporter | None, now: datetime) -> Answer:
    """Give a mail or a failed job up; `reporter` tells the mail's sender, None tells nobody."""
    if asked.kind is not JobKind.FORWARD:
        gone = backlog.forget(session, asked.kind, asked.subject)
        sentence = "is given up" if gone else "there is no such failed job"
        return Answer(name=asked.name, done=gone, sentence=sentence)
    raw_id = int(asked.subject)
    if not backlog.take_out(session, raw_id, now):
        if _waits(session, asked):
            sentence = "is on its way to the next hop at this moment: hold it, then drop it"
            return Answer(name=asked.name, done=False, sentence=sentence)
        return _nothing_waits(session, asked)
    told = _return_to_sender(session, raw_id, reporter, now)
    sentence = "is given up, and its sender told" if told else "is given up"
    return Answer(name=asked.name, done=True, sentence=sentence)


def _return_to_sender(session: Session, raw_id: int, reporter: Reporter | None, now: datetime) -> bool:
    consignment = mails.consignment(session, raw_id)
    if consignment is None or not consignment.waiting:
        return False
    results = dict.fromkeys(consignment.waiting, DROPPED)
    state = (DeliveryState.BOUNCED, DROPPED.code, DROPPED.text)
    mails.settle(session, {raw_id: dict.fromkeys(consignment.waiting, state)}, now)
    if reporter is None or not may_notify(consignment.mail_from):
        return False
    mails.accept(session, [delivery_reports.of_failure(consignment, results, reporter, now)])
    return True


def _moved(session: Session, asked: Ticket, moved: Collection[str], sentence: str) -> Answer:
    if asked.kind is not JobKind.FORWARD:
        return Answer(name=asked.name, done=False, sentence="only mails can be held and released")
    if asked.subject in moved:
        return Answer(name=asked.name, done=True, sentence=sentence)
    return _nothing_waits(session, asked)


def _nothing_waits(session: Session, asked: Ticket) -> Answer:
    known = backlog.marks(session, int(asked.subject)) is not None
    sentence = "waits for no recipient any more" if known else "there is no such mail"
    return Answer(name=asked.name, done=False, sentence=sentence)


def _waits(session: Session, asked: Ticket) -> bool:
    return asked.kind is JobKind.FORWARD and backlog.is_waiting(session, int(asked.subject))


def _mails(tickets: Iterable[Ticket]) -> list[str]:
    return [each.subject for each in tickets if each.kind is JobKind.FORWARD]
