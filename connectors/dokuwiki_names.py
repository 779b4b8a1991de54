"""Names of pages and files as DokuWiki takes them: small letters, digits, `_`, and `:` between namespaces.

https://www.dokuwiki.org/pagename. What the wiki changes further (accents, say) it changes alike each time.
"""

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote

from domain.publication import File

LONGEST = (
    120  # bytes of one name on its disk, where other letters than a-z take three bytes for each of UTF-8
)
_NO_WORD = re.compile(r"[\W_]+")
_NO_ENDING = re.compile(r"[^a-z0-9]")


def page_name(place: str, title: str, key: str) -> str:
    """The name of a page: place, words of its title, and a digest of the key so that no other has it."""
    return ":".join([*namespaces(place), f"{_name(title) or 'mail'}-{digest(key)[:12]}"])


def talk_name(page: str) -> str:
    """The page on which later mails stand; it lies in a namespace below, whose readers are the same."""
    return f"{page}:talk"


def namespaces(place: str) -> list[str]:
    """The namespaces of a place such as `it:questions`."""
    return list(filter(None, map(_name, place.split(":"))))


def digest(key: str) -> str:
    """A key in letters and digits that every name may have."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def file_name(file: File, page: str) -> str:
    """The name of an uploaded file, in the namespace of its page: its own, and a digest of its content."""
    path = PurePosixPath(file.name)
    own = hashlib.sha256(f"{page}\n{file.name}\n".encode() + file.content).hexdigest()[:12]
    return f"{page}:{_name(path.stem) or 'file'}-{own}.{ending(file)}"


def ending(file: File) -> str:
    """The ending of a file's name in small letters and digits."""
    return _NO_ENDING.sub("", PurePosixPath(file.name).suffix.lower())


def _name(words: str) -> str:
    """Words as one name, shortened to what a disk takes; "" where nothing is left."""
    plain = _NO_WORD.sub("_", unicodedata.normalize("NFC", words).lower()).strip("_")
    room = LONGEST
    for at, letter in enumerate(plain):
        room -= len(quote(letter, errors="replace"))
        if room < 0:
            return plain[:at].strip("_")
    return plain
