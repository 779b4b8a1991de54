"""What a page begins with: question and answer in their authors' own sentences; and what to see besides.

Each sentence names its author and its mail, and leads there where the page can be linked within itself.
"""

from collections.abc import Callable, Mapping

from connectors.rendering.mail_text import markdown_from_text
from connectors.rendering.words import moment, name_of, say
from domain.digest import Excerpt
from domain.publication import Page, Post, Publication
from domain.web_address import is_web_address

Anchor = Callable[[Post], str]  # where a post stands on the page, such as #m3


def lead(publication: Publication, anchor: Anchor | None = None) -> str:
    """Markdown for the top of a question's page; "" where it was not answered, or is no question.

    Sentences of mails that are not among the posts are left out.
    """
    digest, posts = publication.digest, {post.key: post for post in publication.posts}
    if digest is None or publication.kind != "question" or digest.question is None or not digest.answer:
        return ""
    parts = {"question": (digest.question,), "answer": digest.answer}
    if digest.decision is not None:
        parts["decision"] = (digest.decision,)
    shown = {word: [each for each in said if each.key in posts] for word, said in parts.items()}
    if not shown["question"] or not shown["answer"]:
        return ""
    language = publication.language
    return "\n\n".join(
        f"# {say(word, language)}\n\n{_told(said, posts, language, anchor)}"
        for word, said in shown.items()
        if said
    )


def see_also(publication: Publication) -> str:
    """Markdown that links the pages on the same topic; "" where there are none."""
    links = [f"- {_link(page)}" for page in publication.related if _may_be_linked(page.url)]
    return "\n".join([f"# {say('related', publication.language)}\n", *links]) if links else ""


def _told(said: list[Excerpt], posts: Mapping[str, Post], language: str, anchor: Anchor | None) -> str:
    """The sentences, those of one mail together, each run with whose they are."""
    runs: list[tuple[str, list[str]]] = []
    for each in said:
        if not runs or runs[-1][0] != each.key:
            runs.append((each.key, []))
        runs[-1][1].append(each.text)
    return "\n\n".join(
        f"{_literal(' '.join(texts))} {_credit(posts[key], language, anchor)}" for key, texts in runs
    )


def _credit(post: Post, language: str, anchor: Anchor | None) -> str:
    whose = _literal(f"{name_of(post.author, language)}, {moment(post.at, language)}")
    return f"({whose})" if anchor is None else f"([{whose}]({anchor(post)}))"


def _link(page: Page) -> str:
    return f"[{_literal(page.title) or page.url}](<{page.url}>)"


def _may_be_linked(url: str) -> bool:
    return is_web_address(url) and not any(mark in url for mark in "<>\\")


def _literal(text: str) -> str:
    return markdown_from_text(" ".join(text.split()))
