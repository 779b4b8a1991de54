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
        (b"a/b name=x.pdf", "name", "x.pdf"),
        (b'a/b\tname="x.pdf" charset=utf-8', "charset", "utf-8"),
        (b"a/b, name=x.pdf", "name", "x.pdf"),
        (b"a/b; (old) name=x.pdf", "name", "x.pdf"),
        (b"a/b; name*0*=utf-8''a\n name*1*=%C3%A9", "name", "aé"),
        (b"a/b; name*=caf%C3%A9", "name", "café"),
        (b"a/b; name*=\"utf-8''caf%C3%A9\"", "name", "café"),
        (b"a/b; name=x; name=y", "name", "x"),
        (b"a/b; name*=utf-8'caf%C3%A9", "name", "café"),
        (b"a/b; name*0=x; name*2=z", "name", "x"),
        (b"a/b; name*1=x; name*2=y", "name", "xy"),
        (b"a/b; name*1=x; name*2=y; name=z", "name", "z"),
        (b'a/b; name="never closed', "name", "never closed"),
        (b"a/b", "name", ""),
        (b"", "name", ""),
    ],
)
def test_parameters_are_read_in_every_form(raw: bytes, name: str, value: str) -> None:
    assert parse_parameters(raw, "text/plain").parameter(name) == value


@pytest.mark.parametrize("raw", [b"", b"text", b"/", b";", b"text/", b"\xff/\xff"])
def test_a_type_that_cannot_be_read_is_the_default(raw: bytes) -> None:
    assert parse_parameters(raw, "text/plain").value == "text/plain"


@pytest.mark.parametrize("raw", [b"text / html", b'"text/html"', b"TEXT/HTML charset=x", b"text/html; ;"])
def test_a_type_is_read_through_slips(raw: bytes) -> None:
    assert parse_parameters(raw, "text/plain").value == "text/html"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"multipart/; boundary=x", "multipart/mixed"),
        (b"application/; name=x", "application/octet-stream"),
        (b"text/; charset=x", "text/plain"),
        (b"application/pdf/pdf", "application/pdf"),
        (b"text/html>", "text/html"),
    ],
)
def test_half_a_type_is_what_it_began_to_say(raw: bytes, value: str) -> None:
    assert parse_parameters(raw, "text/plain").value == value


def test_parameters_that_lost_their_fold_are_found() -> None:
    header = b"Content-Type: multipart/mixed;\nboundary=b\nSubject: x\n\n"
    content = header + b"--b\nContent-Type: text/html\n\nx\n--b--\n"
    structure = take_apart(content)
    assert leaves(structure) == [("text/html", b"x")]
    assert structure.root.raw("subject") == b"x"


USUAL = b"Subject: Roof\nFrom: ana@example.com\n\nbody"


@pytest.mark.parametrize(
    "content",
    [
        USUAL,
        b"\xef\xbb\xbf" + USUAL,
        b"  \n\t\n" + USUAL,
        b" " + USUAL,
        USUAL.replace(b"\n", b"\r"),
        USUAL.replace(b"\nFrom", b"\rFrom").replace(b"\n", b"\r\n"),
        b">From ana Mon May  6 12:00:00 2024\n" + USUAL,
        USUAL.replace(b"From:", b">From ana Mon May  6 12:00:00 2024\nFrom:"),
        b"rubbish\n" + USUAL,
        USUAL.replace(b"From:", b"rubbish\nmore rubbish\nFrom:"),
        USUAL.replace(b"From:", b"rubbish\n folded rubbish\nFrom:"),
        USUAL.replace(b"From:", b": no name\nX Y: blank in name\nFrom:"),
        USUAL.replace(b"From:", b"   \nFrom:"),
        USUAL.replace(b": ", b" :"),
        USUAL.replace(b"Subject: ", b"SUBJECT:\n "),
        USUAL.replace(b"\n\n", b"\n \n"),
    ],
)
def test_a_header_is_read_through_slips(content: bytes) -> None:
    structure = take_apart(content)
    assert structure.root.raw("subject") == b"Roof"
    assert structure.root.raw("from") == b"ana@example.com"
    assert structure.body(structure.root) == b"body"


@pytest.mark.parametrize(
    "declared", [b"", b"; boundary=b", b"; boundary='b'", b'; boundary="b', b" boundary=b", b"; boundary=zz"]
)
def test_parts_are_found_with_a_boundary_that_is_declared_wrongly(declared: bytes) -> None:
    content = b"Content-Type: multipart/mixed" + declared + b"\n\n--b\nContent-Type: text/html\n\nx\n--b--\n"
    assert parts(content) == [("text/html", b"x")]


def test_a_ruler_is_no_boundary() -> None:
    content = b"Content-Type: multipart/mixed; boundary=zz\n\nHello\n------\nAna\n------\n"
    assert not take_apart(content).root.children
