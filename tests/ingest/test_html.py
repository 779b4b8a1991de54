"""HTML as text: links, lists, pictures, and what is made to break a reader."""

import pytest

from domain.mail import Trim
from ingest.html_items import item_label, picture_words, symbols, word_bullet
from ingest.html_links import shown_target, unwrapped
from ingest.html_text import html_lines
from ingest.own_words import own_words, split_html

SAFE = "https://eur03.safelinks.protection.outlook.com/?url="


@pytest.mark.parametrize(
    ("href", "target"),
    [
        (f"{SAFE}https%3A%2F%2Fquay.example%2Fa%3Fb%3D1&data=05%7C01", "https://quay.example/a?b=1"),
        ("https://urldefense.com/v3/__https://quay.example/a__;!!abc$", "https://quay.example/a"),
        ("https://www.google.com/url?q=https://quay.example/a&sa=D", "https://quay.example/a"),
        ("https://deref-gmx.net/mail/client/x/dereferrer/?redirectUrl=https%3A%2F%2Fquay.example", None),
        ("https://www.google.com/search?q=https://quay.example", "same"),
        (f"{SAFE}javascript%3Aalert(1)", "same"),
        (f"{SAFE}https%3A%2F%2Fquay.example&" + "&a=1" * 100, "same"),
        ("https://[quay.example/?a=1", "same"),
        ("https://quay.example/?url=https://other.example", "same"),
    ],
)
def test_links_of_gateways_are_unwrapped(href: str, target: str | None) -> None:
    wanted = {"same": href, None: "https://quay.example"}.get(target, target)

    assert unwrapped(href) == wanted


@pytest.mark.parametrize(
    ("words", "href", "shown"),
    [
        ("the plan", "https://quay.example/plan", "https://quay.example/plan"),
        ("quay.example", "https://www.quay.example/", ""),
        ("https://quay.example/a b", "https://quay.example/a%20b", ""),
        ("https://quay.example/map", f"{SAFE}https%3A%2F%2Fquay.example%2Fmap&data=x", ""),
        ("write to me", "mailto:vera@quay.example", ""),
        ("", "https://quay.example", ""),
        ("track", "https://quay.example/" + "x" * 300, ""),
        ("top", "#top", ""),
    ],
)
def test_a_target_is_shown_where_the_words_do_not_tell_it(words: str, href: str, shown: str) -> None:
    assert shown_target(words, href) == shown


def test_a_link_at_the_beginning_of_a_paragraph_keeps_its_target() -> None:
    lines, _marks = html_lines('<p>Files:</p><p><a href="https://quay.example/1">one</a></p>')

    assert lines == ["Files:", "", "one <https://quay.example/1>"]


@pytest.mark.parametrize(
    ("kind", "number", "label"),
    [("1", 12, "12. "), ("a", 3, "c. "), ("A", 26, "Z. "), ("a", 27, "27. "), ("i", 1994, "mcmxciv. ")],
)
def test_items_are_numbered_as_their_list_says(kind: str, number: int, label: str) -> None:
    assert item_label(kind, number) == label


@pytest.mark.parametrize(("written", "bullet"), [("·", "- "), ("o", "- "), ("12.", "12. "), ("iv)", "iv) ")])
def test_bullets_of_word_become_plain(written: str, bullet: str) -> None:
    assert word_bullet(written) == bullet


def test_letters_in_wingdings_are_symbols_and_words_stay() -> None:
    assert (symbols("J"), symbols("Jam")) == ("☺", "Jam")


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"alt": "🎉"}, "🎉"),
        ({"alt": "👨‍👩‍👧‍👦"}, "👨‍👩‍👧‍👦"),
        ({"alt": ":-)"}, ":-)"),
        ({"alt": "smile", "class": "emoji"}, "smile"),
        ({"alt": "Logo"}, ""),
        ({"alt": "été"}, ""),
        ({"alt": "a photo of the pier"}, ""),
        ({}, ""),
    ],
)
def test_only_pictures_of_emoji_are_words(attributes: dict[str, str], words: str) -> None:
    assert picture_words(attributes) == words


def test_answers_within_a_wrapper_are_given_back_only_below_its_own_attribution() -> None:
    """A quoted mail may hold quotes of its own, and then what stands below them is quoted, too."""
    quoted = "<blockquote>older</blockquote><div>newer</div>"
    parts = split_html(f"<p>Mine.</p><div class='yahoo_quoted'><p>Somebody said</p>{quoted}</div>")

    assert own_words(parts) == "Mine."


def test_a_signature_line_of_a_program_is_known_in_spite_of_its_link() -> None:
    html = '<p>Done.</p><p>Sent from <a href="https://go.example/mail">Mail</a> for Windows</p>'

    assert [part.trim for part in split_html(html)] == [None, Trim.DEVICE]


ATTRIBUTION = "On Mon, 8 Jan 2024 at 09:15, Vera &lt;vera@quay.example&gt; wrote:"
HOSTILE = {
    "struck in struck": "".join(f"<del>a{number} " for number in range(12_000)) + "</del>" * 12_000,
    "links in links": "".join(f'<a href="http://x.example/{number}">w' for number in range(20_000))
    + "</a>" * 20_000,
    "links in one line": "".join(f'<a href="http://x.example/{n}">w</a> ' for n in range(15_000)),
    "quotes with attributions in quotes": f"<blockquote><div>{ATTRIBUTION}</div>" * 5_000,
    "wrappers in wrappers": f"<div class=yahoo_quoted>{ATTRIBUTION}</div>" * 5_000,
    "quotes in a wrapper": "<div class=yahoo_quoted>" + "<blockquote>q</blockquote>a" * 10_000,
    "lists in lists": "<ol><li>a" * 10_000,
    "definitions in definitions": "<dl><dd>a" * 12_000,
    "tables of data in tables": "<table border=1><tr><td>a<td>" * 6_000,
    "rows without end": "<table border=1>" + "<tr><td>a" * 12_000,
    "a row of empty cells": "<table border=1><tr>" + "<td></td>" * 20_000 + "<td>x",
    "symbols in symbols": '<span style="font-family:Wingdings">' * 15_000 + "J" + "</span>" * 15_000,
    "styles of colours": '<p style="' + "color:red;background:blue;" * 80 + '">a</p>',
    "verbatim in verbatim": '<div style="white-space:pre">\n' * 10_000,
    "nothing closes it": "<xmp>" * 20_000 + "<style>" * 10_000 + "<plaintext>" * 10_000,
    "single quotes": "<a title='" * 20_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_html_is_read_in_linear_time(html: str) -> None:
    assert split_html(html)
