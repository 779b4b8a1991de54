"""What is done around every request: who asks, headers that keep browsers strict, pages for refusals.

Whoever may not see a thing gets the very answer of there being nothing: same status, same bytes.
"""

import logging
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy.exc import DatabaseError

from web import forms
from web.page import render
from web.pages import notice
from web.site import SITE
from web.visitor import NEXT_COOKIE, VISITOR, identify, set_cookie

logger = logging.getLogger(__name__)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
}
HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}
NO_DATABASE = (
    "The pages cannot be shown for a moment. Please try again soon; no mail is affected.\n"
    "Les pages sont momentanément indisponibles. Réessayez bientôt ; aucun courriel n’est touché.\n"
)
NEXT_LIFE = 900  # seconds: as long as a sign-in link


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on an answer that is about to be sent; a page may only have stricter ones."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.app[SITE]().is_https:
        response.headers.update(HTTPS_HEADERS)
    response.headers.setdefault("Cache-Control", "private, no-store")


@web.middleware
async def survive_the_database(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say in one sentence that the database does not answer; any page would need it, so this one is bare."""
    try:
        return await handler(request)
    except DatabaseError as error:
        logger.error("a page could not be made, the database says: %s", error.orig)
        return web.Response(text=NO_DATABASE, status=503, headers={"Retry-After": "10"})


@web.middleware
async def know_the_visitor(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who asks before any page is made."""
    request[VISITOR] = await identify(request)
    return await handler(request)


@web.middleware
async def explain_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals into pages."""
    try:
        return await handler(request)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        return nothing_here(request)
    except forms.StaleForm:
        return notice.stale_form(request)
    except forms.WrongForm:
        return notice.wrong_form(request)
    except web.HTTPRequestEntityTooLarge:
        return notice.too_large(request)


def nothing_here(request: web.Request) -> web.Response:
    """The one answer for what is not there and for what is not for the visitor."""
    response = render(request, "nothing.html", None, status=404)
    if request[VISITOR].person is None and request.method == "GET":
        # The path goes into a cookie, not into the page: the page must be the same whatever was asked for.
        set_cookie(response, request.app[SITE](), NEXT_COOKIE, quote(request.path_qs), seconds=NEXT_LIFE)
    return response
