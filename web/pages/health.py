"""Whether this process can serve pages, for load balancers."""

import asyncio

from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from web.site import SITE, Site


async def show(request: web.Request) -> web.Response:
    """GET /healthz: 200 where the database answers, 503 where it does not."""
    answers = await asyncio.to_thread(_database_answers, request.app[SITE]())
    return web.Response(
        text="ok\n" if answers else "the database does not answer\n", status=200 if answers else 503
    )


def _database_answers(site: Site) -> bool:
    try:
        with site.database.read() as session:
            session.execute(text("SELECT 1"))
    except DatabaseError:
        return False
    return True
