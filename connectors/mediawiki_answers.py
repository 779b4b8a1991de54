"""What people have written on a talk page, drawn from its revisions that are not ours."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.mediawiki_api import Api
from connectors.mediawiki_pages import PagesAnswer, Revision, WikiPage
from connectors.rendering import markdown_from_text
from connectors.talk_pages import added
from domain.publication import Answer, Receipt

AT_ONCE = "50"  # revisions in one answer
MOST_REQUESTS = 20  # of one look; older answers were read by earlier ones
_COMMENT = re.compile(r"<!--[^<]{0,2000}-->")
_LINK = re.compile(r"\[\[(?:[^\[\]|\n]{0,300}\|)?([^\[\]|\n]{1,300})\]\]")
_WEB_LINK = re.compile(r"\[(https?://[^\s\[\]]{1,2000}) ([^\[\]\n]{1,300})\]")
_QUOTES = re.compile(r"'{2,5}")
_HEADING = re.compile(r"^(={1,6})(.{1,300}?)\1\s*$")
# What ~~~~ becomes: links to user and talk page, time of day, date and zone.
_SIGNATURE = re.compile(
    r"\s*(?:-{2,3}|—)?\s?\[\[[^\[\]\n]{1,300}\]\](?: ?\(\[\[[^\[\]\n]{1,300}\]\]\))?"
    r" [^\[\]\n]{8,60}\([A-Z]{2,5}\)\s*$"
)


async def answers_on(api: Api, talk: WikiPage, receipt: Receipt, since: datetime) -> Sequence[Answer]:
    """The texts that others have added to a talk page since then and that stand there still, oldest first."""
    revisions = await _revisions(api, talk.pageid, since)
    found = []
    for before, after in zip([None, *revisions], revisions, strict=False):
        if after.user == api.account or after.timestamp < since.replace(microsecond=0):
            continue
        text = _words(added(before.text if before else "", after.text, talk.latest.text))
        if text:
            found.append(
                Answer(
                    key=str(after.revid),
                    entry_id=receipt.entry_id,
                    author=after.user,
                    at=after.timestamp,
                    markdown=markdown_from_text(text),
                    url=talk.url,
                )
            )
    return found


async def _revisions(api: Api, page_id: int, since: datetime) -> list[Revision]:
    """The revisions since then and the one before them, oldest first."""
    found: list[Revision] = []
    go_on: dict[str, str] = {}
    for _ in range(MOST_REQUESTS):
        told = {"rvprop": "ids|user|timestamp|content", "rvslots": "main", "rvlimit": AT_ONCE}
        reply = await api.query(prop="revisions", pageids=str(page_id), **told, **go_on)
        answer = reply.parse(PagesAnswer)
        found += [revision for page in answer.query.pages for revision in page.revisions]
        if not answer.go_on.rvcontinue or found[-1].timestamp < since:
            break
        go_on = {"rvcontinue": answer.go_on.rvcontinue}
    return found[::-1]


def _words(lines: Sequence[str]) -> str:
    """Wikitext as plain words: what people write on talk pages has little markup."""
    return "\n".join(_plain_lines(lines)).strip()


def _plain_lines(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        bare = _SIGNATURE.sub("", _COMMENT.sub("", line))
        if heading := _HEADING.match(bare):
            bare = heading[2].strip()
        bare = _WEB_LINK.sub(r"\2 (\1)", _LINK.sub(r"\1", bare))
        yield _QUOTES.sub("", bare).lstrip(":")
