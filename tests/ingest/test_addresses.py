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
        (b"Silva, Ana <ana@example.com>", "ana@example.com", "Silva, Ana"),
        (b"ana@example.com <ana@example.com> (private)", "ana@example.com", ""),
        (b"=?utf-8?Q?Zo=C3=A9?= <zoe@example.com>", "zoe@example.com", "Zoé"),
        (b'"=?utf-8?Q?Zo=C3=A9?=" <zoe@example.com>', "zoe@example.com", "Zoé"),
        ("Zoé <zoe@example.com>".encode("latin-1"), "zoe@example.com", "Zoé"),
        (b"Ana [IT] <ana@example.com>", "ana@example.com", "Ana [IT]"),
        (b"Ana <mailto:ana@example.com>", "ana@example.com", "Ana"),
        ("Zoé <zoé@exemple.fr>".encode(), "zoé@exemple.fr", "Zoé"),
        (b"<<ana@example.com>>", "ana@example.com", ""),
        (b"Ana ana@example.com>", "ana@example.com", "Ana"),
        (b'Ana <"ana@example.com">', "ana@example.com", "Ana"),
        (b"Ana <'ana@example.com'>", "ana@example.com", "Ana"),
        (b"Ana <ana@example.com.>", "ana@example.com", "Ana"),
        (b"Ana <SMTP:ana@example.com>", "ana@example.com", "Ana"),
        (b"Ana [mailto:ana@example.com]", "ana@example.com", "Ana"),
        (b"Ana <@relay.example,@b.example:ana@example.com>", "ana@example.com", "Ana"),
        (b"Ana <ana (home) @ (old) example . com>", "ana@example.com", "Ana"),
        (b"Ana <ana@[192.0.2.7]>", "ana@[192.0.2.7]", "Ana"),
        (b"Ana (Sales (north)) <ana@example.com>", "ana@example.com", "Ana (Sales (north))"),
        (b"ana@example.com (Ana (Sales) Silva)", "ana@example.com", "Ana (Sales) Silva"),
        (b"Ana\\ Silva <ana@example.com>", "ana@example.com", "Ana Silva"),
        (b'"ana silva"@example.com', '"ana silva"@example.com', ""),
        (b'"boss@example.net" <ana@example.com>', "ana@example.com", "boss@example.net"),
        (b"Ana Silva, Ph.D. <ana@example.com>", "ana@example.com", "Ana Silva, Ph.D."),
        (b"=?utf-8?Q?Silva,_Zo=C3=A9_(IT)?= <zoe@example.com>", "zoe@example.com", "Silva, Zoé (IT)"),
        (b"=?utf-8?q?Zo=C3=A9?= =?utf-8?q?_Roe?=<zoe@example.com>", "zoe@example.com", "Zoé Roe"),
        (b"=?utf-8?q?Zo=C3=A9?=zoe@example.com", "zoe@example.com", "Zoé"),
        (b"=?utf-8?q?Zo=C3=A9_=3Czoe=40example=2Ecom=3E?=", "zoe@example.com", "Zoé"),
        (b"Zo <=?utf-8?q?zoe=40example.com?=>", "zoe@example.com", "Zo"),
        (b'"\x1b$B;3ED\x1b(B" <ana@example.com>', "ana@example.com", "山田"),
        (b"Ana &lt;ana@example.com&gt;", "ana@example.com", "Ana"),
        ("\u202eAna <ana@example.com\u200b>".encode(), "ana@example.com", "Ana"),
        (b"<ana@example.com> Ana", "ana@example.com", "Ana"),
        (b'"ana"@example.com', "ana@example.com", ""),
        (b"ana@example.com ANA", "ana@example.com", "ANA"),
        (b"ana@example.com (work) Ana Silva", "ana@example.com", "Ana Silva"),
        (b"Ana < Silva > <ana@example.com>", "ana@example.com", "Ana"),
        (b"Ana Silva-Moor :: Roofs <ana@example.com>", "ana@example.com", "Roofs"),
        (b'"Ana \\" \\\\\\, Silva \\(IT\\)" ana@example.com', "ana@example.com", 'Ana " \\, Silva (IT)'),
        (b'Ana <"ana <(a)>, x"@example.com>', '"ana <(a)>, x"@example.com', "Ana"),
        (b'":ana"@ example. com', '":ana"@example.com', ""),
        (b"Ana <ana(at (the) door)@example.com>", "ana@example.com", "Ana"),
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


@pytest.mark.parametrize(
    ("value", "emails"),
    [
        (b"Doe, John <j@example.com>, Roe, Jane <r@example.com>", ["j@example.com", "r@example.com"]),
        (b"Doe, John <j@example.com>; Roe, Jane <r@example.com>", ["j@example.com", "r@example.com"]),
        (b"a@example.com b@example.com", ["a@example.com", "b@example.com"]),
        (b"Ana <a@example.com> <b@example.com>", ["a@example.com", "b@example.com"]),
        (
            b"One: a@example.com; Two: b@example.com; c@example.com",
            ["a@example.com", "b@example.com", "c@example.com"],
        ),
        (b"(Ana <a@example.com>, b@example.com", ["a@example.com", "b@example.com"]),
        (b'"Ana <a@example.com>, b@example.com', ["a@example.com", "b@example.com"]),
    ],
)
def test_everybody_in_a_list_is_read_in_order(value: bytes, emails: list[str]) -> None:
    people = read_people(take_apart(b"To: " + value + b"\n\n").root)
    assert [each.email for each in people.of("to")] == emails
    assert not people.strays


@pytest.mark.parametrize(
    "value",
    [
        b"Ana",
        b"ana, Bob Ray <bob@example.com>",
        b"relay!ana",
        b"Ana <ana>",
        b"Ana <>",
        b"/O=EXAMPLE/OU=FIRST/CN=RECIPIENTS/CN=ANA, bob@example.com",
        b"Team: ana, bob@example.com;",
        b"bob@example.com, Ana Silva",
    ],
)
def test_somebody_without_an_address_is_told(value: bytes) -> None:
    people = read_people(take_apart(b"Cc: " + value + b"\n\n").root)
    assert people.strays == ("cc",)
    assert people.defects == ("somebody in cc cannot be read as an address",)


@pytest.mark.parametrize(
    "value",
    [
        b"undisclosed-recipients:;",
        b"Undisclosed recipients:;, Bob <bob@example.com>",
        b"undisclosed-recipients",
        b'"unlisted-recipients:; (no To-header on input)"',
        b"Team:;",
        b"Destinataires inconnus:;",
        b", ,",
        b"<>",
        b"(nobody)",
    ],
)
def test_an_empty_group_names_nobody(value: bytes) -> None:
    assert read_people(take_apart(b"To: " + value + b"\n\n").root).strays == ()


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


@pytest.mark.parametrize(
    "header",
    [
        b"To: " + b"Ana Silva <ana@example.com>, " * 20_000 + b"eve@example.net\n\n",
        b"To: ana@example.com\n" * 200 + b"\n",
        b"To: " + b"ana@example.com, " * 20_000 + b"\nCc: eve@example.net\n\n",
    ],
    ids=["one field", "many fields", "the field behind"],
)
def test_where_people_had_to_be_left_out_it_is_told(header: bytes) -> None:
    assert read_people(take_apart(header).root).strays
