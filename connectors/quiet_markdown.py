"""Markdown for forums and chats that act on @names, #tags and :smileys: these are shown, and do nothing."""

import re
from dataclasses import replace

from connectors.base import Capabilities
from connectors.rendering.forms import PLAIN
from connectors.rendering.markdown import Markdown
from connectors.rendering.publication import footer, section
from connectors.rendering.reading import blocks_of
from connectors.rendering.short import cut
from domain.publication import Post, Publication

WORD_JOINER = "\u2060"  # takes no room and is no letter of a name
_SIGN = re.compile(r"[@#](?=[\w\[])|:(?=[\w+-]{1,60}:)")
_ROOM = 600  # for the ellipsis and the escapes that a cut text still gets


class QuietMarkdown(Markdown):
    """The form of Discourse and Mattermost. Their own marks begin with a sign right before a word."""

    def line(self, text: str) -> str:
        """Words within a line, literal; a word joiner parts each sign from what it would act on."""
        return super().line(_SIGN.sub(lambda found: found[0] + WORD_JOINER, text))


QUIET = QuietMarkdown()


def fitting_section(post: Post, language: str, length: int) -> str:
    """A post with name and date in so many characters: whole, or its bare words cut with an ellipsis."""
    whole = section(post, QUIET, language)
    if len(whole) <= length:
        return whole
    bare = replace(post, trimmed="")
    if len(section(bare, QUIET, language)) <= length:
        return section(bare, QUIET, language)
    # Half of the room at most for what is to be escaped; markup that is cut in two would spoil what follows.
    words = PLAIN.blocks(blocks_of(post.markdown))
    room = max(0, length - len(section(replace(bare, markdown=""), QUIET, language)) - _ROOM)
    text = QUIET.paragraph(QUIET.line(cut(words, room))) if room else "…"
    while len(text) > room > 1:
        room = room * 3 // 4
        text = QUIET.paragraph(QUIET.line(cut(words, room)))
    return section(replace(bare, markdown=""), QUIET, language).rstrip() + "\n\n" + text


def fitting_page(publication: Publication, limits: Capabilities) -> str:
    """Title, posts and origin as one text; posts that do not fit any more are left out with an ellipsis."""
    title = QUIET.strong(cut(publication.title.strip() or "…", limits.title_length))
    end = footer(publication, QUIET)
    room = limits.post_length - len(title) - len(end) - 10
    sections: list[str] = []
    for post in publication.posts:
        text = fitting_section(post, publication.language, max(room, 0))
        if len(text) + 2 > room:
            sections.append("…")
            break
        sections.append(text)
        room -= len(text) + 2
    return "\n\n".join([title, *sections, end])
