"""Writes as text what HTML shows by other means: numbers of lists, bullets of Word, emoji as pictures."""

import re
from collections.abc import Mapping

MAX_EMOJI = 14  # characters: a family is many joined into one
_LONGEST_ROMAN = 3_999
_ROMAN: tuple[tuple[int, str], ...] = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_KINDS = {
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
}
_LIST_STYLE = re.compile(r"list-style(?:-type)?:([a-z-]{1,20})")
_NUMBER = re.compile(r"-?\d{1,6}")
_NUMBERED = re.compile(r"\(?(?:\d{1,3}|[a-zA-Z]{1,5})[.)]|\d{1,3}(?:\.\d{1,3}){1,8}\.?")
# What the letters look like in the Wingdings font, as far as clients put them in by themselves.
_SYMBOLS = {
    **{"J": "☺", "K": "😐", "L": "☹", "à": "→", "è": "→", "ß": "←", "ç": "←", "ó": "↔", "á": "↑", "â": "↓"},
    **{"ü": "✓", "û": "✗", "þ": "☑", "ý": "☒", "¨": "☐", "Ø": "➢", "§": "▪", "·": "▪", "l": "●", "n": "■"},
}
# Private letters by which some clients write the same.
_SYMBOLS.update({chr(0xF000 + ord(letter)): symbol for letter, symbol in list(_SYMBOLS.items())})
_EMOTICON = re.compile(r"[:;8=xX][-o^']?[()\[\]DPpOo|/\\*3]|:[a-z0-9_+-]{2,30}:|<3")
_EMOJI_CLASSES = ("emoji", "smiley", "emoticon")


def list_kind(attributes: Mapping[str, str], style: str) -> str:
    """How an ordered list counts: "1", "a", "A", "i" or "I"."""
    kind = attributes.get("type", "")
    if kind in ("a", "A", "i", "I"):
        return kind
    match = _LIST_STYLE.search(style)
    return _KINDS.get(match[1], "1") if match is not None else "1"


def whole_number(value: str) -> int | None:
    """The number that an attribute gives; None without one."""
    match = _NUMBER.fullmatch(value.strip())
    return int(match.group()) if match is not None else None


def item_label(kind: str, number: int) -> str:
    """What stands before an item of an ordered list: "3. ", "c. " or "iii. "."""
    label = str(number)
    if kind in ("a", "A") and 1 <= number <= 26:
        label = chr(ord("a") + number - 1)
    elif kind in ("i", "I") and 1 <= number <= _LONGEST_ROMAN:
        label = _roman(number)
    return f"{label.upper() if kind.isupper() else label}. "


def _roman(number: int) -> str:
    letters = ""
    for value, letter in _ROMAN:
        count, number = divmod(number, value)
        letters += letter * count
    return letters


def word_bullet(written: str) -> str:
    """What to show for the bullet or number that Word wrote before a list's paragraph."""
    bullet = written.strip()
    return f"{bullet} " if _NUMBERED.fullmatch(bullet) else "- "


def symbols(written: str) -> str:
    """One or two letters in the Wingdings font as what they look like; others as they are."""
    if len(written.strip()) > 2:
        return written
    return "".join(_SYMBOLS.get(letter, letter) for letter in written)


def picture_words(attributes: Mapping[str, str]) -> str:
    """The text that a picture stands for, where it is an emoji; "" for photos, logos and trackers."""
    words = attributes.get("alt", "").strip()
    if not words or len(words) > MAX_EMOJI:
        return attributes.get("data-emoji", "")[:MAX_EMOJI] if len(words) > MAX_EMOJI else ""
    if not words.isascii() and not any(letter.isalnum() for letter in words):
        return words
    names = attributes.get("class", "").lower()
    known = "data-emoji" in attributes or any(name in names for name in _EMOJI_CLASSES)
    return words if known or _EMOTICON.fullmatch(words) else ""
