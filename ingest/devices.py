"""Recognises the lines by which telephones and mail programs name themselves: "Sent from my iPhone".

Looks at the end of one stretch of own words; what people say about their telephones stays.
"""

import re

from ingest.notices import with_rule_above
from ingest.phrases import Phrases
from ingest.signature_lines import LISTED, SENTENCE_END, is_name, text_above
from ingest.text_lines import TextLines

MAX_DEVICE_LENGTH = 110
MAX_DEVICE_WORDS = 14
MAX_DEVICE_LINES = 30  # several programs add theirs one below the other
MAX_OWN_DEVICE_WORDS = 4  # behind "Sent from my", of a device that no table knows
MAX_BLANKS_IN_NAME = 3

_CLAUSE_END = re.compile(r"[,;]|[.!] ")


def device_start(lines: TextLines, start: int, end: int, table: Phrases) -> int:
    """Where the device lines at the end of a stretch begin; `end` where there are none."""
    found = end
    for number in range(end - 1, max(start, end - MAX_DEVICE_LINES) - 1, -1):
        if is_device_line(lines.lower[number], table):
            found = number
        elif lines.plain[number] and found - number > (2 if found == end else 0):
            break
    if found == end:
        return end
    above = with_rule_above(lines, start, found)
    return _name_above(lines, start, found, table) if above == found else above


def is_device_line(line: str, table: Phrases) -> bool:
    """Whether a line is like "Sent from my iPhone"; "Sent from the office by Ann" names no device."""
    if len(line) > MAX_DEVICE_LENGTH or line.count(" ") > MAX_DEVICE_WORDS or line.endswith("?"):
        return False
    if line.endswith(table.device_endings):
        return True
    bare = line.lstrip(" -_*([<~—–")
    if not bare.startswith(table.devices):
        return False
    # "Sent from my desk, which is easier than my phone" is a sentence.
    clause = _CLAUSE_END.split(bare, maxsplit=1)[0]
    return any(word in clause for word in table.device_words) or _is_own_device(bare, table)


def _is_own_device(bare: str, table: Phrases) -> bool:
    """Whether "Sent from my" goes on with a few words, none of a sentence: "Sent from my TI-85"."""
    opener = next((opener for opener in table.own_devices if bare.startswith(opener)), None)
    if opener is None or bare.endswith(SENTENCE_END):
        return False
    words = bare.removeprefix(opener).split()
    return 0 < len(words) <= MAX_OWN_DEVICE_WORDS and table.prose.isdisjoint(words)


def _name_above(lines: TextLines, start: int, device: int, table: Phrases) -> int:
    """A device line together with a name right above it: such a tagline was set up with the name in it."""
    name = device - 1
    if name <= start + 1 or lines.plain[name - 1]:
        return device
    above = text_above(lines, start, name)
    if above.startswith(LISTED) or above.endswith((":", ",", ";")):
        return device
    text = lines.plain[name]
    named = 1 <= text.count(" ") <= MAX_BLANKS_IN_NAME and is_name(text, table)
    return name if named and not text.endswith(SENTENCE_END) else device
