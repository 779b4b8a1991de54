"""Mails out of a Maildir, with its subfolders (Maildir++). Reads only: flags and places stay as they are."""

from collections.abc import Iterator
from pathlib import Path

from ingest.sources.archive import ArchivedMail
from ingest.sources.eml import read_files


class MaildirArchive:
    """The mails in `cur` and `new` of a Maildir and of the folders in it, in the order of their names.

    `start` is not used, for the same reason as with folders of .eml files.
    """

    form = "maildir"
    defects: list[str]

    def __init__(self, path: Path) -> None:
        self.path = path
        self.defects = []
        self.files = _files(path)
        self.total_bytes = sum(file.stat().st_size for file in self.files if file.exists())

    def __iter__(self) -> Iterator[ArchivedMail]:
        """Every file as a mail; one that was moved meanwhile is a defect."""
        self.defects = []
        yield from read_files(self.files, self.path, "maildir", self.defects)


def is_maildir(path: Path) -> bool:
    """Whether a folder is a Maildir: it has `cur` and `new`."""
    return (path / "cur").is_dir() and (path / "new").is_dir()


def _files(path: Path) -> list[Path]:
    folders = [path, *(each for each in sorted(path.rglob("*")) if each.is_dir() and is_maildir(each))]
    found = [
        file
        for folder in folders
        for part in ("cur", "new")
        if (folder / part).is_dir()
        for file in (folder / part).iterdir()
        if file.is_file() and not file.name.startswith(".")
    ]
    return sorted(found, key=lambda file: (file.parent.parent.parts, file.name))
