"""A publication as the page, section or remark that a service shows, with the marks by which we know it.

Pure text in, text out: files are linked by whoever has uploaded them.
"""

import re
from collections.abc import Callable, Sequence
from urllib.parse import quote, unquote

from connectors.rendering.forms import Form
from connectors.rendering.lead import lead, see_also
from connectors.rendering.reading import blocks_of
from connectors.rendering.tree import below
from connectors.rendering.words import moment, name_of, origin, say
from domain.publication import Post, Publication

SECTION = 2  # level of a post's heading; level 1 is the title of the page
Linker = Callable[
    [Post, str], str | None
]  # markup in the form that shows or links a file; None: name it only

_NOT_IN_MARKER = re.compile(r"[^A-Za-z0-9/-]|-(?=-)")


def render(markdown: str, form: Form, *, top: int = SECTION) -> str:
    """Markdown in a form; `top` is the level that its highest heading gets."""
    return form.blocks(below(blocks_of(markdown), top))


def page(publication: Publication, form: Form, *, link: Linker | None = None) -> str:
    """The whole publication without its title: what it comes to, each post, where it came from."""
    sections = [section(post, form, publication.language, link=link) for post in publication.posts]
    top, besides = render(lead(publication), form), render(see_also(publication), form)
    return "\n\n".join(filter(None, [top, *sections, besides, footer(publication, form)]))


def titled_page(publication: Publication, form: Form, *, link: Linker | None = None) -> str:
    """The whole publication below its title, for services that keep no title apart."""
    return f"{form.heading(1, publication.title)}\n\n{page(publication, form, link=link)}"


def section(post: Post, form: Form, language: str, *, link: Linker | None = None) -> str:
    """A post of a page: a heading with name and date, its words, its files and the folded rest."""
    title = f"{name_of(post.author, language)}, {moment(post.at, language)}"
    body = _body(post, form, language, top=SECTION + 1, link=link)
    return "\n\n".join(filter(None, [form.heading(SECTION, title), marker(post.key, form), *body]))


def remark(post: Post, form: Form, language: str, *, link: Linker | None = None) -> str:
    """A post that stands alone, as a comment or reply: who wrote it and when, then as `section`."""
    line = form.strong(name_of(post.author, language)) + form.line(f", {moment(post.at, language)}")
    body = _body(post, form, language, top=SECTION + 1, link=link)
    return "\n\n".join(filter(None, [form.paragraph(line), *body, marker(post.key, form)]))


def footer(publication: Publication, form: Form) -> str:
    """Where a publication came from, with its mark."""
    language = publication.language
    names = list(dict.fromkeys(name_of(post.author, language) for post in publication.posts))
    words = form.paragraph(form.line(origin(names, language)))
    return "\n\n".join(filter(None, [marker(publication.key, form), words]))


def with_posts(text: str, publication_key: str, posts: Sequence[Post], form: Form, language: str) -> str:
    """A page's text with the posts that are not there yet, before its footer; at its end where that is gone.

    Unchanged where all of them are there. Not for PLAIN, in which nothing can be found again.
    """
    there = frozenset(keys_in(text, form))
    new = [section(post, form, language) for post in posts if post.key not in there]
    if not new:
        return text
    mark = marker(publication_key, form)
    at = text.rfind(mark) if mark else -1
    if at < 0:
        return "\n\n".join([text.rstrip(), *new])
    return "\n\n".join([text[:at].rstrip(), *new, text[at:]])


def marker(key: str, form: Form) -> str:
    """The key as machines find it in a text of this form and people do not see it; "" where none can be."""
    return f"{form.marker_start}{marked(key)}{form.marker_end}" if form.marker_start else ""


def marked(key: str) -> str:
    """A key in letters, digits, / and single hyphens; the rest is percent-encoded."""
    return _NOT_IN_MARKER.sub(
        lambda found: f"%{ord(found[0]):02X}" if ord(found[0]) < 128 else quote(found[0]), key
    )


def keys_in(text: str, form: Form) -> list[str]:
    """The keys of all marks in a text, in their order; what people wrote is never taken for one."""
    start, end = re.escape(form.marker_start), re.escape(form.marker_end)
    return [unquote(key) for key in re.findall(f"{start}([A-Za-z0-9/%-]+){end}", text)] if start else []


def _body(post: Post, form: Form, language: str, *, top: int, link: Linker | None) -> list[str]:
    body = [render(post.markdown, form, top=top)]
    if post.attachments:
        lines = [(link and link(post, name)) or form.line(name) for name in post.attachments]
        body += [form.paragraph(form.strong(say("attachments", language))), form.bullets(lines)]
    if post.trimmed.strip():
        body.append(form.folded(say("trimmed", language), post.trimmed.strip("\n")))
    return body
