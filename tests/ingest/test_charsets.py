import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.charsets import codec_of, decode, decode_unlabelled


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        (b"plain", None, "plain"),
        ("été".encode(), "utf-8", "été"),
        ("été".encode("latin-1"), "iso-8859-1", "été"),
        ("prix : 5 €".encode("cp1252"), "iso-8859-1", "prix : 5 €"),
        ("été".encode(), "us-ascii", "été"),
        ("été".encode("latin-1"), "us-ascii", "été"),
        ("été".encode("latin-1"), "utf-8", "été"),
        ("été".encode("latin-1"), None, "été"),
        ("été à Orléans, déjà".encode()[:-1] + b"\xff", "utf-8", "été à Orléans, déjÃÿ"),
        ("Привет".encode("koi8-r"), "KOI8-R", "Привет"),
        ("你好".encode("gb18030"), "gb2312", "你好"),
        ("안녕".encode("cp949"), "ks_c_5601-1987", "안녕"),
        ("①".encode("cp932"), "shift_jis", "①"),
        ("สวัสดี".encode("cp874"), "tis-620", "สวัสดี"),
        ("日本".encode("iso2022_jp"), "ISO-2022-JP", "日本"),
        (b"\x1b(I1\x1b(B", "iso-2022-jp", "ｱ"),
        (b"Hi +AOk-", "utf-7", "Hi é"),
        ("text".encode("utf-16"), "utf-16", "text"),
        ("été".encode(), '"utf-8"', "été"),
        ("привет".encode("cp1251"), "win-1251", "привет"),
        ("привет".encode("cp1251"), "x-cp1251", "привет"),
        ("café".encode("cp850"), "cp-850", "café"),
        ("café".encode("cp850"), "IBM_850", "café"),
        ("café".encode("mac_roman"), "x-mac-roman", "café"),
        ("А".encode("mac_cyrillic"), "x-mac-cyrillic", "А"),
        ("日本".encode("iso2022_jp"), "cp50220", "日本"),
        ("日本".encode("iso2022_jp"), "x-windows-iso2022jp", "日本"),
        ("été".encode(), "cp65001", "été"),
        (b"\xed\xa0\xbd\xed\xb8\x80", "utf-8", "😀"),
        ("été".encode(), "utf-8; format=flowed", "été"),
        (b"\xef\xbb\xbfmark", "utf-8", "mark"),
        (b"a\x00b", "utf-8", "ab"),
        ("texte accentué".encode("utf-16"), None, "texte accentué"),
    ],
)
def test_text_is_read_in_the_charset_that_was_meant(content: bytes, declared: str | None, text: str) -> None:
    assert decode(content, declared).text == text


def test_a_wrong_charset_is_said() -> None:
    assert decode("été".encode("latin-1"), "utf-8").defect
    assert decode("été".encode(), "x-nowhere").defect == "unknown charset 'x-nowhere'"
    assert not decode("été".encode(), "utf-8").defect


@pytest.mark.parametrize(
    "name", [None, "", "x" * 500, "9" * 5_000, "../../etc", "base64", "idna", "a\x00b", "rot13"]
)
def test_what_is_no_charset_has_no_codec(name: str | None) -> None:
    assert codec_of(name) is None


def test_bytes_without_a_label_are_utf8_or_western() -> None:
    assert decode_unlabelled("Zoé".encode()) == decode_unlabelled("Zoé".encode("cp1252")) == "Zoé"


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Привет, коллеги", "cp1251"),
        ("Привет, коллеги", "koi8-r"),
        ("会議の件について", "cp932"),
        ("会議の件について", "euc_jp"),
        ("会議の件について", "iso2022_jp"),
        ("会议安排通知", "gb18030"),
        ("[IT] 会议安排通知 #12", "gb18030"),
        ("회의 안내", "cp949"),
        ("ÄÖÜ äöüß", "cp1252"),
        ("Réunion à l’école, dès Noël", "cp1252"),
        ("ÉTÉ", "cp1252"),
    ],
)
def test_a_short_text_without_a_label_is_told_by_its_bytes(text: str, charset: str) -> None:
    assert decode_unlabelled(text.encode(charset)) == text


def test_a_hint_tells_what_bytes_alone_do_not() -> None:
    assert decode_unlabelled("會議通知".encode("big5"), "big5") == "會議通知"
    assert decode_unlabelled("Zażółć".encode("iso8859_2"), "iso-8859-2") == "Zażółć"
    assert decode_unlabelled("Zoé".encode(), "iso-8859-2") == "Zoé"
    assert decode_unlabelled("Zoé".encode("cp1252"), "x-nowhere") == "Zoé"


CHARSETS = [
    "utf-8",
    "utf-7",
    "utf-16",
    "utf-32",
    "iso-2022-jp",
    "iso-2022-kr",
    "hz-gb-2312",
    "gb2312",
    "big5",
    "cp1252",
]


@given(
    st.binary(max_size=80), st.sampled_from([*CHARSETS, None, "shift_jis", "koi8-r", "mac-roman", "cp037"])
)
def test_any_bytes_in_any_charset_are_text(content: bytes, charset: str | None) -> None:
    text = decode(b"\x1b$B" + content, charset).text
    text.encode("utf-8")
    assert "\x00" not in text
