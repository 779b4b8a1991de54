"""What is submitted is written in groups, and each submitter hears the truth about its own mail."""

import asyncio
import errno
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.mail import RawMail
from ingest.committer import CommitFailed, Committer, QueueFull, is_storage_full
from tests.ingest.smtp_setup import NOW, MemoryStore, until


def raw(name: str, size: int = 10) -> RawMail:
    return RawMail(
        content=name.encode().ljust(size),
        mail_from="ann@example.com",
        rcpt_to=("bob@example.com",),
        source="smtp",
        received_at=NOW,
    )


async def test_mails_that_come_while_one_is_written_share_the_next_transaction() -> None:
    store = MemoryStore()
    committer = Committer(store.commit)
    store.go.clear()
    first = asyncio.create_task(committer.submit(raw("first")))
    await until(store.entered.is_set, "the first commit began")
    later = [asyncio.create_task(committer.submit(raw(f"m{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    store.go.set()
    await asyncio.gather(first, *later)
    assert [len(group) for group in store.groups] == [1, 20]
    await committer.close()


async def test_submit_does_not_return_before_the_commit() -> None:
    store = MemoryStore()
    committer = Committer(store.commit)
    store.go.clear()
    waiting = asyncio.create_task(committer.submit(raw("one")))
    await until(store.entered.is_set, "the commit began")
    assert not waiting.done()
    store.go.set()
    await waiting
    assert len(store.mails) == 1
    await committer.close()


async def test_one_bad_mail_fails_alone() -> None:
    store = MemoryStore()
    store.refuses = lambda mail: mail.content.startswith(b"bad")
    committer = Committer(store.commit)
    names = ["a", "b", "bad", "c", "d"]
    outcomes = await asyncio.gather(*(committer.submit(raw(name)) for name in names), return_exceptions=True)
    assert [isinstance(outcome, CommitFailed) for outcome in outcomes] == [False, False, True, False, False]
    assert [mail.content.strip() for mail in store.mails] == [b"a", b"b", b"c", b"d"]
    await committer.close()


async def test_a_store_that_fails_for_everything_is_not_asked_for_each_mail() -> None:
    calls: list[int] = []

    def commit(mails: Sequence[RawMail]) -> None:
        calls.append(len(mails))
        raise RuntimeError("database is locked")

    committer = Committer(commit)
    outcomes = await asyncio.gather(
        *(committer.submit(raw(str(n))) for n in range(50)), return_exceptions=True
    )
    assert all(isinstance(outcome, CommitFailed) for outcome in outcomes)
    assert calls == [50, 1, 1, 1]
    await committer.close()


async def test_more_mails_than_may_wait_are_refused_and_the_others_kept() -> None:
    store = MemoryStore()
    committer = Committer(store.commit, max_mails=2)
    store.go.clear()
    taken = [asyncio.create_task(committer.submit(raw(name))) for name in "ab"]
    await until(store.entered.is_set, "the commit began")
    with pytest.raises(QueueFull):
        await committer.submit(raw("c"))
    store.go.set()
    await asyncio.gather(*taken)
    await committer.submit(raw("d"))
    assert [mail.content.strip() for mail in store.mails] == [b"a", b"b", b"d"]
    await committer.close()


async def test_more_bytes_than_may_wait_are_refused() -> None:
    store = MemoryStore()
    committer = Committer(store.commit, max_bytes=100)
    with pytest.raises(QueueFull):
        await committer.submit(raw("huge", size=101))
    await committer.submit(raw("small", size=100))
    assert len(store.mails) == 1
    await committer.close()


async def test_close_writes_what_was_taken_and_takes_nothing_more() -> None:
    store = MemoryStore()
    committer = Committer(store.commit)
    waiting = [asyncio.create_task(committer.submit(raw(str(n)))) for n in range(5)]
    await asyncio.sleep(0)
    await committer.close()
    await asyncio.gather(*waiting)
    assert len(store.mails) == 5
    with pytest.raises(QueueFull):
        await committer.submit(raw("late"))


async def test_a_submitter_that_gave_up_does_not_harm_the_others() -> None:
    store = MemoryStore()
    committer = Committer(store.commit)
    store.go.clear()
    gone, stays = (asyncio.create_task(committer.submit(raw(name))) for name in ("gone", "stays"))
    await until(store.entered.is_set, "the commit began")
    gone.cancel()
    store.go.set()
    await stays
    await committer.submit(raw("next"))
    assert len(store.mails) == 3
    await committer.close()


async def test_the_reason_never_repeats_the_values_of_a_database_error() -> None:
    store = MemoryStore()
    store.error = RuntimeError("(OperationalError) locked\n[parameters: ('secret mail text',)]")
    committer = Committer(store.commit)
    with pytest.raises(CommitFailed) as failed:
        await committer.submit(raw("x"))
    assert "locked" in str(failed.value)
    assert "secret" not in str(failed.value)
    await committer.close()


def test_a_full_disk_is_recognised_below_other_errors() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    wrapped = RuntimeError("could not write")
    wrapped.__cause__ = full
    assert is_storage_full(wrapped)
    assert not is_storage_full(RuntimeError("locked"))


def test_a_full_sqlite_database_is_recognised(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "small.db")
    database.execute("CREATE TABLE t (x)")
    database.execute("PRAGMA max_page_count=2")
    with pytest.raises(sqlite3.OperationalError) as full:
        database.execute("INSERT INTO t VALUES (zeroblob(100000))")
    database.close()
    assert is_storage_full(full.value)
