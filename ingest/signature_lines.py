"""What a single line of a signature looks like: a closing phrase, a name, a contact.

Decides nothing about where a signature begins; that is in signatures.py and named_signatures.py.
"""

import re

from ingest.phrases import Phrases
from ingest.text_lines import TextLines

MAX_SIGNATURE_LINE = 110
MAX_SIGNATURE_BLANKS = 9  # in a line without a contact
MAX_CONTACT_BLANKS = 16
MAX_TOLD_WORDS = 2  # of sentences, in a line with a contact
MAX_NAME_WORDS = 5
MAX_CLOSING = 70
MAX_FORMAL_CLOSING = 220  # of a sentence in one line

PHONE = re.compile(r"(?:\+|\b00|\(0|\b0)\d[\d ()./-]{6,20}\d|\b\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b")
PICTURE = ("[cid:", "[image:", "[logo", "<image", "![")  # a logo, as clients show it in plain text
SENTENCE_END = (".", "?", "!", "…")
LISTED = ("```", "- ", "* ", "• ", "+ ", "– ", "· ", "|", "#")
_AROUND_CLOSING = " ,.!;:*_-–—~·)(😊🙂。、！"
# "Harbour Inc.", "Esempio S.r.l.", "Luc Gagnon, ing.": a full stop that ends no sentence.
_ABBREVIATED = re.compile(r"(?:, ?\w{1,6}|\b[A-Z]\w{0,4}|\.\w{1,3})\.$")
_BRACKETED = re.compile(r"\[(?:\d{1,2}|\*{1,3})\]:? ?\S")  # "[1] https://…"
_ADDRESS = re.compile(r"\w@\w")
_FIRST_PERSON = re.compile(r"\bI (?:'|[a-z])")
_FOOTNOTE = re.compile(r"\[?\d{1,2}[\])]|\[\*+\]|\d{1,2}(?: -|\.) \S")


def closing_kind(line: str, lower: str, table: Phrases) -> str | None:
    """Whether a line is a closing ("Best regards", "Best regards, Ann"), a casual one ("Thanks"), or none."""
    if lower.startswith(table.formal_closings) and len(line) <= MAX_FORMAL_CLOSING:
        return "closing"
    if len(line) > MAX_CLOSING:
        return None
    bare = lower.strip(_AROUND_CLOSING)
    if bare in table.closings or all(half.strip() in table.closings for half in bare.split("/")):
        return "closing"  # maybe in two languages
    if all(half.strip() in table.casual or half.strip() in table.closings for half in bare.split("/")):
        return "casual"
    words = bare.replace(",", " ").replace("!", " ").split()
    for length in range(min(len(words) - 1, 5), 0, -1):
        head = " ".join(words[:length])
        if head in table.closings or f"{head}." in table.closings:
            rest = line.strip(_AROUND_CLOSING).split()[length:]
            if words[length] in table.closing_from and rest[1:]:
                rest = rest[2:] if rest[1].islower() and rest[2:] else rest[1:]  # "aus dem Norden"
            name = " ".join(rest)
            # "Ciao Anna," greets; "Ciao, Anna" and "Ciao Anna" may close.
            greets = line.endswith(",") and not bare[len(head) :].startswith(",")
            closes = not greets and is_name(name, table) and name.count(" ") <= 2
            return "closing" if closes else None
    return None


def may_be_signed(line: str, table: Phrases) -> bool:
    """Whether a line can stand in a signature."""
    if line.lower().startswith((*PICTURE, *table.signature_notes)):
        return True
    if len(line) > MAX_SIGNATURE_LINE or line.startswith(LISTED) or _FOOTNOTE.match(line):
        return False
    if is_postscript(line, table):
        return False
    if contacts([line], table):
        return line.count(" ") <= MAX_CONTACT_BLANKS and not _is_told(line, table)
    if line.endswith(("?", "!", ":", ";", "…")) or line.count(" ") > MAX_SIGNATURE_BLANKS:
        return False
    return not line.endswith(".") or _ends_no_sentence(line, table)


def _is_told(line: str, table: Phrases) -> bool:
    """Whether a line with a contact is part of a sentence: "If I open https://… I get nothing"."""
    told = sum(word in table.prose for word in line.lower().split())
    return told > MAX_TOLD_WORDS or _FIRST_PERSON.search(line) is not None


def reaches(texts: list[str]) -> bool:
    """Whether some lines hold a telephone number, an address, or a place on the web and nothing else."""
    return any(
        PHONE.search(text) or _ADDRESS.search(text) or (" " not in text and _is_web_place(text))
        for text in texts
    )


def _is_web_place(text: str) -> bool:
    return text.strip("<>()[]").lower().startswith(("http://", "https://", "www."))


def _ends_no_sentence(line: str, table: Phrases) -> bool:
    """Whether the full stop of a line is an abbreviation's."""
    if " " not in line or is_name(line, table):
        return True
    return bool(_ABBREVIATED.search(line)) and table.prose.isdisjoint(line.lower().split())


def is_postscript(line: str, table: Phrases) -> bool:
    """Whether a line begins what its author added below the signature: a postscript or a footnote."""
    return line.lower().startswith(table.postscripts) or _BRACKETED.match(line) is not None


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
        or text.endswith(("!", "?"))
        or ":" in text
        or any(letter.isdigit() for letter in text)
    ):
        return False
    abbreviated = len(words[0]) <= 4 and words[0].endswith(".")  # "i. A. Anna Berg"
    begins = abbreviated or not words[0][0].islower()
    return begins and all(not word[0].islower() or word in table.name_particles for word in words[1:])


def ends_text(lines: TextLines, start: int, number: int, table: Phrases) -> bool:
    """Whether what is above a closing phrase is finished, so that the phrase is no rest of a broken line."""
    above = lines.plain[number - 1] if number > start else ""
    if not above or above.endswith((*SENTENCE_END, ",", ":", ";", ")", "-")):
        return True
    last = lines.lower[number - 1].rsplit(" ", 1)[-1]
    return len(above) < 45 and last not in table.prose and last not in table.name_particles
