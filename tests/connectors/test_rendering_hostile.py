"""Rendering takes all text there is: nothing is lost by depth or slow by size, and XML stays well-formed."""

import time
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from connectors.rendering import (
    CONFLUENCE,
    DOKUWIKI,
    HTML,
    MARKDOWN,
    PLAIN,
    WIKITEXT,
    Form,
    markdown_from_text,
    render,
)

FORMS = [WIKITEXT, DOKUWIKI, CONFLUENCE, HTML, MARKDOWN, PLAIN]
MARKUP = st.text(alphabet=st.sampled_from("ab1 \n\t`*_[]()<>#+-.!|~&;:=/\\'\"^$@{}%é"), max_size=80)
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def letters(text: str) -> str:
    return "".join(each for each in text if each in "ab1é")


def seen(html: str) -> str:
    body = LexborHTMLParser(f"<body>{html}</body>").body
    return "" if body is None else body.text()


@given(MARKUP)
def test_html_shows_every_word_of_any_markdown(markdown: str) -> None:
    tree = LexborHTMLParser(f"<body>{render(markdown, HTML)}</body>")

    allowed = "p br hr ul ol li blockquote pre code em strong s a h2 h3 h4 h5 h6 table thead tbody tr th td"
    assert tree.body is not None
    assert {node.tag for node in tree.body.css("*")} - {"body"} <= set(allowed.split())


@given(st.text(max_size=80))
def test_confluence_gets_well_formed_xml_of_any_text(text: str) -> None:
    for markdown in (text, markdown_from_text(text), f"```\n{text}\n```"):
        storage = render(markdown, CONFLUENCE)
        ET.fromstring(f'<x xmlns:ac="ac" xmlns:ri="ri">{storage}</x>')


@given(MARKUP)
def test_markdown_of_a_mail_says_the_same_when_it_is_written_anew(text: str) -> None:
    once = markdown_from_text(text)

    assert letters(seen(READER.render(render(once, MARKDOWN)))) == letters(seen(READER.render(once)))


@given(MARKUP)
def test_plain_text_holds_every_letter_of_a_mail(text: str) -> None:
    markdown = markdown_from_text(text)

    assert letters(render(markdown, PLAIN)) == letters(seen(READER.render(markdown)))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: type(form).__name__)
@pytest.mark.parametrize(
    "markdown",
    [
        "> " * 10_000 + "deep",
        "- " * 10_000 + "deep",
        "\n".join(" " * (2 * depth) + "- deep" for depth in range(300)),
        "*a " * 10_000 + "deep" + " b*" * 10_000,
        "**" * 10_000 + "deep" + "**" * 10_000,
        "[" * 10_000 + "deep" + "](https://e.com)" * 10_000,
    ],
    ids=["quotes", "items", "lists", "emphasis", "strong", "links"],
)
def test_what_is_nested_too_deep_is_shown_all_the_same(markdown: str, form: Form) -> None:
    assert "deep" in render(markdown, form)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: type(form).__name__)
@pytest.mark.parametrize("text", ["<&[{'~%*_`|^", "word ", "x\n", "https://e.com/a ", "''{{~~~~}}[[x]] "])
def test_hostile_length_costs_little(text: str, form: Form) -> None:
    markdown = markdown_from_text(text * (40_000 // len(text)))

    before = time.process_time()
    render(markdown, form)
    assert time.process_time() - before < 5  # CPU seconds; usually a fifth
