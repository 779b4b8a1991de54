import gzip
from pathlib import Path

import pytest

from domain.errors import SourceError
from ingest.sources.registry import open_archive

MAIL = b"From: ana@example.com\nSubject: One\n\nHello.\n"


def put(folder: Path, name: str, content: bytes = MAIL) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def maildir(folder: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    return folder


def test_an_mbox_is_known_by_its_first_line_whatever_its_name(tmp_path: Path) -> None:
    path = put(tmp_path, "list-archive.txt", b"From ana@example.com Mon May  6 10:00:00 2024\n" + MAIL)
    assert open_archive(path).form == "mbox"


def test_a_folder_of_eml_files_is_read_with_its_subfolders_by_name(tmp_path: Path) -> None:
    for name in ("b.eml", "a/2.EML", "a/1.eml", ".hidden/c.eml", "notes.txt"):
        put(tmp_path, name)
    archive = open_archive(tmp_path)
    found = list(archive)
    assert archive.form == "eml folder"
    assert [each.name for each in found] == ["a/1.eml", "a/2.EML", "b.eml"]
    assert found[-1].end == archive.total_bytes


def test_a_single_eml_file_is_an_archive_of_one(tmp_path: Path) -> None:
    archive = open_archive(put(tmp_path, "one.eml"))
    assert [(each.name, each.raw.content) for each in archive] == [("one.eml", MAIL)]


def test_a_maildir_is_read_with_its_folders_and_left_as_it_is(tmp_path: Path) -> None:
    box = maildir(tmp_path / "box")
    maildir(box / ".Sent")
    put(box, "new/1")
    put(box, "cur/2:2,S")
    put(box, "tmp/3")
    put(box, ".Sent/cur/4:2,S")
    archive = open_archive(box)
    assert archive.form == "maildir"
    assert {each.name for each in archive} == {"new/1", "cur/2:2,S", ".Sent/cur/4:2,S"}
    assert (box / "new" / "1").exists()


def test_a_folder_of_maildirs_is_read_whole(tmp_path: Path) -> None:
    put(maildir(tmp_path / "ana"), "cur/1")
    put(maildir(tmp_path / "bob"), "cur/2")
    assert {each.name for each in open_archive(tmp_path)} == {"ana/cur/1", "bob/cur/2"}


def test_an_empty_maildir_has_no_mail_and_no_error(tmp_path: Path) -> None:
    assert list(open_archive(maildir(tmp_path / "box"))) == []


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    put(tmp_path, "a.eml")
    archive = open_archive(tmp_path)
    assert list(archive) == list(archive)


def test_a_file_that_went_away_is_said_and_the_others_are_read(tmp_path: Path) -> None:
    gone = put(tmp_path, "a.eml")
    put(tmp_path, "b.eml")
    archive = open_archive(tmp_path)
    gone.unlink()
    assert [each.name for each in archive] == ["b.eml"]
    assert archive.defects == ["a.eml cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "an empty file"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"PK\x03\x04...", "a zip file or an office document"),
        (b"!BDN....", "PST"),
        (b"\xd0\xcf\x11\xe0....", ".msg"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b'{"a": 1}', "JSON"),
        (b"\x00\x01\x02", "a binary file"),
        (b"Dear diary,\nnothing happened.\n", "a text without mail headers"),
        (gzip.compress(b"Dear diary,\n"), "a text without mail headers"),
    ],
)
def test_what_is_no_mail_is_refused_with_what_it_looks_like(
    tmp_path: Path, content: bytes, kind: str
) -> None:
    path = put(tmp_path, "thing.mbox", content)
    with pytest.raises(SourceError) as caught:
        open_archive(path)
    assert kind in str(caught.value)
    assert "thing.mbox" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        open_archive(tmp_path / "nowhere")


def test_a_folder_without_mail_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "notes.txt")
    with pytest.raises(SourceError, match="a folder without mail"):
        open_archive(tmp_path)


def test_a_damaged_gzip_file_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "x.mbox.gz", b"\x1f\x8b\x08\x00broken")
    with pytest.raises(SourceError, match="damaged gzip"):
        open_archive(path)


def test_an_mbox_line_without_a_mail_behind_it_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "letter.txt", b"From my window\nI see the sea.\n")
    with pytest.raises(SourceError, match="no mail header follows"):
        open_archive(path)
