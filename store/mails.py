"""Raw mails and their deliveries: what was accepted and what became of each recipient."""

import hashlib
import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlmodel import Session, col

from domain.delivery import Balance, Consignment, DeliveryState
from domain.job import JobKind
from domain.mail import RawMail
from store import queue
from store.listed import listed
from store.prepared import Prepared
from store.tables import DELIVERIES, JOBS, RAW_MAILS, RawMailRow

OWN = "unchain"  # source of the mails that we write ourselves
FORWARDED = ("smtp", "lmtp", OWN)  # sources whose mails go on to their recipients

# What became of a mail's recipients: address → state, code and text of the next hop's reply.
States = Mapping[str, tuple[DeliveryState, int, str]]

_COLUMNS = (
    *("id", "digest", "content", "size", "mail_from", "recipients"),
    *("recipient_count", "source", "received_at", "peer", "protocol"),
)
_INSERT = Prepared(insert(RAW_MAILS), _COLUMNS)
_LAST_ID = Prepared(select(func.coalesce(func.max(RAW_MAILS.c.id), 0)))
_DELIVER = Prepared(insert(DELIVERIES), ("raw_id", "address", "state", "code", "text", "changed_at"))
_RAW = select(RAW_MAILS).where(RAW_MAILS.c.id == bindparam("mail"))
_CONTENT = select(RAW_MAILS.c.content).where(RAW_MAILS.c.digest == bindparam("digest")).limit(1)
_ANALYSED = _CONTENT.where(RAW_MAILS.c.set_aside.is_(None))
_KNOWN = select(RAW_MAILS.c.digest).where(RAW_MAILS.c.digest.in_(listed("digests")))
_WAITING = select(DELIVERIES.c.address).where(
    DELIVERIES.c.raw_id == bindparam("mail"), DELIVERIES.c.state == DeliveryState.QUEUED
)
_SETTLE = Prepared(
    update(DELIVERIES)
    .where(
        DELIVERIES.c.raw_id == bindparam("mail"),
        DELIVERIES.c.address == bindparam("recipient"),
        DELIVERIES.c.state == DeliveryState.QUEUED,  # what is final stays: who comes late tells nothing new
    )
    .values({name: bindparam(f"new_{name}") for name in ("state", "code", "text", "changed_at")})
)
# All of these are answered by indices alone (tests/store/test_scale.py): status must be quick in any backlog.
_STATES = select(DELIVERIES.c.state, func.count()).group_by(DELIVERIES.c.state)
_OWN_STATES = (
    select(DELIVERIES.c.state, func.count())
    .select_from(RAW_MAILS.join(DELIVERIES, DELIVERIES.c.raw_id == RAW_MAILS.c.id))
    .where(RAW_MAILS.c.source == bindparam("own"))
    .group_by(DELIVERIES.c.state)
)
_ACCEPTED = select(func.count(), func.coalesce(func.sum(RAW_MAILS.c.recipient_count), 0)).where(
    RAW_MAILS.c.source.in_([source for source in FORWARDED if source != OWN])
)
_UNPROCESSED = select(func.count()).select_from(JOBS).where(JOBS.c.kind == JobKind.PROCESS)
_ASIDE = select(func.count(RAW_MAILS.c.id)).where(RAW_MAILS.c.set_aside.is_not(None))


def digest_of(content: bytes) -> str:
    """The sha256 of a raw mail in hex: its identity."""
    return hashlib.sha256(content).hexdigest()


def accept(session: Session, raws: Sequence[RawMail], *, own_address: str = "") -> list[int]:
    """Write mails with their forward and process jobs; returns their ids. Commit makes them accepted."""
    ids = insert_raws(session, raws)
    jobs: list[tuple[JobKind, str, datetime]] = []
    deliveries: list[dict[str, object]] = []
    for raw_id, raw in zip(ids, raws, strict=True):
        expected = _deliveries(raw_id, raw, own_address)
        deliveries += expected
        if any(delivery["state"] is DeliveryState.QUEUED for delivery in expected):
            jobs.append((JobKind.FORWARD, str(raw_id), raw.received_at))
        if raw.source != OWN:
            jobs.append((JobKind.PROCESS, str(raw_id), raw.received_at))
    if deliveries:
        _DELIVER.run_all(session, deliveries)
    queue.add_all(session, jobs)
    return ids


def _deliveries(raw_id: int, raw: RawMail, own_address: str) -> list[dict[str, object]]:
    same = {"raw_id": raw_id, "code": 0, "text": "", "changed_at": raw.received_at}
    return [{**same, "address": address, "state": state} for address, state in _states(raw, own_address)]


def _states(raw: RawMail, own_address: str) -> list[tuple[str, DeliveryState]]:
    """Each recipient that a mail goes on to, and what is to become of it."""
    if raw.source not in FORWARDED:
        return []
    return [
        (address, DeliveryState.OURS if address.lower() == own_address else DeliveryState.QUEUED)
        for address in dict.fromkeys(raw.rcpt_to)
    ]


def insert_raws(session: Session, raws: Sequence[RawMail]) -> list[int]:
    """Write raw mails without any job; returns their ids."""
    # A writing transaction is alone, so the next ids are known: all rows go in with one statement.
    first = 1 + int(_LAST_ID.run(session, {}).scalar_one())
    rows = [{"id": raw_id, **_row(raw)} for raw_id, raw in enumerate(raws, first)]
    if rows:
        _INSERT.run_all(session, rows)
    return list(range(first, first + len(rows)))


def _row(raw: RawMail) -> dict[str, object]:
    recipients = list(dict.fromkeys(raw.rcpt_to))
    return {
        "digest": digest_of(raw.content),
        "content": zlib.compress(raw.content, 1),
        "size": len(raw.content),
        "mail_from": raw.mail_from,
        "recipients": json.dumps(recipients),
        "recipient_count": len(recipients),
        "source": raw.source,
        "received_at": raw.received_at,
        "peer": raw.peer,
        "protocol": raw.protocol,
    }


def load(session: Session, raw_id: int) -> RawMail | None:
    """A raw mail by its id."""
    row = session.execute(_RAW, {"mail": raw_id}).first()
    if row is None:
        return None
    return RawMail(
        content=zlib.decompress(row.content),
        mail_from=row.mail_from,
        rcpt_to=tuple(json.loads(row.recipients)),
        source=row.source,
        received_at=row.received_at,
        peer=row.peer,
        protocol=row.protocol,
    )


def content(session: Session, digest: str) -> bytes | None:
    """The bytes of a mail by its digest."""
    found = session.execute(_CONTENT, {"digest": digest}).scalar()
    return None if found is None else zlib.decompress(found)


def analysed_content(session: Session, digest: str) -> bytes | None:
    """The same, but None of a mail that was set aside: nobody knows what is in it."""
    found = session.execute(_ANALYSED, {"digest": digest}).scalar()
    return None if found is None else zlib.decompress(found)


def known_digests(session: Session, digests: Collection[str]) -> set[str]:
    """Which of these mails have been accepted before."""
    return set(session.execute(_KNOWN, {"digests": list(digests)}).scalars())


def consignment(session: Session, raw_id: int) -> Consignment | None:
    """A mail with the recipients that still wait for it; None where there is no such mail."""
    row = session.execute(_RAW, {"mail": raw_id}).first()
    if row is None:
        return None
    return Consignment(
        raw_id=raw_id,
        content=zlib.decompress(row.content),
        mail_from=row.mail_from,
        waiting=tuple(session.execute(_WAITING, {"mail": raw_id}).scalars()),
        received_at=row.received_at,
        peer=row.peer,
        protocol=row.protocol,
        source=row.source,
        delay_told=row.delay_told_at is not None,
    )


def fresh_consignment(raw_id: int, raw: RawMail, own_address: str) -> Consignment:
    """A mail that has just been accepted as `consignment` would load it."""
    return Consignment(
        raw_id=raw_id,
        content=raw.content,
        mail_from=raw.mail_from,
        waiting=tuple(
            address for address, state in _states(raw, own_address) if state is DeliveryState.QUEUED
        ),
        received_at=raw.received_at,
        peer=raw.peer,
        protocol=raw.protocol,
        source=raw.source,
    )


def settle(session: Session, states: Mapping[int, States], now: datetime) -> None:
    """Record what became of recipients of mails, by the mails' ids."""
    rows = [
        {"mail": raw_id, "recipient": address, "new_state": state, "new_code": code, "new_text": text[:500]}
        for raw_id, recipients in states.items()
        for address, (state, code, text) in recipients.items()
    ]
    if rows:
        _SETTLE.run_all(session, [{"new_changed_at": now, **row} for row in rows])


def delay_told(session: Session, raw_id: int, now: datetime) -> None:
    """Remember that a mail's sender has heard that it is late: once is enough."""
    session.execute(update(RawMailRow).where(col(RawMailRow.id) == raw_id).values(delay_told_at=now))


def set_aside(session: Session, raw_id: int, reason: str) -> None:
    """Mark a mail as not analysed, with the reason; it is delivered all the same."""
    session.execute(update(RawMailRow).where(col(RawMailRow.id) == raw_id).values(set_aside=reason[:500]))


def put_back(session: Session, raw_id: int) -> bool:
    """Take the mark off a mail that was set aside, so that it is read again; False where it has none."""
    marked = (col(RawMailRow.id) == raw_id) & col(RawMailRow.set_aside).is_not(None)
    cleared = session.execute(update(RawMailRow).where(marked).values(set_aside=None))
    return int(cleared.rowcount) > 0  # type: ignore[attr-defined]


def aside(session: Session, limit: int = 100) -> list[tuple[int, str]]:
    """Mails set aside, up to `limit` of them (-1: all): id and reason, newest first."""
    rows = session.execute(
        select(col(RawMailRow.id), col(RawMailRow.set_aside))
        .where(col(RawMailRow.set_aside).is_not(None))
        .order_by(col(RawMailRow.id).desc())
        .limit(limit)
    ).all()
    return [(int(raw_id), reason) for raw_id, reason in rows]


def balance(session: Session) -> Balance:
    """What has become of the accepted mails of others (our own are not counted)."""
    states: dict[str, int] = dict(tuple(row) for row in session.execute(_STATES))
    for state, number in session.execute(_OWN_STATES, {"own": OWN}):
        states[state] -= number
    mail_count, accepted = session.execute(_ACCEPTED).one()
    return Balance(
        mails=mail_count,
        accepted=accepted,
        delivered=states.get(DeliveryState.DELIVERED, 0),
        queued=states.get(DeliveryState.QUEUED, 0),
        bounced=states.get(DeliveryState.BOUNCED, 0),
        ours=states.get(DeliveryState.OURS, 0),
        unprocessed=int(session.execute(_UNPROCESSED).scalar_one()),
        set_aside=int(session.execute(_ASIDE).scalar_one()),
    )
