"""What mails mean by the numbers that Windows gives to charsets, in TNEF and RTF. Not for decoding itself."""

_NAMES = {
    1200: "utf-16-le",
    10000: "mac_roman",
    20127: "us-ascii",
    20866: "koi8-r",
    20932: "euc-jp",
    20936: "gb2312",
    21866: "koi8-u",
    38598: "iso-8859-8",
    50220: "iso-2022-jp",
    50221: "iso-2022-jp",
    50222: "iso-2022-jp",
    50225: "iso-2022-kr",
    51932: "euc-jp",
    51936: "gb2312",
    51949: "euc-kr",
    52936: "hz",
    54936: "gb18030",
    65000: "utf-7",
    65001: "utf-8",
}


def charset_of(codepage: int) -> str:
    """The charset's name as `charsets.decode` takes it; it may be one that nobody knows."""
    if 28591 <= codepage <= 28605:
        return f"iso-8859-{codepage - 28590}"
    return _NAMES.get(codepage) or (f"cp{codepage}" if codepage else "cp1252")
