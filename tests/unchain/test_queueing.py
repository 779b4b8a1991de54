"""`unchain queue`: what is stuck is seen, tried, held or given up, and the balance holds through it all."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlmodel import Session

from domain.delivery import Balance, DeliveryState
from domain.errors import Refused, Uncertain
from domain.job import JobKind
from domain.mail import RawMail
from store import backlog, mails, queue
from store.database import Database
from store.publications import PublicationState
from tests.unchain.terminal import Run
from tests.unchain.test_courier import Depot, depot, running, until  # noqa: F401 — a fixture among them
from tests.unchain.workshop import ANA, BOB, CLEO, OWN, Workshop, mail
from unchain import stuck

COMMANDS = ("list", "show", "retry", "hold", "release", "drop")
LEASE = timedelta(minutes=10)


def accept(
    database: Database,
    *recipients: str,
    sender: str = ANA,
    age: timedelta = timedelta(),
    source: str = "smtp",
) -> str:
    """The number of a mail that waits, accepted so long ago."""
    raw = RawMail(
        content=mail(0),
        mail_from=sender,
        rcpt_to=recipients or (BOB,),
        source=source,
        received_at=datetime.now(UTC) - age,
    )
    with database.write() as session:
        (raw_id,) = mails.accept(session, [raw], own_address=OWN)
    return str(raw_id)


def claim(session: Session) -> None:
    queue.claim(session, [JobKind.FORWARD], owner="edge", now=datetime.now(UTC), lease=LEASE, limit=20)


def refuse_for_now(database: Database, words: str) -> None:
    """One more try of all mails that are due, to which the next hop says not yet."""
    with database.write() as session:
        now = datetime.now(UTC)
        for job in queue.claim(session, [JobKind.FORWARD], owner="e", now=now, lease=LEASE, limit=20):
            queue.postpone(session, job, now + timedelta(hours=1), words)
            left = mails.consignment(session, int(job.subject))
            assert left is not None
            state = (DeliveryState.QUEUED, 451, words)
            mails.settle(session, {int(job.subject): dict.fromkeys(left.waiting, state)}, now)


def balance(database: Database) -> Balance:
    with database.read() as session:
        return mails.balance(session)


def due(database: Database) -> list[str]:
    """The numbers of the mails that a courier would take now."""
    with database.write() as session:
        now = datetime.now(UTC)
        jobs = queue.claim(session, [JobKind.FORWARD], owner="look", now=now, lease=LEASE, limit=20)
        queue.release(session, "look")
    return [job.subject for job in jobs]


def own_mails(database: Database) -> list[RawMail]:
    with database.read() as session:
        found = (mails.load(session, raw_id) for raw_id in range(1, 30))
        return [each for each in found if each is not None and each.source == mails.OWN]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command_begins_with_an_example(unchain: Run, name: str) -> None:
    said = unchain("queue", name, "--help").out
    example = re.search(rf"^\W*unchain queue {name}\b.*", said, re.MULTILINE)
    assert example
    assert example.start() < said.index("Options")


def test_an_empty_queue_says_so(unchain: Run, config: Path) -> None:
    assert "Nothing waits" in unchain("queue", "list").out
    assert unchain("queue", "list", "--json").records == []


def test_a_waiting_mail_is_listed_with_all_that_an_operator_asks_for(
    unchain: Run, config: Path, database: Database
) -> None:
    number = accept(database, BOB, CLEO, age=timedelta(hours=3))
    refuse_for_now(database, "451 4.7.1 come back later")

    record = unchain("queue", "list", "--json").record

    assert (record["id"], record["state"], record["kind"]) == (number, "waiting", "forward")
    assert (record["sender"], record["recipients"]) == (ANA, [BOB, CLEO])
    assert (record["attempts"], record["answer"]) == (1, "451 4.7.1 come back later")
    assert 3 * 3600 <= record["age"] < 4 * 3600
    assert record["size"] == len(mail(0))
    assert datetime.fromisoformat(record["next_try"]) > datetime.now(UTC)
    shown = unchain("queue", "list").out
    assert all(words in shown for words in (number, "3 h", ANA, f"{BOB} +1", "451 4.7.1 come back later"))


def test_only_the_recipients_who_still_wait_are_listed(
    unchain: Run, config: Path, database: Database
) -> None:
    number = accept(database, BOB, CLEO)
    with database.write() as session:
        delivered = (DeliveryState.DELIVERED, 250, "ok")
        mails.settle(session, {int(number): {BOB: delivered}}, datetime.now(UTC))
    assert unchain("queue", "list", "--json").record["recipients"] == [CLEO]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--sender", "ANA@"], ["1", "3"]),
        (["--recipient", "cleo"], ["2", "3"]),
        (["--older", "2h"], ["2"]),
        (["--held"], ["3"]),
        (["--sender", "ana", "--recipient", "cleo"], ["3"]),
        (["--limit", "1"], ["1"]),
        (["--sender", "%"], []),
    ],
    ids=" ".join,
)
def test_the_list_is_narrowed(
    unchain: Run, config: Path, database: Database, filters: list[str], expected: list[str]
) -> None:
    accept(database, BOB)
    accept(database, CLEO, sender="dev@acme.example", age=timedelta(hours=3))
    accept(database, BOB, CLEO)
    unchain("queue", "hold", "3")
    assert [each["id"] for each in unchain("queue", "list", "--json", *filters).records] == expected


def test_people_see_the_first_hundred_and_that_there_are_more(
    unchain: Run, config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unchain.cli.queueing.FIRST_ONES", 2)
    for _ in range(3):
        accept(database, BOB)
    assert "--limit 0" in unchain("queue", "list").out
    assert "--limit 0" not in unchain("queue", "list", "--limit", 0).out
    assert len(unchain("queue", "list", "--json").records) == 3


def test_an_age_that_is_none_is_a_mistake_of_usage(unchain: Run, config: Path) -> None:
    ended = unchain("queue", "list", "--older", "soon")
    assert ended.code == 2
    assert "--older" in ended.err


def test_a_mail_is_shown_with_header_recipients_and_the_next_hops_words(
    unchain: Run, config: Path, database: Database
) -> None:
    number = accept(database, BOB, CLEO)
    refuse_for_now(database, "4.7.1 come back later")

    record = unchain("queue", "show", number, "--json").record

    assert "Subject: Which coffee next" in record["header"]
    assert [each["address"] for each in record["recipients"]] == [BOB, CLEO]
    (state,) = {(each["state"], each["code"], each["text"]) for each in record["recipients"]}
    assert state == ("queued", 451, "4.7.1 come back later")
    assert (record["attempts"], record["delay_told_at"], record["set_aside"]) == (1, None, None)
    shown = unchain("queue", "show", number).out
    assert "Subject: Which coffee next" in shown
    assert f"{CLEO}: queued" in shown


def test_the_raw_mail_is_printed_as_it_came(unchain: Run, config: Path, database: Database) -> None:
    number = accept(database, BOB)
    assert unchain("queue", "show", number, "--content").out.encode() == mail(0)


def test_a_header_commands_no_terminal(unchain: Run, config: Path, database: Database) -> None:
    raw = RawMail(
        content=b"Subject: \x1b]0;pwned\x07\r\n\r\n",
        mail_from=ANA,
        rcpt_to=(BOB,),
        source="smtp",
        received_at=datetime.now(UTC),
    )
    with database.write() as session:
        mails.accept(session, [raw])
    assert "\x1b" not in unchain("queue", "show", "1").out


@pytest.mark.parametrize("name", ["show", "retry", "hold", "release", "drop"])
def test_what_is_not_there_ends_with_one(unchain: Run, config: Path, name: str) -> None:
    ended = unchain("queue", name, "4711", *(["--yes"] if name == "drop" else []))
    assert ended.code == 1
    assert "there is no such mail" in ended.err


@pytest.mark.parametrize("wrong", ["-", "fridge/1", "process/x", "publish/", "1" * 30])
def test_a_name_that_is_none_is_a_mistake_of_usage(unchain: Run, config: Path, wrong: str) -> None:
    assert unchain("queue", "show", "--", wrong).code == 2


@pytest.mark.parametrize("arguments", [[], ["--all", "1"]], ids=["nothing", "both"])
@pytest.mark.parametrize("name", ["retry", "hold", "release"])
def test_what_is_meant_must_be_said(unchain: Run, config: Path, name: str, arguments: list[str]) -> None:
    assert unchain("queue", name, *arguments).code == 2


@pytest.mark.parametrize("which", ["1", "--all"])
def test_a_retried_mail_is_due_at_once(unchain: Run, config: Path, database: Database, which: str) -> None:
    accept(database, BOB)
    refuse_for_now(database, "451 later")
    assert due(database) == []

    record = unchain("queue", "retry", which, "--json").record

    assert record == {"id": "1", "done": True, "said": "is tried now"}
    assert due(database) == ["1"]


@pytest.mark.parametrize("command", ["retry", "release"])
@pytest.mark.parametrize("which", ["1", "--all"])
def test_a_held_mail_waits_until_it_is_let_go(
    unchain: Run, config: Path, database: Database, command: str, which: str
) -> None:
    accept(database, BOB)
    assert unchain("queue", "hold", which).code == 0
    assert due(database) == []
    assert unchain("queue", "list", "--held", "--json").record["state"] == "held"
    assert (balance(database).queued, balance(database).holds) == (1, True)

    assert unchain("queue", command, which).code == 0
    assert due(database) == ["1"]


def test_release_leaves_what_is_not_held(unchain: Run, config: Path, database: Database) -> None:
    accept(database, BOB)
    refuse_for_now(database, "451 later")
    assert unchain("queue", "release", "1").code == 1
    unchain("queue", "release", "--all")
    assert due(database) == []


def test_a_dropped_mail_counts_as_bounced_and_its_sender_is_told(
    unchain: Run, config: Path, database: Database
) -> None:
    number = accept(database, BOB, CLEO)
    with database.write() as session:
        delivered = (DeliveryState.DELIVERED, 250, "ok")
        mails.settle(session, {int(number): {CLEO: delivered}}, datetime.now(UTC))

    assert unchain("queue", "drop", number, "--yes").code == 0

    assert (balance(database).bounced, balance(database).delivered) == (1, 1)
    assert balance(database).holds
    (told,) = own_mails(database)
    assert told.rcpt_to == (ANA,)
    report = message_from_bytes(told.content, policy=policy.default).as_string()
    assert "dropped by the operator" in report
    assert f"Final-Recipient: rfc822; {BOB}" in report
    assert f"Final-Recipient: rfc822; {CLEO}" not in report
    assert due(database) == ["2"]  # the notification itself


@pytest.mark.parametrize(
    ("of", "options"),
    [
        pytest.param({}, ["--silently"], id="silently"),
        pytest.param({"sender": ""}, [], id="null sender"),
    ],
)
def test_a_drop_that_tells_nobody(
    unchain: Run, config: Path, database: Database, of: dict[str, str], options: list[str]
) -> None:
    number = accept(database, BOB, **of)  # type: ignore[arg-type]
    assert unchain("queue", "drop", number, "--yes", *options).code == 0
    assert own_mails(database) == []
    assert (balance(database).bounced, balance(database).holds) == (1, True)


def test_a_drop_that_is_not_confirmed_drops_nothing(
    unchain: Run, config: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = accept(database, BOB)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    assert unchain("queue", "drop", number).code == 1
    assert balance(database).queued == 1


def test_a_mail_that_is_on_its_way_is_not_dropped_but_can_be_held(
    unchain: Run, config: Path, database: Database
) -> None:
    number = accept(database, BOB)
    with database.write() as session:
        claim(session)
    ended = unchain("queue", "drop", number, "--yes")
    assert ended.code == 1
    assert "on its way" in ended.err
    assert unchain("queue", "list", "--json").record["state"] == "under way"
    assert unchain("queue", "hold", number).code == 0
    assert balance(database).queued == 1


def test_a_mail_held_while_it_was_on_its_way_stays_held_when_it_was_not_taken(database: Database) -> None:
    accept(database, BOB)
    now = datetime.now(UTC)
    with database.write() as session:
        (job,) = queue.claim(session, [JobKind.FORWARD], owner="e", now=now, lease=LEASE, limit=1)
        backlog.hold(session, backlog.names(session))
        queue.postpone(session, job, now, "451 later")
    assert due(database) == []


def test_a_mail_held_while_it_was_on_its_way_is_done_when_it_was_taken(database: Database) -> None:
    accept(database, BOB)
    now = datetime.now(UTC)
    with database.write() as session:
        (job,) = queue.claim(session, [JobKind.FORWARD], owner="e", now=now, lease=LEASE, limit=1)
        backlog.hold(session, backlog.names(session))
        queue.finish(session, job)
        assert list(backlog.waiting(session, backlog.Wanted(), now)) == []


def test_a_dropped_mail_that_a_paused_courier_delivers_late_stays_bounced_and_the_balance_holds(
    database: Database,
) -> None:
    number = int(accept(database, BOB))
    now = datetime.now(UTC)
    with database.write() as session:
        queue.claim(session, [JobKind.FORWARD], owner="e", now=now - LEASE * 2, lease=LEASE, limit=1)
        ticket = stuck.Ticket(kind=JobKind.FORWARD, subject=str(number))
        assert stuck.drop(session, ticket, None, now).done
        mails.settle(session, {number: {BOB: (DeliveryState.DELIVERED, 250, "ok")}}, now)
    assert (balance(database).bounced, balance(database).holds) == (1, True)


async def test_a_running_courier_heeds_hold_and_retry(depot: Depot) -> None:  # noqa: F811
    depot.sink.answer(BOB, "451 4.7.1 come back later")
    depot.accept(BOB)
    async with running(depot.courier()):
        await until(depot.held_back, "postponed")
        with depot.database.write() as session:
            assert [each.done for each in stuck.hold_waiting(session, backlog.names(session))] == [True]
        depot.sink.behave()
        depot.clock.advance(timedelta(days=1))
        depot.accept(CLEO)
        await until(lambda: depot.balance().delivered == 1, "the other one is delivered")
        assert depot.balance().queued == 1
        with depot.database.write() as session:
            stuck.retry_waiting(session, backlog.names(session), depot.clock.now)
        await until(lambda: depot.balance().delivered == 2, "delivered")
    assert [sunk.rcpt_to for sunk in depot.sink.mails()] == [(CLEO,), (BOB,)]


async def test_a_failed_job_is_listed_with_its_reason_and_runs_again_when_it_is_retried(
    unchain: Run, config: Path, shop: Workshop
) -> None:
    shop.wiki.fails.append(Refused("the title is not allowed"))
    shop.receive_talk()
    await shop.settle()
    name = f"publish/{shop.publication().key}"
    (job,) = [each for each in unchain("queue", "list", "--json").records if each["kind"] == "publish"]
    assert (job["id"], job["state"], job["reason"]) == (name, "failed", "the title is not allowed")
    assert f"{name}: the title is not allowed" in unchain("queue", "list").out
    assert unchain("queue", "show", name, "--json").record == job

    assert unchain("queue", "retry", name).code == 0
    shop.clock.now = datetime.now(UTC) + timedelta(seconds=1)
    await shop.work()

    assert shop.publication().state is PublicationState.PUBLISHED
    assert len(shop.wiki.published) == 1


async def uncertain(shop: Workshop) -> str:
    """A publication of which nobody knows whether it has landed."""
    shop.wiki.forgets_keys()
    shop.wiki.fails.append(Uncertain("no answer came"))
    shop.receive_talk()
    await shop.settle()
    assert shop.publication().state is PublicationState.UNCERTAIN
    return f"publish/{shop.publication().key}"


@pytest.mark.parametrize("which", ["name", "--all"])
async def test_what_may_have_landed_is_not_posted_again_by_retry(
    unchain: Run, config: Path, shop: Workshop, which: str
) -> None:
    name = await uncertain(shop)
    ended = unchain("queue", "retry", name if which == "name" else which)
    assert ended.code == 1
    assert "look in the space" in ended.err
    shop.clock.now = datetime.now(UTC) + timedelta(seconds=1)
    await shop.work()
    assert shop.wiki.tries == 1


async def test_a_human_who_has_looked_may_have_it_posted_again(
    unchain: Run, config: Path, shop: Workshop
) -> None:
    name = await uncertain(shop)
    assert unchain("queue", "retry", name, "--not-there").code == 0
    shop.clock.now = datetime.now(UTC) + timedelta(seconds=1)
    await shop.work()
    assert shop.publication().state is PublicationState.PUBLISHED


async def test_a_failed_job_that_is_dropped_is_listed_no_more(
    unchain: Run, config: Path, shop: Workshop
) -> None:
    name = await uncertain(shop)
    assert unchain("queue", "drop", name, "--yes").code == 0
    assert [each for each in unchain("queue", "list", "--json").records if each["kind"] != "forward"] == []


@pytest.mark.parametrize("which", ["1", "process/1", "--all"])
async def test_a_mail_that_was_set_aside_is_read_again(
    unchain: Run, config: Path, shop: Workshop, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    def broken(_: RawMail) -> None:
        raise ValueError("a header nobody foresaw")

    with monkeypatch.context() as patched:
        patched.setattr("unchain.pipeline.read", broken)
        shop.receive(mail(0))
        for _ in range(4):
            await shop.work()
            shop.clock.advance(timedelta(hours=1))
    assert "process/1" in [each["id"] for each in unchain("queue", "list", "--json").records]
    assert (
        unchain("queue", "show", "1", "--json").record["set_aside"] == "ValueError: a header nobody foresaw"
    )

    assert unchain("queue", "retry", which).code == 0
    shop.clock.now = datetime.now(UTC) + timedelta(seconds=1)
    await shop.work()

    assert len(shop.thread().messages) == 1
    assert balance(shop.database).set_aside == 0
    assert unchain("status").code == 0


def test_only_mails_can_be_held(unchain: Run, config: Path, database: Database) -> None:
    ended = unchain("queue", "hold", "process/1")
    assert ended.code == 1
    assert "only mails" in ended.err
