"""What holds for any text: nothing lost, nothing raised, work in proportion to the size."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mail import TextPart, Trim
from ingest.own_words import own_words, split_html, split_plain

PIECES = [
    *(
        "On Fri, Jan 5, 2024 at 10:00 AM Tom <tom@a.example> wrote:",
        "Le lun. 5 janv. 2024 à 10:00, A <a@b.example>",
    ),
    *(
        "a écrit :",
        "> quoted",
        ">> older",
        ">",
        "",
        "",
        "-- ",
        "--",
        "____________",
        "From: tom@a.example",
        "Sent: 10:00",
    ),
    *(
        "To: a@b.example",
        "Subject: x",
        "-----Original Message-----",
        "Cordialement",
        "Ann Wright",
        "Sent from my iPhone",
    ),
    *(
        "- item",
        "Some words of my own, and a few more.",
        "This e-mail is confidential. Delete it.",
        "x | y",
        "[...]",
    ),
    *(
        "To unsubscribe, write to us",
        "a mailing list",
        "To",
        "Subject",
        "05/01/2024 10:00",
        ">>> import os",
        "\u202f\ufeff",
    ),
]
TAGS = [
    *(
        "<div>",
        "</div>",
        "<p>",
        "</p>",
        "<br>",
        "<blockquote type=cite>",
        "</blockquote>",
        "<table><tr><td>",
        "</td>",
    ),
    *(
        "<style>",
        "</style>",
        "<!--",
        "-->",
        "<a href='https://a.example'>",
        "</a>",
        "<hr id=zwchr>",
        "<",
        ">",
        "&nbsp;",
    ),
    *(
        '<div class="gmail_signature">',
        "<pre>",
        "</pre>",
        "<li>",
        "<ul>",
        "</ul>",
        "text ",
        "<b",
        '"',
        "&amp;",
        "\n",
    ),
]


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.text())
def test_the_parts_of_any_text_are_the_text(text: str) -> None:
    assert "\n".join(part.text for part in split_plain(text)) == _normal(text)


@given(st.lists(st.sampled_from(PIECES), max_size=40))
@settings(max_examples=200)
@pytest.mark.parametrize("author", ["", "Ann Wright"])
def test_the_parts_of_a_mail_of_odd_pieces_are_the_mail(author: str, pieces: list[str]) -> None:
    text = "\r\n".join(pieces)

    parts = split_plain(text, author=author)

    assert "\n".join(part.text for part in parts) == _normal(text)
    assert all(before.trim is not after.trim for before, after in pairwise(parts))


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_own_words_hold_only_lines_of_the_mail_in_order(pieces: list[str]) -> None:
    remaining = iter(pieces)

    own = own_words(split_plain("\n".join(pieces)))

    assert all(
        any(line.rstrip() == piece.rstrip() for piece in remaining)
        for line in own.split("\n")
        if line.strip()
    )


@given(st.lists(st.sampled_from(TAGS), max_size=60))
@settings(max_examples=200)
def test_any_html_is_read(pieces: list[str]) -> None:
    parts = split_html("".join(pieces))

    assert all(isinstance(part, TextPart) for part in parts)


# Marks without any width, which HTML shows as nothing.
UNSEEN = dict.fromkeys(map(ord, "\xad\u034f\u200b\u2060\ufeff"))


@given(st.text(alphabet=st.characters(blacklist_characters="<>&", blacklist_categories=("Cs",))))
def test_html_without_tags_keeps_every_word(text: str) -> None:
    parts = split_html(text)

    shown = "".join("".join(part.text for part in parts).split())
    assert shown == "".join(text.translate(UNSEEN).split())


@given(st.text(), st.text())
def test_any_display_name_is_an_author(author: str, text: str) -> None:
    assert "\n".join(part.text for part in split_plain(text, author=author)) == _normal(text)


@given(st.lists(st.sampled_from(["red", "green", "blue."]), min_size=1, max_size=30))
def test_prose_is_never_cut(words: list[str]) -> None:
    text = " ".join(words)

    assert own_words(split_plain(text)) == text


def _repeated(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


HOSTILE: list[tuple[str, Callable[[str], object], str]] = [
    (
        "english attributions",
        split_plain,
        _repeated("On Mon, Jan 1, 2024 at 10:00 Bob <b@c.example> wrote:\n", 160_000),
    ),
    ("english attributions on one line", split_plain, _repeated("On Mon, Jan 1, 2024 Bob wrote: ", 160_000)),
    ("french attributions begun", split_plain, _repeated("Le lun. 5 janv. 2024 à 10:00,\n", 160_000)),
    ("openers alone", split_plain, _repeated("On ", 160_000)),
    ("verbs alone", split_plain, _repeated("wrote:\n", 160_000)),
    ("nested quotes", split_plain, "\n".join(">" * min(depth, 200) + " x" for depth in range(10_000))),
    ("ten thousand marks", split_plain, ">" * 10_000 + " x"),
    ("a line of a megabyte", split_plain, "x" * 1_000_000),
    ("a megabyte of words and colons", split_plain, "a b: " * 200_000),
    ("header lines", split_plain, _repeated("From: a@b.example\nTo: c@d.example\n", 160_000)),
    (
        "recipients",
        split_plain,
        "From: a@b.example;\nTo: x;\n" + _repeated("someone@somewhere.example;\n", 160_000),
    ),
    ("rules", split_plain, _repeated("-----\n\n", 160_000)),
    ("delimiters", split_plain, _repeated("-- \nAnn\n", 160_000)),
    ("closings", split_plain, _repeated("Best regards,\n", 160_000)),
    ("disclaimers", split_plain, _repeated("This e-mail is confidential, delete it.\n\n", 160_000)),
    ("blank lines", split_plain, "\n" * 500_000),
    ("at signs", split_plain, _repeated("a@" * 200 + ":\n", 400_000)),
    ("digits and dots", split_plain, _repeated("1." * 200 + ":\n", 400_000)),
    ("narrow blanks", split_plain, "é\u202f" * 100_000),
    ("nested divisions", split_html, "<div>" * 100_000),
    ("nested tables", split_html, "<table><tr><td>" * 30_000),
    ("nested quotes in html", split_html, "<blockquote type=cite>x" * 30_000),
    ("formatting around paragraphs", split_html, "".join(f"<b id={number}><p>" for number in range(20_000))),
    ("opening brackets", split_html, "<" * 500_000),
    ("unclosed tags", split_html, '<a href="' * 50_000),
    ("unclosed comments", split_html, "<!--" * 100_000),
    ("unclosed styles", split_html, "<style>" * 60_000),
    ("ampersands", split_html, "&amp" * 200_000),
    ("one tag of a megabyte", split_html, f"<div {'a=b ' * 250_000}>"),
    ("closing tags", split_html, "<div>" * 50_000 + "</p>" * 50_000),
    ("breaks", split_html, "<br>" * 200_000),
    ("links", split_html, "<a href=https://a.example>x</a>" * 20_000),
]


@pytest.mark.timeout(30)  # a backtracking pattern or a quadratic loop takes minutes here
@pytest.mark.parametrize(
    ("split", "text"), [pytest.param(split, text, id=name) for name, split, text in HOSTILE]
)
def test_hostile_mail_is_read_in_proportion_to_its_size(split: Callable[[str], object], text: str) -> None:
    assert isinstance(split(text), tuple)


def test_forwarded_text_is_told_from_quoted_text() -> None:
    parts = split_plain(
        "Look.\n\n---------- Forwarded message ---------\nFrom: a@b.example\nSubject: x\n\nNews\n"
    )

    assert [part.trim for part in parts] == [None, Trim.ATTRIBUTION, Trim.FORWARDED]


def test_each_trimmed_part_has_its_reason() -> None:
    text = (
        "Yes.\n\nRegards\nAnn\n\nSent from my iPhone\n\n"
        "This e-mail is confidential and for the intended recipient; delete it if it came in error.\n\n"
        "On 05/01/2024 10:00, Tom wrote:\n> Really?\n_____\nHarbour mailing list\nharbour@lists.example\n"
    )

    trims = [part.trim for part in split_plain(text)]

    assert trims == [
        None,
        Trim.SIGNATURE,
        Trim.DEVICE,
        Trim.DISCLAIMER,
        Trim.ATTRIBUTION,
        Trim.QUOTE,
        Trim.FOOTER,
    ]
