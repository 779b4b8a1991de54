"""The quick way through regular fields gives what mail-parser gives, and leaves all else to it."""

from email.message import Message as FieldList

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mailparser import MailParser  # type: ignore[import-untyped]  # it ships no types

from ingest.encoded_words import decode_text
from ingest.regular_fields import read_addresses, read_date

ADDRESSES = st.sampled_from(
    ["ana@example.com", "o'neil+x=y@mail.example", "a.b_c@x-y.example", "=a?@b.example", "ab@localhost"]
)
WORDS = st.sampled_from(
    [
        "Ana",
        "O'Neil",
        "J.",
        "de",
        "Berg",
        "R&D",
        "what?",
        "Sales/IT",
        "=?utf-8?q?Zo=C3=A9?=",
        "=?ISO-8859-1?Q?Fran=E7ois_B?=",
    ]
)
NAMES = st.lists(WORDS, max_size=3).map(" ".join)
BLANKS = st.sampled_from(["", " ", "  ", "\t"])
MAILBOXES = st.builds(
    lambda shape, name, blank, address: shape.format(name=name, blank=blank, address=address),
    st.sampled_from(
        [
            "{address}",
            "<{address}>",
            "{name}{blank}<{address}>",
            '"{name}"{blank}<{address}>',
            '"{name}, x"{blank}<{address}>',
            "{address}{blank}({name})",
        ]
    ),
    NAMES,
    BLANKS,
    ADDRESSES,
)
LISTS = st.lists(MAILBOXES, min_size=1, max_size=4).flatmap(
    lambda items: st.sampled_from([", ", ",", ",\t", " , "]).map(lambda comma: comma.join(items).strip())
)
# What breaks a list apart where it stands in the wrong place.
ODD = st.sampled_from([*"<>(),;:@\".[]\\ '=?", "ana@example.com", "Ana", "=?utf-8?q?a,b?=", "é", " at "])
DATES = st.builds(
    "{}{} {} {} {} {}{}".format,
    st.sampled_from(["Mon, ", "Sun,  ", "", "Xyz, ", "Tue,"]),
    st.sampled_from(["1", "09", "29", "31", "0", "32"]),
    st.sampled_from(["Jan", "Feb", "Sep", "Dec", "Mai", "jun"]),
    st.sampled_from(["2024", "1999", "1899", "1900", "9999", "0001", "24"]),
    st.sampled_from(["00:00", "23:59:59", "24:00:00", "12:60", "10:10:60", "9:05:01"]),
    st.sampled_from(["+0000", "-0000", "+0530", "-0030", "+2400", "-9959", "GMT", "+0160", "+00:00"]),
    st.sampled_from(["", " (CET)", " (heure d’été)", " (a(b))", "x"]),
)


def in_library(field: str, value: str) -> MailParser:
    fields = FieldList()
    fields[field] = value
    return MailParser(fields)


def assert_read_alike(value: str) -> None:
    quick = read_addresses(value)
    if quick is None:
        return
    theirs = in_library("to", value)
    assert not [each for each in theirs.address_header_defects if not each["recovered"]]
    assert [(shown(name), email) for name, email in quick] == [
        (shown(name), email) for name, email in theirs.to
    ]


def shown(name: str) -> str:
    """A display name decoded, without blanks: the library leaves one between neighbouring encoded words."""
    return "".join(decode_text(name).split())


@settings(deadline=None, max_examples=400)
@given(LISTS)
def test_a_regular_list_is_read_as_by_mail_parser(value: str) -> None:
    assert_read_alike(value)


@settings(deadline=None, max_examples=400)
@given(LISTS, st.integers(0, 60), st.integers(0, 3), ODD)
def test_a_damaged_list_is_read_as_by_mail_parser_or_left_to_it(
    value: str, at: int, length: int, put: str
) -> None:
    assert_read_alike((value[:at] + put + value[at + length :]).strip() or "x")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("ana@example.com", [("", "ana@example.com")]),
        (
            "Ana B. Cruz <ana@example.com>, bo@example.com",
            [("Ana B. Cruz ", "ana@example.com"), ("", "bo@example.com")],
        ),
        ('"Cruz, Ana" <ana@example.com>', [("Cruz, Ana", "ana@example.com")]),
        (
            "Ana =?utf-8?q?Cru=C3=A9?= <ana@example.com>",
            [("Ana =?utf-8?q?Cru=C3=A9?= ", "ana@example.com")],
        ),
        ("ana@example.com (Ana Cruz)", [("Ana Cruz", "ana@example.com")]),
    ],
)
def test_usual_lists_take_the_quick_way(value: str, read: list[tuple[str, str]]) -> None:
    assert read_addresses(value) == read


@pytest.mark.parametrize(
    "value",
    [
        "team: ana@example.com;",
        "ana@example.com <bo@example.com>",
        "Ana (Sales) <ana@example.com>",
        "Zoé <z@example.com>",
    ],
)
def test_all_else_is_left_to_mail_parser(value: str) -> None:
    assert read_addresses(value) is None


@settings(deadline=None, max_examples=400)
@given(DATES)
def test_a_regular_date_is_read_as_by_mail_parser(value: str) -> None:
    quick = read_date(value)
    if quick is not None:
        assert quick == in_library("date", value).date
        assert quick.utcoffset() is not None


@pytest.mark.parametrize(
    "value",
    ["Mon, 6 May 2024 12:00:00 +0200", "06 May 2024 12:00 -0030", "Mon, 6 May 2024 12:00:00 +0000 (UTC)"],
)
def test_usual_dates_take_the_quick_way(value: str) -> None:
    assert read_date(value) == in_library("date", value).date
