"""Mails out of single .eml files and folders of them. Not for Maildir, which has rules of its own."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from domain.mail import RawMail
from ingest.sources.archive import ArchivedMail

ENDINGS = (".eml", ".mime", ".rfc822", ".mail")


class EmlArchive:
    """Files of one mail each, in the order of their names.

    `start` is not used: a file that came in since has its place anywhere in that order, and would be missed.
    """

    form: str
    defects: list[str]

    def __init__(self, path: Path) -> None:
        self.path = path
        self.form = "eml folder" if path.is_dir() else "eml"
        self.defects = []
        self.files = find_files(path) if path.is_dir() else [path]
        self.total_bytes = sum(_size(file) for file in self.files)

    def __iter__(self) -> Iterator[ArchivedMail]:
        """Every file as a mail; a file that cannot be read is a defect."""
        self.defects = []
        root = self.path if self.path.is_dir() else self.path.parent
        yield from read_files(self.files, root, "eml", self.defects)


def find_files(folder: Path) -> list[Path]:
    """The mails in a folder and those below it, sorted by their paths; hidden ones are left out."""
    found = [
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in ENDINGS
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    return sorted(found, key=lambda path: path.relative_to(folder).parts)


def read_files(files: Sequence[Path], root: Path, source: str, defects: list[str]) -> Iterator[ArchivedMail]:
    """Read files one after the other; sentences on those that cannot be read are added to `defects`."""
    end = 0
    for file in files:
        name = file.relative_to(root).as_posix()
        try:
            content = file.read_bytes()
            modified = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        except OSError as error:
            defects.append(f"{name} cannot be read: {error.strerror}")
            continue
        end += len(content)
        raw = RawMail(content=content, mail_from="", rcpt_to=(), source=source, received_at=modified)
        yield ArchivedMail(raw=raw, name=name, end=end)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
