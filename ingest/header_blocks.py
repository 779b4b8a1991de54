"""Recognises what stands above a mail quoted whole: header blocks in all languages and separators.

"From: … Sent: … To: … Subject: …" (Outlook and many more), "-----Original Message-----", "Forwarded message",
and Lotus Notes' headers without colons. Says where a block ends, not what becomes of the text below.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.glued_headers import glued_header, glues_forward
from ingest.phrases import Phrases
from ingest.subjects import looks_like_forward, looks_like_reply
from ingest.text_lines import TextLines, stripped_rule

MAX_BLOCK_LINES = 30
MAX_LABEL_LENGTH = 30
MAX_CONTINUATIONS = 8  # of a folded list of recipients
_STRONG_ROLES = {"from", "sent", "to", "subject"}
_FIRST_ROLES = {*_STRONG_ROLES, "cc"}
_RULES = ("--", "__", "==", "**", "##", "~~")
_RULE_CHARACTERS = set("-_*=~# ")
OUTLOOK_RULE = 20  # underscores at least
_ADDRESS = re.compile(r"[^\s<>@]{1,80}@[^\s<>@]{1,80}")
_TIME_OF_DAY = re.compile(
    r"\d ?[:.h时時시點点] ?\d\d|\d ?[ap]\.?m\b|\d ?(?:uhr|h\b|시|时|時|點|点)", re.IGNORECASE
)
# Lotus Notes puts the time behind the name.
_TIME_BEHIND = re.compile(r"\s(?=\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? \d{1,2}[:.h]\d{2}.{0,20}$)")


@dataclass(frozen=True, kw_only=True)
class HeaderBlock:
    """The lines from start up to, not including, end; `forwarded` where it says so.

    `roles` are the values of its labels as written, by "from", "sent", "to", "cc", "subject" and "other".
    """

    start: int
    end: int
    forwarded: bool
    roles: Mapping[str, str] = field(default_factory=dict)


def find_header_block(lines: TextLines, start: int, table: Phrases) -> HeaderBlock | None:
    """The separator or header block that begins at a line, or None."""
    line = lines.lower[start]
    if len(line) > 60 and line.startswith("---"):
        glued = _glued(lines, start, table)
        if glued is not None:
            return glued
    if len(line) > 200:
        return None
    separator = _separator(line, table)
    if separator is not None:
        return _below_separator(lines, start, table, separator)
    return _below_rule(lines, start, table) if _is_rule(line) else _bare(lines, start, table)


def opens_forward(line: str, table: Phrases) -> bool:
    """Whether a line, lower case, says that a mail is passed on below it."""
    return glues_forward(line, table) or (
        len(line) <= 200 and _separator(line, table) in ("forwarded", "bare forwarded")
    )


def find_unsure_header(lines: TextLines, start: int, table: Phrases) -> HeaderBlock | None:
    """Labels that are a mail's header where something else says that one must be there."""
    if header_role(lines.lower[start], table) != "from":
        return None
    end, roles = _read_labels(lines, start, table)
    if len(_STRONG_ROLES & roles.keys()) < 2 or not _ADDRESS.search(roles.get("from", "")):
        return None
    return HeaderBlock(start=start, end=end, forwarded=False, roles=roles)


def _below_rule(lines: TextLines, start: int, table: Phrases) -> HeaderBlock | None:
    below = lines.next_text(start + 1)
    if below >= min(lines.count, start + 4) or ":" not in lines.lower[below]:
        return None
    end, roles = _read_labels(lines, below, table)
    # Outlook's is as long as no other; shorter ones part sections, too.
    outlook = lines.plain[start].startswith("_" * OUTLOOK_RULE) and _is_plausible(roles)
    sure = outlook or {"from", "subject"} <= roles.keys() or _proves_itself(roles, lines.lower[below], table)
    return HeaderBlock(start=start, end=end, forwarded=False, roles=roles) if sure else None


def _bare(lines: TextLines, start: int, table: Phrases) -> HeaderBlock | None:
    """A header with nothing above that says what it is."""
    line = lines.lower[start]
    if ":" not in line[: MAX_LABEL_LENGTH + 4] or header_role(line, table) not in _FIRST_ROLES:
        return None
    end, roles = _read_labels(lines, start, table)
    if not _proves_itself(roles, line, table) or _is_program_text(lines, start, end):
        return None
    return HeaderBlock(start=start, end=end, forwarded=False, roles=roles)


def _is_program_text(lines: TextLines, start: int, end: int) -> bool:
    """Whether a header is what git prints above a commit or a patch, or is announced and set off as code."""
    above = lines.lower[start - 1] if start else ""
    if above.startswith(("commit ", "merge: ", "from ")) and any(map(str.isdigit, above)):
        return True
    announced = above.endswith(":") or (not above and start > 1 and lines.plain[start - 2].endswith(":"))
    return announced and all(line.startswith(("    ", "\t")) for line in lines.raw[start:end] if line.strip())


def labels_below(lines: TextLines, start: int, table: Phrases) -> tuple[int, dict[str, str]]:
    """Behind the header lines (and a rule above them) that follow an introduction, and their values by role.

    `start` and nothing where there are none.
    """
    below = lines.next_text(start)
    if below < lines.count and _is_rule(lines.lower[below]):
        below = lines.next_text(below + 1)
    end, roles = _read_labels(lines, below, table)
    return (end, roles) if _is_plausible(roles) else (start, {})


def header_role(line: str, table: Phrases) -> str | None:
    """The role of a header line by its label, e.g. "sent" for "Envoyé :"; None for other lines."""
    label, colon, _value = line[: MAX_LABEL_LENGTH + 12].partition(":")
    if not colon:
        return None
    name = label.strip(" *_|>\t-")
    return table.headers.get(name) or ("other" if name.startswith("x-") and " " not in name else None)


def _separator(line: str, table: Phrases) -> str | None:
    """Which kind of separator a line is: "original", "forwarded" (both also "bare …") or None."""
    bare = stripped_rule(line)
    ruled = line[0] in "-_*=~#<>—–[" and bare != line.rstrip(":")
    kind = "forwarded" if bare in table.forwarded else "original" if bare in table.original else ""
    if kind:
        introduces = kind == "forwarded" and line.endswith(":") and (" " in bare or not bare.isascii())
        return kind if ruled or introduces else f"bare {kind}"
    if ruled and line.startswith(_RULES) and line.endswith((*_RULES, ":")):
        kind = "forwarded" if bare.startswith(table.forwarded_starts) else kind
        kind = "original" if bare.startswith(table.original_starts) else kind
    return kind or ("original" if bare.startswith(table.reply_above) else None)


def _below_separator(lines: TextLines, start: int, table: Phrases, kind: str) -> HeaderBlock | None:
    """The block that begins with a separator; words without a rule need a header below."""
    end, roles = labels_below(lines, start + 1, table)
    if not roles and kind.startswith("bare"):
        return None
    return HeaderBlock(start=start, end=end, forwarded="forwarded" in kind, roles=roles)


def _glued(lines: TextLines, start: int, table: Phrases) -> HeaderBlock | None:
    header = glued_header(lines.plain[start], table)
    if header is None or not _is_plausible(header.roles):
        return None
    return HeaderBlock(start=start, end=start + 1, forwarded=header.forwarded, roles=header.roles)


def _is_rule(line: str) -> bool:
    return len(line) >= 5 and line[0] in "-_*=~" and set(line) <= _RULE_CHARACTERS


def _read_labels(lines: TextLines, start: int, table: Phrases) -> tuple[int, dict[str, str]]:
    """The end of the header lines that begin at start, and their values by role as written."""
    roles: dict[str, str] = {}
    labels: set[str] = set()
    current = ""  # the role whose value may go on in the next line
    number, end, folded = start, start, 0
    while number < min(lines.count, start + MAX_BLOCK_LINES):
        line = lines.plain[number]
        role = header_role(lines.lower[number], table) if line and lines.marks[number] is None else None
        label, _colon, value = line.partition(":")
        if role is not None and (role == "other" or label.lower() not in labels):
            # Of two labels for one thing, "Sent:" and "Date:", the first counts.
            current = role if role not in roles else "other"
            roles.setdefault(role, value.strip(" *_|"))
            labels.add(label.lower())
            folded = 0
        elif (
            role is None
            and line
            and roles
            and _continues(lines, number, folded, roles.get(current, ""), table)
        ):
            roles[current] = f"{roles.get(current, '')} {line}".strip()
            folded += 1
        elif not roles or not _role_is_new(lines, number + 1, roles, table):
            break
        elif line and ":" not in line[1:MAX_LABEL_LENGTH]:
            break  # else a label that no table has
        number += 1
        end = number if line else end
    behind = _TIME_BEHIND.search(roles.get("from", ""))
    if behind is not None and "sent" not in roles:
        roles["sent"] = roles["from"][behind.end() :]
        roles["from"] = roles["from"][: behind.start()].rstrip()
    return end, roles


def _role_is_new(lines: TextLines, number: int, roles: dict[str, str], table: Phrases) -> bool:
    """Whether the line at `number`, or behind another blank one, is a label that was not there yet."""
    if number < lines.count and not lines.plain[number]:
        number += 1
    role = header_role(lines.lower[number], table) if number < lines.count else None
    return role is not None and role not in roles


def _continues(lines: TextLines, number: int, folded: int, value: str, table: Phrases) -> bool:
    """Whether a line goes on with a folded header: indented, or another piece of a list of addresses."""
    if folded >= MAX_CONTINUATIONS or not lines.plain[number - 1]:
        return False
    before, line = lines.plain[number - 1], lines.plain[number]
    followed = number + 1 < lines.count and header_role(lines.lower[number + 1], table) is not None
    if followed and (not value or len(before) > 60):
        return True  # each label has its value in the line below, or a long subject goes on
    if (line[0] in "<[" and "@" in line) or before.endswith((";", ",")):
        return True
    if _indent(lines, number) > (0 if folded else _indent(lines, number - 1)):
        return True
    if len(before) <= 60:
        return False
    # A subject folded by the client that quoted it: one line, the body begins behind a blank one.
    last = (
        folded == 0 and number + 1 < lines.count and not lines.plain[number + 1] and len(line) < len(before)
    )
    return ";" in line or "@" in line or line.endswith(">") or last


def _indent(lines: TextLines, number: int) -> int:
    raw = lines.raw[number]
    return len(raw) - len(raw.lstrip(" \t"))


def _is_plausible(roles: dict[str, str]) -> bool:
    """Whether labels below a separator are a header."""
    return len(_STRONG_ROLES & roles.keys()) >= 2 or _ADDRESS.search(roles.get("from", "")) is not None


def _names_a_day(value: str, table: Phrases) -> bool:
    return any(map(str.isdigit, value)) or not table.calendar.isdisjoint(
        value.lower().replace(",", " ").split()
    )


def _proves_itself(roles: Mapping[str, str], first_line: str, table: Phrases) -> bool:
    """Whether labels are a mail's header though nothing above says so: a travel plan has From and To, too.

    Without addresses it takes a time of day, labels in bold, or a subject with a mark like Re; a memo that
    somebody types has a date alone.
    """
    strong = _STRONG_ROLES & roles.keys()
    if "from" not in strong or not roles["from"]:
        return False
    addressed = bool(_ADDRESS.search(roles["from"]) or _ADDRESS.search(roles.get("to", "")))
    if addressed and _names_a_day(roles.get("sent", ""), table):
        return True
    subject = roles.get("subject", "")
    if len(strong) >= 3 and (looks_like_reply(subject) or looks_like_forward(subject)):
        return True
    clients = first_line.startswith("*") or _TIME_OF_DAY.search(roles.get("sent", "")) is not None
    begins = first_line.startswith("*") or header_role(first_line, table) == "from"
    return clients and (addressed or (begins and len(strong) >= 3 and {"sent", "subject"} <= strong))
