"""Telling the charset of short texts that name none, such as raw 8-bit headers, by how their bytes lie.

Only for texts that are plainly not western: there accents stand alone between letters, elsewhere bytes above
ASCII come in runs. A statistical detector needs more text than a header has.
"""

import re

_RUN = re.compile(rb"[\x80-\xff]{4,}")
_RUNS = re.compile(rb"[\x80-\xff]+")
_CONTROLS = re.compile(rb"[\x80-\x9f]")
_CYRILLIC = re.compile(rb"[\x00-\x7f\xc0-\xff\xa3\xb3\xa8\xb8\xab\xbb\xb9\x96\x97]*")
# "äöüß" and its like are runs of western letters, and in Russian no words.
_NORTHERN = frozenset("ÄÖÜäöüßÅåÆæØø".encode("latin-1"))
_KANA = re.compile("[\u3041-\u30ff]")
_KANJI = re.compile("[\u4e00-\u9fff]")
_LOWER = re.compile("[а-яё]")
_SAMPLE = 4096


def eastern_charset(content: bytes) -> str | None:
    """The codec of a text in Japanese, Chinese, Korean or Russian; None where it looks western."""
    sample = content[:_SAMPLE]
    if _RUN.search(sample) is None:
        return None
    if _CYRILLIC.fullmatch(sample):
        return None if _NORTHERN.issuperset(b"".join(_RUNS.findall(sample))) else _cyrillic(sample)
    if _CONTROLS.search(sample):  # no byte of the codes of Unix
        return "cp932" if _kana(sample, "cp932") else _if_valid(sample, "gb18030")
    runs = _RUNS.findall(sample)
    if any(len(run) % 2 for run in runs):
        return _if_valid(sample, "big5hkscs") or _if_valid(sample, "cp932")
    return "euc_jp" if _kana(sample, "euc_jp") else _korean_or_chinese(sample, runs)


def _korean_or_chinese(sample: bytes, runs: list[bytes]) -> str | None:
    """Of two codes with the same bytes: Korean has syllables in a few rows, and blanks between words."""
    leads = b"".join(run[::2] for run in runs)
    if all(0xB0 <= lead <= 0xC8 for lead in leads) and (len(runs) > 1 or len(leads) > 8):
        return "cp949"
    return _if_valid(sample, "gb18030")


def _cyrillic(sample: bytes) -> str:
    """Of the two codes in use, the one in which small letters are more than capitals."""
    small = {codec: len(_LOWER.findall(sample.decode(codec, "replace"))) for codec in ("cp1251", "koi8_r")}
    return max(small, key=lambda codec: small[codec])


def _kana(sample: bytes, codec: str) -> bool:
    text = sample.decode(codec, "replace")
    return "\ufffd" not in text[:-1] and len(_KANA.findall(text)) * 8 >= len(_KANJI.findall(text)) > 0


def _if_valid(sample: bytes, codec: str) -> str | None:
    return codec if "\ufffd" not in sample.decode(codec, "replace")[:-1] else None
