"""The files of posts in DokuWiki's media manager, each in the namespace of its page, whose readers it has."""

import re
from collections.abc import Collection, Sequence

from connectors.dokuwiki_api import Api, Failed
from connectors.dokuwiki_names import ending, file_name
from connectors.http import Shape
from connectors.rendering import Linker
from domain.publication import File, Post

_PICTURES = frozenset({"png", "gif", "jpg", "jpeg", "webp"})
_OURS = re.compile(r"-[0-9a-f]{12}\.[a-z0-9]{1,20}$")


class _Size(Shape):
    size: int = 0


class _Media(Shape):
    id: str


class Files:
    """Uploads, links and removes files."""

    def __init__(self, api: Api, types: Collection[str], size: int) -> None:
        """`types` are endings without their dot, `size` the bytes of one file at most."""
        self._api = api
        self._types = frozenset(each.lower().lstrip(".") for each in types)
        self._size = size

    def takes(self, file: File) -> bool:
        """Whether a file has one of the endings and is small enough."""
        return ending(file) in self._types and 0 < len(file.content) <= self._size

    async def upload(self, posts: Sequence[Post], page: str) -> Linker:
        """Upload the files of posts that the wiki takes; what links them from their posts."""
        links: dict[tuple[str, str], str] = {}
        for post in posts:
            for file in filter(self.takes, post.files):
                name = file_name(file, page)
                if await self._is_there(name) or await self._put(name, file):
                    links[post.key, file.name] = _link(name, file)
        return lambda post, name: links.get((post.key, name))

    async def remove(self, page: str) -> None:
        """Delete the files that we have uploaded for a page; those of other people stay."""
        for each in await self._api.ask(tuple[_Media, ...], "wiki.getAttachments", page, {}):
            if _OURS.search(each.id):
                await self._api.ask(int, "wiki.deleteAttachment", each.id)

    async def _is_there(self, name: str) -> bool:
        """Whether it was uploaded: its name tells its content."""
        return (await self._api.ask(_Size, "wiki.getAttachmentInfo", name)).size > 0

    async def _put(self, name: str, file: File) -> bool:
        """Upload a file; False where the wiki does not want it, so that it is named in its post only."""
        try:
            await self._api.ask(str, "wiki.putAttachment", name, file.content, {"ow": False})
        except Failed:
            return False
        return True


def _link(name: str, file: File) -> str:
    """The link to a file, with a small picture where it is one."""
    link = f"{{{{:{name}?linkonly|{_label(file.name)}}}}}"
    return f"{link}\\\\ {{{{:{name}?nolink&300|}}}}" if ending(file) in _PICTURES else link


def _label(name: str) -> str:
    """A file's name as the words of a link, in which DokuWiki shows all but these signs as they are."""
    return re.sub(r"[{}|\[\]<>]", "_", name)
