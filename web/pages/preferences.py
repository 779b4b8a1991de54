"""A person's own choices: the language of pages and mails, and whether their chains may move."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from store import people
from web import forms
from web.page import render, see_other, signed_in
from web.site import SITE, Site
from web.visitor import Visitor, offered_languages


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """Context of preferences.html."""

    chosen_language: str  # "" = the browser's
    has_opted_out: bool
    was_saved: bool


class PreferencesForm(forms.Form):
    """The choices as posted."""

    language: str = ""
    chains: Literal["may-move", "keep"]


async def show(request: web.Request) -> web.Response:
    """GET /preferences"""
    person = signed_in(request).person
    assert person is not None
    page = Preferences(
        chosen_language=person.language,
        has_opted_out=person.opted_out,
        was_saved="saved" in request.query,
    )
    return render(request, "preferences.html", page)


async def save(request: web.Request) -> web.Response:
    """POST /preferences"""
    visitor, site = signed_in(request), request.app[SITE]()
    fields = await forms.read(request, PreferencesForm)
    if fields.language and fields.language not in offered_languages(site):
        raise forms.WrongForm
    await asyncio.to_thread(_save, site, visitor, fields)
    raise see_other("/preferences?saved")


def _save(site: Site, visitor: Visitor, fields: PreferencesForm) -> None:
    assert visitor.reader is not None
    email, now = visitor.reader.email, site.clock()
    with site.database.write() as session:
        people.choose_language(session, email, fields.language, at=now)
        if fields.chains == "keep":
            people.opt_out(session, email, at=now)
        else:
            people.opt_in(session, email, at=now)
