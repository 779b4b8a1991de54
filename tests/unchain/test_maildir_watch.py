"""A watched Maildir with a real database: each mail once, touched only when stored, whatever crashes."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from domain.errors import SourceError
from domain.job import JobKind
from domain.mail import RawMail
from ingest.sources.maildir_options import MaildirOptions
from ingest.sources.maildir_watch import MaildirWatch
from store import queue
from store.database import Database
from store.tables import RAW_MAILS
from tests.unchain.installation import RealInstallation
from unchain.mailboxes import Mailboxes


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    return tmp_path / "box"


def put(box: Path, name: str, *, part: str = "new", body: str = "body") -> Path:
    """Deliver as the Maildir format says: written in tmp, then renamed."""
    written = box / "tmp" / name
    written.write_bytes(f"Subject: {name}\n\n{body}\n".encode())
    return written.rename(box / part / name)


def options(box: Path, **changed: Any) -> MaildirOptions:
    return MaildirOptions.model_validate({"path": box, "poll_seconds": 0.2, **changed})


def subjects(database: Database) -> list[str]:
    with database.read() as session:
        rows = session.execute(select(RAW_MAILS).order_by(RAW_MAILS.c.id)).all()
    import zlib

    return [zlib.decompress(row.content).split(b"\n")[0].decode().removeprefix("Subject: ") for row in rows]


@contextmanager
def watching(watch: MaildirWatch) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=watch.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        threading.Event().wait(0.02)


def once(watch: MaildirWatch) -> None:
    watch.take_new(threading.Event())


def files(box: Path) -> list[str]:
    return sorted(path.relative_to(box).as_posix() for path in box.rglob("*") if path.is_file())


def test_what_is_there_and_what_comes_is_taken_in_order(box: Path, database: Database) -> None:
    put(box, "2.b")
    put(box, "1.a:2,S", part="cur")
    with watching(MaildirWatch(options(box, poll_seconds=3600), Mailboxes(database))):
        until(lambda: len(subjects(database)) == 2, "what is there is taken")
        # Between the first look and the watch a file could come unseen until the next poll: come twice.
        until(lambda: bool(put(box, "3.c")) and "3.c" in subjects(database), "what comes is taken at once")
    assert subjects(database) == ["1.a:2,S", "2.b", "3.c"]
    with database.read() as session:
        assert queue.counts(session) == {(JobKind.PROCESS, "ready"): 3}


def test_a_file_in_tmp_is_never_read(box: Path, database: Database) -> None:
    (box / "tmp" / "partial").write_bytes(b"Subject: half")
    (box / "new" / ".hidden").write_bytes(b"Subject: hidden\n\n")
    once(MaildirWatch(options(box), Mailboxes(database)))
    assert subjects(database) == []


def test_a_mail_that_is_read_and_flagged_is_not_taken_again(box: Path, database: Database) -> None:
    mail = put(box, "1.a")
    watch = MaildirWatch(options(box), Mailboxes(database))
    once(watch)
    mail.rename(box / "cur" / "1.a:2,S")
    once(watch)
    once(MaildirWatch(options(box), Mailboxes(database)))  # after a restart
    assert subjects(database) == ["1.a"]


def test_mails_are_deleted_or_moved_once_they_are_stored(
    box: Path, database: Database, tmp_path: Path
) -> None:
    put(box, "1.a")
    once(MaildirWatch(options(box, after="delete"), Mailboxes(database)))
    assert files(box) == []
    put(box, "2.b")
    put(box, "3.c:2,S", part="cur")
    once(MaildirWatch(options(box, after="move", move_to=tmp_path / "lu"), Mailboxes(database)))
    assert (files(box), files(tmp_path / "lu")) == ([], ["cur/3.c:2,S", "new/2.b"])
    assert subjects(database) == ["1.a", "2.b", "3.c:2,S"]


class Failing(Mailboxes):
    """Fails before or after the transaction, as a crash does."""

    stored = False

    def take(self, raws: Sequence[RawMail]) -> None:
        if self.stored:
            super().take(raws)
        raise RuntimeError("killed")


@pytest.mark.parametrize("stored", [False, True], ids=["before the commit", "after the commit"])
def test_a_crash_loses_nothing_and_takes_nothing_twice(box: Path, database: Database, stored: bool) -> None:
    for number in range(120):
        put(box, f"{number:03}.x")
    failing = Failing(database)
    failing.stored = stored
    with pytest.raises(RuntimeError):
        once(MaildirWatch(options(box, after="delete"), failing))
    assert len(files(box)) == 120
    once(MaildirWatch(options(box, after="delete"), Mailboxes(database)))
    assert files(box) == []
    assert subjects(database) == [f"{number:03}.x" for number in range(120)]


def test_what_cannot_be_read_is_left_and_named_once(
    box: Path, database: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(box, "1.a")
    put(box, "2.locked")
    put(box, "3.large", body="x" * 5000)
    (box / "new" / "4.empty").touch()
    (box / "new" / "5.link").symlink_to("/dev/zero")
    os.mkfifo(box / "new" / "6.pipe")
    put(box, "7.z")
    read = Path.read_bytes

    def refuse(path: Path) -> bytes:  # root may read everything
        if path.name == "2.locked":
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    watch = MaildirWatch(options(box, after="delete", max_size=2000), Mailboxes(database))
    for _ in range(3):
        once(watch)
    assert subjects(database) == ["1.a", "7.z"]
    for name, reason in (("2.locked", "Permission denied"), ("3.large", "max_size"), ("4.empty", "empty")):
        assert (box / "new" / name).exists()
        assert [line for line in caplog.messages if name in line and reason in line and "left there" in line]
    assert len(caplog.messages) == 3


def test_a_store_that_fails_and_a_folder_that_is_missing_are_tried_again(
    box: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    (box / "new").rename(box / "away")
    with watching(MaildirWatch(options(box), Mailboxes(database), first_pause=0.02)):
        until(lambda: "cannot be read" in caplog.text, "it is told")
        (box / "away").rename(box / "new")
        put(box, "1.a")
        until(lambda: subjects(database) == ["1.a"], "it is read when it is there")


def test_check_counts_and_says_what_is_wrong(box: Path, database: Database) -> None:
    put(box, "1.a")
    assert MaildirWatch(options(box), Mailboxes(database)).check() == 1
    with pytest.raises(SourceError, match="cannot be read: No such file"):
        MaildirWatch(options(box / "none"), Mailboxes(database)).check()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"after": "move"}, "belong together"),
        ({"move_to": "there"}, "belong together"),
        ({"after": "move", "move_to": "box"}, "name another"),
    ],
)
def test_wrong_options_are_named(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        MaildirOptions.model_validate({"path": "box", **changed})


def test_a_killed_service_takes_each_mail_once(tmp_path: Path, box: Path) -> None:
    installation = RealInstallation(tmp_path)
    section = f'\n[[ingest.maildir]]\npath = "{box}"\nafter = "delete"\npoll_seconds = 0.3\n'
    installation.config.write_text(installation.config.read_text() + section)
    try:
        installation.start()
        for number in range(40):
            put(box, f"{number:03}.x")
        until(lambda: len(files(box)) < 40, "it has begun")
        installation.kill()
        for number in range(40, 60):
            put(box, f"{number:03}.x")
        installation.start()
        until(lambda: files(box) == [], "all are taken")
        database = installation.database()
        assert sorted(subjects(database)) == [f"{number:03}.x" for number in range(60)]
        database.close()
    finally:
        installation.close()


def test_while_the_disk_is_nearly_full_mails_stay_in_the_maildir(
    box: Path, database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ingest.sources.room.LOOK_AGAIN", 0.02)
    short, asked = threading.Event(), threading.Semaphore(0)
    short.set()

    def has_no_room() -> bool:
        asked.release()
        return short.is_set()

    put(box, "1")
    watch = MaildirWatch(options(box, after="delete"), Mailboxes(database), has_no_room=has_no_room)
    with watching(watch):
        for _ in range(5):
            assert asked.acquire(timeout=60)
        assert (files(box), subjects(database)) == (["new/1"], [])
        short.clear()
        until(lambda: subjects(database) == ["1"] and files(box) == [], "it is taken when there is room")
    assert caplog.text.count("the disk is nearly full") == 1


def test_a_maildir_that_waits_for_room_ends_when_it_is_told_to(box: Path, database: Database) -> None:
    put(box, "1")
    with watching(MaildirWatch(options(box), Mailboxes(database), has_no_room=lambda: True)):
        pass
    assert subjects(database) == []
