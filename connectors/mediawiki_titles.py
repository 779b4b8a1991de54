"""Titles of pages, categories and files as MediaWiki takes them.

https://www.mediawiki.org/wiki/Manual:Page_title and https://www.mediawiki.org/wiki/Manual:$wgLegalTitleChars.
"""

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

from connectors.base import Unit
from connectors.rendering import cut
from domain.publication import File

LONGEST = 255  # bytes of UTF-8, without the namespace
_SUFFIX = 12  # bytes that tell two pages of one title apart
# Signs that no title may have, and what comes nearest.
_INSTEAD = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "|": "¦", "#": "＃", "<": "‹", ">": "›"})
_COLON = re.compile(r"(?<!\d):")  # before it stands a namespace or another wiki, if it has that name
_REFUSED = re.compile(r"~~~+|%(?=[0-9A-Fa-f]{2})|&(?=#?\w{1,40};)")
_FILE_SIGNS = re.compile(r"[^\w .()-]")


def titles(title: str, key: str, prefix: str = "") -> tuple[str, str]:
    """The title of a page and another one that no other publication has, both below a prefix."""
    room = LONGEST - len(prefix.encode()) - _SUFFIX
    shown = cleaned(title, room)
    return f"{prefix}{shown}", f"{prefix}{shown} ({digest(key)[:8]})"


def cleaned(title: str, room: int = LONGEST) -> str:
    """A title without what MediaWiki refuses, with a capital letter, of at most `room` bytes."""
    plain = _COLON.sub(" –", unicodedata.normalize("NFC", title).translate(_INSTEAD))
    plain = _REFUSED.sub(lambda found: "’" * len(found[0]) if found[0][0] == "~" else f"{found[0]} ", plain)
    kept = (each for each in plain if unicodedata.category(each) not in {"Cc", "Cf", "Co", "Cs"})
    words = " ".join("".join(kept).replace("_", " ").replace("\ufffd", "").split())
    # Titles that look like relative paths are refused.
    words = "/".join(part if set(part) != {"."} else "…" for part in words.split("/")).strip(" /") or "–"
    shortened = cut(words, room, Unit.BYTES)
    return shortened[:1].upper() + shortened[1:] if len(shortened[:1].upper()) == 1 else shortened


def digest(key: str) -> str:
    """A key in letters and digits that every title may have."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def file_title(file: File, key: str) -> str:
    """The name of an uploaded file: its own, and a digest by which it belongs to one publication alone."""
    path = PurePosixPath(file.name)
    stem = cut(_FILE_SIGNS.sub("-", cleaned(path.stem)), 120, Unit.BYTES).strip(" .")
    own = hashlib.sha256(f"{key}\n{file.name}\n".encode() + file.content).hexdigest()[:12]
    return f"{stem[:1].upper()}{stem[1:]}-{own}{path.suffix.lower()}"
