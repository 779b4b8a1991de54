import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.encoded_words import decode_text, decode_value


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"  two   blanks ", "two   blanks"),
        (b"=?utf-8?Q?R=C3=A9union_?= =?utf-8?Q?lundi?=", "Réunion lundi"),
        (b"=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
        (b"=?iso-8859-1?q?=E9t=E9?= =?utf-8?B?w6k=?=", "étéé"),
        (b"=?utf-8*fr?Q?=C3=A9?=", "é"),
        (b"=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "café"),
        (b"=?utf-8?B?Y2Fmw?= =?utf-8?B?6k=?=", "café"),
        (b"=?UTF-8?B?Y2Fm?=\r\n =?utf-8?B?w6k=?=", "café"),
        (b"Tr: =?utf-8?Q?=C3=A9?=", "Tr: é"),
        (b"=?utf-8?Q?no_end", "=?utf-8?Q?no_end"),
        (b"=?x?z?y?=", "=?x?z?y?="),
        (b"=?utf-8?B?!!!!?=", ""),
        (b"=?utf-8?Q??=", ""),
        (b"=?utf-8?Q?What?_Now=3F?=", "What? Now?"),
        (b"=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"),
        (b"=?unknown-8bit?Q?caf=E9?=", "café"),
        (b"R\xe9union", "Réunion"),
        ("Réunion".encode(), "Réunion"),
        (b"a\x00b\x07c", "a b c"),
        (b"=?utf-8?Q?a=0Ab?=", "a b"),
        (b"=??Q?caf=C3=A9?=", "café"),
        (b"=?utf-8?Q?1+1=?=", "1+1="),
        (b"\x1b$B;3ED\x1b(B", "山田"),
        (b"a \x1b$B;3ED\x1b(B =?utf-8?Q?b?=", "a 山田 b"),
    ],
)
def test_a_value_is_what_its_author_wrote(raw: bytes, text: str) -> None:
    assert decode_value(raw) == text


def test_a_name_in_quotes_is_decoded_too() -> None:
    assert decode_text("=?utf-8?Q?Zo=C3=A9?=") == "Zoé"
    assert decode_text("Zoé") == "Zoé"


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40), st.integers(1, 9))
def test_words_cut_anywhere_are_put_together_again(text: str, size: int) -> None:
    content = text.encode()
    words = [
        b"=?utf-8?Q?" + b"".join(b"=%02X" % byte for byte in content[start : start + size]) + b"?="
        for start in range(0, len(content), size)
    ]
    assert decode_value(b" ".join(words)) == text.lstrip("\ufeff")


@given(st.binary(max_size=200))
def test_any_bytes_give_one_line_of_text(raw: bytes) -> None:
    text = decode_value(b"=?utf-8?b?" + raw)
    text.encode("utf-8")
    assert not set(text) & set("\x00\r\n\u2028")
