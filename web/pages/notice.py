"""Pages that say one thing: what went wrong with a form, or that something was done."""

from dataclasses import dataclass

from aiohttp import web

from web.page import render, say


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Context of notice.html."""

    title: str
    sentence: str  # what happened and what to do
    link: str = ""  # path of the page to go on with
    link_text: str = ""


def show(request: web.Request, notice: Notice, *, status: int = 200) -> web.Response:
    """A page with one notice."""
    return render(request, "notice.html", notice, status=status)


def stale_form(request: web.Request) -> web.Response:
    """The form was not made for this browser, or its session has ended."""
    title = say(request, "This form is too old")
    sentence = say(request, "Nothing was changed. Go back, reload the page and send it again.")
    return show(request, Notice(title=title, sentence=sentence), status=403)


def wrong_form(request: web.Request) -> web.Response:
    """A field is missing or too long."""
    title = say(request, "Something is missing or too long")
    sentence = say(request, "Nothing was changed. Go back, look at every field and send it again.")
    return show(request, Notice(title=title, sentence=sentence), status=400)


def too_large(request: web.Request) -> web.Response:
    """More was sent than any form takes."""
    title = say(request, "This text is too long")
    sentence = say(request, "Nothing was changed. Go back and shorten it.")
    return show(request, Notice(title=title, sentence=sentence), status=413)
