"""The stylesheet and the pictures; read once at start, for there are few and they are small."""

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent.parent / "static"
TYPES = {".css": "text/css", ".svg": "image/svg+xml"}
LIFE = "public, max-age=31536000, immutable"  # the address of the stylesheet changes with its content
FILES: web.AppKey[Mapping[str, bytes]] = web.AppKey("static_files")


def load() -> dict[str, bytes]:
    """All static files by name."""
    return {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in TYPES}


async def show(request: web.Request) -> web.Response:
    """GET /static/NAME"""
    name = request.match_info["name"]
    content = request.app[FILES].get(name)
    if content is None:
        raise web.HTTPNotFound
    return web.Response(
        body=content,
        content_type=TYPES[Path(name).suffix],
        charset="utf-8",
        headers={"Cache-Control": LIFE},
    )
