"""Every kind of mail archive, and `open_archive`, which finds out what a path holds."""

import gzip
import zlib
from pathlib import Path

from domain.errors import SourceError
from ingest.sources.archive import Archive
from ingest.sources.eml import ENDINGS, EmlArchive
from ingest.sources.maildir import MaildirArchive, is_maildir
from ingest.sources.mbox import MboxArchive, is_gzip
from ingest.sources.sniffing import begins_like_mail, describe

_HEAD = 4096


def open_archive(path: Path, start: int = 0) -> Archive:
    """Open an mbox (also .gz), a Maildir, a folder of .eml files or one .eml file.

    An mbox is read from offset `start` on, which is an earlier `ArchivedMail.end`; the others are read whole.
    Raises SourceError where there is nothing to read, saying what is there instead.
    """
    try:
        return _opened(path, start)
    except PermissionError:
        raise SourceError(f"{path} may not be read: check its permissions") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from None


def _opened(path: Path, start: int) -> Archive:
    if not path.exists():
        raise SourceError(f"{path} does not exist")
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise SourceError(f"{path} is neither a file nor a folder")
    head = _head(path)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").startswith(b"From "):
        if begins_like_mail(head):
            return MboxArchive(path, start)
        raise SourceError(f"{path} begins like an mbox, but no mail header follows its first line")
    if begins_like_mail(head) and not is_gzip(path):
        return EmlArchive(path)
    raise SourceError(f"{path} is not an mbox, a Maildir or an .eml file: it looks like {describe(head)}")


def _folder(path: Path) -> Archive:
    if is_maildir(path):
        return MaildirArchive(path)
    archive = EmlArchive(path)
    if archive.files:
        return archive
    if any(is_maildir(each) for each in path.iterdir() if each.is_dir()):
        return MaildirArchive(path)
    kinds = ", ".join(ENDINGS)
    raise SourceError(f"{path} is a folder without mail: neither a Maildir nor any file ending in {kinds}")


def _head(path: Path) -> bytes:
    if not is_gzip(path):
        with path.open("rb") as stream:
            return stream.read(_HEAD)
    try:
        with gzip.open(path, "rb") as stream:
            return stream.read(_HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SourceError(f"{path} is a damaged gzip file: {error}") from None
