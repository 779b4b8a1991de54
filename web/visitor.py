"""Who asks for a page: the signed-in person or nobody, and the cookies by which we know."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from store import people, people_sign_in
from store.commons_editing import Writer
from store.commons_entry import Reader
from store.people import Person
from web import language
from web.site import SITE, Site

VISITOR: web.RequestKey["Visitor"] = web.RequestKey("visitor")
SESSION_COOKIE = "unchain"
FORM_COOKIE = "unchain-form"  # of visitors who are not signed in
NEXT_COOKIE = "unchain-next"  # the page that they wanted
LANGUAGE_COOKIE = "unchain-language"


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """The person behind a request."""

    person: Person | None  # None: not signed in
    reader: Reader | None
    is_admin: bool
    language: str
    secret: str  # a cookie's value that only this browser knows; forms are bound to it
    fresh: str = ""  # the same where the browser has yet to be told it

    @property
    def writer(self) -> Writer:
        """The signed-in person as one who writes."""
        assert self.reader is not None
        assert self.person is not None
        return Writer(reader=self.reader, name=self.person.label)


def cookie_name(site: Site, name: str) -> str:
    """A cookie's name; over TLS the prefix binds it to this very host (draft-ietf-httpbis-rfc6265bis)."""
    return f"__Host-{name}" if site.is_https else name


def set_cookie(
    response: web.StreamResponse, site: Site, name: str, value: str, *, seconds: int | None
) -> None:
    """Set a cookie that no script and no other site can read."""
    response.set_cookie(
        cookie_name(site, name),
        value,
        max_age=seconds,
        path="/",
        secure=site.is_https,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: web.StreamResponse, site: Site, name: str) -> None:
    """Tell the browser to forget a cookie."""
    response.del_cookie(
        cookie_name(site, name), path="/", secure=site.is_https, httponly=True, samesite="Lax"
    )


def cookie(request: web.Request, site: Site, name: str) -> str:
    """A cookie's value, "" where the browser sent none."""
    return request.cookies.get(cookie_name(site, name), "")


async def identify(request: web.Request) -> Visitor:
    """Find out who asks; reads the database."""
    site = request.app[SITE]()
    session_cookie = cookie(request, site, SESSION_COOKIE)
    person = (
        await asyncio.to_thread(_signed_in, site, session_cookie, site.clock()) if session_cookie else None
    )
    chosen = person.language if person is not None else cookie(request, site, LANGUAGE_COOKIE)
    return _visitor(
        site, person, _language(request, site, chosen), session_cookie, cookie(request, site, FORM_COOKIE)
    )


def _visitor(site: Site, person: Person | None, code: str, session_cookie: str, form_cookie: str) -> Visitor:
    fresh = "" if person is not None or form_cookie else secrets.token_urlsafe(16)
    return Visitor(
        person=person,
        reader=None if person is None else site.reader(person.email),
        is_admin=person is not None and site.is_admin(person.email),
        language=code,
        secret=session_cookie if person is not None else form_cookie or fresh,
        fresh=fresh,
    )


def _signed_in(site: Site, value: str, now: datetime) -> Person | None:
    with site.database.read() as session:
        email = people_sign_in.signed_in(session, value, at=now)
        # Somebody who is no longer internal loses the session at once.
        return people.person(session, email) if email and site.organisation.is_internal(email) else None


def _language(request: web.Request, site: Site, chosen: str) -> str:
    offered = offered_languages(site)
    if chosen in offered:
        return chosen
    return language.preferred(request.headers.get("Accept-Language", ""), offered)


def offered_languages(site: Site) -> tuple[str, ...]:
    """The organisation's languages that pages exist in; English where there is none of them."""
    return tuple(code for code in site.organisation.languages if code in language.KNOWN) or (language.SOURCE,)
