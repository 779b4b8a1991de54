"""Taking in an archive: stored, threaded and judged, no mail sent.

Repeating it adds nothing; an interrupted one goes on where it stopped.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from domain.decision import Decision, Outcome
from domain.mail import Automatic, Message
from ingest.parse import read
from ingest.sources.archive import Archive, ArchivedMail
from ingest.sources.registry import open_archive
from store import decisions, imports, mails, thread_keys, threads
from store.database import Database
from unchain.joining import join
from unchain.pipeline import Pipeline

BATCH = 200  # mails in one transaction
JUDGED_TOGETHER = 50  # threads whose decisions are written in one transaction


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did, so far or in the end."""

    read: int = 0
    added: int = 0
    duplicates: int = 0  # were there before, or come twice in the archive
    broken: tuple[str, ...] = ()  # name and defects of mails that were hard to read; they are in all the same
    automatic: int = 0  # robots, newsletters, bounces
    position: int = 0  # bytes read
    threads: frozenset[str] = field(default_factory=frozenset)  # begun or grown
    known: frozenset[str] = field(default_factory=frozenset)  # of mails that were there before


class Importer:
    """Reads an archive into the database."""

    def __init__(self, *, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def start_of(self, path: Path) -> int:
        """Where an earlier import of this archive stopped, in bytes."""
        with self._database.read() as session:
            return imports.position(session, _name(path), fingerprint(path))

    def run(self, archive: Archive, path: Path, progress: Callable[[ImportReport], None]) -> ImportReport:
        """Take in all mails, a transaction for each batch; `progress` is told after each."""
        report = ImportReport()
        for batch in _batches(archive):
            messages = [(mail, read(mail.raw)) for mail in batch]
            report = self._write(messages, path, report)
            progress(report)
        return replace(
            report,
            broken=(*report.broken, *archive.defects),
            threads=self._living(report.threads),
            known=self._living(report.known),
        )

    def _living(self, thread_ids: Collection[str]) -> frozenset[str]:
        """What later mails made of these threads: two may have proved to be one."""
        with self._database.read() as session:
            return frozenset(
                living for each in thread_ids if (living := threads.current(session, each)) is not None
            )

    def undecided(self) -> frozenset[str]:
        """Imported threads that were never judged: an earlier import was interrupted before that."""
        with self._database.read() as session:
            return frozenset(threads.undecided_archives(session))

    def _write(
        self, messages: Sequence[tuple[ArchivedMail, Message]], path: Path, report: ImportReport
    ) -> ImportReport:
        digests = [message.digest for _, message in messages]
        fresh: dict[str, str] = {}
        changed: set[str] = set()
        with self._database.write() as session:
            held = thread_keys.of_digests(session, digests)
            stored = mails.known_digests(session, digests)
            for mail, message in messages:
                if message.digest in held or message.digest in fresh:
                    continue
                place = join(session, message, origin=mail.raw.source)
                fresh[message.digest] = place.thread_id
                changed |= place.changed
                if message.digest not in stored:
                    mails.insert_raws(session, [mail.raw])
            added = thread_keys.of_digests(session, fresh)  # a copy of another mail adds only its people
            end = messages[-1][0].end
            imports.advance(session, _name(path), fingerprint(path), end, self._clock())
        return replace(
            report,
            read=report.read + len(messages),
            added=report.added + len(added),
            duplicates=report.duplicates + len(messages) - len(added),
            broken=report.broken
            + tuple(_defects(mail, message) for mail, message in messages if message.defects),
            automatic=report.automatic
            + sum(
                message.automatic is not Automatic.NO for _, message in messages if message.digest in added
            ),
            position=end,
            threads=report.threads.union(added.values(), changed),
            known=report.known.union(held.values(), (fresh[each] for each in fresh if each not in added)),
        )


def dry_run(path: Path, progress: Callable[[ImportReport, int], None]) -> ImportReport:
    """Read an archive as an import would, writing nothing; raises SourceError."""
    archive = open_archive(path)
    report = ImportReport()
    seen: set[str] = set()
    for batch in _batches(archive):
        messages = [(mail, read(mail.raw)) for mail in batch]
        fresh = {message.digest: message for _, message in messages if message.digest not in seen}
        seen.update(fresh)
        report = replace(
            report,
            read=report.read + len(batch),
            added=report.added + len(fresh),
            duplicates=report.duplicates + len(batch) - len(fresh),
            broken=report.broken
            + tuple(_defects(mail, message) for mail, message in messages if message.defects),
            automatic=report.automatic + sum(m.automatic is not Automatic.NO for m in fresh.values()),
            position=batch[-1].end,
        )
        progress(report, archive.total_bytes)
    return replace(report, broken=(*report.broken, *archive.defects))


def judge_threads(
    pipeline: Pipeline, thread_ids: Sequence[str], *, publish: Callable[[Decision], bool]
) -> Iterator[Decision]:
    """Judge imported threads and record it; those that `publish` admits are planned, without any mail.

    Decisions are given out in groups, when they are safely written.

    Threads that live are left to the worker, which judges them when they settle.
    """
    waiting = iter(thread_ids)
    while some := list(islice(waiting, JUDGED_TOGETHER)):
        judged = [found for each in some if (found := pipeline.examiner.examine(each)) is not None]
        decided = [(found, pipeline.examiner.decide(found)) for found in judged if not found.thread.moved_to]
        recorded: list[Decision] = []
        with pipeline.database.write() as session:
            for found, decision in decided:
                if not threads.is_archived(session, found.thread.id):
                    continue
                decisions.record(session, decision, found.classification)
                if decision.outcome is Outcome.MOVE and publish(decision):
                    pipeline.plan(session, found, decision)
                recorded.append(decision)
        yield from recorded


def fingerprint(path: Path) -> str:
    """What tells one archive from another of the same name: the first 64 kB of a file, a folder's path.

    A file that only grew keeps its fingerprint, so that its new mails alone are read.
    """
    if path.is_dir():
        return "folder"
    with path.open("rb") as file:
        return hashlib.sha256(file.read(65536)).hexdigest()


def _name(path: Path) -> str:
    return str(path.resolve())


def _defects(mail: ArchivedMail, message: Message) -> str:
    return f"{mail.name}: {'; '.join(message.defects)}"


def _batches(archive: Archive) -> Iterator[list[ArchivedMail]]:
    mails_left = iter(archive)
    while batch := list(islice(mails_left, BATCH)):
        yield batch
