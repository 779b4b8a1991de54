import base64
import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.transfer import decode_base64, decode_transfer, decode_unlabelled, unflow


@given(st.binary(max_size=300))
def test_base64_comes_back_as_it_was(content: bytes) -> None:
    assert decode_transfer(base64.encodebytes(content), "Base64 ") == content


@given(st.binary(max_size=300))
def test_any_text_can_be_taken_for_base64(text: bytes) -> None:
    decode_base64(text)
    decode_transfer(text, "base64")


@pytest.mark.parametrize(
    ("body", "encoding", "content"),
    [
        (b"caf=C3=A9=\n!", "quoted-printable", "café!".encode()),
        (b"caf=C3=A9", "QUOTED_PRINTABLE", "café".encode()),
        (b"caf=C3=A9", "quoted printable", "café".encode()),
        (b"caf=C3=A9", "quoted-printable (as it should be)", "café".encode()),
        (b"so= \nft=\t \nbreaks = \nand =ZZ", "quoted-printable", b"softbreaks and =ZZ"),
        (b"YWJj", '"base-64"', b"abc"),
        (b"YWJj\nZGVm\n____\nlist footer\n", "base64", b"abcdef\n____\nlist footer"),
        (b"YWJjZ", "base64", b"abc"),
        (b"Hello, all!\n\nThe roof's done.\n", "base64", b"Hello, all!\n\nThe roof's done.\n"),
        (b"begin 644 a\n" + binascii.b2a_uu(b"old") + b"`\nend\n", "x-uuencode", b"old"),
        (b"as it is", "8bit", b"as it is"),
        (b"as it is", "x-nobody-knows", b"as it is"),
        (b"", "base64", b""),
    ],
)
def test_a_body_is_what_it_holds(body: bytes, encoding: str, content: bytes) -> None:
    assert decode_transfer(body, encoding) == content


@pytest.mark.parametrize(
    ("text", "delsp", "joined"),
    [
        ("one \ntwo\nthree", "", "one two\nthree"),
        ("long \nword", "yes", "longword"),
        ("> quoted \n> text\nanswer", "", "> quoted text\nanswer"),
        ("> quoted \nanswer", "", "> quoted \nanswer"),
        (">> deep \n> less", "", ">> deep \n> less"),
        ("text \n-- \nAna", "", "text \n-- \nAna"),
        (" >not a quote", "", ">not a quote"),
        ("", "", ""),
    ],
)
def test_flowed_text_is_joined_where_its_client_cut_it(text: str, delsp: str, joined: str) -> None:
    assert unflow(text, delsp=delsp) == joined


LETTER = "Bonjour à tous,\n\nla toiture est finie, le chèque suivra demain par la poste.\n\nZoé\n".encode()


def test_words_in_base64_are_read_where_nothing_says_so() -> None:
    assert decode_unlabelled(base64.encodebytes(LETTER)) == LETTER


@pytest.mark.parametrize(
    "text",
    [
        b"",
        LETTER,
        b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
        b"A" * 76 + b"\n",
        base64.encodebytes(bytes(range(200))),
        base64.encodebytes(LETTER) + b"-- \nAna\n",
        b"Donaudampfschifffahrtsgesellschaftskapitaenskajuetenschluessellochdeckel\n",
    ],
)
def test_any_other_text_stays_as_it_is(text: bytes) -> None:
    assert decode_unlabelled(text) == text
