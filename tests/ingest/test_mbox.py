import gzip
import io
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import SourceError
from ingest.sources import mbox
from ingest.sources.archive import ArchivedMail
from ingest.sources.mbox import MboxArchive

FIRST = b"From ana@example.com Mon May  6 10:00:00 2024\nFrom: ana@example.com\nSubject: One\n\nHello.\n\n"
SECOND = b"From bob@example.com Mon May  6 11:00:00 2024\nFrom: bob@example.com\nSubject: Two\n\nHi.\n\n"


def written(folder: Path, content: bytes, name: str = "team.mbox") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def mails(path: Path, start: int = 0) -> list[ArchivedMail]:
    return list(MboxArchive(path, start))


def test_mails_come_without_separator_and_last_blank_line(tmp_path: Path) -> None:
    first, second = mails(written(tmp_path, FIRST + SECOND))
    assert first.raw.content == b"From: ana@example.com\nSubject: One\n\nHello.\n"
    assert second.raw.content.startswith(b"From: bob@example.com\n")
    assert (first.name, second.name) == ("team.mbox#1", "team.mbox#2")


def test_sender_and_date_of_the_separator_are_the_envelope(tmp_path: Path) -> None:
    (found,) = mails(written(tmp_path, FIRST))
    assert found.raw.mail_from == "ana@example.com"
    assert found.raw.received_at == datetime(2024, 5, 6, 10, tzinfo=UTC)
    assert found.raw.rcpt_to == ()


def test_a_separator_without_a_real_date_leaves_the_date_of_the_file(tmp_path: Path) -> None:
    path = written(
        tmp_path, FIRST.replace(b"ana@example.com Mon May  6 10:00:00 2024", b"- Thu Jan  1 00:00:00 1970")
    )
    os.utime(path, (1_000_000_000, 1_000_000_000))
    (found,) = mails(path)
    assert found.raw.received_at == datetime.fromtimestamp(1_000_000_000, UTC)
    assert found.raw.mail_from == ""


def test_a_compressed_archive_is_read_the_same(tmp_path: Path) -> None:
    plain = mails(written(tmp_path, FIRST + SECOND))
    packed = mails(written(tmp_path, gzip.compress(FIRST + SECOND), "team.mbox.gz"))
    assert [(each.raw.content, each.end) for each in packed] == [
        (each.raw.content, each.end) for each in plain
    ]


def test_reading_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = written(tmp_path, FIRST + SECOND)
    first, second = mails(path)
    assert mails(path, start=first.end) == [second]
    assert mails(path, start=second.end) == []


def test_what_was_added_since_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, FIRST)
    (first,) = mails(path)
    path.write_bytes(FIRST + SECOND)
    assert [each.name for each in mails(path, start=first.end)] == ["team.mbox#2"]


@pytest.mark.parametrize(
    "line",
    [
        b"From what I saw, it works.",
        b"From Monday 10:00 on, we meet upstairs.\nAgenda: open",
        b"From: the desk of Bob",
        b"From here\nNote: this is text",
        b"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\nFrom: ana@example.com",
        b">From ana@example.com Mon May  6 10:00:00 2024\nFrom: x",
    ],
)
def test_a_line_of_text_that_begins_with_from_cuts_nothing(tmp_path: Path, line: bytes) -> None:
    text = FIRST[:-1] + b"\n" + line + b"\n\n"
    assert len(mails(written(tmp_path, text + SECOND))) == 2


@pytest.mark.parametrize(
    "line",
    [
        b"From ana@example.com Mon May  6 10:00:00 2024",
        b"From ana at example.com  Mon May  6 10:00:00 2024",
        b"From MAILER-DAEMON Mon May  6 10:00:00 2024",
        b"From - Mon May 06 10:00:00 2024",
        b"From ana@example.com Mon May  6 10:00:00 +0200 2024",
        b"From ana@example.com Mon May  6 10:00:00 CEST 2024",
        b"From ana@example.com Mon, 06 May 2024 10:00:00 +0200",
        b"From ana@example.com",
    ],
)
def test_separators_of_many_writers_are_known(tmp_path: Path, line: bytes) -> None:
    content = FIRST + line + b"\nSubject: Two\n\nHi.\n\n"
    assert len(mails(written(tmp_path, content))) == 2


def test_a_series_of_patches_is_cut_at_its_own_lines(tmp_path: Path) -> None:
    line = b"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n"
    patch = line + b"From: ana@example.com\n\nx\n\n"
    assert len(mails(written(tmp_path, patch * 3))) == 3


def test_escaped_lines_get_their_first_character_back(tmp_path: Path) -> None:
    (found,) = mails(written(tmp_path, FIRST[:-1] + b">From a friend\n>>From deeper\n> From a quote\n\n"))
    assert found.raw.content.endswith(b"\nFrom a friend\n>From deeper\n> From a quote\n")


def test_crlf_archives_are_cut_the_same(tmp_path: Path) -> None:
    found = mails(written(tmp_path, (FIRST + SECOND).replace(b"\n", b"\r\n")))
    assert [each.raw.content.count(b"Subject") for each in found] == [1, 1]


def test_a_mail_too_large_to_be_one_is_left_out_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mbox, "LARGEST", 3_000_000)
    archive = MboxArchive(written(tmp_path, FIRST[:-1] + b"x\n" * 4_000_000 + b"\n" + SECOND))
    assert [each.name for each in archive] == ["team.mbox#2"]
    assert len(archive.defects) == 1


def test_a_damaged_archive_gives_its_first_mails_and_then_says_so(tmp_path: Path) -> None:
    packed = gzip.compress((FIRST + SECOND) * 2_000, mtime=0)
    path = written(tmp_path, packed[: len(packed) // 2], "team.mbox.gz")
    found: list[ArchivedMail] = []
    with pytest.raises(SourceError, match="breaks off"):
        found.extend(MboxArchive(path))


def test_total_is_never_less_than_what_was_read(tmp_path: Path) -> None:
    archive = MboxArchive(written(tmp_path, gzip.compress(FIRST + SECOND), "team.mbox.gz"))
    ends = [each.end for each in archive]
    assert ends[-1] <= archive.total_bytes


@given(st.lists(st.integers(1, 300), min_size=1, max_size=30), st.integers(1_000, 4_000))
def test_pieces_do_not_depend_on_how_the_stream_is_read(lengths: list[int], chunk: int) -> None:
    content = b"".join(FIRST[:-1] + b"x" * length + b"\n\n" for length in lengths)
    assert [piece for piece, _ in mbox.split(Dripping(content, chunk))] == [
        piece for piece, _ in mbox.split(io.BytesIO(content))
    ]


class Dripping(io.BytesIO):
    """A stream that gives at most so many bytes at a time."""

    def __init__(self, content: bytes, most: int) -> None:
        super().__init__(content)
        self._most = most

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._most if size is None or size < 0 else min(size, self._most)
        return super().read(wanted)
