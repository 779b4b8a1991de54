"""What our statuses on Mastodon say: excerpts counted as Mastodon counts, each with a link that is its mark.

Pure text in, text out. The mark stands in the fragment of the link at the very end, so that no word of a mail
is ever taken for one.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from connectors.base import Unit
from connectors.rendering.forms import PLAIN
from connectors.rendering.reading import blocks_of
from connectors.rendering.short import cut, disarmed, length, split
from connectors.rendering.words import name_of, say
from domain.publication import File, Post

Sort = Literal["u", "r", "x"]  # what opens a conversation, what is added to it, that it was taken back

_MARK = re.compile(
    r"(?P<page>https?://\S+)#(?P<sort>[urx])(?P<publication>[0-9a-f]{16})\.(?P<post>[0-9a-f]{16})"
    r"\.(?P<part>\d{1,2})-(?P<parts>\d{1,2})\.(?P<digest>[0-9a-f]{8})\Z"
)
_MARK_LENGTH = len("#u") + 16 + 1 + 16 + len(".20-20.") + 8
_NUMBERING = len(" (20/20)")
_GAP = "\n\n"
_ADDRESS = re.compile(r"https?://[^\s\U000F0000-\U000FFFFD]+")
# Letters of which no library for addresses says that they might not belong to one.
_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+\.([A-Za-z]{2,6})(:\d+)?(/[\w./=&?%#+~-]*)?", re.ASCII)
# Mastodon knows the list of top-level domains; of these and those of two letters we are sure that it does.
_DOMAINS = frozenset({"com", "org", "net", "edu", "gov", "info", "biz", "app", "dev", "cloud", "social"})
_STAND_INS = re.compile("([\U000f0000-\U000ffffd])\ue000*")
_FIRST_STAND_IN = 0xF0000
_EMOJI = re.compile(r":(?=\w{2,60}:)")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What the end of a status of ours says about it."""

    page: str  # the link without its fragment
    sort: Sort
    publication: str  # 16 hexadecimal digits of a digest of its key
    post: str  # as well
    part: int  # from 1
    parts: int
    digest: str  # of the words before the link

    def link(self) -> str:
        """The link as it stands at the end of the status."""
        return f"{self.page}#{self.sort}{self.publication}.{self.post}.{self.part}-{self.parts}.{self.digest}"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A status as it is to stand there."""

    text: str
    mark: Mark
    files: tuple[File, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one status may hold."""

    characters: int
    url: int  # what any address counts
    files: int
    parts: int  # statuses for one mail


def named(key: str) -> str:
    """A key as it stands in marks."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]


def mark_of(text: str) -> Mark | None:
    """The mark at the very end of a status, None where it has none."""
    last = text.rstrip().rpartition("\n")[2].rpartition(" ")[2]
    found = _MARK.fullmatch(last)
    if found is None:
        return None
    sort: Sort = "u" if found["sort"] == "u" else "r" if found["sort"] == "r" else "x"
    return Mark(
        page=found["page"],
        sort=sort,
        publication=found["publication"],
        post=found["post"],
        part=int(found["part"]),
        parts=int(found["parts"]),
        digest=found["digest"],
    )


def is_as_written(text: str) -> bool:
    """Whether a status still says what we wrote: the digest in its mark is that of its words."""
    mark = mark_of(text)
    return mark is not None and _digest(text.rstrip().removesuffix(mark.link())) == mark.digest


def statuses(
    post: Post, limits: Limits, *, publication: str, page: str, language: str, title: str = ""
) -> list[Wanted]:
    """One mail as one status or as several that follow each other; the first of all is given the title.

    `publication` is named; `page` is the link without a fragment.
    """
    text = _quiet(_words(post, language, title))
    files = [post.files[at : at + limits.files] for at in range(0, len(post.files), limits.files)]
    pieces = _pieces(text, limits, link=page)
    pieces += [""] * (len(files) - len(pieces))
    wanted = []
    for at, piece in enumerate(pieces):
        words = f"{piece} ({at + 1}/{len(pieces)})".strip() if len(pieces) > 1 else piece
        mark = Mark(
            page=page,
            sort="u" if title and at == 0 else "r",
            publication=publication,
            post=named(post.key),
            part=at + 1,
            parts=len(pieces),
            digest=_digest(words),
        )
        with_it = tuple(files[at]) if at < len(files) else ()
        wanted.append(Wanted(text=f"{words}{_GAP}{mark.link()}", mark=mark, files=with_it))
    return wanted


def taken_back(publication: str, page: str) -> Wanted:
    """The note to ourselves that a conversation was taken back."""
    words = "Unchain"
    mark = Mark(
        page=page,
        sort="x",
        publication=publication,
        post=publication,
        part=1,
        parts=1,
        digest=_digest(words),
    )
    return Wanted(text=f"{words}{_GAP}{mark.link()}", mark=mark)


def counted(text: str, url: int) -> int:
    """How long a status is as Mastodon counts: letters as readers see them, `url` for each address."""
    return length(_stood_in(text, url)[0], Unit.GRAPHEMES)


def _words(post: Post, language: str, title: str) -> str:
    words = f"{name_of(post.author, language)}: {PLAIN.blocks(blocks_of(post.markdown)).strip()}"
    names = f"{say('attachments', language)}: {', '.join(post.attachments)}" if post.attachments else ""
    return _GAP.join(filter(None, [title, names and cut(names, 200), words]))


def _quiet(text: str) -> str:
    """Words that mention nobody, belong to no tag and show no picture of the server's own."""
    return _EMOJI.sub(":\u2060", disarmed(text))


def _pieces(text: str, limits: Limits, *, link: str) -> list[str]:
    """The text in at most so many pieces, the last one cut where that is not enough."""
    room = limits.characters - counted(link, limits.url) - len(_GAP)
    if not _is_counted_short(link):
        room -= _MARK_LENGTH  # counted as well
    if limits.parts > 1:
        room -= _NUMBERING
    room = max(room, 2)
    flat, addresses = _stood_in(text, limits.url)
    flat = cut(flat, room * limits.parts, Unit.GRAPHEMES)
    pieces = [flat] if length(flat, Unit.GRAPHEMES) <= room else split(flat, room, Unit.GRAPHEMES)
    kept, rest = pieces[: limits.parts - 1], pieces[limits.parts - 1 :]
    if rest:
        kept.append(cut(_GAP.join(rest), room, Unit.GRAPHEMES))
    return [_put_back(piece, addresses, limits.url).strip() for piece in kept] or ["…"]


def _stood_in(text: str, url: int) -> tuple[str, Sequence[str]]:
    """A text in which each address is as long as it counts, and the addresses in their order."""
    if re.search("[\ue000\U000f0000-\U000ffffd]", text):
        return text, ()  # letters of private use: nothing can stand in for anything
    addresses = list(dict.fromkeys(_ADDRESS.findall(text)))[:1000]
    signs = {address: chr(_FIRST_STAND_IN + at) for at, address in enumerate(addresses)}

    def stand_in(found: re.Match[str]) -> str:
        address = found[0]
        if address not in signs:
            return address
        return signs[address] + "\ue000" * (_counts(address, url) - 1)

    return _ADDRESS.sub(stand_in, text), addresses


def _put_back(text: str, addresses: Sequence[str], url: int) -> str:
    """The addresses where they stood; one that was cut stays cut."""

    def address(found: re.Match[str]) -> str:
        whole = addresses[ord(found[1]) - _FIRST_STAND_IN]
        return whole if len(found[0]) >= _counts(whole, url) else whole[: len(found[0])]

    return _STAND_INS.sub(address, text) if addresses else text


def _counts(address: str, url: int) -> int:
    return url if _is_counted_short(address) else max(url, length(address, Unit.GRAPHEMES))


def _is_counted_short(address: str) -> bool:
    """Whether Mastodon is sure to take all of it for one address."""
    found = _PLAIN_ADDRESS.fullmatch(address)
    ends_well = address[-1:].isalnum() or address.endswith("/")
    return found is not None and ends_well and (len(found[1]) == 2 or found[1].lower() in _DOMAINS)


def _digest(words: str) -> str:
    return hashlib.sha256(" ".join(words.split()).encode("utf-8", "replace")).hexdigest()[:8]
