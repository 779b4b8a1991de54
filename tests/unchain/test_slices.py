"""Long works on the database: whoever accepts mail has its turn in between, and each row is done once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from domain.mail import RawMail
from store import backlog, mails
from store.database import Database
from tests.unchain.terminal import Run
from unchain import slices, stuck
from unchain.slices import in_slices


def accept(database: Database, number: int) -> None:
    for each in range(number):
        raw = RawMail(
            content=b"Subject: %d\r\n\r\n" % each,
            mail_from="ann@acme.example",
            rcpt_to=("bob@acme.example",),
            source="smtp",
            received_at=datetime.now(UTC),
        )
        with database.write() as session:
            mails.accept(session, [raw])


def states(database: Database) -> list[bool]:
    with database.read() as session:
        found = backlog.waiting(session, backlog.Wanted(), datetime.now(UTC))
        return [each.held for each in found]


def test_mail_is_accepted_between_two_slices(database: Database) -> None:
    accept(database, 6)
    with database.read() as session:
        names = backlog.names(session)
    edge = Database(database.url)
    # It must not even have to wait.
    event.listen(edge.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=0"))
    edge.engine.dispose()

    holding = in_slices(database, names, stuck.hold_waiting, at_once=2, breath=0)
    assert next(holding).done  # the work is under way
    accept(edge, 1)
    assert states(database) == [True, True, False, False, False, False, False]
    assert all(answer.done for answer in holding)

    assert states(database) == [*[True] * 6, False]  # what came later is delivered
    edge.close()


def test_a_slice_that_fails_leaves_those_before_it_done(database: Database) -> None:
    accept(database, 4)
    with database.read() as session:
        names = backlog.names(session)

    def hold(session: object, some: object) -> list[stuck.Answer]:
        if names[3] in some:  # type: ignore[operator]
            raise RuntimeError("killed")
        return stuck.hold_waiting(session, some)  # type: ignore[arg-type]

    with pytest.raises(RuntimeError):
        list(in_slices(database, names, hold, at_once=2, breath=0))
    assert states(database) == [True, True, False, False]


def test_what_is_gone_meanwhile_is_neither_held_nor_told(database: Database) -> None:
    accept(database, 2)
    with database.write() as session:
        names = backlog.names(session)
        backlog.take_out(session, int(names[0]), datetime.now(UTC))
        assert [each.name for each in stuck.hold_waiting(session, names)] == [names[1]]


def test_all_are_held_released_tried_and_dropped_in_slices(
    unchain: Run, config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "AT_ONCE", 2)
    monkeypatch.setattr(slices, "BREATH", 0.0)
    accept(database, 5)
    assert len(unchain("queue", "hold", "--all", "--json").records) == 5
    assert states(database) == [True] * 5
    assert len(unchain("queue", "release", "--all", "--json").records) == 5
    assert states(database) == [False] * 5
    assert unchain("queue", "release", "--all", "--json").records == []
    assert len(unchain("queue", "retry", "--all", "--json").records) == 5
    names = [str(record["id"]) for record in unchain("queue", "list", "--json").records]
    assert len(unchain("queue", "drop", "--yes", "--silently", "--json", *names).records) == 5
    assert states(database) == []
