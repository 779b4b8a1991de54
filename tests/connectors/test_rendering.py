"""Markdown in each form: the layout of a page that has everything, and whole publications."""

from dataclasses import replace

import pytest

from connectors.rendering import (
    CONFLUENCE,
    DOKUWIKI,
    HTML,
    MARKDOWN,
    PLAIN,
    WIKITEXT,
    Form,
    keys_in,
    marker,
    page,
    remark,
    render,
    titled_page,
    with_posts,
)
from tests.connectors.contract import post, publication

FORMS = [WIKITEXT, DOKUWIKI, CONFLUENCE, HTML, MARKDOWN, PLAIN]
HIDING = [form for form in FORMS if form is not PLAIN]


def named(form: Form) -> str:
    return type(form).__name__


CASES: list[tuple[str, Form, str]] = [
    ("# A\n\n## B", WIKITEXT, "== A ==\n\n=== B ==="),
    ("# A\n\n## B", DOKUWIKI, "===== A =====\n\n==== B ===="),
    ("# A\n\n## B", HTML, "<h2>A</h2>\n<h3>B</h3>"),
    ("# A\n\n## B", MARKDOWN, "## A\n\n### B"),
    ("# A\n\n## B", PLAIN, "A\n\nB"),
    ("- a\n- b\n  1. c", WIKITEXT, "* a\n* b\n*# c"),
    ("- a\n- b\n  1. c", DOKUWIKI, "  * a\n  * b\n    - c"),
    ("- a\n- b\n  1. c", HTML, "<ul>\n<li>a</li>\n<li>b\n<ol>\n<li>c</li>\n</ol></li>\n</ul>"),
    ("- a\n- b\n  1. c", MARKDOWN, "* a\n* b\n  1) c"),
    ("- a\n- b\n  1. c", PLAIN, "• a\n• b\n  1. c"),
    ("3. a\n4. b", WIKITEXT, '<ol start="3">\n<li>\na\n</li>\n<li>\nb\n</li>\n</ol>'),
    ("3. a\n4. b", DOKUWIKI, "3. a\\\\ 4. b"),
    ("3. a\n4. b", HTML, '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
    ("3. a\n4. b", PLAIN, "3. a\n4. b"),
    ("*a* **b** ~~c~~ `d`", WIKITEXT, "''a'' '''b''' <s>c</s> <code>d</code>"),
    ("*a* **b** ~~c~~ `d`", DOKUWIKI, "//a// **b** <del>c</del> ''d''"),
    ("*a* **b** ~~c~~ `d`", HTML, "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
    ("*a* **b** ~~c~~ `d`", MARKDOWN, "*a* **b** ~~c~~ `d`"),
    ("*a* **b** ~~c~~ `d`", PLAIN, "a b c d"),
    ("a\\\nb", WIKITEXT, "a<br />b"),
    ("a\\\nb", DOKUWIKI, "a\\\\ b"),
    ("a\\\nb", HTML, "<p>a<br />b</p>"),
    ("a\\\n- b", MARKDOWN, "a\\\\\n\n* b"),
    ("a\\\n\\- b", MARKDOWN, "a\\\n\\- b"),
    ("[a](https://e.com/?x=1&y)", WIKITEXT, "[https://e.com/?x=1&y a]"),
    ("[a](https://e.com/?x=1&y)", DOKUWIKI, "[[https://e.com/?x=1&y|a]]"),
    ("[a](https://e.com/?x=1&y)", HTML, '<p><a href="https://e.com/?x=1&amp;y">a</a></p>'),
    ("[a](https://e.com/?x=1&y)", PLAIN, "a (https://e.com/?x=1&y)"),
    ("[a\\]](https://e.com/)", DOKUWIKI, "a%%]%% ([[https://e.com/]])"),
    ("[a](/wiki/x) [b](javascript:alert)", HTML, "<p>a &#91;b&#93;(javascript:alert)</p>"),
    ("see https://e.com/a_b.", HTML, '<p>see <a href="https://e.com/a_b">https://e.com/a_b</a>.</p>'),
    ("> a\n>\n> > b", WIKITEXT, "<blockquote>\n\na\n\n<blockquote>\n\nb\n\n</blockquote>\n\n</blockquote>"),
    ("> a\n>\n> > b", DOKUWIKI, "> a\n> > b"),
    ("> a\n>\n> > b", MARKDOWN, "> a\n>\n> > b"),
    ("> a\n>\n> > b", PLAIN, "> a\n>\n> > b"),
    ("```py\na\n  b\n```", WIKITEXT, "<pre>\na\n  b\n</pre>"),
    ("```py\na\n  b\n```", DOKUWIKI, "<code py>\na\n  b\n</code>"),
    ("```py\na\n  b\n```", HTML, '<pre><code class="language-py">a\n  b</code></pre>'),
    ("```py\na\n  b\n```", MARKDOWN, "```py\na\n  b\n```"),
    (
        "```py\na]]>\n```",
        CONFLUENCE,
        '<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">py</ac:parameter>'
        "<ac:plain-text-body><![CDATA[a]]]]><![CDATA[>]]></ac:plain-text-body></ac:structured-macro>",
    ),
    ("a|b\n-|-\n1|`x\\|y`", WIKITEXT, '{| class="wikitable"\n! a\n! b\n|-\n| 1\n| <code>x&#124;y</code>\n|}'),
    ("a|b\n-|-\n1|`x\\|y`", DOKUWIKI, "^ a ^ b ^\n| 1 | ''x%%|%%y'' |"),
    ("a|b\n-|-\n1|`x\\|y`", MARKDOWN, "| a | b |\n| --- | --- |\n| 1 | `x\\|y` |"),
    ("a|b\n-|-\n1|`x\\|y`", PLAIN, "a | b\n1 | x|y"),
    ("a\n\n***\n\nb", WIKITEXT, "a\n\n----\n\nb"),
    ("![a](https://e.com/x.png)", HTML, '<p>!<a href="https://e.com/x.png">a</a></p>'),
]


@pytest.mark.parametrize(("markdown", "form", "expected"), CASES)
def test_each_form_says_it_in_its_own_markup(markdown: str, form: Form, expected: str) -> None:
    assert render(markdown, form) == expected


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_a_page_holds_its_posts_in_order_and_says_where_it_came_from(form: Form) -> None:
    shown = page(publication(), form)

    pieces = ["Inès Caron, 9 March 2026, 08:15 UTC", "Which badge", "Paul Ashby, 9 March", "blue"]
    pieces.append("This was a mail conversation between Inès Caron and Paul Ashby. Unchain moved it here.")
    places = [shown.index(piece) for piece in pieces]
    assert places == sorted(places)


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_the_words_around_it_are_in_its_own_language(form: Form) -> None:
    one = replace(post(0), trimmed="> ancien", attachments=("plan.pdf",))
    french = replace(publication(), language="fr", posts=(one,))

    shown = page(french, form)

    assert "Inès Caron, 9 mars 2026 à 08:15 UTC" in shown
    assert "C’était un courriel de Inès Caron. Unchain l’a déplacé ici." in shown
    assert "Pièces jointes" in shown
    assert "Texte cité et signature" in shown
    assert "plan.pdf" in shown


def test_a_language_without_words_gets_english_ones() -> None:
    assert "Unchain moved it here" in page(replace(publication(), language="xx"), PLAIN)


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_no_address_is_shown(form: Form) -> None:
    nameless = replace(post(0), author="ines.caron@example.com")

    shown = page(replace(publication(), posts=(nameless,)), form)

    assert "ines.caron" in shown
    assert "@" not in shown


@pytest.mark.parametrize("form", HIDING, ids=named)
@pytest.mark.parametrize("key", ["thread-1/wiki", "-->", "|¶]] ~~~~ é--", "a%20b", "<x>&'\""])
def test_the_keys_of_a_page_are_found_again(form: Form, key: str) -> None:
    shown = titled_page(publication(key), form)

    assert keys_in(shown, form) == ["post-0", "post-1", key]


@pytest.mark.parametrize("form", HIDING, ids=named)
@pytest.mark.parametrize("frame", ["{}", "`{}`", "```\n{}\n```", "# {}", "[{}](https://e.com)", "- {}"])
def test_what_people_write_is_never_taken_for_a_key(form: Form, frame: str) -> None:
    forged = marker("post-7", form)
    one = replace(post(0, frame.format(forged)), author=forged, trimmed=forged, attachments=(forged,))

    shown = titled_page(replace(publication(), title=forged, posts=(one,)), form)

    assert keys_in(shown, form) == ["post-0", publication().key]


@pytest.mark.parametrize("form", HIDING, ids=named)
def test_later_posts_stand_before_the_footer_and_only_once(form: Form) -> None:
    first = page(publication(), form)

    second = with_posts(first, publication().key, [post(1), post(2, "Third.")], form, "en")

    assert keys_in(second, form) == ["post-0", "post-1", "post-2", publication().key]
    assert with_posts(second, publication().key, [post(2, "Third.")], form, "en") == second


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_where_the_footer_is_gone_later_posts_stand_last(form: Form) -> None:
    assert "Third." in with_posts(
        "Somebody wrote this anew.", "thread-1/wiki", [post(2, "Third.")], form, "en"
    )


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_a_remark_says_who_wrote_it_and_when(form: Form) -> None:
    shown = remark(post(1), form, "en")

    assert shown.index("Paul Ashby") < shown.index("9 March 2026, 09:15 UTC") < shown.index("Some words.")


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_a_file_is_shown_as_its_linker_says(form: Form) -> None:
    one = replace(post(0), attachments=("a.pdf", "b.pdf"))

    shown = remark(one, form, "en", link=lambda post, name: "LINKED" if name == "a.pdf" else None)

    assert "LINKED" in shown
    assert "a.pdf" not in shown
    assert "b.pdf" in shown
