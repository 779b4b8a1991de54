"""The signs that lead from the key of a publication to its page in a MediaWiki.

A sign is a redirect below the page of our own account, made before the page itself: whatever becomes of an
answer, the next look finds what was done. A sign that leads nowhere tells that the page was taken back.
"""

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime

from connectors.mediawiki_api import Api, Exists
from connectors.mediawiki_pages import Pages, WikiPage
from connectors.mediawiki_titles import digest
from connectors.rendering import WIKITEXT, marker
from domain.errors import Conflict, Transient

_LEADS_TO = re.compile(r"#REDIRECT \[\[:([^\[\]\n]{1,300})\]\]")
_LANGUAGE = re.compile(r"<!-- language:([A-Za-z-]{2,20}) -->")


@dataclass(frozen=True, kw_only=True)
class Sign:
    """The page that leads to the page of a publication."""

    key: str
    page: WikiPage
    title: str  # where it leads; empty after that was taken back
    language: str

    @property
    def at(self) -> datetime:
        """When it was put up, by the clock of the wiki."""
        return self.page.latest.timestamp


class Signs:
    """Puts up signs and reads them."""

    def __init__(self, api: Api, pages: Pages) -> None:
        self._api = api
        self._pages = pages

    async def of(self, key: str) -> Sign | None:
        """The sign of a key."""
        page = (await self._pages.by_titles(await self._title(key)))[0]
        if page is None:
            return None
        leads, language = _LEADS_TO.search(page.latest.text), _LANGUAGE.search(page.latest.text)
        return Sign(
            key=key,
            page=page,
            title=leads[1] if leads else "",
            language=language[1] if language else "",
        )

    async def put(self, key: str, title: str, language: str) -> Sign:
        """Put up a sign; the one that is there already stays."""
        text = _text(key, title, language)
        with contextlib.suppress(Exists):  # another process was quicker: its sign counts
            await self._pages.create(await self._title(key), text, "A conversation by mail")
        return await self._read(key)

    async def lead_on(self, sign: Sign, title: str) -> Sign:
        """Let a sign lead to another title."""
        await self._change(sign, title)
        return await self._read(sign.key)

    async def take_back(self, key: str) -> None:
        """Let a sign lead nowhere for ever; where there is none nothing is done."""
        sign = await self.of(key)
        if sign is not None and sign.title:
            await self._change(sign, "")

    async def _change(self, sign: Sign, title: str) -> None:
        try:
            await self._pages.change(
                sign.page, _text(sign.key, title, sign.language), "A conversation by mail"
            )
        except Conflict as error:
            raise Transient(f"another process changes the same publication: {error}", 5) from None

    async def _read(self, key: str) -> Sign:
        sign = await self.of(key)
        if sign is None:
            raise Transient(f"MediaWiki does not show yet what was written about {key}", 5)
        return sign

    async def _title(self, key: str) -> str:
        return f"User:{await self._api.name()}/Unchain/{digest(key)}"


def _text(key: str, title: str, language: str) -> str:
    leads = f"#REDIRECT [[:{title}]]" if title else "This conversation was taken back."
    return f"{leads}\n{marker(key, WIKITEXT)}\n<!-- language:{language} -->"
