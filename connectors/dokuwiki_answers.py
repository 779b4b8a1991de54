"""What people have written on the talk page of a conversation, drawn from its versions that are not ours."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.dokuwiki_pages import Pages, Version
from connectors.rendering import DOKUWIKI, keys_in, markdown_from_text
from connectors.talk_pages import added
from domain.publication import Answer, Receipt

MOST_VERSIONS = 200  # of one look; older answers were read by earlier ones
_LINK = re.compile(r"\[\[(?:[^\[\]|\n]{0,1000}\|)?([^\[\]|\n]{1,300})\]\]")
_MARKS = re.compile(r"\*\*|__|''|(?<!:)//|%%|</?(?:nowiki|del|sub|sup)>|\\\\(?=\s|$)")
_HEADING = re.compile(r"^\s{0,9}={2,6}([^=\n]{1,300})={2,6}\s*$")
# What the toolbar of DokuWiki puts at the end of a text: a link to the account, date and time of day.
_SIGNATURE = re.compile(r"\s{0,9}--- //\[\[[^\[\]\n]{1,300}\]\][^\[\]/\n]{0,3}[0-9/ :.-]{6,40}//\s{0,9}$")


async def answers_on(pages: Pages, talk: str, receipt: Receipt, since: datetime) -> Sequence[Answer]:
    """The texts that others have added since then and that stand there still, oldest first."""
    there = await pages.read(talk)
    if there is None:
        return []
    found, before = list[Answer](), ""
    for version in await _versions(pages, talk, since):
        after = await pages.text_of(talk, version)
        # All that we add has marks. Whose name stands there is no proof: it may be spelled in other ways.
        is_ours = len(keys_in(after, DOKUWIKI)) > len(keys_in(before, DOKUWIKI))
        is_asked_for = not is_ours and version.at >= _whole(since)
        text = _words(added(before, after, there.text)) if is_asked_for else ""
        before = after
        if text:
            found.append(
                Answer(
                    key=f"{receipt.entry_id}/{version.version}",
                    entry_id=receipt.entry_id,
                    author=version.user or "DokuWiki",
                    at=version.at,
                    markdown=markdown_from_text(text),
                    url=pages.url(talk),
                )
            )
    return found


async def _versions(pages: Pages, talk: str, since: datetime) -> list[Version]:
    """The versions since then and the one before them, oldest first."""
    found: dict[int, Version] = {}
    while len(found) < MOST_VERSIONS:
        told = await pages.versions(talk, len(found))
        fresh = {each.version: each for each in told if each.version not in found}
        found |= fresh
        if not fresh or min(fresh) < since.timestamp():
            break
    return [found[number] for number in sorted(found) if _wanted(number, found, since)]


def _wanted(number: int, found: dict[int, Version], since: datetime) -> bool:
    """Whether a version is one that was written since then, or the last before it."""
    start = _whole(since).timestamp()
    older = [each for each in found if each < start]
    return number >= start or number == max(older, default=-1)


def _whole(since: datetime) -> datetime:
    return since.replace(microsecond=0)


def _words(lines: Sequence[str]) -> str:
    """DokuWiki's markup as plain words: what people write on talk pages has little of it."""
    return "\n".join(_plain_lines(lines)).strip()


def _plain_lines(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        bare = _SIGNATURE.sub("", line)
        if heading := _HEADING.match(bare):
            bare = heading[1].strip()
        yield _MARKS.sub("", _LINK.sub(r"\1", bare)).strip()
