"""Recognises the signature at the end of a stretch of own words.

By its delimiter ("-- "), by a closing phrase with name and contact lines under it, or by contact lines alone.
In doubt it is text: lists, tables and code at the end of a mail must survive.
"""

import re

from ingest.author_names import AuthorName
from ingest.contact_blocks import contact_block_start
from ingest.phrases import Phrases
from ingest.signature_lines import (
    LISTED,
    MAX_SIGNATURE_BLANKS,
    MAX_SIGNATURE_LINE,
    SENTENCE_END,
    all_signed,
    closing_kind,
    contacts,
    ends_text,
    is_name,
    is_postscript,
    may_be_signed,
    reaches,
    text_above,
)
from ingest.text_lines import TextLines

MAX_SIGNATURE_LINES = 40  # below a true delimiter
MAX_LOOSE_LINES = 16  # below a closing or a doubtful delimiter
MAX_RULED_LINES = 8  # below a rule
MAX_SHORT_RULE = 5  # one above a given name alone
MAX_DASHES = 2  # in a delimiter; more are a rule
MAX_MOTTO_LINES = 4  # below a delimiter whose blank was lost: a name, or a motto
MAX_MOTTO = 200
MAX_MOTTO_LINE = 76  # a motto is broken by its author, prose by the client
MAX_HEADED_LINES = 8  # below such a delimiter where a name or contact comes first
MAX_POSTSCRIPTS = 2
MAX_POSTSCRIPT_LINES = 12
_TRUE_DELIMITERS = ("-- ", "--\u00a0", "- -- ")  # RFC 3676 section 4.3; the last escaped by OpenPGP
_FRAMES = "~=*#"
MIN_FRAME = 6
_TALK = ("?", ":", "...", "…", ":)", ":-)", ";)", ";-)")  # what mottos do not end in, and talk does
MAX_PROSE_WORDS = 3  # of sentences, in what stands below a doubtful delimiter
_PARTED = re.compile(r" ?[,|•·] ?| [–—/-] ")  # what stands between a name and a title
_BEFORE_NAME = ("-", "—", "–", "~", "/")


def signature_start(lines: TextLines, start: int, end: int, table: Phrases, name: AuthorName) -> int:
    """Where the signature at the end of a stretch begins; `end` where there is none."""
    for find in (_delimiter, _closing, _dashed_name):
        found = find(lines, start, end, table)
        if found < end:
            return found
    return contact_block_start(lines, start, end, table, name)


def postscript_start(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """Where the postscripts at the end of a stretch begin, blank lines above included; `end` without any."""
    end = _below_delimiter(lines, start, end, table)
    for _postscript in range(MAX_POSTSCRIPTS):
        first = end - 1
        while first > start and lines.plain[first - 1] and end - first < MAX_POSTSCRIPT_LINES:
            first -= 1
        if first <= start or lines.plain[first - 1] or not is_postscript(lines.plain[first], table):
            return end
        if "--" in lines.plain[first:end]:
            return end
        end = _without_blanks(lines, start, first)
    return end


def _below_delimiter(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """Where a postscript of any length begins below a true delimiter; `end` without one."""
    for number in range(end - 1, max(start, end - MAX_SIGNATURE_LINES) - 1, -1):
        if lines.raw[number].rstrip("\r") in _TRUE_DELIMITERS:
            for below in range(number + 2, end):
                if not lines.plain[below - 1] and is_postscript(lines.plain[below], table):
                    return _without_blanks(lines, start, below)
            return end
    return end


def _without_blanks(lines: TextLines, start: int, end: int) -> int:
    while end > start and not lines.plain[end - 1]:
        end -= 1
    return end


def _delimiter(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    for number in range(end - 1, max(start, end - MAX_SIGNATURE_LINES) - 1, -1):
        line = lines.plain[number]
        if lines.raw[number].rstrip("\r") in _TRUE_DELIMITERS:
            return _with_name_above(lines, start, number, table)
        is_rule = len(line) >= 2 and (not line.strip("-_—") or _is_frame(line))
        doubtful = (is_rule or line in ("—", "–")) and not lines.underlines(start, number)
        doubtful = doubtful and not (number > start and text_above(lines, start, number).endswith(":"))
        if doubtful and _looks_like_signature(lines, number + 1, end, table):
            return _with_name_above(lines, start, number, table)
    return end


def _with_name_above(lines: TextLines, start: int, delimiter: int, table: Phrases) -> int:
    """A delimiter together with a name or thanks that stand alone right above it."""
    above = delimiter - 1
    alone = above > start + 1 and not lines.plain[above - 1]
    if alone and " " in lines.plain[above] and is_name(lines.plain[above], table):
        return above
    while above > start and not lines.plain[above]:
        above -= 1
    closes = above > start and closing_kind(lines.plain[above], lines.lower[above], table)
    return above if closes and ends_text(lines, start, above, table) else delimiter


def _looks_like_signature(lines: TextLines, start: int, end: int, table: Phrases) -> bool:
    """Whether lines below a doubtful delimiter are name and contacts rather than a section of text."""
    texts = [text for text in lines.plain[start:end] if text and not _is_frame(text)]
    if not texts:
        return not any(map(_is_frame, lines.plain[start - 1 : end]))
    if len(texts) > MAX_LOOSE_LINES or any(
        len(text) > MAX_SIGNATURE_LINE or text.startswith("```") for text in texts
    ):
        return False
    if len(lines.plain[start - 1]) > MAX_DASHES:
        return _looks_signed(texts, len(lines.plain[start - 1]), table)
    if _lost_its_blank(lines, start - 1) and _looks_like_motto(lines, start, end, texts, table):
        return True
    listed = sum(text.startswith(LISTED) for text in texts) > len(texts) // 3
    if listed or _tells(texts, table) or not may_be_signed(texts[0], table):
        return False
    return is_name(texts[0], table) or contacts(texts, table) >= 1


def _is_frame(line: str) -> bool:
    """Whether a line is a rule of stars and the like, by which some frame their signatures."""
    return len(line) >= MIN_FRAME and line[0] in _FRAMES and not line.strip(line[0])


def _looks_signed(texts: list[str], rule: int, table: Phrases) -> bool:
    """Whether all lines below a rule are a signature's: it may part a text or stand in a program's output."""
    named = is_name(texts[0], table) and (" " in texts[0] or texts[0] > "\u2e80")
    if len(texts) == 1 and rule <= MAX_SHORT_RULE:
        named = is_name(texts[0], table) and not texts[0].endswith(SENTENCE_END)
    few = len(texts) <= MAX_RULED_LINES and not texts[0].isupper()
    return few and all_signed(texts, table) and (named or reaches(texts))


def _tells(texts: list[str], table: Phrases) -> bool:
    """Whether lines hold sentences, or those without a contact announce or ask something."""
    bare = [text for text in texts if not contacts([text], table)]
    words = sum(word in table.prose for text in bare for word in text.lower().split())
    wordy = sum(text.count(" ") > MAX_SIGNATURE_BLANKS for text in bare)
    prose = any(text.endswith(SENTENCE_END) and text.count(" ") > 6 for text in texts)
    return prose or wordy > 1 or words > MAX_PROSE_WORDS or any(text.endswith(("?", ":")) for text in bare)


def _lost_its_blank(lines: TextLines, number: int) -> bool:
    """Whether a line is "--" below finished text, a true delimiter but for the blank behind it."""
    above = lines.plain[number - 1] if number and lines.marks[number - 1] is None else ""
    return lines.raw[number].rstrip() == "--" and (not above or above.endswith(SENTENCE_END))


def _looks_like_motto(lines: TextLines, start: int, end: int, texts: list[str], table: Phrases) -> bool:
    """Whether below "--", which lost its blank on the way, there is little enough to be a signature.

    A few lines in one paragraph, whatever they say, or some more where a name or a contact heads them.
    """
    marked = any(
        text.startswith((*LISTED, "[")) or text.endswith(_TALK) or is_postscript(text, table)
        for text in texts
    )
    if marked or max(map(len, texts)) > MAX_MOTTO_LINE:
        return False
    if len(texts) <= MAX_MOTTO_LINES and sum(map(len, texts)) <= MAX_MOTTO:
        return all(lines.plain[start:end])
    headed = is_name(texts[0], table) or contacts(texts[:1], table) > 0
    return headed and len(texts) <= MAX_HEADED_LINES


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
        if (
            kind
            and (signed or (kind == "closing" and below == end))
            and ends_text(lines, start, number, table)
        ):
            found = number
        texts += 1
        if not kind and _ends_formal_closing(lines, start, number, table):
            continue
        if texts > MAX_LOOSE_LINES or not (kind or may_be_signed(line, table)):
            break
        below = number
    return found


def _ends_formal_closing(lines: TextLines, start: int, number: int, table: Phrases) -> bool:
    """Whether a line is the second of a sentence like "Je vous prie d'agréer …", broken by the client."""
    return number > start + 1 and lines.lower[number - 1].startswith(table.formal_closings)


def _signs(lines: TextLines, closing: int, below: int, table: Phrases) -> bool:
    """Whether the line under a closing is a name or contact: "Thanks" over "Will do so" closes nothing."""
    text = lines.plain[below].strip("-—–~ ,.")
    first, _blank, others = text.lower().partition(" ")
    if first in table.calendar and not (others and is_name(text, table)):
        return False  # "Friday at the latest"; but Jan and April are names
    # "Luc Gagnon, ing.", "Berta Lund | Head of Ropes"
    named = is_name(text, table) or is_name(_PARTED.split(text, maxsplit=1)[0], table)
    if not text or named or contacts([text], table):
        return True
    return below == closing + 1 and " " not in text and len(text) <= 15


def _dashed_name(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """A last line like "-Rick", "— Anna Berg" or the Nordic "/Karin" under a blank line."""
    last = end - 1
    line = lines.plain[last]
    if last <= start or lines.plain[last - 1] or not line.startswith(_BEFORE_NAME):
        return end
    name = line.lstrip("".join(_BEFORE_NAME) + " ")
    above = text_above(lines, start, last)
    if above.startswith(LISTED) or above.endswith(":") or not is_name(name, table) or name.count(" ") > 3:
        return end
    return last
