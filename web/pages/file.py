"""A file that came with a mail of an entry, for the readers of that entry and nobody else.

It is read from the raw mail each time: nothing is stored twice, and what is withdrawn, erased or no longer
kept is served no more. Whatever is in it, the browser gets it as a download or as a still picture, sandboxed.
"""

import asyncio
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from domain.publication import File
from ingest.files import UNKNOWN_TYPE, files_of
from store import commons_reading, mails
from store.commons_entry import Reader
from web.page import signed_in
from web.pages.entry import form_of
from web.site import SITE, Site

POLICY = "default-src 'none'; sandbox"
# What a browser may show at once, by what such a file begins with; any other file is only saved.
_PICTURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
_SAVED_AS_ITSELF = frozenset({"application/pdf", "application/zip", "text/csv", "text/plain"})


@dataclass(frozen=True, kw_only=True)
class Place:
    """Which file: of which remark of an entry, and the how manieth of its attachments, from 0."""

    form: str
    slug: str
    remark: int
    number: int


async def show(request: web.Request) -> web.Response:
    """GET /FORM/SLUG/file/REMARK/NUMBER"""
    visitor, found = signed_in(request), request.match_info
    assert visitor.reader is not None
    place = Place(
        form=form_of(request),
        slug=found["slug"],
        remark=int(found["remark"]),
        number=int(found["number"]),
    )
    file = await asyncio.to_thread(_read, request.app[SITE](), visitor.reader, place)
    if file is None:
        raise web.HTTPNotFound
    return web.Response(body=file.content, headers=headers_of(file))


def _read(site: Site, reader: Reader, place: Place) -> File | None:
    with site.database.read() as session:
        entry = commons_reading.entry(session, reader, form=place.form, slug=place.slug)
        remarks = () if entry is None else entry.remarks
        remark = next((each for each in remarks if each.number == place.remark and each.from_mail), None)
        if remark is None or place.number >= len(remark.attachments):
            return None
        content = mails.analysed_content(session, remark.key)
    files = () if content is None else files_of(content)
    file = files[place.number] if place.number < len(files) else None
    # Mails of before may have been read otherwise: what is not the file of that name is no file at all.
    return file if file is not None and file.name == remark.attachments[place.number] else None


def headers_of(file: File) -> dict[str, str]:
    """How a browser is to take a file: RFC 6266 for its name, RFC 8187 for letters of any kind."""
    magic = _PICTURES.get(file.media_type)
    is_picture = magic is not None and file.content.startswith(magic)
    known = is_picture or file.media_type in _SAVED_AS_ITSELF
    plain = "".join(letter if letter.isalnum() or letter in " ._-" else "_" for letter in file.name)
    ascii_name = plain.encode("ascii", "replace").decode().replace("?", "_")
    way = "inline" if is_picture else "attachment"
    return {
        "Content-Type": file.media_type if known else UNKNOWN_TYPE,
        "Content-Disposition": f"{way}; filename=\"{ascii_name}\"; filename*=UTF-8''{_percent(file.name)}",
        "Content-Security-Policy": POLICY,
    }


def _percent(name: str) -> str:
    return quote(name.encode("utf-8", "replace"), safe="")
