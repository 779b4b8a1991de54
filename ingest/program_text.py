"""Tells lines with > in front that are program text from quotes: sessions, diffs, merges, escapes.

Looks at one run of such lines and the few around it; asked only where nothing above was quoted.
"""

import re

from ingest.text_lines import TextLines

MAX_CONFLICT_LINES = 80  # between the marks that git leaves of a merge

_COMPARISON = re.compile(r">=? ?[\d$€£]")  # "> 5 boats"
# What people type behind a prompt like >.
_COMMAND = re.compile(
    r"> ?(?:sudo |\$ )?(?:apt|awk|brew|cargo|cat|cd|chmod|cmd|cp|curl|df|dir|docker|echo|find|git|go|grep"
    r"|ipconfig|java|kubectl|ls|make|mkdir|mv|mvn|mysql|node|npm|npx|php|ping|pip|psql|pytest|python3?|rm"
    r"|rsync|ruby|SELECT|ssh|sudo|systemctl|tail|tar|telnet|traceroute|vi|vim|wget|yarn)"
    r"(?: [-./\w~*$\"'][^.!?]{0,80})?$"
)


def is_program_text(lines: TextLines, start: int, end: int) -> bool:
    """Whether lines with > in front are a diff, a session, a merge or an escaped From, not a quote."""
    if end - start == 1 and _is_single(lines, start):
        return True
    if start >= 2 and lines.plain[start - 1] == "---" and lines.plain[start - 2].startswith("<"):
        return True
    run = lines.plain[start:end]
    return all(map(_COMMAND.match, run)) or all(line.startswith((">>> ", "... ")) for line in run)


def _is_single(lines: TextLines, number: int) -> bool:
    """Whether one line alone is no quote: emphasis, a comparison, an escaped From, the end of a conflict."""
    line = lines.plain[number]
    above = lines.plain[number - 1] if number else ""
    if line.startswith(">>") and line.endswith("<<"):
        return True
    if line.startswith(">>>>>>> "):
        region = lines.plain[max(0, number - MAX_CONFLICT_LINES) : number]
        return any(text.startswith("<<<<<<< ") for text in region)
    if not above:
        return False
    return _COMPARISON.match(line) is not None or (line.startswith(">From ") and not lines.quoted[number - 1])
