"""Opting out with one click from a mail (RFC 8058): the signed token in the address is all it takes.

No session and no form token: mail programs post on the reader's behalf, without cookies. Opening the link
only asks; it is the POST that opts out.
"""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from store import people
from web.page import render, say
from web.pages import notice
from web.pages.notice import Notice
from web.site import SITE, Site


@dataclass(frozen=True, kw_only=True)
class OptOut:
    """Context of opt_out.html."""

    path: str  # where the button posts to


async def show(request: web.Request) -> web.Response:
    """GET /opt-out/TOKEN"""
    site, token = request.app[SITE](), request.match_info["token"]
    if await asyncio.to_thread(_email, site, token) is None:
        raise web.HTTPNotFound
    return render(request, "opt_out.html", OptOut(path=request.path))


async def opt_out(request: web.Request) -> web.Response:
    """POST /opt-out/TOKEN"""
    site, token = request.app[SITE](), request.match_info["token"]
    if not await asyncio.to_thread(_opt_out, site, token):
        raise web.HTTPNotFound
    done = Notice(
        title=say(request, "Your chains stay in the mail"),
        sentence=say(
            request,
            "From now on no conversation that you are in is moved. You can change this in your preferences.",
        ),
        link="/preferences",
        link_text=say(request, "Preferences"),
    )
    return notice.show(request, done)


def _email(site: Site, token: str) -> str | None:
    with site.database.read() as session:
        return people.email_of_opt_out_token(session, token)


def _opt_out(site: Site, token: str) -> bool:
    with site.database.write() as session:
        email = people.email_of_opt_out_token(session, token)
        if email is None:
            return False
        people.opt_out(session, email, at=site.clock())
        return True
