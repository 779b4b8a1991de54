"""Plain mail text becomes Markdown that shows the same words and no markup the writer did not mean."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from connectors.rendering import markdown_from_text

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS = {"p", "br", "ul", "ol", "li", "code", "pre", "a"}


def html(text: str) -> str:
    """What a reader's Markdown engine makes of it, HTML allowed: the worst case."""
    return PARSER.render(markdown_from_text(text))


def shown(text: str) -> str:
    body = HTMLParser(html(text)).body
    return "" if body is None else body.text()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "# Not a heading",
        "Not a heading\n===",
        "Not a heading\n---",
        "*not bold* and __not bold__ and `not code`",
        "[not a link](javascript:alert(1))",
        "![not an image](https://example.com/x.png)",
        "[ref]: https://example.com/ 'title'",
        "> not a quote",
        "&lt;b&gt; &#60; &copy;",
        "~~not struck~~",
        "a | b\n--|--\nc | d",
        "***",
        "1986\\. was a year",
        "<javascript:alert(1)>",
        "<!-- not a comment -->",
        "a\\*b\\",
        "```\nnever closed",
        "http://",
        "+",
        "2) ",
    ],
)
def test_what_looks_like_markup_is_shown_as_it_was_typed(text: str) -> None:
    assert {node.tag for node in HTMLParser(html(text)).body.css("*")} - {"body"} <= {"p", "br", "a"}  # type: ignore[union-attr]
    assert shown(text).split() == text.split()


def test_paragraphs_and_breaks_made_on_purpose_survive() -> None:
    text = "Hello Inès,\nthe room is free.\n\nSee you\nPaul"

    assert html(text) == "<p>Hello Inès,<br />\nthe room is free.</p>\n<p>See you<br />\nPaul</p>\n"


@pytest.mark.parametrize(
    "text",
    [
        "This line is as long as mail programs like them to be before they\nwrap it.",
        "A web address may be longer than the wrapped text around it, as here:\n"
        f"https://example.com/{'x' * 90}\nand the text goes on as before until the mail program wraps it\n"
        "automatically.",
    ],
    ids=["text", "text around a long address"],
)
def test_a_line_wrapped_by_the_mail_program_runs_on(text: str) -> None:
    assert "<br" not in html(text)


def test_where_the_mail_program_did_not_wrap_every_break_was_meant() -> None:
    text = (
        "Blue bin: hull offcuts, burrs and plugs, all of them clean. No foam and no stickers, please.\n"
        "Grey bin: whatever is glued or painted, sold at a third of the price.\n"
        "Green bin: cherry, ash and cedar, as long as nobody has varnished them before that."
    )

    assert html(text).count("<br") == 2


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Bring:\n- bread\n- cheese", ["bread", "cheese"]),
        ("* bread\n* cheese\n  from the market", ["bread", "cheese\nfrom the market"]),
        ("•\u00a0pain\n•\u00a0fromage", ["pain", "fromage"]),
        ("1. first\n2. second", ["first", "second"]),
        ("1) first\n2) second", ["first", "second"]),
    ],
)
def test_simple_lists_survive(text: str, items: list[str]) -> None:
    assert [node.text().strip() for node in HTMLParser(html(text)).css("li")] == items


def test_numbers_of_lists_are_kept() -> None:
    starts = re.findall(r"<ol( start=\"\d+\")?>", html("3. third\n\n4. fourth\n\n1. first"))

    assert starts == [' start="3"', ' start="4"', ""]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Run:\n\n    vpn --up <name>\n      -v\n\nDone.", "vpn --up <name>\n  -v\n"),
        ("```sh\necho `date` *\n```", "echo `date` *\n"),
        ("~~~\na\n```\nb\n~~~", "a\n```\nb\n"),
    ],
    ids=["indented", "backticks", "tildes"],
)
def test_code_survives_letter_by_letter(text: str, code: str) -> None:
    assert [node.text() for node in HTMLParser(html(text)).css("pre code")] == [code]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("See https://wiki.example.com/a_b_c?x=1&copy=2.", "https://wiki.example.com/a_b_c?x=1&copy=2"),
        ("(https://example.com/page_(x))", "https://example.com/page_(x)"),
        ("<https://example.com/a>", "https://example.com/a"),
        ("« https://example.com/b » ?", "https://example.com/b"),
    ],
)
def test_web_addresses_are_links(text: str, link: str) -> None:
    assert [node.attributes["href"] for node in HTMLParser(html(text)).css("a")] == [link]
    assert shown(text).split() == text.split()


@given(st.text(alphabet=st.sampled_from("ab1 \n\t`*_[]()<>#+-.!|~&;:=/\\'\"^$@hé"), max_size=80))
def test_no_text_at_all_becomes_more_than_layout(text: str) -> None:
    tree = HTMLParser(f"<html><body>{html(text)}</body></html>")

    assert {node.tag for node in tree.body.css("*")} - {"body"} <= HARMLESS  # type: ignore[union-attr]
    letters = re.sub(r"[^abhé]", "", text)
    assert re.sub(r"[^abhé]", "", tree.body.text()) in {letters, letters.replace("`", "")}  # type: ignore[union-attr]


@pytest.mark.parametrize("line", ["```a", "    - x\n", "https://" + "(" * 60, "- a", "*_[`<&" * 20, "1. a\n"])
def test_hostile_length_costs_little(line: str) -> None:
    text = "\n".join([line] * (160_000 // len(line)))

    before = time.process_time()
    markdown_from_text(text)

    assert time.process_time() - before < 1.0  # CPU second, the budget of a mail; usually a tenth
