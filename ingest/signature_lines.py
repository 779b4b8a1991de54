"""What a single line of a signature looks like: a closing phrase, a name, a contact.

Decides nothing about where a signature begins; that is in signatures.py and named_signatures.py.
"""

import re

from ingest.phrases import Phrases
from ingest.text_lines import TextLines

MAX_SIGNATURE_LINE = 110
MAX_SIGNATURE_BLANKS = 9  # in a line without a contact
MAX_CONTACT_BLANKS = 16
MAX_NAME_WORDS = 5
MAX_CLOSING = 70

PHONE = re.compile(r"(?:\+|\b00|\(0|\b0)\d[\d ()./-]{6,20}\d|\b\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b")
SENTENCE_END = (".", "?", "!", "…")
LISTED = ("- ", "* ", "• ", "+ ", "– ", "· ", "|", "#")
_AROUND_CLOSING = " ,.!;:*_-–—~·)(😊🙂。、！"
_FOOTNOTE = re.compile(r"\[?\d{1,2}[\])]")


def closing_kind(line: str, lower: str, table: Phrases) -> str | None:
    """Whether a line is a closing ("Best regards", "Best regards, Ann"), a casual one ("Thanks"), or none."""
    if len(line) > MAX_CLOSING:
        return None
    bare = lower.strip(_AROUND_CLOSING)
    if bare in table.closings:
        return "closing"
    if bare in table.casual:
        return "casual"
    if "/" in bare and all(half.strip() in table.closings for half in bare.split("/")):
        return "closing"  # in two languages
    words = bare.replace(",", " ").replace("!", " ").split()
    for length in range(min(len(words) - 1, 5), 0, -1):
        head = " ".join(words[:length])
        if head in table.closings or f"{head}." in table.closings:
            rest = line.strip(_AROUND_CLOSING).split()[length:]
            name = " ".join(rest[1:] if words[length] in table.closing_from and rest[1:] else rest)
            return "closing" if is_name(name, table) and name.count(" ") <= 2 else None
    return None


def may_be_signed(line: str, table: Phrases) -> bool:
    """Whether a line can stand in a signature."""
    if len(line) > MAX_SIGNATURE_LINE or line.startswith(LISTED) or _FOOTNOTE.match(line):
        return False
    if line.lower().startswith(table.postscripts):
        return False
    if contacts([line], table):
        return line.count(" ") <= MAX_CONTACT_BLANKS
    if line.endswith(("?", "!", ":", ";", "…")) or line.count(" ") > MAX_SIGNATURE_BLANKS:
        return False
    return not line.endswith(".") or is_name(line, table) or " " not in line


def all_signed(texts: list[str], table: Phrases) -> bool:
    """Whether all lines can stand in a signature."""
    return all(may_be_signed(text, table) for text in texts)


def text_above(lines: TextLines, start: int, number: int) -> str:
    """The next line above that is not blank."""
    above = number - 1
    while above > start and not lines.plain[above]:
        above -= 1
    return lines.plain[above]


def contacts(texts: list[str], table: Phrases) -> int:
    """How many of some lines name a telephone number, an address or a place on the web."""
    return sum(bool(table.contact.search(text.lower()) or PHONE.search(text)) for text in texts)


def is_name(text: str, table: Phrases) -> bool:
    """Whether a line reads like a person's name: a few words, each with a capital."""
    words = text.strip(" *_,.|").split()
    if (
        not words
        or len(words) > MAX_NAME_WORDS
        or text.endswith(("!", "?", ":"))
        or any(letter.isdigit() for letter in text)
    ):
        return False
    abbreviated = len(words[0]) <= 4 and words[0].endswith(".")  # "i. A. Anna Berg"
    begins = abbreviated or not words[0][0].islower()
    return begins and all(not word[0].islower() or word in table.name_particles for word in words[1:])


def ends_text(lines: TextLines, start: int, number: int) -> bool:
    """Whether what is above a closing phrase is finished, so that the phrase is no rest of a broken line."""
    above = lines.plain[number - 1] if number > start else ""
    return not above or above.endswith((*SENTENCE_END, ",", ":", ";", ")", "-")) or len(above) < 45
