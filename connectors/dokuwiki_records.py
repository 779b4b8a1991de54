"""The records that lead from the key of a publication to its page in a DokuWiki.

A record is a page in a namespace of our own, made before the page itself: whatever becomes of an answer, the
next look finds what was done. One that leads nowhere tells that the page was taken back.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from connectors.dokuwiki_names import digest
from connectors.dokuwiki_pages import Pages, WikiPage
from connectors.rendering import DOKUWIKI, marker
from domain.errors import Transient

# Plugins that move pages mend the links to them, each in its own manner.
_LEADS_TO = re.compile(r"\[\[:?([^\[\]|#\n]{1,1000})(?:\|[^\[\]\n]{0,500})?\]\]")
_LANGUAGE = re.compile(r"^language: ([A-Za-z-]{2,20})$", re.MULTILINE)
_SUMMARY = "A conversation by mail"


@dataclass(frozen=True, kw_only=True)
class Record:
    """Which page belongs to a publication."""

    key: str
    page: str  # its name; empty after it was taken back
    language: str
    at: datetime  # when it was made


class Records:
    """Keeps records and reads them."""

    def __init__(self, pages: Pages, namespace: str) -> None:
        self._pages = pages
        self._namespace = namespace

    async def of(self, key: str) -> Record | None:
        """The record of a key."""
        there = await self._pages.read(self._name(key))
        return None if there is None else _record(key, there)

    async def keep(self, key: str, page: str, language: str) -> Record:
        """Make a record; for a key that has none yet."""
        text = f"[[:{page}]]\n\nlanguage: {language}\n\n{marker(key, DOKUWIKI)}"
        await self._pages.write(self._name(key), text, _SUMMARY)
        record = await self.of(key)
        if record is None:
            raise Transient(f"DokuWiki does not show yet what was written about {key}", 5)
        return record

    async def take_back(self, key: str) -> None:
        """Let a record lead nowhere for ever."""
        text = f"This conversation was taken back.\n\n{marker(key, DOKUWIKI)}"
        await self._pages.write(self._name(key), text, _SUMMARY)

    async def may_be_kept(self) -> int:
        """What the account may do where records are kept, as the wiki counts rights."""
        return await self._pages.rights(self._name(""))

    def holds(self, name: str) -> bool:
        """Whether a page is a record."""
        return name.startswith(f"{self._namespace}:")

    def _name(self, key: str) -> str:
        return f"{self._namespace}:{digest(key)}"


def _record(key: str, there: WikiPage) -> Record:
    leads, language = _LEADS_TO.search(there.text), _LANGUAGE.search(there.text)
    return Record(
        key=key,
        page=leads[1].strip() if leads else "",
        language=language[1] if language else "",
        at=there.at,
    )
