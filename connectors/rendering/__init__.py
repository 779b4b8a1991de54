"""From one Markdown form to what each service takes.

`markdown_from_text` makes Markdown of mail text; `page`, `section` and `remark` write publications in a form;
`short_post` writes what fits into a microblog. Hostile markup is born literal in every form.
"""

from connectors.rendering.forms import CONFLUENCE, DOKUWIKI, HTML, MARKDOWN, PLAIN, WIKITEXT, Form
from connectors.rendering.lead import lead, see_also
from connectors.rendering.mail_text import markdown_from_text
from connectors.rendering.publication import (
    Linker,
    footer,
    keys_in,
    marked,
    marker,
    page,
    remark,
    render,
    section,
    titled_page,
    with_posts,
)
from connectors.rendering.short import cut, length, short_post

__all__ = [
    "CONFLUENCE",
    "DOKUWIKI",
    "HTML",
    "MARKDOWN",
    "PLAIN",
    "WIKITEXT",
    "Form",
    "Linker",
    "cut",
    "footer",
    "keys_in",
    "lead",
    "length",
    "markdown_from_text",
    "marked",
    "marker",
    "page",
    "remark",
    "render",
    "section",
    "see_also",
    "short_post",
    "titled_page",
    "with_posts",
]
