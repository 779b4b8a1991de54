"""Recognises the signature at the end of a stretch of own words.

By its delimiter ("-- "), by a closing phrase with name and contact lines under it, or by contact lines alone.
In doubt it is text: lists, tables and code at the end of a mail must survive.
"""

from ingest.phrases import Phrases
from ingest.signature_lines import (
    LISTED,
    MAX_SIGNATURE_BLANKS,
    MAX_SIGNATURE_LINE,
    PHONE,
    SENTENCE_END,
    all_signed,
    closing_kind,
    contacts,
    ends_text,
    is_name,
    may_be_signed,
    text_above,
)
from ingest.text_lines import TextLines

MAX_SIGNATURE_LINES = 40  # below a true delimiter
MAX_LOOSE_LINES = 16  # below a closing or a doubtful delimiter
MAX_RULED_LINES = 8  # below a rule
MAX_DASHES = 2  # in a delimiter; more are a rule
_TRUE_DELIMITERS = ("-- ", "--\u00a0", "- -- ")  # RFC 3676 section 4.3; the last escaped by OpenPGP
_PICTURE = ("[cid:", "[image:", "[logo", "<image")  # a logo, as clients show it in plain text


def signature_start(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """Where the signature at the end of a stretch begins; `end` where there is none."""
    for find in (_delimiter, _closing, _dashed_name, _contact_block):
        found = find(lines, start, end, table)
        if found < end:
            return found
    return end


def _delimiter(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    for number in range(end - 1, max(start, end - MAX_SIGNATURE_LINES) - 1, -1):
        line = lines.plain[number]
        if lines.raw[number].rstrip("\r") in _TRUE_DELIMITERS:
            return _with_name_above(lines, start, number, table)
        is_rule = len(line) >= 2 and not line.strip("-_—")
        doubtful = (is_rule or line in ("—", "–")) and not _underlines(lines, start, number)
        if doubtful and _looks_like_signature(lines, number + 1, end, table):
            short = len(line) <= MAX_DASHES
            return _with_name_above(lines, start, number, table) if short else number
    return end


def _with_name_above(lines: TextLines, start: int, delimiter: int, table: Phrases) -> int:
    """A delimiter together with a name that stands alone right above it."""
    name = delimiter - 1
    alone = name > start + 1 and not lines.plain[name - 1]
    return name if alone and " " in lines.plain[name] and is_name(lines.plain[name], table) else delimiter


def _underlines(lines: TextLines, start: int, number: int) -> bool:
    """Whether a rule is the underline of a heading right above it."""
    above = lines.plain[number - 1] if number > start else ""
    return (
        len(lines.plain[number]) > MAX_DASHES
        and bool(above)
        and abs(len(above) - len(lines.plain[number])) <= 4
    )


def _looks_like_signature(lines: TextLines, start: int, end: int, table: Phrases) -> bool:
    """Whether lines below a doubtful delimiter are name and contacts rather than a section of text."""
    texts = [lines.plain[number] for number in range(start, end) if lines.plain[number]]
    if not texts:
        return True
    if len(texts) > MAX_LOOSE_LINES or any(len(text) > MAX_SIGNATURE_LINE for text in texts):
        return False
    if len(lines.plain[start - 1]) > MAX_DASHES:
        # A rule parts sections of a text or stands in a program's output just as well.
        few = len(texts) <= MAX_RULED_LINES and not texts[0].isupper()
        return few and all_signed(texts, table) and (is_name(texts[0], table) or contacts(texts, table) >= 1)
    prose = any(text.endswith(SENTENCE_END) and text.count(" ") > 6 for text in texts)
    wordy = sum(text.count(" ") > MAX_SIGNATURE_BLANKS and not contacts([text], table) for text in texts)
    listed = sum(text.startswith(LISTED) for text in texts)
    if prose or wordy > 1 or listed > len(texts) // 3:
        return False
    return is_name(texts[0], table) or contacts(texts, table) >= 1


def _closing(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """The first closing phrase of the last lines under which there is nothing but a signature."""
    found, below, texts = end, end, 0
    for number in range(end - 1, start - 1, -1):
        line = lines.plain[number]
        if not line:
            continue
        kind = closing_kind(line, lines.lower[number], table)
        signed = below < end and (below == found or _signs(lines, number, below, table))
        if number == start and (found < end or kind == "casual"):
            break  # "Thanks!" over "Regards, Ann" is what the mail says
        if kind and (signed or (kind == "closing" and below == end)) and ends_text(lines, start, number):
            found = number
        texts += 1
        if texts > MAX_LOOSE_LINES or not (kind or may_be_signed(line, table)):
            break
        below = number
    return found


def _signs(lines: TextLines, closing: int, below: int, table: Phrases) -> bool:
    """Whether the line under a closing is a name or contact: "Thanks" over "Will do so" closes nothing."""
    text = lines.plain[below].strip("-—–~ ,.")
    if text.lower().split(" ", 1)[0] in table.calendar:
        return False
    if not text or is_name(text, table) or contacts([text], table):
        return True
    return below == closing + 1 and " " not in text and len(text) <= 15


def _dashed_name(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """A last line like "-Rick" or "— Anna Berg" under a blank line."""
    last = end - 1
    line = lines.plain[last]
    if last <= start or lines.plain[last - 1] or not line.startswith(("-", "—", "–", "~")):
        return end
    name = line.lstrip("-—–~ ")
    above = text_above(lines, start, last)
    if above.startswith(LISTED) or above.endswith(":") or not is_name(name, table) or name.count(" ") > 2:
        return end
    return last


def _contact_block(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """A last paragraph that begins with a name and holds contact lines, with nothing above announcing it."""
    first = end - 1
    while first > start and lines.plain[first - 1] and end - first <= MAX_LOOSE_LINES:
        first -= 1
    if first <= start or end - first < 2 or end - first > MAX_LOOSE_LINES:
        return end
    texts = [lines.plain[number] for number in range(first, end)]
    if text_above(lines, start, first).endswith(":"):
        return end
    picture = _picture_above(lines, start, first)
    if picture < end and all_signed(texts[picture == first :], table):
        return picture
    if not is_name(texts[0], table) or not all_signed(texts, table):
        return end
    reachable = len(texts) >= 3 or contacts(texts, table) >= 2
    return first if reachable and any(PHONE.search(text) for text in texts) else end


def _picture_above(lines: TextLines, start: int, first: int) -> int:
    """The line with a logo that begins a paragraph or stands alone above it; beyond all lines without one."""
    for number in range(first, max(start, first - 3), -1):
        if lines.lower[number].startswith(_PICTURE):
            return number
        if lines.plain[number] and number != first:
            break
    return lines.count
