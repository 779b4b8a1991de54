import pytest

from ingest.mime import MOST_PARTS, Part, Structure, take_apart
from ingest.parameters import parse_parameters


def leaves(structure: Structure, part: Part | None = None) -> list[tuple[str, bytes]]:
    part = part or structure.root
    if not part.children:
        return [(part.content_type, structure.body(part))]
    return [leaf for child in part.children for leaf in leaves(structure, child)]


def parts(content: bytes) -> list[tuple[str, bytes]]:
    return leaves(take_apart(content))


MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"Subject: x\n\nbody", [("text/plain", b"body")]),
        (b"Subject: x\r\n\r\nbody\r\n", [("text/plain", b"body\n")]),
        (b"\n\nbody only", [("text/plain", b"body only")]),
        (
            MIXED + b"before\n--b\n\none\n--b\n\ntwo\n--b--\nafter",
            [("text/plain", b"one"), ("text/plain", b"two")],
        ),
        (MIXED + b"--b \n\none\n--b--", [("text/plain", b"one")]),
        (MIXED + b"--b\n\none\n--bb\nnot a boundary\n--b--", [("text/plain", b"one\n--bb\nnot a boundary")]),
        (MIXED + b"--b\nContent-Type: text/html\n\n<p>", [("text/html", b"<p>")]),
        (MIXED + b"--b\nno header here\n--b--", [("text/plain", b"no header here")]),
        (MIXED + b"no boundary at all", [("multipart/mixed", b"no boundary at all")]),
        (
            MIXED + b"--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nin\n--b\n\nout\n--b--",
            [("text/plain", b"in"), ("text/plain", b"out")],
        ),
        (
            b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: y\n\nz\n--b--",
            [("message/rfc822", b"Subject: y\n\nz")],
        ),
    ],
)
def test_a_mail_falls_into_its_parts(content: bytes, found: list[tuple[str, bytes]]) -> None:
    assert parts(content) == found


def test_fields_are_unfolded_and_keep_their_bytes() -> None:
    root = take_apart(b"Subject: one\r\n two\r\n\tthree\r\nX-Raw: \xe9\r\n\r\n").root
    assert [(found.name, found.raw) for found in root.fields] == [
        ("subject", b"one two\tthree"),
        ("x-raw", b"\xe9"),
    ]


def test_of_too_many_parts_the_rest_is_left_and_said() -> None:
    structure = take_apart(MIXED + b"--b\n\nx\n" * (MOST_PARTS + 10))
    assert len(structure.root.children) < MOST_PARTS
    assert any("the rest was not read" in defect for defect in structure.defects)


@pytest.mark.parametrize(
    ("raw", "name", "value"),
    [
        (b"text/plain; charset=utf-8", "charset", "utf-8"),
        (b'text/plain; CHARSET="utf-8"', "charset", "utf-8"),
        (b"text/plain; charset = utf-8 (comment)", "charset", "utf-8"),
        (b'a/b; name="semi;colon"', "name", "semi;colon"),
        (b'a/b; name="quote\\"d"', "name", 'quote"d'),
        (b"a/b; name=two words.pdf", "name", "two words.pdf"),
        (b"a/b; name*=utf-8''%C3%A9", "name", "é"),
        (b"a/b; name*=iso-8859-1'fr'%E9", "name", "é"),
        (b"a/b; name*0*=utf-8''%C3; name*1*=%A9; name*2=.pdf", "name", "é.pdf"),
        (b"a/b; name*1=b; name*0=a", "name", "ab"),
        (b"a/b; name=plain; name*=utf-8''%C3%A9", "name", "é"),
        (b"a/b; name==?utf-8?Q?=C3=A9?=", "name", "é"),
        (b"a/b; name*" + b"9" * 5_000 + b"=x", "name", ""),
        (b"a/b", "name", ""),
        (b"", "name", ""),
    ],
)
def test_parameters_are_read_in_every_form(raw: bytes, name: str, value: str) -> None:
    assert parse_parameters(raw, "text/plain").parameter(name) == value


@pytest.mark.parametrize("raw", [b"", b"text", b"/", b";", b"text/", b"\xff/\xff"])
def test_a_type_that_cannot_be_read_is_the_default(raw: bytes) -> None:
    assert parse_parameters(raw, "text/plain").value == "text/plain"
