"""The console's buttons for postings with an unknown outcome: a human has looked, and says what is there.

Buttons write rows; the worker posts, or sends the links.
"""

import asyncio
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from domain.web_address import LONGEST, is_web_address
from store import uncertain
from web import forms
from web.page import see_other, signed_in
from web.site import SITE, Site

Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ThereForm(forms.Form):
    """It is there: which, and where people read it."""

    key: Key
    url: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]


class NotThereForm(forms.Form):
    """It is not there: which."""

    key: Key


async def is_there(request: web.Request) -> web.Response:
    """POST /admin/there"""
    site = _admins_site(request)
    fields = await forms.read(request, ThereForm)
    if not is_web_address(fields.url):
        raise forms.WrongForm
    done = await asyncio.to_thread(_is_there, site, fields)
    return _back(done)


async def is_not_there(request: web.Request) -> web.Response:
    """POST /admin/not-there"""
    site = _admins_site(request)
    fields = await forms.read(request, NotThereForm)
    done = await asyncio.to_thread(_is_not_there, site, fields)
    return _back(done)


def _admins_site(request: web.Request) -> Site:
    if not signed_in(request).is_admin:
        raise web.HTTPNotFound
    return request.app[SITE]()


def _is_there(site: Site, fields: ThereForm) -> bool:
    with site.database.write() as session:
        return uncertain.is_there(session, fields.key, fields.url, site.clock())


def _is_not_there(site: Site, fields: NotThereForm) -> bool:
    with site.database.write() as session:
        return uncertain.is_not_there(session, fields.key, site.clock())


def _back(done: object) -> web.Response:
    if not done:
        raise web.HTTPNotFound
    raise see_other("/admin#doubts")
