"""Recognises the signature at the end of a stretch of own words.

By its delimiter ("-- "), by a closing phrase with name and contact lines under it, or by contact lines alone.
In doubt it is text: lists, tables and code at the end of a mail must survive.
"""

import re

from ingest.phrases import Phrases
from ingest.text_lines import TextLines

MAX_SIGNATURE_LINES = 40  # below a true delimiter
MAX_LOOSE_LINES = 16  # below a closing or a doubtful delimiter
MAX_SIGNATURE_LINE = 110
MAX_NAME_WORDS = 5

_PHONE = re.compile(r"(?:\+|\b00|\(0|\b0)\d[\d ()./-]{6,20}\d|\b\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b")
_CONTACT = re.compile(
    r"@|https?://|www\.|\b(?:tel|tél|tlf|puh|phone|ph|fax|mob|mobile|cell|gsm|fon|tfn|téléphone|telefon|telefono"
    r"|teléfono|telefone|телефон|тел|skype|linkedin|direct|móvil|cellulare|handy|portable|office|e-?mail|web)\b *[.:]"
)
_SENTENCE_END = (".", "?", "!", "…")
_AROUND_CLOSING = " ,.!;:*_-–—~·)(😊🙂"
_LISTED = ("- ", "* ", "• ", "+ ", "– ", "· ", "|", "#")


def signature_start(lines: TextLines, start: int, end: int, phrases: Phrases) -> int:
    """Where the signature at the end of a stretch begins; `end` where there is none."""
    delimited = _delimiter(lines, start, end)
    if delimited < end:
        return delimited
    closed = _closing(lines, start, end, phrases)
    if closed < end:
        return closed
    dashed = _dashed_name(lines, start, end)
    return dashed if dashed < end else _contact_block(lines, start, end)


def _delimiter(lines: TextLines, start: int, end: int) -> int:
    for number in range(end - 1, max(start, end - MAX_SIGNATURE_LINES) - 1, -1):
        line = lines.plain[number]
        if line in ("--", "—", "–") or (len(line) >= 2 and not line.strip("-_—")):
            true_delimiter = lines.raw[number].rstrip("\r") in ("-- ", "--\u00a0")
            if true_delimiter or _looks_like_signature(lines, number + 1, end):
                return number
    return end


def _looks_like_signature(lines: TextLines, start: int, end: int) -> bool:
    """Whether lines below a doubtful delimiter are a name and contacts rather than another section of text."""
    texts = [lines.plain[number] for number in range(start, end) if lines.plain[number]]
    if not texts:
        return True
    if len(texts) > MAX_LOOSE_LINES or any(len(text) > MAX_SIGNATURE_LINE for text in texts):
        return False
    prose = sum(text.endswith(_SENTENCE_END) and text.count(" ") > 6 for text in texts)
    listed = sum(text.startswith(_LISTED) for text in texts)
    return prose == 0 and listed <= len(texts) // 3 and (_is_name(texts[0]) or _contacts(texts) >= 1)


def _closing(lines: TextLines, start: int, end: int, phrases: Phrases) -> int:
    """The first closing phrase of the last lines under which there is nothing but a signature."""
    found, below, texts = end, end, 0
    for number in range(end - 1, start - 1, -1):
        line = lines.plain[number]
        if not line:
            continue
        kind = _closing_kind(line, lines.lower[number], phrases)
        signed = below == found or _signs(lines, number, below)
        if (kind == "closing" and (signed or below == end)) or (kind == "thanks" and signed and below < end):
            found = number
        texts += 1
        if texts > MAX_LOOSE_LINES or not (kind or _may_be_signed(line)):
            break
        below = number
    return found


def _signs(lines: TextLines, closing: int, below: int) -> bool:
    """Whether the line under a closing phrase is a name or a contact: "Thanks" over "Will do so" closes nothing."""
    if below >= lines.count:
        return True
    text = lines.plain[below].strip("-—–~ ,.")
    if _is_name(text) or _contacts([lines.plain[below]]) or lines.plain[below] in ("--", "—"):
        return True
    return below == closing + 1 and " " not in text and len(text) <= 15


def _closing_kind(line: str, lower: str, phrases: Phrases) -> str | None:
    """Whether a line is a closing ("Best regards", "Best regards, Ann"), thanks, or neither."""
    if len(line) > 70:
        return None
    bare = lower.strip(_AROUND_CLOSING)
    if bare in phrases.closings:
        return "closing"
    if bare in phrases.thanks:
        return "thanks"
    words = bare.replace(",", " ").replace("!", " ").split()
    for length in range(min(len(words) - 1, 5), 0, -1):
        head = " ".join(words[:length])
        if head in phrases.closings or f"{head}." in phrases.closings:
            name = " ".join(line.strip(_AROUND_CLOSING).split()[length:])
            return "closing" if _is_name(name) and name.count(" ") <= 2 else None
    return None


def _may_be_signed(line: str) -> bool:
    """Whether a line can stand in a signature."""
    if len(line) > MAX_SIGNATURE_LINE or line.startswith(_LISTED):
        return False
    if _CONTACT.search(line.lower()) or _PHONE.search(line):
        return line.count(" ") <= 14
    if line.endswith(("?", "!", ":", ";", "…")) or line.count(" ") > 9:
        return False
    return not line.endswith(".") or _is_name(line) or " " not in line


def _dashed_name(lines: TextLines, start: int, end: int) -> int:
    """A last line like "-Rick" or "— Anna Berg" under a blank line."""
    last = end - 1
    line = lines.plain[last]
    if last <= start or lines.plain[last - 1] or not line.startswith(("-", "—", "–", "~")):
        return end
    name = line.lstrip("-—–~ ")
    above = last - 1
    while above > start and not lines.plain[above]:
        above -= 1
    if lines.plain[above].startswith(_LISTED) or not _is_name(name) or name.count(" ") > 2:
        return end
    return last


def _contact_block(lines: TextLines, start: int, end: int) -> int:
    """A last paragraph that begins with a name and holds contact lines, with nothing above announcing it."""
    first = end - 1
    while first > start and lines.plain[first - 1] and end - first <= MAX_LOOSE_LINES:
        first -= 1
    if first <= start or end - first < 2 or end - first > MAX_LOOSE_LINES:
        return end
    texts = [lines.plain[number] for number in range(first, end)]
    above = first - 1
    while above > start and not lines.plain[above]:
        above -= 1
    if lines.plain[above].endswith(":") or not all(_may_be_signed(text) for text in texts):
        return end
    if _is_name(texts[0]) and _contacts(texts) >= 2 and any(_PHONE.search(text) for text in texts):
        return first
    return end


def _contacts(texts: list[str]) -> int:
    return sum(bool(_CONTACT.search(text.lower()) or _PHONE.search(text)) for text in texts)


def _is_name(text: str) -> bool:
    """Whether a line reads like a person's name: a few words, each with a capital."""
    words = text.strip(" *_,.|").split()
    if not words or len(words) > MAX_NAME_WORDS or any(letter.isdigit() for letter in text):
        return False
    return not words[0][0].islower() and all(not word[0].islower() or len(word) <= 3 for word in words)
