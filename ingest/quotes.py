"""Marks quoted and forwarded text and what introduces it.

Works downwards through the lines once. Text between quoted lines stays own words; below an introduction that
is not followed by quote marks, everything to the end is the earlier mail.
"""

from domain.mail import Trim
from ingest.attributions import Attribution, Sureness, find_attributions
from ingest.header_blocks import HeaderBlock, find_header_block
from ingest.phrases import Phrases
from ingest.text_lines import TextLines

LONG_LINE = 60  # a quoted line of this length may have been broken in two by the sender's client


def mark_quotes(lines: TextLines, phrases: Phrases) -> None:
    """Mark quotes, attributions and forwarded text."""
    attributions = find_attributions(lines, phrases)
    number = 0
    while number < lines.count:
        if lines.marks[number] is not None or not lines.plain[number]:
            number += 1
        elif lines.is_quoted(number):
            number = _mark_quoted_run(lines, number)
        else:
            introduction = attributions.get(number) or find_header_block(lines, number, phrases)
            number = _after(lines, introduction) if introduction else number + 1


def _after(lines: TextLines, introduction: Attribution | HeaderBlock) -> int:
    """Mark an introduction and, where no quote marks follow, all that is below it; the line to go on at."""
    below = lines.next_text(introduction.end)
    quote_follows = below < lines.count and lines.is_quoted(below)
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


def _mark_quoted_run(lines: TextLines, start: int) -> int:
    """Mark the quoted lines from start on, unless they are program text; the line behind them."""
    end = start
    while end < lines.count and lines.plain[end] and lines.is_quoted(end):
        end += 1
    if not _is_program_text(lines, start, end):
        lines.mark(start, end, Trim.QUOTE)
        if _is_broken_off(lines, end):
            lines.mark(end, end + 1, Trim.QUOTE)
            return end + 1
    return end


def _is_program_text(lines: TextLines, start: int, end: int) -> bool:
    """Whether lines with > in front are a diff, an interpreter's session or an escaped From instead of a quote."""
    above = lines.plain[start - 1] if start else ""
    if (
        end - start == 1
        and lines.plain[start].startswith(">From ")
        and above
        and not lines.is_quoted(start - 1)
    ):
        return True
    if above == "---" and start >= 2 and lines.plain[start - 2].startswith("<"):
        return True
    if lines.plain[start].startswith((">>> ", "> /", "> $")) and not _in_conversation(lines, start):
        return all(lines.plain[number].startswith((">>> ", ">>>")) for number in range(start, end))
    return False


def _in_conversation(lines: TextLines, start: int) -> bool:
    """Whether other quoted text or an attribution stands above a line."""
    above = start - 1
    while above >= max(0, start - 200):
        if lines.marks[above] in (Trim.QUOTE, Trim.ATTRIBUTION):
            return True
        above -= 1
    return False


def _is_broken_off(lines: TextLines, number: int) -> bool:
    """Whether a bare line between two quoted ones is the rest of a long quoted line that a client broke in two."""
    if not (lines.is_open(number) and number + 1 < lines.count and lines.is_quoted(number + 1)):
        return False
    if lines.is_quoted(number) or len(lines.plain[number - 1]) < LONG_LINE or not lines.plain[number + 1]:
        return False
    return lines.plain[number][0].islower() and len(lines.plain[number]) < LONG_LINE
