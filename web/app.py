"""The application: its routes, in the order of a visit, and what it is made of."""

import asyncio
from collections.abc import Callable, Mapping

from aiohttp import web

from store import people
from store.commons_entry import FORMS
from web import markdown, security
from web.page import RENDER, TEMPLATES, Templates, load_templates
from web.pages import (
    admin,
    admin_doubts,
    entry,
    file,
    health,
    home,
    opt_out,
    preferences,
    search,
    sign_in,
    space,
    static_file,
    suggestion,
    thread,
    thread_actions,
    thread_addition,
    thread_correction,
    wiki_edit,
    wiki_history,
)
from web.site import FORM_KEY, SITE, Site

LARGEST_FORM = 1_000_000  # bytes; no form takes more text than a fifth of it in letters


def build_app(
    site: Callable[[], Site], *, templates: Mapping[str, Templates] | None = None
) -> web.Application:
    """The pages of an installation; `site` is asked at each request, so that a new config is seen at once.

    Several applications of one process may share `templates`, for compiling them takes a moment.
    """
    app = web.Application(
        middlewares=[
            security.survive_the_database,
            security.know_the_visitor,
            security.explain_problems,
        ],
        client_max_size=LARGEST_FORM,
    )
    render = markdown.renderer()
    app[SITE] = site
    app[RENDER] = render
    app[TEMPLATES] = load_templates(render) if templates is None else templates
    app[static_file.FILES] = static_file.load()
    app.on_startup.append(_read_form_key)
    app.on_response_prepare.append(security.add_headers)
    app.add_routes([*_public_routes(), *_reading_routes(), *_writing_routes()])
    return app


async def _read_form_key(app: web.Application) -> None:
    app[FORM_KEY] = await asyncio.to_thread(_form_key, app[SITE]())


def _form_key(site: Site) -> bytes:
    with site.database.write() as session:
        return people.signing_key(session, "forms", at=site.clock())


def _public_routes() -> list[web.RouteDef]:
    return [
        web.get("/healthz", health.show),
        web.get("/static/{name}", static_file.show),
        web.get("/sign-in", sign_in.show),
        web.post("/sign-in", sign_in.ask),
        web.get("/sign-in/{token}", sign_in.show_link),
        web.post("/sign-in/{token}", sign_in.redeem),
        web.get("/opt-out/{token}", opt_out.show),
        web.post("/opt-out/{token}", opt_out.opt_out),
    ]


def _reading_routes() -> list[web.RouteDef]:
    return [
        web.get("/", home.show),
        web.get("/space/{name}", space.show),
        web.get("/tag/{tag:.+}", space.show_tag),
        web.get("/search", search.show),
        *(web.get(f"/{form}/{{slug}}", entry.show) for form in FORMS),
        *(
            web.get(rf"/{form}/{{slug}}/file/{{remark:\d{{1,6}}}}/{{number:\d{{1,4}}}}", file.show)
            for form in FORMS
        ),
        web.get("/wiki/{slug}/history", wiki_history.show),
        web.get(r"/wiki/{slug}/history/{number:\d{1,6}}", wiki_history.show_revision),
        web.get("/thread/{id}", thread.show),
        web.get("/admin", admin.show),
    ]


def _writing_routes() -> list[web.RouteDef]:
    return [
        *(web.post(f"/{form}/{{slug}}/answer", entry.answer) for form in FORMS),
        web.get("/wiki/{slug}/edit", wiki_edit.show),
        web.post("/wiki/{slug}/edit", wiki_edit.save),
        web.post("/wiki/{slug}/restore", wiki_history.restore),
        web.get("/space/{name}/new", wiki_edit.show_new),
        web.post("/space/{name}/new", wiki_edit.create),
        web.post("/thread/{id}/keep", thread_actions.keep),
        web.post("/thread/{id}/addition", thread_addition.answer),
        web.post("/thread/{id}/correct", thread_correction.correct),
        web.get("/suggestion/{id}", suggestion.show),
        web.post("/suggestion/{id}", suggestion.accept),
        web.get("/preferences", preferences.show),
        web.post("/preferences", preferences.save),
        web.post("/sign-out", sign_in.sign_out),
        web.post("/admin/recall", admin.recall),
        web.post("/admin/there", admin_doubts.is_there),
        web.post("/admin/not-there", admin_doubts.is_not_there),
    ]
