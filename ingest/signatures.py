"""Recognises the signature at the end of a stretch of own words.

By its delimiter ("-- "), by a closing phrase with name and contact lines under it, or by contact lines alone.
In doubt it is text: lists, tables and code at the end of a mail must survive.
"""

import re

from ingest.phrases import Phrases
from ingest.text_lines import TextLines

MAX_SIGNATURE_LINES = 40  # below a true delimiter
MAX_LOOSE_LINES = 16  # below a closing or a doubtful delimiter
MAX_RULED_LINES = 8  # below a rule
MAX_DASHES = 2  # in a delimiter; more are a rule
MAX_SIGNATURE_LINE = 110
MAX_SIGNATURE_BLANKS = 9  # in a line without a contact
MAX_CONTACT_BLANKS = 16
MAX_NAME_WORDS = 5
MAX_CLOSING = 70

_PHONE = re.compile(r"(?:\+|\b00|\(0|\b0)\d[\d ()./-]{6,20}\d|\b\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b")
_TRUE_DELIMITERS = ("-- ", "--\u00a0", "- -- ")  # RFC 3676 section 4.3; the last escaped by OpenPGP
_SENTENCE_END = (".", "?", "!", "…")
_AROUND_CLOSING = " ,.!;:*_-–—~·)(😊🙂。、！"
_FOOTNOTE = re.compile(r"\[?\d{1,2}[\])]")
_PICTURE = ("[cid:", "[image:", "[logo", "<image")  # a logo, as clients show it in plain text
_LISTED = ("- ", "* ", "• ", "+ ", "– ", "· ", "|", "#")


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
    return name if alone and " " in lines.plain[name] and _is_name(lines.plain[name], table) else delimiter


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
        return (
            few and _all_signed(texts, table) and (_is_name(texts[0], table) or _contacts(texts, table) >= 1)
        )
    prose = any(text.endswith(_SENTENCE_END) and text.count(" ") > 6 for text in texts)
    wordy = sum(text.count(" ") > MAX_SIGNATURE_BLANKS and not _contacts([text], table) for text in texts)
    listed = sum(text.startswith(_LISTED) for text in texts)
    if prose or wordy > 1 or listed > len(texts) // 3:
        return False
    return _is_name(texts[0], table) or _contacts(texts, table) >= 1


def _closing(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """The first closing phrase of the last lines under which there is nothing but a signature."""
    found, below, texts = end, end, 0
    for number in range(end - 1, start - 1, -1):
        line = lines.plain[number]
        if not line:
            continue
        kind = _closing_kind(line, lines.lower[number], table)
        signed = below < end and (below == found or _signs(lines, number, below, table))
        if number == start and (found < end or kind == "casual"):
            break  # "Thanks!" over "Regards, Ann" is what the mail says
        if kind and (signed or (kind == "closing" and below == end)) and _ends_text(lines, start, number):
            found = number
        texts += 1
        if texts > MAX_LOOSE_LINES or not (kind or _may_be_signed(line, table)):
            break
        below = number
    return found


def _ends_text(lines: TextLines, start: int, number: int) -> bool:
    """Whether what is above a closing phrase is finished, so that the phrase is no rest of a broken line."""
    above = lines.plain[number - 1] if number > start else ""
    return not above or above.endswith((*_SENTENCE_END, ",", ":", ";", ")", "-")) or len(above) < 45


def _signs(lines: TextLines, closing: int, below: int, table: Phrases) -> bool:
    """Whether the line under a closing is a name or contact: "Thanks" over "Will do so" closes nothing."""
    text = lines.plain[below].strip("-—–~ ,.")
    if text.lower().split(" ", 1)[0] in table.calendar:
        return False
    if not text or _is_name(text, table) or _contacts([text], table):
        return True
    return below == closing + 1 and " " not in text and len(text) <= 15


def _closing_kind(line: str, lower: str, table: Phrases) -> str | None:
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
            return "closing" if _is_name(name, table) and name.count(" ") <= 2 else None
    return None


def _may_be_signed(line: str, table: Phrases) -> bool:
    """Whether a line can stand in a signature."""
    if len(line) > MAX_SIGNATURE_LINE or line.startswith(_LISTED) or _FOOTNOTE.match(line):
        return False
    if line.lower().startswith(table.postscripts):
        return False
    if _contacts([line], table):
        return line.count(" ") <= MAX_CONTACT_BLANKS
    if line.endswith(("?", "!", ":", ";", "…")) or line.count(" ") > MAX_SIGNATURE_BLANKS:
        return False
    return not line.endswith(".") or _is_name(line, table) or " " not in line


def _dashed_name(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """A last line like "-Rick" or "— Anna Berg" under a blank line."""
    last = end - 1
    line = lines.plain[last]
    if last <= start or lines.plain[last - 1] or not line.startswith(("-", "—", "–", "~")):
        return end
    name = line.lstrip("-—–~ ")
    above = _text_above(lines, start, last)
    if above.startswith(_LISTED) or above.endswith(":") or not _is_name(name, table) or name.count(" ") > 2:
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
    if _text_above(lines, start, first).endswith(":"):
        return end
    picture = _picture_above(lines, start, first)
    if picture < end and _all_signed(texts[picture == first :], table):
        return picture
    if not _is_name(texts[0], table) or not _all_signed(texts, table):
        return end
    reachable = len(texts) >= 3 or _contacts(texts, table) >= 2
    return first if reachable and any(_PHONE.search(text) for text in texts) else end


def _picture_above(lines: TextLines, start: int, first: int) -> int:
    """The line with a logo that begins a paragraph or stands alone above it; beyond all lines without one."""
    for number in range(first, max(start, first - 3), -1):
        if lines.lower[number].startswith(_PICTURE):
            return number
        if lines.plain[number] and number != first:
            break
    return lines.count


def _all_signed(texts: list[str], table: Phrases) -> bool:
    return all(_may_be_signed(text, table) for text in texts)


def _text_above(lines: TextLines, start: int, number: int) -> str:
    """The next line above that is not blank."""
    above = number - 1
    while above > start and not lines.plain[above]:
        above -= 1
    return lines.plain[above]


def _contacts(texts: list[str], table: Phrases) -> int:
    return sum(bool(table.contact.search(text.lower()) or _PHONE.search(text)) for text in texts)


def _is_name(text: str, table: Phrases) -> bool:
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
