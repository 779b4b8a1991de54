"""Giving posts the files that came with their mails, for connectors that take them.

Only what is posted anyway is looked at, so that no file of an aside comes along; of a mail that was set aside
nothing is read. A file that is not given is still named in its post.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from connectors.base import Attaches, Connector
from domain.publication import File, Post
from ingest.files import files_of
from store import mails
from store.database import Database

LARGEST_FILE = 25_000_000  # bytes; larger ones stay in the mail
MOST_BYTES = 60_000_000  # of one call of a connector, so that no thread fills the worker's memory
MOST_FILES = 200  # of one call


class _Allowance:
    """What may still be sent along with one call."""

    def __init__(self, connector: Attaches) -> None:
        self._connector = connector
        self._room, self._left = MOST_BYTES, MOST_FILES
        self._pictures: set[bytes] = set()  # a signature's logo comes with each mail: once is enough

    def admits(self, file: File) -> bool:
        """Whether a file goes along; what does is counted."""
        size = len(file.content)
        if not self._left or not 0 < size <= min(LARGEST_FILE, self._room) or not self._connector.takes(file):
            return False
        if file.content_id:
            seen = hashlib.sha256(file.content).digest()
            if seen in self._pictures:
                return False
            self._pictures.add(seen)
        self._room -= size
        self._left -= 1
        return True


def with_files(database: Database, posts: Sequence[Post], connector: Connector) -> tuple[Post, ...]:
    """The posts with the files that this connector takes; as they are where it takes none."""
    if not isinstance(connector, Attaches):
        return tuple(posts)
    allowance = _Allowance(connector)
    return tuple(_with_files(database, post, allowance) if post.attachments else post for post in posts)


def _with_files(database: Database, post: Post, allowance: _Allowance) -> Post:
    with database.read() as session:
        content = mails.analysed_content(session, post.key)
    if content is None:
        return post
    files = (file for file in files_of(content) if file is not None)
    return replace(post, files=tuple(file for file in files if allowance.admits(file)))
