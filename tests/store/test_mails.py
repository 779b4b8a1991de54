"""Accepted mails: byte for byte, with their jobs, in a balance that holds."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.delivery import DeliveryState
from domain.job import JobKind
from domain.mail import RawMail
from store import mails, queue
from store.database import Database
from store.migrate import upgrade

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CONTENT = b"Subject: hello\r\n\r\n.dots and \xff\x00 bytes\rand lone CR\r\n"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = Database(f"sqlite:///{tmp_path}/unchain.db")
    upgrade(opened)
    return opened


def raw(*recipients: str, source: str = "smtp") -> RawMail:
    return RawMail(
        content=CONTENT, mail_from="ann@acme.example", rcpt_to=recipients, source=source, received_at=NOW
    )


def jobs(database: Database) -> set[tuple[JobKind, str]]:
    with database.read() as session:
        return set(queue.counts(session))


def accept(database: Database, *raws: RawMail) -> list[int]:
    with database.write() as session:
        return mails.accept(session, raws, own_address="unchain@acme.example")


def test_content_comes_back_byte_for_byte(database: Database) -> None:
    (raw_id,) = accept(database, raw("bob@acme.example"))
    with database.read() as session:
        kept = mails.load(session, raw_id)
        assert kept == raw("bob@acme.example")
        assert mails.content(session, mails.digest_of(CONTENT)) == CONTENT


def test_an_accepted_mail_has_a_forward_and_a_process_job(database: Database) -> None:
    accept(database, raw("bob@acme.example"))
    assert jobs(database) == {(JobKind.FORWARD, "ready"), (JobKind.PROCESS, "ready")}


@pytest.mark.parametrize(
    ("source", "recipient", "expected"),
    [
        pytest.param("journal", "bob@acme.example", {JobKind.PROCESS}, id="a journal's copy does not go on"),
        pytest.param("unchain", "bob@acme.example", {JobKind.FORWARD}, id="our own mail is not analysed"),
        pytest.param("smtp", "unchain@acme.example", {JobKind.PROCESS}, id="a mail to us does not go on"),
    ],
)
def test_jobs_by_source(database: Database, source: str, recipient: str, expected: set[JobKind]) -> None:
    accept(database, raw(recipient, source=source))
    assert {kind for kind, _ in jobs(database)} == expected


def accept_and_crash(database: Database) -> None:
    with database.write() as session:
        mails.accept(session, [raw("bob@acme.example")])
        raise RuntimeError


def test_a_transaction_that_fails_keeps_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError):
        accept_and_crash(database)
    assert jobs(database) == set()
    with database.read() as session:
        assert mails.balance(session).accepted == 0


def test_the_balance_holds_through_delivery_and_bounce(database: Database) -> None:
    (raw_id,) = accept(
        database, raw("bob@acme.example", "eve@acme.example", "unchain@acme.example", "bob@acme.example")
    )
    with database.write() as session:
        mails.settle(session, {raw_id: {"bob@acme.example": (DeliveryState.DELIVERED, 250, "ok")}}, NOW)
        mails.settle(session, {raw_id: {"eve@acme.example": (DeliveryState.BOUNCED, 550, "no")}}, NOW)
    with database.read() as session:
        balance = mails.balance(session)
    assert (balance.accepted, balance.delivered, balance.bounced, balance.ours) == (3, 1, 1, 1)
    assert balance.holds


def test_a_lost_delivery_breaks_the_balance(database: Database) -> None:
    accept(database, raw("bob@acme.example", "eve@acme.example"))
    with database.write() as session:
        session.connection().exec_driver_sql("DELETE FROM delivery WHERE address LIKE 'eve%'")
    with database.read() as session:
        assert not mails.balance(session).holds


def test_only_waiting_recipients_are_in_the_consignment(database: Database) -> None:
    (raw_id,) = accept(database, raw("bob@acme.example", "eve@acme.example"))
    with database.write() as session:
        mails.settle(session, {raw_id: {"bob@acme.example": (DeliveryState.DELIVERED, 250, "ok")}}, NOW)
    with database.read() as session:
        found = mails.consignment(session, raw_id)
    assert found is not None
    assert found.waiting == ("eve@acme.example",)
