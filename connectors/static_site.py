"""The connector to a folder of a static site (Hugo, Jekyll, Eleventy, MkDocs): a Markdown file a thread.

Front matter is JSON, which is YAML too, as all of them read it; a commit follows where the folder is in git.
"""

import asyncio
import hashlib
import json
import os
import re
import subprocess
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field

from connectors.base import Capabilities, Rung
from connectors.http import WebAddress
from connectors.rendering import MARKDOWN, cut, page, with_posts
from domain.errors import AuthLost, Conflict, Refused, Transient
from domain.options import Options
from domain.publication import Post, Publication, Receipt

CAPABILITIES = Capabilities(title_length=300, post_length=500_000, rung=Rung.KEY)
GIT_SECONDS = 60
_FENCE = "---\n"
_NOT_IN_NAME = re.compile(r"[^a-z0-9]+")


class StaticSiteOptions(Options):
    """`connector = { type = "static_site", folder = "content/talks", url = "https://example.com/talks" }`."""

    type: Literal["static_site"] = Field(description="A folder of Markdown files with front matter.")
    folder: Path = Field(description="Where the files go; it must be there already.")
    url: WebAddress = Field(description="Where the site shows that folder.")
    ending: str = Field(
        default="/",
        pattern=r"^[A-Za-z0-9./_-]{0,20}$",
        description="Behind the name of a file in its address.",
    )
    commit: Literal["none", "git"] = Field(
        default="none", description="git: commit each change in the folder's repository; it is not pushed."
    )


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A file as it stands there."""

    matter: dict[str, object]
    text: str

    @property
    def digest(self) -> str:
        """What we wrote last, to see whether somebody has changed it since."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken back; only its name and key are left then."""
        return self.matter.get("unchain_withdrawn") is True

    @property
    def is_ours(self) -> bool:
        """Whether the text is as we wrote it."""
        return self.matter.get("unchain_digest") == self.digest


class StaticSiteConnector:
    """Writes files. Idempotency rung 1: the name of a file is made of our key, for ever."""

    capabilities = CAPABILITIES

    def __init__(self, options: StaticSiteOptions, *, clock: Callable[[], datetime]) -> None:
        self._options = options
        self._clock = clock

    async def check(self) -> str:
        """The folder, if it can be written; with git, also that it is in a repository."""
        return await asyncio.to_thread(self._check)

    async def publish(self, publication: Publication) -> Receipt:
        """Write a file once; the same key again answers where it is, Refused where it was taken back."""
        return await asyncio.to_thread(self._publish, publication)

    async def find(self, key: str) -> Receipt | None:
        """The receipt of the file with this key."""
        return await asyncio.to_thread(self._find, key)

    async def append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        """Add posts before the footer; what people have changed in the file stays as they wrote it."""
        await asyncio.to_thread(self._append, receipt, posts)

    async def update(self, receipt: Receipt, publication: Publication) -> Receipt:
        """Write a file anew; raises Conflict where somebody has changed its text."""
        return await asyncio.to_thread(self._update, receipt, publication)

    async def withdraw(self, receipt: Receipt) -> None:
        """Blank a file: a draft without words stays, so that it never comes back. git keeps the past."""
        await asyncio.to_thread(self._withdraw, receipt)

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _check(self) -> str:
        folder = self._options.folder
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise AuthLost(f"static site: {folder} is no folder that can be written")
        if self._options.commit == "none":
            return str(folder)
        return f"{folder}, as {self._git('var', 'GIT_AUTHOR_IDENT').split(' <')[0]}"

    def _publish(self, publication: Publication) -> Receipt:
        if not publication.posts:
            raise Refused("static site: a publication without posts")
        path = self._path_of(publication.key) or self._folder() / _name(publication)
        if path.exists():
            entry = self._living(path)
            self._commit(path, f"Add {publication.key}")  # where we fell between file and commit
            return self._receipt(publication.key, path, entry)
        entry = self._written(path, _matter(publication, self._clock()), _text(publication))
        self._commit(path, f"Add {publication.key}")
        return self._receipt(publication.key, path, entry)

    def _find(self, key: str) -> Receipt | None:
        path = self._path_of(key)
        entry = None if path is None else _read(path)
        return (
            None if path is None or entry is None or entry.is_withdrawn else self._receipt(key, path, entry)
        )

    def _append(self, receipt: Receipt, posts: Sequence[Post]) -> None:
        path = self._known(receipt.key)
        entry = self._living(path)
        language = str(entry.matter.get("lang", ""))
        text = with_posts(entry.text, receipt.key, list(map(_fitting, posts)), MARKDOWN, language)
        if text != entry.text:
            self._written(path, entry.matter, text, was_ours=entry.is_ours)
        self._commit(path, f"Add to {receipt.key}")

    def _update(self, receipt: Receipt, publication: Publication) -> Receipt:
        path = self._known(receipt.key)
        entry = self._living(path)
        if not entry.is_ours:
            raise Conflict(f"static site: {path.name} was changed by somebody else")
        made = datetime.fromisoformat(str(entry.matter["date"]))
        text = _text(publication)
        matter = _matter(publication, made)
        if text != entry.text or matter["title"] != entry.matter.get("title"):
            entry = self._written(path, matter, text)
        self._commit(path, f"Change {receipt.key}")
        return self._receipt(receipt.key, path, entry)

    def _withdraw(self, receipt: Receipt) -> None:
        path = self._known(receipt.key)
        matter: dict[str, object] = {"draft": True, "published": False, "unchain_key": receipt.key}
        self._written(path, {**matter, "unchain_withdrawn": True}, "")
        self._commit(path, f"Take back {receipt.key}")

    def _folder(self) -> Path:
        if not self._options.folder.is_dir():
            raise AuthLost(f"static site: {self._options.folder} is not there")
        return self._options.folder

    def _path_of(self, key: str) -> Path | None:
        return next(iter(sorted(self._folder().glob(f"*-{_digest(key)}.md"))), None)

    def _known(self, key: str) -> Path:
        path = self._path_of(key)
        if path is None:
            raise Refused(f"static site: the file of {key} is gone")
        return path

    def _living(self, path: Path) -> _Entry:
        entry = _read(path)
        if entry.is_withdrawn:
            raise Refused(f"static site: {path.name} was taken back")
        return entry

    def _written(
        self, path: Path, matter: dict[str, object], text: str, *, was_ours: object = True
    ) -> _Entry:
        """Put a file in its place as a whole, on the disk before it is seen."""
        entry = _Entry(matter=matter, text=text)
        if was_ours:
            entry = _Entry(matter={**matter, "unchain_digest": entry.digest}, text=text)
        head = json.dumps(entry.matter, ensure_ascii=False, indent=2)
        try:
            with tempfile.NamedTemporaryFile(
                "w", dir=path.parent, prefix=".unchain-", delete=False, encoding="utf-8", newline="\n"
            ) as file:
                file.write(f"{_FENCE}{head}\n{_FENCE}\n{text}\n")
                file.flush()
                os.fsync(file.fileno())
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except OSError as error:
            raise Transient(f"static site: {path.name} cannot be written: {error.strerror}") from None
        return entry

    def _receipt(self, key: str, path: Path, entry: _Entry) -> Receipt:
        made = datetime.fromisoformat(str(entry.matter["date"]))
        url = f"{self._options.url}/{path.stem}{self._options.ending}"
        return Receipt(key=key, entry_id=path.name, url=url, published_at=made)

    def _commit(self, path: Path, message: str) -> None:
        """Commit this one file; nothing happens where it is committed already."""
        if self._options.commit == "none":
            return
        self._git("add", "--", path.name)
        if self._git("status", "--porcelain", "--", path.name):
            self._git("commit", "--quiet", "--message", message, "--", path.name)

    def _git(self, *words: str) -> str:
        command = ["git", "-C", str(self._options.folder), *words]
        try:
            ended = subprocess.run(  # noqa: S603 - no shell, and file names are ours
                command, capture_output=True, text=True, timeout=GIT_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Transient(f"static site: git {words[0]} did not end: {type(error).__name__}") from None
        if ended.returncode:
            reason = " ".join(ended.stderr.split())[:200]
            raise (AuthLost if words[0] == "var" else Transient)(f"static site: git {words[0]}: {reason}")
        return ended.stdout.strip()


def _text(publication: Publication) -> str:
    return page(replace(publication, posts=tuple(map(_fitting, publication.posts))), MARKDOWN)


def _fitting(post: Post) -> Post:
    length = CAPABILITIES.post_length
    return replace(post, markdown=cut(post.markdown, length), trimmed=cut(post.trimmed, length))


def _matter(publication: Publication, made: datetime) -> dict[str, object]:
    """Front matter; its names are those that Hugo, Jekyll and Eleventy know."""
    return {
        "title": cut(publication.title, CAPABILITIES.title_length),
        "date": made.isoformat(timespec="seconds"),
        "lang": publication.language,
        "tags": list(publication.tags),
        "unchain_key": publication.key,
    }


def _read(path: Path) -> _Entry:
    try:
        _, head, text = path.read_text(encoding="utf-8").split(_FENCE, 2)
        matter = json.loads(head)
    except (OSError, ValueError):
        raise Refused(f"static site: {path.name} is no longer a file that we can read") from None
    if not isinstance(matter, dict):
        raise Refused(f"static site: {path.name} has lost its front matter")
    return _Entry(matter=matter, text=text.strip("\n"))


def _name(publication: Publication) -> str:
    letters = unicodedata.normalize("NFKD", publication.title).encode("ascii", "ignore").decode().lower()
    slug = _NOT_IN_NAME.sub("-", letters)[:60].strip("-") or "thread"
    return f"{slug}-{_digest(publication.key)}.md"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
