"""Reads a separator and a header on one line, as where a client lost the breaks: Yahoo in plain text.

"----- Forwarded Message ----- From: …To: …Sent: …Subject: …". All others are found by header_blocks.py.
"""

import re
from dataclasses import dataclass

from ingest.phrases import Phrases

LONGEST = 2_000
LONGEST_LABEL = 30
_GLUED = re.compile(r"-{3,12} ?(?P<words>[^-:<>@]{4,60}?) ?-{3,12} ?(?=[^\s-])")


@dataclass(frozen=True, kw_only=True)
class GluedHeader:
    """The values of a header's labels by role, and whether the separator says that it is forwarded."""

    roles: dict[str, str]
    forwarded: bool


def glued_header(line: str, table: Phrases) -> GluedHeader | None:
    """What a line holds; None where it does not begin with a separator that something follows."""
    text = line[:LONGEST]
    match = _GLUED.match(text)
    words = match["words"].lower() if match else ""
    if match is None or not words.startswith((*table.forwarded_starts, *table.original_starts)):
        return None
    forwarded = words.startswith(table.forwarded_starts)
    return GluedHeader(roles=_glued_roles(text[match.end() :], table), forwarded=forwarded)


def glues_forward(line: str, table: Phrases) -> bool:
    """Whether a line, lower case, says that the mail on it is passed on."""
    match = _GLUED.match(line[:LONGEST])
    return match is not None and match["words"].startswith(table.forwarded_starts)


def _glued_roles(text: str, table: Phrases) -> dict[str, str]:
    """The values of labels on one line: each begins with a capital where the value before it ends."""
    roles: dict[str, str] = {}
    role, value_from, behind_colon, colon = "", 0, 0, text.find(":")
    while colon >= 0:
        for begin in range(max(behind_colon, colon - LONGEST_LABEL), colon):
            if text[begin].islower() or not text[begin].isalpha():
                continue
            found = table.headers.get(text[begin:colon].strip().lower())
            if found is not None:
                roles.setdefault(role, text[value_from:begin].strip())
                role, value_from = found, colon + 1
                break
        behind_colon = colon + 1
        colon = text.find(":", behind_colon)
    roles.setdefault(role, text[value_from:].strip())
    roles.pop("", None)
    if "subject" in roles or "sent" not in roles:
        return roles
    for label in (found for found, role in table.headers.items() if role == "subject" and len(found) > 4):
        before, named, subject = roles["sent"].partition(f"{label.capitalize()} ")
        if named and before:  # Yahoo forgets its colon in Portuguese
            return {**roles, "sent": before, "subject": subject}
    return roles
