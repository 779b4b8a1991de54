import compressed_rtf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.rtf import LONGEST, RichText, read_rtf, unpack

HEAD = rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset204 Times;}}"


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"One\par two\line three\tab four}", "One\ntwo\nthree\tfour"),
        (rb"caf\'e9 \'80}", "café €"),
        (rb"{\f1 \'cf\'f0\'e8} \'e9}", "При é"),
        (rb"\u8364?100 \uc0\u8364 200}", "€100 €200"),
        (rb"\u-10179?\u-8704?}", "😀"),
        (rb"\{a\} \\ b\~c}", "{a} \\ b\N{NO-BREAK SPACE}c"),
        (rb"{\*\generator Riched20;}{\info{\author Ana}}{\colortbl;\red0;}Text}", "Text"),
        (rb"{\pict\pngblip 89504e47}Text}", "Text"),
        (rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt the page}}}", "the page"),
        (b"\\bin5 {{{{{Text}", "Text"),
        (b"On\r\ne}", "One"),
        (rb"\emdash  \ldblquote so\rdblquote }", "— “so”"),
        (rb"\htmlrtf only here\htmlrtf0 }", "only here"),
        (b"", ""),
        (b"}}}}", ""),
    ],
)
def test_rich_text_is_read_as_plain_text(rtf: bytes, text: str) -> None:
    read = read_rtf(HEAD + rtf)
    assert (read.text.strip(), read.html) == (text, False)


def test_html_inside_comes_out_as_it_was() -> None:
    rtf = HEAD.replace(rb"\ansicpg1252", rb"\ansicpg1252\fromhtml1") + (
        rb"{\*\htmltag64 <p class=\'22x\'22>}\htmlrtf {\b\htmlrtf0 5 {\*\htmltag84 &lt;}"
        rb"\htmlrtf <\htmlrtf0  6\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>\par }{\*\mhtmltag64 <q>}}"
    )
    assert read_rtf(rtf) == RichText(text='<p class="x">5 &lt; 6</p>\n', html=True)


@given(st.binary(max_size=600))
def test_what_was_packed_comes_out(content: bytes) -> None:
    assert unpack(compressed_rtf.compress(content)) == content
    assert unpack(compressed_rtf.compress(content, compressed=False)) == content


@given(st.binary(max_size=200))
def test_anything_can_be_unpacked_and_read(content: bytes) -> None:
    unpack(content)
    unpack(bytes(8) + b"LZFu" + bytes(4) + content)
    read_rtf(content)
    read_rtf(HEAD + content)


@pytest.mark.parametrize(
    "piece", [b"{", b"}", rb"\'e9", rb"{\*\x}", rb"\f1\'e9", rb"\u8364?", rb"\bin9 ", b"\\"]
)
def test_long_rubbish_is_cut(piece: bytes) -> None:
    assert len(read_rtf(HEAD + piece * 700_000).text) <= LONGEST


def test_what_unpacks_to_more_is_cut() -> None:
    bomb = bytes(8) + b"LZFu" + bytes(4) + b"\xfeA" + (b"\x0d\x0f" * 7 + b"\xff") * 60_000
    assert len(unpack(bomb)) <= LONGEST
