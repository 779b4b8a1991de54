import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mail import Address
from ingest.addresses import read_leniently, read_people
from ingest.mime import take_apart


def senders(value: bytes) -> tuple[Address, ...]:
    return read_people(take_apart(b"From: " + value + b"\n\n").root).of("from")


@pytest.mark.parametrize(
    ("value", "email", "name"),
    [
        (b"ana@example.com", "ana@example.com", ""),
        (b"<ana@example.com>", "ana@example.com", ""),
        (b"Ana Silva <Ana@Example.com>", "ana@example.com", "Ana Silva"),
        (b'"Silva, Ana" <ana@example.com>', "ana@example.com", "Silva, Ana"),
        (b"ana@example.com (Ana Silva)", "ana@example.com", "Ana Silva"),
        (b'"ana@example.com" <ana@example.com>', "ana@example.com", ""),
        (b"'Ana Silva' <ana@example.com>", "ana@example.com", "Ana Silva"),
        (b"Ana Silva ana@example.com", "ana@example.com", "Ana Silva"),
        (b"ana at example.com (Ana Silva)", "ana@example.com", "Ana Silva"),
        (b"Ana Silva <ana@example.com", "ana@example.com", "Ana Silva"),
        (b"Silva, Ana <ana@example.com>", "ana@example.com", "Ana"),
        (b"ana@example.com <ana@example.com> (private)", "ana@example.com", ""),
        (b"=?utf-8?Q?Zo=C3=A9?= <zoe@example.com>", "zoe@example.com", "Zoé"),
        (b'"=?utf-8?Q?Zo=C3=A9?=" <zoe@example.com>', "zoe@example.com", "Zoé"),
        ("Zoé <zoe@example.com>".encode("latin-1"), "zoe@example.com", "Zoé"),
        (b"Ana [IT] <ana@example.com>", "ana@example.com", "Ana [IT]"),
        (b"Ana <mailto:ana@example.com>", "ana@example.com", "Ana"),
        ("Zoé <zoé@exemple.fr>".encode(), "zoé@exemple.fr", "Zoé"),
    ],
)
def test_a_person_is_read_however_a_client_writes_it(value: bytes, email: str, name: str) -> None:
    assert senders(value)[0] == Address(email=email, name=name)


@pytest.mark.parametrize(
    "value",
    [b"", b"Ana", b"undisclosed-recipients:;", b"<>", b"@", b"a@", b"@b", b"<Undisclosed:;@example.com>"],
)
def test_what_is_no_address_gives_none(value: bytes) -> None:
    assert senders(value) == ()


def test_recipients_of_all_fields_are_joined_each_once() -> None:
    header = (
        b"To: a@example.com, Bob <b@example.com>;\nTo: B@example.com, Team: c@example.com, d@example.com;\n\n"
    )
    emails = [each.email for each in read_people(take_apart(header).root).of("to")]
    assert emails == ["a@example.com", "b@example.com", "c@example.com", "d@example.com"]


def test_the_library_and_the_lenient_reading_agree_on_plain_lists() -> None:
    people = [f'"Person, {number}" <p{number}@example.com>' for number in range(300)]
    short, long = ", ".join(people[:200]), ", ".join(people)
    read = read_people(take_apart(f"To: {short}\nCc: {long}\n\n".encode()).root)
    assert read.of("cc")[:200] == read.of("to")
    assert list(read.of("cc")) == read_leniently(long)


@given(st.text(st.sampled_from('ab@.<>()",;: \\=?é'), max_size=60))
def test_any_value_gives_only_addresses(value: str) -> None:
    for address in (*read_leniently(value), *senders(value.encode())):
        assert "@" in address.email
        assert not set(address.email) & set(" \n\x00")
