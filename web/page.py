"""From a typed context to an HTML answer: the templates of each language and what all pages share."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from domain.organisation import Organisation
from store.people import Person
from web import forms, language, markdown
from web.language import Language
from web.site import FORM_KEY, SITE, CommonsSpace, Site
from web.visitor import FORM_COOKIE, VISITOR, Visitor, offered_languages, set_cookie

FOLDER = Path(__file__).parent
HUES = 8  # colours of people's initials in the stylesheet
_ADDRESS = re.compile(r"([\w.+-]{1,64})@[\w-]{1,63}(?:\.[\w-]{1,63})+")


@dataclass(frozen=True, kw_only=True)
class Templates:
    """The templates of one language."""

    language: Language
    environment: Environment

    def get(self, name: str) -> Template:
        """A template by its file name."""
        return self.environment.get_template(name)


TEMPLATES: web.AppKey[Mapping[str, Templates]] = web.AppKey("templates")
RENDER: web.AppKey[markdown.Render] = web.AppKey("render")


@dataclass(frozen=True, kw_only=True)
class View:
    """What every template can use beside its page: who reads, where, and how to say dates."""

    organisation: Organisation
    spaces: tuple[CommonsSpace, ...]  # that the visitor may read
    person: Person | None
    is_admin: bool
    language: Language
    languages: tuple[Language, ...]  # to choose from
    form_token: str
    path: str
    now: datetime
    site: Site

    def day(self, moment: datetime) -> str:
        """The date in words."""
        return self.language.day(moment, self.site.zone)

    def moment(self, moment: datetime) -> str:
        """Date and time of day in words."""
        return self.language.moment(moment, self.site.zone)

    def briefly(self, moment: datetime) -> str:
        """How long ago, or the date."""
        return self.language.briefly(moment, self.now, self.site.zone)

    def space_title(self, name: str) -> str:
        """The title of a space, its name where it is no longer configured."""
        space = self.site.space(name)
        elsewhere = {other.name: other.title for other in self.site.elsewhere}
        return elsewhere.get(name) or name if space is None else space.title


def load_templates(render: markdown.Render) -> dict[str, Templates]:
    """The templates in every known language."""
    stamp = stylesheet_stamp()
    return {code: _templates(language.load(code), render, stamp) for code in language.KNOWN}


def stylesheet_stamp() -> str:
    """Changes when the stylesheet does, so that browsers may keep it for long."""
    return sha256((FOLDER / "static" / "unchain.css").read_bytes()).hexdigest()[:12]


def _templates(spoken: Language, render: markdown.Render, stamp: str) -> Templates:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(spoken.catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["stamp"] = stamp
    environment.filters.update(
        markdown=lambda text: render(text).html,
        excerpt=markdown.excerpt,
        initials=initials,
        hue=hue,
        names_only=names_only,
    )
    return Templates(language=spoken, environment=environment)


def initials(name: str) -> str:
    """One or two letters that stand for a person."""
    words = [word for word in re.split(r"[\s.-]+", name) if word[:1].isalnum()]
    letters = [words[0][0], *(words[-1][:1] if len(words) > 1 else "")] if words else ["?"]
    return "".join(letters).upper()


def hue(name: str) -> int:
    """The number of a person's colour: the same on every page."""
    return crc32(name.encode()) % HUES


def names_only(text: str) -> str:
    """A text in which of each mail address only the part before the @ is left."""
    return _ADDRESS.sub(r"\1", text)


def view(request: web.Request) -> View:
    """What the templates share, for this request."""
    site, visitor = request.app[SITE](), request[VISITOR]
    templates = request.app[TEMPLATES]
    return View(
        organisation=site.organisation,
        spaces=readable_spaces(site, visitor),
        person=visitor.person,
        is_admin=visitor.is_admin,
        language=templates[visitor.language].language,
        languages=tuple(templates[code].language for code in offered_languages(site)),
        form_token=forms.token_of(request.app[FORM_KEY], visitor),
        path=request.path,
        now=site.clock(),
        site=site,
    )


def readable_spaces(site: Site, visitor: Visitor) -> tuple[CommonsSpace, ...]:
    """The spaces in which the visitor may find something."""
    if visitor.reader is None:
        return ()
    audiences = {"everyone", "participants"} if visitor.reader.internal else {"participants"}
    audiences |= {f"group:{name}" for name in visitor.reader.groups}
    return tuple(space for space in site.spaces if space.audience in audiences)


def render(request: web.Request, template: str, page: object, *, status: int = 200) -> web.Response:
    """A page in the visitor's language; `page` is the context that the template's file names."""
    visitor, site = request[VISITOR], request.app[SITE]()
    html = request.app[TEMPLATES][visitor.language].get(template).render(page=page, view=view(request))
    response = web.Response(text=html, content_type="text/html", charset="utf-8", status=status)
    response.headers["Content-Language"] = visitor.language
    if visitor.fresh:
        set_cookie(response, site, FORM_COOKIE, visitor.fresh, seconds=None)
    return response


def say(request: web.Request, message: str, **values: object) -> str:
    """A message in the visitor's language."""
    return request.app[TEMPLATES][request[VISITOR].language].language.say(message, **values)


def see_other(path: str) -> web.HTTPSeeOther:
    """Send the browser on after a form was taken in; to be raised."""
    return web.HTTPSeeOther(location=path)


def signed_in(request: web.Request) -> Visitor:
    """The visitor, who must be signed in; to anybody else there is nothing here."""
    visitor = request[VISITOR]
    if visitor.reader is None:
        raise web.HTTPNotFound
    return visitor


def page_number(request: web.Request) -> int:
    """Which page of a list is asked for, from 1; anything odd is the first."""
    text = request.query.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1
