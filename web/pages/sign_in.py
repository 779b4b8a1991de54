"""Signing in: ask for a link by mail, press its button, and signing out.

The pages never say whether an address exists. A link does nothing until its button is pressed: mail scanners
open links before people do.
"""

import asyncio
import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote

from aiohttp import web
from pydantic import StringConstraints

from store import mails, people, people_sign_in
from store.people_sign_in import SESSION_LIFE, TOKEN_LIFE
from web import forms, sign_in_mail
from web.links import sign_in_url
from web.page import TEMPLATES, render, say, see_other, signed_in
from web.pages import notice
from web.pages.notice import Notice
from web.pages.thread_actions import Button
from web.site import SITE, Site
from web.visitor import (
    FORM_COOKIE,
    LANGUAGE_COOKIE,
    NEXT_COOKIE,
    SESSION_COOKIE,
    VISITOR,
    cookie,
    cookie_name,
    drop_cookie,
    offered_languages,
    set_cookie,
)

MINUTES = int(TOKEN_LIFE.total_seconds() // 60)
# One plain mailbox: with a list or a quoted local part a mail could reach somebody outside.
_MAILBOX = re.compile(r"[^\s@,;:<>()\[\]\\\"]+@[^\s@,;:<>()\[\]\\\"]+")
LANGUAGE_LIFE = 365 * 86_400  # seconds


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """Context of sign_in.html: first the question, then, with `was_asked`, what to do next."""

    was_asked: bool
    minutes: int  # that a link works


class AddressForm(forms.Form):
    """Who wants to sign in."""

    email: Annotated[
        str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254, pattern="@")
    ]


async def show(request: web.Request) -> web.Response:
    """GET /sign-in, with ?language=CODE to read it in another language"""
    site = request.app[SITE]()
    if request[VISITOR].person is not None:
        raise see_other("/")
    code = request.query.get("language", "")
    if code in offered_languages(site):
        answer = web.HTTPSeeOther(location="/sign-in")
        set_cookie(answer, site, LANGUAGE_COOKIE, code, seconds=LANGUAGE_LIFE)
        raise answer
    return render(request, "sign_in.html", SignIn(was_asked=False, minutes=MINUTES))


async def ask(request: web.Request) -> web.Response:
    """POST /sign-in: the answer is the same for every address."""
    site = request.app[SITE]()
    fields = await forms.read(request, AddressForm)
    if _MAILBOX.fullmatch(fields.email) and site.organisation.is_internal(fields.email):
        await asyncio.to_thread(_send_link, request, fields.email)
    return render(request, "sign_in.html", SignIn(was_asked=True, minutes=MINUTES))


async def show_link(request: web.Request) -> web.Response:
    """GET /sign-in/TOKEN"""
    site, token = request.app[SITE](), request.match_info["token"]
    if not await asyncio.to_thread(_is_usable, site, token):
        return _spent(request)
    return render(request, "sign_in_link.html", None)


async def redeem(request: web.Request) -> web.Response:
    """POST /sign-in/TOKEN"""
    site, token = request.app[SITE](), request.match_info["token"]
    await forms.read(request, Button)
    value = await asyncio.to_thread(_redeem, site, token)
    if value is None:
        return _spent(request)
    answer = web.HTTPSeeOther(location=_wanted(request, site))
    set_cookie(answer, site, SESSION_COOKIE, value, seconds=int(SESSION_LIFE.total_seconds()))
    drop_cookie(answer, site, NEXT_COOKIE)
    drop_cookie(answer, site, FORM_COOKIE)
    raise answer


async def sign_out(request: web.Request) -> web.Response:
    """POST /sign-out"""
    site = request.app[SITE]()
    signed_in(request)
    await forms.read(request, Button)
    await asyncio.to_thread(_end, site, request.cookies[cookie_name(site, SESSION_COOKIE)])
    answer = web.HTTPSeeOther(location="/sign-in")
    drop_cookie(answer, site, SESSION_COOKIE)
    raise answer


def _spent(request: web.Request) -> web.Response:
    spent = Notice(
        title=say(request, "This link no longer works"),
        sentence=say(
            request, "It was used before, or it is older than %(minutes)s minutes.", minutes=MINUTES
        ),
        link="/sign-in",
        link_text=say(request, "Ask for a new link"),
    )
    return notice.show(request, spent, status=410)


def _wanted(request: web.Request, site: Site) -> str:
    """The page that was asked for before signing in, if it is one of ours."""
    path = unquote(cookie(request, site, NEXT_COOKIE))
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours else "/"


def _send_link(request: web.Request, email: str) -> None:
    site, now = request.app[SITE](), request.app[SITE]().clock()
    with site.database.write() as session:
        token = people_sign_in.ask(session, email, client=request.remote or "", at=now)
        if token is None:
            return
        chosen = people.person(session, email).language or request[VISITOR].language
        templates = request.app[TEMPLATES]
        language = templates.get(chosen, templates[request[VISITOR].language]).language
        link = sign_in_url(site.url, token)
        mail = sign_in_mail.compose(
            site.organisation, language, email=email, link=link, minutes=MINUTES, now=now
        )
        mails.accept(session, [mail])


def _is_usable(site: Site, token: str) -> bool:
    with site.database.read() as session:
        return people_sign_in.is_usable(session, token, at=site.clock())


def _redeem(site: Site, token: str) -> str | None:
    now = site.clock()
    with site.database.write() as session:
        redeemed = people_sign_in.redeem(session, token, at=now)
        if redeemed is None:
            return None
        people.meet(session, redeemed[0], at=now)
        return redeemed[1]


def _end(site: Site, value: str) -> None:
    with site.database.write() as session:
        people_sign_in.end(session, value)
