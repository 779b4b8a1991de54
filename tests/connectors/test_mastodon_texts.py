"""Statuses of Mastodon: counted as Mastodon counts, with a mark that no mail can forge."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mastodon_texts import Limits, counted, is_as_written, mark_of, named, statuses, taken_back
from connectors.rendering import markdown_from_text
from connectors.rendering.short import disarmed
from tests.connectors.contract import post

PAGE = "https://commons.example.com/thread/7"
LIMITS = Limits(characters=500, url=23, files=4, parts=1)


def first(text: str, limits: Limits = LIMITS, page: str = PAGE) -> str:
    return statuses(post(0, text), limits, publication=named("k"), page=page, language="en", title="T")[
        0
    ].text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Né 👩‍👩‍👧", 4),
        ("see https://example.com/" + "x" * 100, 4 + 23),
        ("see http://a.co", 4 + 23),
        ("see http://wiki/" + "x" * 100, 4 + 112),  # no domain that Mastodon knows: no address for it
        ("see http://wiki/", 4 + 23),  # never less than an address would count
        ("http://a.co http://a.co", 23 + 1 + 23),
    ],
)
def test_an_address_counts_what_mastodon_counts_for_it(text: str, count: int) -> None:
    assert counted(text, 23) == count


def test_a_status_is_filled_to_its_last_letter_and_long_addresses_cost_no_more_than_short_ones() -> None:
    text = " ".join(f"https://example.com/{number}/{'x' * 200}" for number in range(30))
    status = first(text)
    assert 470 < counted(status, 23) <= 500
    assert status.count("/" + "x" * 200) >= 15
    assert not re.search("[\ue000\U000f0000-\U000ffffd]", status)


LETTERS = st.sampled_from(
    [*"ab\u0301 \n@#:.)/👩\u200d\ue000\U000f0000", "http://a.co/", "https://a.example/"]
)


@given(st.lists(LETTERS, max_size=900).map("".join))
def test_no_status_is_longer_than_it_may_be_and_each_keeps_its_mark(text: str) -> None:
    for parts in (1, 3):
        for wanted in statuses(
            post(0, markdown_from_text(text)),
            replace(LIMITS, parts=parts),
            publication=named("k"),
            page=PAGE,
            language="en",
        ):
            assert counted(wanted.text, 23) <= 500
            assert mark_of(wanted.text) == wanted.mark
            assert is_as_written(wanted.text)


def test_a_page_without_a_public_domain_is_counted_in_full() -> None:
    page = "http://commons/thread/7"
    status = first("word " * 300, page=page)
    assert mark_of(status)
    assert len(status) <= 500


def test_a_mark_within_a_mail_is_none() -> None:
    forged = taken_back(named("k"), PAGE).mark
    status = first(f"Look: {forged.link()}")
    mark = mark_of(status)
    assert mark is not None
    assert mark.sort == "u"
    assert forged.link() in status


def test_words_that_somebody_has_changed_are_seen() -> None:
    status = first("The blue one.")
    assert is_as_written(status)
    assert not is_as_written(status.replace("blue", "green"))
    assert not is_as_written("Something else.")


@pytest.mark.parametrize(
    "text",
    ["(https://example.com),@alice", "https://example.com]#tag", "＠alice", "mail:@alice", "x#tag"],
)
def test_no_sign_outside_of_an_address_is_left_alive(text: str) -> None:
    assert not re.search(r"(?<![=/])[@#＠＃]\w", disarmed(text))


@pytest.mark.parametrize(
    "text", ["https://example.com/@alice", "https://example.com/?a=@b#part", "https://a.co/x#y"]
)
def test_signs_within_addresses_are_left(text: str) -> None:
    assert disarmed(text) == text
