"""Recognises what stands above a mail quoted whole: header blocks in all languages and separators.

"From: … Sent: … To: … Subject: …" (Outlook and many more), "-----Original Message-----", "Forwarded message",
and Lotus Notes' headers without colons. Says where a block ends, not what becomes of the text below.
"""

import re
from dataclasses import dataclass

from ingest.phrases import Phrases
from ingest.text_lines import TextLines, stripped_rule

MAX_BLOCK_LINES = 30
MAX_LABEL_LENGTH = 30
MAX_CONTINUATIONS = 8  # of a folded list of recipients
_STRONG_ROLES = {"from", "sent", "to", "subject"}
_RULES = ("--", "__", "==", "**", "##", "~~")
_RULE_CHARACTERS = set("-_*=~# ")
_ADDRESS = re.compile(r"[^\s<>@]{1,80}@[^\s<>@]{1,80}")


@dataclass(frozen=True, kw_only=True)
class HeaderBlock:
    """The lines from start up to, not including, end; `forwarded` where it says so."""

    start: int
    end: int
    forwarded: bool


def find_header_block(lines: TextLines, start: int, table: Phrases) -> HeaderBlock | None:
    """The separator or header block that begins at a line, or None."""
    line = lines.lower[start]
    if len(line) > 200:
        return None
    separator = _separator(line, table)
    if separator is not None:
        return _below_separator(lines, start, table, separator)
    if _is_rule(line):
        below = lines.next_text(start + 1)
        if below < min(lines.count, start + 4) and ":" in lines.lower[below]:
            end, roles = _read_labels(lines, below, table)
            if _is_plausible(roles):
                return HeaderBlock(start=start, end=end, forwarded=False)
        return None
    if ":" in line[: MAX_LABEL_LENGTH + 4] and header_role(line, table) in _STRONG_ROLES:
        end, roles = _read_labels(lines, start, table)
        if _proves_itself(roles):
            return HeaderBlock(start=start, end=end, forwarded=False)
    return None


def labels_end(lines: TextLines, start: int, table: Phrases) -> int:
    """Behind the header lines (and a rule above them) that follow an introduction; `start` without any."""
    below = lines.next_text(start)
    if below < lines.count and _is_rule(lines.lower[below]):
        below = lines.next_text(below + 1)
    end, roles = _read_labels(lines, below, table)
    return end if _is_plausible(roles) else start


def header_role(line: str, table: Phrases) -> str | None:
    """The role of a header line by its label, e.g. "sent" for "Envoyé :"; None for other lines."""
    label, colon, _value = line[: MAX_LABEL_LENGTH + 12].partition(":")
    if not colon:
        return None
    return table.headers.get(label.strip(" *_|>\t-"))


def _separator(line: str, table: Phrases) -> str | None:
    """Which kind of separator a line is: "original", "forwarded", "reply_above" or None."""
    bare = stripped_rule(line)
    ruled = line[0] in "-_*=~#<>—–[" and bare != line.rstrip(":")
    kind = "forwarded" if bare in table.forwarded else "original" if bare in table.original else ""
    if kind:
        stands_alone = ruled or (kind == "forwarded" and line.endswith(":"))
        return kind if stands_alone else f"bare {kind}"
    if ruled and line.startswith(_RULES) and line.endswith((*_RULES, ":")):
        kind = "forwarded" if bare.startswith(table.forwarded_starts) else kind
        kind = "original" if bare.startswith(table.original_starts) else kind
    return kind or ("original" if bare.startswith(table.reply_above) else None)


def _below_separator(lines: TextLines, start: int, table: Phrases, kind: str) -> HeaderBlock | None:
    below = lines.next_text(start + 1)
    end, roles = _read_labels(lines, below, table)
    if not _is_plausible(roles):
        end = 0
    if not end and kind.startswith("bare"):
        return None
    return HeaderBlock(start=start, end=end or start + 1, forwarded="forwarded" in kind)


def _is_rule(line: str) -> bool:
    return len(line) >= 5 and line[0] in "-_*=~" and set(line) <= _RULE_CHARACTERS


def _read_labels(lines: TextLines, start: int, table: Phrases) -> tuple[int, dict[str, str]]:
    """The end of the header lines that begin at start, and their values by role."""
    roles: dict[str, str] = {}
    number, end, folded = start, start, 0
    while number < min(lines.count, start + MAX_BLOCK_LINES):
        line = lines.lower[number]
        role = header_role(line, table) if line and lines.marks[number] is None else None
        if role is not None and (role not in roles or role == "other"):
            roles[role] = line.partition(":")[2]
            folded = 0
        elif role is None and line and roles and _continues(lines, number, folded):
            roles[next(reversed(roles))] += " " + line
            folded += 1
        elif line or not roles or not _role_is_new(lines, number + 1, roles, table):
            break
        number += 1
        end = number if line else end
    return end, roles


def _role_is_new(lines: TextLines, number: int, roles: dict[str, str], table: Phrases) -> bool:
    role = header_role(lines.lower[number], table) if number < lines.count else None
    return role is not None and role not in roles


def _continues(lines: TextLines, number: int, folded: int) -> bool:
    """Whether a line goes on with a folded header: indented, or another piece of a list of addresses."""
    if folded >= MAX_CONTINUATIONS or not lines.plain[number - 1]:
        return False
    before, line = lines.plain[number - 1], lines.plain[number]
    if line[0] in "<[" and "@" in line:
        return True
    if lines.raw[number][:1] in " \t" or before.endswith((";", ",")):
        return True
    if len(before) <= 60:
        return False
    # A subject folded by the client that quoted it: one line, the body begins behind a blank one.
    last = (
        folded == 0 and number + 1 < lines.count and not lines.plain[number + 1] and len(line) < len(before)
    )
    return ";" in line or "@" in line or line.endswith(">") or last


def _is_plausible(roles: dict[str, str]) -> bool:
    """Whether labels below a separator are a header."""
    return len(_STRONG_ROLES & roles.keys()) >= 2


def _proves_itself(roles: dict[str, str]) -> bool:
    """Whether labels are a mail's header though nothing above says so: a travel plan has From and To, too."""
    strong = _STRONG_ROLES & roles.keys()
    if "from" not in strong:
        return False
    addressed = bool(_ADDRESS.search(roles["from"]) or _ADDRESS.search(roles.get("to", "")))
    if len(strong) >= 3:
        return addressed or {"sent", "subject"} <= strong
    return len(strong) == 2 and addressed and ("sent" in strong or "subject" in strong)
