"""Marks quoted and forwarded text and what introduces it.

Works downwards through the lines once. Text between quoted lines stays own words; below an introduction that
is not followed by quote marks, everything to the end is the earlier mail.
"""

from domain.mail import Trim
from ingest.attributions import Attribution, Sureness, find_attributions
from ingest.groupware_headers import find_groupware_headers
from ingest.header_blocks import HeaderBlock, find_header_block
from ingest.phrases import Phrases
from ingest.text_lines import TextLines

LONG_LINE = 60  # a quoted line of this length may have been broken in two by the sender's client


def mark_quotes(lines: TextLines, phrases: Phrases) -> None:
    """Mark quotes, attributions and forwarded text."""
    introductions: dict[int, Attribution | HeaderBlock] = {
        **find_attributions(lines, phrases),
        **find_groupware_headers(lines, phrases),
    }
    number, conversation_from = 0, lines.count
    while number < lines.count:
        if lines.marks[number] is not None or not lines.plain[number]:
            number += 1
        elif lines.quoted[number] and number not in introductions:
            number = _mark_quoted_run(lines, number, conversation_from)
            conversation_from = min(conversation_from, number)
        else:
            introduction = introductions.get(number) or find_header_block(lines, number, phrases)
            if introduction:
                conversation_from = min(conversation_from, number)
            number = _after(lines, introduction) if introduction else number + 1


def _after(lines: TextLines, introduction: Attribution | HeaderBlock) -> int:
    """Mark an introduction and, where no quote marks follow, all that is below it; the line to go on at."""
    below = _behind_omission(lines, lines.next_text(introduction.end))
    quote_follows = below < lines.count and lines.quoted[below]
    if (
        isinstance(introduction, Attribution)
        and introduction.sureness is Sureness.NEEDS_QUOTE
        and not quote_follows
    ):
        return introduction.end
    lines.mark(introduction.start, introduction.end, Trim.ATTRIBUTION)
    if quote_follows:
        return below
    forwarded = isinstance(introduction, HeaderBlock) and introduction.forwarded
    lines.mark(introduction.end, len(lines.raw), Trim.FORWARDED if forwarded else Trim.QUOTE)
    return lines.count


def _behind_omission(lines: TextLines, number: int) -> int:
    """Behind a line like "[...]" or "<snip>" by which somebody says that he left out a part of the quote."""
    if number < lines.count and len(lines.plain[number]) <= 12 and lines.plain[number][0] in "[(<.…":
        behind = lines.next_text(number + 1)
        if behind < lines.count and lines.quoted[behind]:
            lines.mark(number, behind, Trim.QUOTE)
            return behind
    return number


def _mark_quoted_run(lines: TextLines, start: int, conversation_from: int) -> int:
    """Mark the quoted lines from start on, unless they are program text; the line behind them."""
    end = start
    while end < lines.count and lines.plain[end] and lines.quoted[end]:
        end += 1
    if conversation_from <= start or not _is_program_text(lines, start, end):
        lines.mark(start, end, Trim.QUOTE)
        if _is_broken_off(lines, end):
            lines.mark(end, end + 1, Trim.QUOTE)
            return end + 1
    return end


def _is_program_text(lines: TextLines, start: int, end: int) -> bool:
    """Whether lines with > in front are a diff, an interpreter's session or an escaped From, not a quote."""
    above = lines.plain[start - 1] if start else ""
    if end - start == 1 and lines.plain[start].startswith(">>") and lines.plain[start].endswith("<<"):
        return True
    if end - start == 1 and lines.plain[start].startswith(">From ") and above and not lines.quoted[start - 1]:
        return True
    if above == "---" and start >= 2 and lines.plain[start - 2].startswith("<"):
        return True
    return all(lines.plain[number].startswith((">>> ", "... ")) for number in range(start, end))


def _is_broken_off(lines: TextLines, number: int) -> bool:
    """Whether a bare line between two quoted ones is the rest of a long one that a client broke in two."""
    if not (lines.is_open(number) and number + 1 < lines.count and lines.quoted[number + 1]):
        return False
    if lines.quoted[number] or len(lines.plain[number - 1]) < LONG_LINE or not lines.plain[number + 1]:
        return False
    return lines.plain[number][0].islower() and len(lines.plain[number]) < LONG_LINE
