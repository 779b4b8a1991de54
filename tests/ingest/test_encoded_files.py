import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.encoded_files import EncodedFile, lift_files


def uuencoded(name: str, content: bytes) -> bytes:
    pieces = [content[at : at + 45] for at in range(0, len(content), 45)]
    lines = b"".join(binascii.b2a_uu(piece, backtick=True) for piece in pieces)
    return b"begin 644 " + name.encode() + b"\n" + lines + b"`\nend\n"


@given(st.binary(min_size=1, max_size=400))
def test_a_file_comes_out_with_its_size_and_the_text_stays(content: bytes) -> None:
    text, files = lift_files(b"Before.\n" + uuencoded("a b.bin", content) + b"After.\n", 10)
    assert (text, files) == (b"Before.\nAfter.\n", [EncodedFile(name=b"a b.bin", size=len(content))])


def test_several_files_come_out() -> None:
    text, files = lift_files(uuencoded("a", b"x" * 50) + b"and\n" + uuencoded("b", b"y"), 10)
    assert (text, [(each.name, each.size) for each in files]) == (b"and\n", [(b"a", 50), (b"b", 1)])


def test_only_so_many_come_out() -> None:
    two = uuencoded("a", b"x") * 2
    assert lift_files(two, 1) == (uuencoded("a", b"x"), [EncodedFile(name=b"a", size=1)])
    assert lift_files(two, 0) == (two, [])


def test_lost_blanks_do_no_harm() -> None:
    content = b"x" * 45 + bytes(42) + b"abc"
    lines = [binascii.b2a_uu(content[at : at + 45]).rstrip() for at in range(0, len(content), 45)]
    _, files = lift_files(b"begin 600 a\n" + b"\n".join(lines) + b"\n\nend\n", 10)
    assert [each.size for each in files] == [90]


def test_base64_between_the_same_lines_is_read_too() -> None:
    text, files = lift_files(b"begin-base64 644 a.txt\nSGVsbG8gYWxs\nIQ==\n====\nBye.\n", 10)
    assert (text, [each.size for each in files]) == (b"Bye.\n", [10])


def test_a_cut_file_is_a_file() -> None:
    text, files = lift_files(b"Look:\n" + uuencoded("a", b"x" * 200)[:150], 10)
    assert (text, len(files)) == (b"Look:\n", 1)


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 run.log\nand then some prose\nend\n",
        b"begin 644 run.log\n\nTHE END\n",
        b"begin 644 run.log\nend\n",
        b"begin 644 run.log",
        b"begin with 644 bricks\nM" + b"!" * 60 + b"\n",
        b"> begin 644 a\n> M" + b"!" * 60 + b"\n> end\n",
        b"=ybegin is how yEnc starts\n",
        b"=ybegin line=128 size=3 name=a.bin\nno end at all\n",
        b"",
    ],
)
def test_prose_that_only_looks_like_a_file_stays(text: bytes) -> None:
    assert lift_files(text, 10) == (text, [])


def test_a_piece_of_a_file_in_yenc_is_a_file() -> None:
    begin = b"=ybegin part=1 total=2 line=128 size=10 name=a.bin\n=ypart begin=1 end=4\n"
    text, files = lift_files(b"One.\n" + begin + b"ab=}\n=yend size=3 part=1\nTwo.\n", 10)
    assert (text, files) == (b"One.\nTwo.\n", [EncodedFile(name=b"a.bin", size=3)])


@given(
    st.lists(
        st.sampled_from([b"begin 644 a\n", b"end\n", b"`\n", b"M" + b"A" * 60 + b"\n", b"x\n", b"=yend \n"])
    )
)
def test_any_lines_can_be_looked_through(lines: list[bytes]) -> None:
    text, files = lift_files(b"".join(lines), 10)
    assert files or text == b"".join(lines)
