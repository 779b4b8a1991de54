"""Which form of a mail's text is read where it has several."""

import pytest

from ingest.alternatives import best, true_form
from ingest.part_text import Body
from tests.ingest.reading import read_bytes

LETTER = "<p>The ferry leaves at nine from the north pier, not from the south pier as last year.</p>"


def _chosen(plain: str, html: str) -> bool:
    """Whether the HTML is read."""
    return best([[Body(text=plain)], [Body(text=html, html=True)]])[0].html


@pytest.mark.parametrize(
    "plain",
    [
        "",
        "  \n",
        "This is a multi-part message in MIME format.",
        "View in browser: https://quay.example/1",
        "Si ce message ne s’affiche pas, ouvrez-le dans votre navigateur.",
        "Diese E-Mail in der Onlineversion lesen",
        "Your mail program does not support HTML.",
    ],
)
def test_a_plain_form_that_only_points_to_the_html_is_passed_over(plain: str) -> None:
    options = [[Body(text=plain)]] if plain.strip() else [[]]

    assert best([*options, [Body(text=LETTER, html=True)]])[0].html


def test_a_long_excuse_gives_way_to_the_html() -> None:
    excuse = (
        "You take the HTML form of this letter, but your program can't show HTML. " + "Ask somebody. " * 25
    )

    assert _chosen(excuse, LETTER * 9)


def test_a_person_who_writes_of_browsers_is_read_in_plain_text() -> None:
    plain = "The browser shows nothing on the second page, although it did so yesterday at noon. Ann"

    assert not _chosen(plain, "<p>The browser shows nothing.</p>")


@pytest.mark.parametrize(
    "html",
    [
        "<div>It is.</div><blockquote type='cite'>Is the bridge open?</blockquote><div>Until six.</div>",
        "<div>It is.</div><div name='quote'>Is the bridge open?</div><blockquote></blockquote>Until six.",
    ],
)
def test_quotes_that_only_the_html_shows_are_read_there(html: str) -> None:
    assert _chosen("It is.\n\nIs the bridge open?\n\nUntil six.", html)


def test_marked_quotes_are_read_in_plain_text() -> None:
    html = "<div>It is.</div><blockquote type='cite'>Is the bridge open?</blockquote>"

    assert not _chosen("It is.\n\n> Is the bridge open?", html)


def test_html_that_says_less_is_not_read_for_its_quotes() -> None:
    html = "<div>It is.</div><blockquote type='cite'></blockquote>"

    assert not _chosen("It is open.\n\nUntil six o'clock, and from eight on Sundays, as always.", html)


def test_answers_between_unmarked_quotes_are_found_in_a_whole_mail() -> None:
    head = b'From: Ann <ann@quay.example>\nContent-Type: multipart/alternative; boundary="b"\n'
    plain = (
        b"On Mon, 8 Jan 2024 at 09:15, Tom <tom@quay.example> wrote:\n\nWho?\n\nI do.\n\nWhen?\n\nAt six.\n"
    )
    html = (
        b"<div class='yahoo_quoted'>On Mon, 8 Jan 2024 at 09:15, Tom &lt;tom@quay.example&gt; wrote:<br>"
        b"<blockquote>Who?</blockquote><div>I do.</div><blockquote>When?</blockquote><div>At six.</div></div>"
    )
    parts = (b"\n--b\nContent-Type: text/plain\n\n", plain, b"\n--b\nContent-Type: text/html\n\n", html)

    assert read_bytes(head + b"".join(parts) + b"\n--b--\n").own_words == "I do.\n\nAt six."


def test_html_labelled_as_plain_text_is_read_as_html() -> None:
    assert true_form(Body(text="\n<!DOCTYPE html><html><body>Hi</body></html>")).html


@pytest.mark.parametrize("text", ["Use <html> here.", "<b>bold</b> words", "a < b\n<html"])
def test_plain_text_that_names_tags_stays_plain(text: str) -> None:
    assert true_form(Body(text=text)) == Body(text=text)


def test_plain_text_labelled_as_html_keeps_its_lines() -> None:
    body = Body(text="Hello,\n\ntea &amp; cake at four.\n", html=True)

    assert true_form(body) == Body(text="Hello,\n\ntea & cake at four.\n")


def test_html_with_a_single_tag_is_html() -> None:
    assert true_form(Body(text="Hello<br>\nyou\n", html=True)).html


def test_targets_and_rules_of_the_plain_form_do_not_count_as_text() -> None:
    plain = (
        f"It is.\n\n{'_' * 32}\nZzz: Tom <mailto:tom@quay.example>\nOpen? <https://quay.example/{'x' * 90}>"
    )
    html = "<p>It is.</p><hr><div id='divRplyFwdMsg'><b>Zzz:</b> Tom</div><p><a href='x'>Open?</a></p>"

    assert _chosen(plain, html)
