"""What an invitation says in words (RFC 5545): its description, or else its summary. Not for its times."""

import re

_FOLD = re.compile(r"\n[ \t]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LONGEST = 200_000
# Outlook draws a line under the head of its invitations.
_RULER = re.compile(r"^[*~_ ]{8,}$", re.MULTILINE)


def calendar_text(content: str) -> str:
    """The text of the first event, task or journal entry; "" where there is none."""
    unfolded = _FOLD.sub("", content[:_LONGEST].replace("\r\n", "\n"))
    found: dict[str, str] = {}
    inside = False
    for line in unfolded.split("\n"):
        head, _, value = line.partition(":")
        name = head.partition(";")[0].strip().upper()
        if name == "BEGIN":
            if inside:
                break  # an alarm, with a description of its own
            inside = value.strip().upper() in ("VEVENT", "VTODO", "VJOURNAL")
        elif inside and name in ("DESCRIPTION", "SUMMARY"):
            found.setdefault(name, _plain(_value(line, head)))
    return found.get("DESCRIPTION") or found.get("SUMMARY", "")


def _value(line: str, head: str) -> str:
    """What stands behind the colon that is not inside a quoted parameter."""
    if head.count('"') % 2 == 0:
        return line[len(head) + 1 :]
    close = line.find('"', len(head))
    return line[line.find(":", close) + 1 :] if close != -1 else line[len(head) + 1 :]


def _plain(value: str) -> str:
    text = _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
    return _RULER.sub("", text).strip()
