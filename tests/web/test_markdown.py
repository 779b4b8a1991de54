"""Markdown becomes safe HTML."""

import pytest

from web.markdown import excerpt, renderer

RENDER = renderer()


def html(text: str) -> str:
    return str(RENDER(text).html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**a** *b* ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>\n"),
        ("```\n<b>\n```", "<pre><code>&lt;b&gt;\n</code></pre>\n"),
    ],
)
def test_markup_is_rendered(text: str, expected: str) -> None:
    assert html(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hello)",
        "![x](https://tracker.example/pixel.png)",
        "<style>p{}</style>",
        '<a href="x" onclick="alert(1)">x</a>',
        "[x](vbscript:x)",
    ],
)
def test_nothing_active_or_remote_gets_through(text: str) -> None:
    for bad in (
        "<script",
        "<img",
        "<style",
        'href="javascript',
        'href="data',
        'href="vbscript',
        '<a href="x"',
    ):
        assert bad not in html(text)


def test_addresses_that_were_just_typed_become_links_but_not_in_code() -> None:
    rendered = html("See https://example.com/a_b, or `https://example.com/c`.")

    assert rendered.count("<a ") == 1
    assert (
        '<a href="https://example.com/a_b" rel="noopener noreferrer nofollow">https://example.com/a_b</a>,'
        in rendered
    )


def test_a_picture_becomes_a_link_so_that_opening_a_page_asks_nobody_else() -> None:
    assert '<a href="https://example.com/x.png"' in html("![plan](https://example.com/x.png)")


def test_the_highest_heading_is_an_h2() -> None:
    assert [heading.level for heading in RENDER("# A\n\n## B\n\n# C").headings] == [2, 3, 2]
    assert [heading.level for heading in RENDER("### A\n\n#### B").headings] == [2, 3]


def test_anchors_differ_and_name_their_headings() -> None:
    rendered = RENDER("# Été\n\n# Été\n\n# 日本")

    assert [heading.anchor for heading in rendered.headings] == ["s-ete", "s-ete-2", "s-section"]
    for heading in rendered.headings:
        assert f'id="{heading.anchor}"' in rendered.html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Title\n\nSome *words* and `code`.", "Some words and code."),
        ("one two three four five six seven", "one two three four …"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("```\ncode\n```", ""),
        ("x" * 50, f"{'x' * 22} …"),
    ],
)
def test_an_excerpt_is_plain_words(text: str, expected: str) -> None:
    assert excerpt(text, 22) == expected
