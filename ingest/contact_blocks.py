"""Recognises a signature without delimiter or closing by its telephone numbers: name, company, contacts.

Knows a stretch's end only; somebody else's name and numbers are what a mail says, not a signature.
"""

from ingest.author_names import AuthorName
from ingest.phrases import Phrases
from ingest.signature_lines import (
    LISTED,
    PHONE,
    PICTURE,
    all_signed,
    contacts,
    is_name,
    text_above,
)
from ingest.text_lines import TextLines

MAX_BLOCK_LINES = 16
MAX_HEAD_LINES = 3  # name and titles in a paragraph of their own


def contact_block_start(lines: TextLines, start: int, end: int, table: Phrases, name: AuthorName) -> int:
    """Where a last block of name and contacts with nothing above announcing it begins; `end` without one."""
    first = _paragraph_start(lines, start, end)
    if first <= start or end - first > MAX_BLOCK_LINES:
        return end
    texts = lines.plain[first:end]
    picture = _picture_above(lines, start, first)
    if picture < end and all_signed(texts[picture == first :], table):
        found = picture
    elif not all_signed(texts, table) or not any(PHONE.search(text) for text in texts):
        return end
    else:
        found = first if _heads(texts, table) else _name_above(lines, start, first, texts, table)
    if found >= end or found <= start or text_above(lines, start, found).endswith(":"):
        return end
    return end if name.is_foreign(" ".join(lines.plain[found:end])) else found


def _paragraph_start(lines: TextLines, start: int, end: int) -> int:
    first = end - 1
    while first > start and lines.plain[first - 1] and end - first <= MAX_BLOCK_LINES:
        first -= 1
    return first


def _heads(texts: list[str], table: Phrases) -> bool:
    """Whether a paragraph begins with a name and says enough to be a signature."""
    reachable = len(texts) >= 3 or (len(texts) == 2 and contacts(texts, table) >= 2)
    return reachable and is_name(texts[0], table)


def _name_above(lines: TextLines, start: int, first: int, texts: list[str], table: Phrases) -> int:
    """The name in a paragraph of its own above contacts; beyond all lines without one."""
    last = first - 1
    while last > start and not lines.plain[last]:
        last -= 1
    head = _paragraph_start(lines, start, last + 1)
    names = lines.plain[head : last + 1]
    named = len(names) <= MAX_HEAD_LINES and " " in names[0] and is_name(names[0], table)
    listed = text_above(lines, start, head).startswith(LISTED)
    signed = named and not listed and all_signed(names, table)
    return head if signed and contacts(texts, table) >= 2 else lines.count


def _picture_above(lines: TextLines, start: int, first: int) -> int:
    """The line with a logo that begins a paragraph or stands alone above it; beyond all lines without one."""
    for number in range(first, max(start, first - 3), -1):
        if lines.lower[number].startswith(PICTURE):
            return number
        if lines.plain[number] and number != first:
            break
    return lines.count
