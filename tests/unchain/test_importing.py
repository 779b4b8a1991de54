"""Taking in archives: all of it, once, resumable, without a mail to anybody."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from domain.decision import Outcome
from domain.errors import SourceError
from ingest.sources.registry import open_archive
from store import decisions, mails, threads
from tests.unchain.archives import as_mbox, talk, write_folder, write_gzipped, write_maildir, write_mbox
from tests.unchain.workshop import BOB, TEAM, Workshop, mail
from unchain import importing
from unchain.importing import Importer, ImportReport, dry_run, judge_threads

FORMS = [
    pytest.param(write_mbox, "mbox", id="mbox"),
    pytest.param(write_gzipped, "mbox", id="mbox.gz"),
    pytest.param(write_maildir, "maildir", id="Maildir"),
    pytest.param(write_folder, "eml", id="folder of .eml"),
]


def take_in(shop: Workshop, path: Path) -> ImportReport:
    """Import as the command does."""
    importer = Importer(database=shop.database, clock=shop.clock)
    return importer.run(open_archive(path, importer.start_of(path)), path, lambda _: None)


@pytest.mark.parametrize(("write", "source"), FORMS)
async def test_every_form_of_archive_gives_the_same_threads_and_no_mail(
    shop: Workshop, tmp_path: Path, write: Callable[[Path, Sequence[bytes]], Path], source: str
) -> None:
    path = write(tmp_path / "archive", [*talk(3), *talk(2, "Tea", first=10)])

    report = take_in(shop, path)
    await shop.settle()

    assert (report.read, report.added, report.duplicates, report.broken) == (5, 5, 0, ())
    sizes = {thread.subject: len(thread.messages) for thread in shop.all_threads()}
    assert sizes == {"Which coffee next": 3, "Tea": 2}
    with shop.database.read() as session:
        loaded = mails.load(session, 1)
        assert loaded is not None
        assert loaded.source == source
        assert all(threads.is_archived(session, thread_id) for thread_id in report.threads)
    assert shop.jobs() == {}
    assert shop.notices() == []


@pytest.mark.parametrize(("write", "source"), FORMS)
def test_importing_again_adds_nothing(
    shop: Workshop, tmp_path: Path, write: Callable[[Path, Sequence[bytes]], Path], source: str
) -> None:
    path = write(tmp_path / "archive", talk(4))
    take_in(shop, path)
    before = shop.thread()

    again = take_in(shop, path)

    assert again.added == 0
    assert again.threads == frozenset()
    assert shop.thread() == before


def test_an_interrupted_import_goes_on_where_it_stopped(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    path = write_mbox(tmp_path / "archive", talk(5))

    def interrupt(report: ImportReport) -> None:
        if report.read == 4:
            raise KeyboardInterrupt

    importer = Importer(database=shop.database, clock=shop.clock)
    with pytest.raises(KeyboardInterrupt):
        importer.run(open_archive(path), path, interrupt)
    assert len(shop.thread().messages) == 4

    rest = take_in(shop, path)

    assert (rest.read, rest.added) == (1, 1)
    assert len(shop.thread().messages) == 5


def test_what_an_interrupted_import_left_unjudged_is_known(shop: Workshop, tmp_path: Path) -> None:
    importer = Importer(database=shop.database, clock=shop.clock)
    take_in(shop, write_mbox(tmp_path / "archive", talk(3)))
    assert importer.undecided() == {shop.thread().id}

    list(judge_threads(shop.pipeline, [shop.thread().id], publish=lambda _: False))

    assert importer.undecided() == frozenset()


@pytest.mark.parametrize(
    ("filling", "read"),
    [pytest.param(10, 6, id="small: read again"), pytest.param(70_000, 2, id="large: read from its old end")],
)
def test_a_grown_mbox_adds_only_what_is_new(shop: Workshop, tmp_path: Path, filling: int, read: int) -> None:
    first = mail("first", "tea\n" * (filling // 4), subject="Tea")
    path = write_mbox(tmp_path / "archive", [first, *talk(3)])
    take_in(shop, path)
    with path.open("ab") as file:
        file.write(as_mbox(talk(5)[3:]))

    report = take_in(shop, path)

    assert (report.added, report.read) == (2, read)
    (grown,) = [thread for thread in shop.all_threads() if thread.subject == "Which coffee next"]
    assert len(grown.messages) == 5


def test_another_archive_of_the_same_name_is_read_from_its_start(shop: Workshop, tmp_path: Path) -> None:
    take_in(shop, write_mbox(tmp_path / "archive", talk(6)))
    report = take_in(shop, write_mbox(tmp_path / "archive", talk(2, "Tea", first=10)))
    assert (report.read, report.added) == (2, 2)


def test_the_same_mail_in_two_archives_is_taken_once(shop: Workshop, tmp_path: Path) -> None:
    take_in(shop, write_mbox(tmp_path / "one", talk(3)))
    report = take_in(shop, write_folder(tmp_path / "two", talk(4)))
    assert (report.added, report.duplicates) == (1, 3)
    assert len(shop.thread().messages) == 4


def test_a_copy_with_other_trace_headers_is_a_duplicate_each_time(shop: Workshop, tmp_path: Path) -> None:
    content = talk(1)[0]
    copy = b"Received: by list.acme.example with SMTP id 7; Mon, 2 Mar 2026 09:00:00 +0000\n" + content
    path = write_folder(tmp_path / "two", [content, copy])
    for added in (1, 0):
        report = take_in(shop, path)
        assert (report.added, report.duplicates) == (added, 2 - added)
    assert len(shop.thread().messages) == 1


def test_broken_and_automatic_mails_are_told_and_taken_in(shop: Workshop, tmp_path: Path) -> None:
    robot = mail("robot", subject="Build 7", headers={"Auto-Submitted": "auto-generated"})
    broken = b"Message-ID: <b@acme.example>\nSubject: =?utf-8?B?4pyTIMOg?=\n\nno sender, no date\n"
    report = take_in(shop, write_folder(tmp_path / "odd", [robot, broken]))

    assert (report.added, report.automatic) == (2, 1)
    (sentence,) = report.broken
    assert sentence.startswith("001.eml: ")


def test_a_file_that_cannot_be_read_is_told(shop: Workshop, tmp_path: Path) -> None:
    path = write_folder(tmp_path / "odd", talk(3))
    archive = open_archive(path)
    (path / "002.eml").unlink()

    report = Importer(database=shop.database, clock=shop.clock).run(archive, path, lambda _: None)

    assert report.added == 2
    assert report.broken == ("002.eml cannot be read: No such file or directory",)


def test_a_dry_run_tells_the_same_and_writes_nothing(shop: Workshop, tmp_path: Path) -> None:
    path = write_mbox(tmp_path / "archive", [*talk(3), talk(3)[1]])
    told: list[int] = []

    dry = dry_run(path, lambda report, total: told.append(total))

    assert shop.all_threads() == []
    assert told[-1] == path.stat().st_size
    wet = take_in(shop, path)
    assert (dry.read, dry.added, dry.duplicates) == (wet.read, wet.added, wet.duplicates) == (4, 3, 1)


def test_a_path_that_holds_no_mail_is_an_error_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "manual").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    with pytest.raises(SourceError, match="PDF"):
        dry_run(tmp_path / "manual", lambda report, total: None)


async def test_judging_an_import_records_decisions_and_posts_nothing(shop: Workshop, tmp_path: Path) -> None:
    report = take_in(shop, write_mbox(tmp_path / "archive", talk(3)))

    (decision,) = judge_threads(shop.pipeline, sorted(report.threads), publish=lambda _: False)
    await shop.settle()

    assert decision.outcome is Outcome.MOVE
    with shop.database.read() as session:
        assert decisions.latest(session, shop.thread().id) == decision
    assert shop.publications() == []


async def test_publishing_an_import_posts_and_sends_no_mail(shop: Workshop, tmp_path: Path) -> None:
    report = take_in(shop, write_mbox(tmp_path / "archive", talk(3)))

    for _ in range(2):
        list(judge_threads(shop.pipeline, sorted(report.threads), publish=lambda _: True))
        await shop.settle()

    assert len(shop.wiki.texts()) == 3
    assert len(shop.publications()) == 1
    assert shop.notices() == []


def test_a_thread_that_lives_is_left_to_the_worker(shop: Workshop, tmp_path: Path) -> None:
    shop.receive(mail(0))
    shop.pipeline.process(1)
    report = take_in(shop, write_mbox(tmp_path / "archive", talk(3)))

    assert report.threads == {shop.thread().id}
    assert list(judge_threads(shop.pipeline, sorted(report.threads), publish=lambda _: True)) == []


async def test_a_live_answer_revives_a_published_archived_thread(shop: Workshop, tmp_path: Path) -> None:
    report = take_in(shop, write_mbox(tmp_path / "archive", talk(3)))
    list(judge_threads(shop.pipeline, sorted(report.threads), publish=lambda _: True))
    await shop.settle()

    shop.receive(mail(3, sender=BOB, answers=2))
    await shop.settle()

    assert len(shop.wiki.texts()) == 4
    assert shop.told("redirect") == dict.fromkeys(TEAM, 1)
