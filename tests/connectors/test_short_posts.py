"""Short posts: letters are counted as readers count them, the link is kept, and nobody is mentioned."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Unit
from connectors.rendering import cut, length, short_post
from connectors.rendering.graphemes import graphemes
from connectors.rendering.short import disarmed, split

LETTERS = st.text(alphabet=st.sampled_from("ab e\u0301\u200d👩👧🏽🇫🇷각ㄱ\u1100\u1161\u11a8 \n…☀\ufe0f\u0600"))


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        # Rows of https://www.unicode.org/Public/UCD/latest/ucd/auxiliary/GraphemeBreakTest.txt
        ("\u0020\u0020", 2),
        ("\u0020\u0308\u0020", 2),
        ("\u0020\u200d", 1),
        ("\u0061\U0001f1e6", 2),
        ("\u1100\u1160", 1),
        ("\u1100\u11a8", 2),
        ("\uac00\u11a8", 1),
        ("\uac01\u1160", 2),
        ("\uac01\u11a8\u1100", 2),
        ("\u0061\u0300\u0062", 2),
        ("\u0600\u0041", 1),
        ("\u0061\U0001f1e6\U0001f1e7\U0001f1e8\u0062", 4),
        ("\U0001f1e6\U0001f1e7\u200d\U0001f1e8\u0062", 3),
        ("\U0001f1e6\u200d\U0001f1e7\U0001f1e8\u0062", 3),
        ("\U0001f476\U0001f3ff\U0001f476", 2),
        ("\u0061\U0001f3ff\U0001f476\u200d\U0001f6d1", 2),
        ("\U0001f476\U0001f3ff\u0308\u200d\U0001f476\U0001f3ff", 1),
        ("\u2701\u200d\u2701", 1),
        ("\u0061\u200d\u2701", 2),
        # What people type.
        ("👩‍👩‍👧", 1),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1),
        ("né", 2),
        ("", 0),
    ],
)
def test_letters_are_counted_by_the_unicode_standard(text: str, letters: int) -> None:
    assert length(text, Unit.GRAPHEMES) == letters


@given(LETTERS)
def test_letters_together_are_the_text(text: str) -> None:
    assert "".join(graphemes(text)) == text


@pytest.mark.parametrize("unit", Unit)
@given(text=LETTERS, limit=st.integers(min_value=0, max_value=40))
def test_what_was_cut_fits_and_begins_as_the_text(unit: Unit, text: str, limit: int) -> None:
    short = cut(text, limit, unit)

    assert length(short, unit) <= limit
    assert short == text or text.startswith(short.removesuffix("…").rstrip())


def test_a_text_is_cut_between_two_words() -> None:
    assert cut("the blue badge opens it", 16) == "the blue badge …"
    assert cut("the blue badge opens it", 15) == "the blue …"
    assert cut("x" * 20, 10) == "x" * 8 + " …"


@given(text=st.text(alphabet="ab \n", max_size=300), limit=st.integers(min_value=1, max_value=50))
def test_pieces_fit_and_hold_every_word(text: str, limit: int) -> None:
    pieces = split(text, limit)

    assert all(len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.text(max_size=400), st.text(max_size=60))
def test_a_short_post_fits_and_keeps_its_link(markdown: str, title: str) -> None:
    link = "https://commons.example.com/wiki/bicycle-room"

    short = short_post(markdown, limit=120, title=title, link=link, signs="@#")

    assert length(short, Unit.GRAPHEMES) <= 120
    assert short.endswith(link)


def test_a_link_counts_as_much_as_the_service_says() -> None:
    link = f"https://example.com/{'x' * 200}"

    short = short_post("word " * 100, limit=100, link=link, link_length=23)

    assert short.endswith(link)
    assert 60 < length(short.removesuffix(link), Unit.GRAPHEMES) <= 77


def test_a_short_post_holds_no_markup() -> None:
    assert short_post("The **blue** [one](https://example.com/).", limit=300) == (
        "The blue one (https://example.com/)."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@paul, see #badges", "@\u2060paul, see #\u2060badges"),
        ("＠paul", "＠\u2060paul"),
        ("https://example.com/@paul#here", "https://example.com/@paul#here"),
        ("3 # 4 @ 5", "3 # 4 @ 5"),
    ],
)
def test_a_sign_before_a_word_mentions_nobody(text: str, expected: str) -> None:
    assert disarmed(text) == expected


def test_only_signs_that_the_service_acts_on_are_touched() -> None:
    assert disarmed("@paul #badges", "#") == "@paul #\u2060badges"
    assert disarmed("@paul #badges", "") == "@paul #badges"


def test_a_long_text_is_cut_at_the_cost_of_what_is_kept() -> None:
    assert len(cut("word " * 1_000_000, 300, Unit.GRAPHEMES)) <= 300
