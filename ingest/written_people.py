"""Reads one person out of a text, as clients write authors into it: "Anna Berg [mailto:anna@…]".

For header fields, which have one form (RFC 5322), there is addresses.py.
"""

import re

from domain.mail import Address
from ingest.phrases import Phrases
from ingest.written_dates import is_zone

LONGEST = 500
_EMAIL = re.compile(
    r"[^\s<>()\[\]:;,\"'*|«»„“”]{1,64}@[^\s<>()\[\]:;,\"'*|«»„“”@]{1,190}\.[^\s<>()\[\]:;,\"'*|«»„“”@.]{2,60}"
)
# Outlook's words between who sent a mail and in whose name.
_ON_BEHALF = re.compile(
    r"[\s\]>)](?:on behalf of|im auftrag von|de la part de|en nombre de|em nome de|per conto di|namens"
    r"|på uppdrag av|på vegne af|på vegne av|w imieniu|от имени|jménem|puolesta|代表|の代理) ",
    re.IGNORECASE,
)
_HIDDEN_AT = re.compile(
    r"(?<=\S) (?:at|\(at\)|\[at\]) (?=[\w-]{1,63}\.[\w.-]{2,60}(?:[\s>)\]]|$))", re.IGNORECASE
)
_QUOTES = " \t*_'\"`,;:|«»„“”‚‘’<>[]()"
_BLANKS = re.compile(r"\s+")
_BEHIND_TIME = re.compile(r"(?:[ap]\.? ?m\.?|uhr|\(?[^\W\d_]{1,5}\)?)(?=[\s,]|$)", re.IGNORECASE)
_HALVES = ("am", "pm", "a.m.", "p.m.", "uhr")


def read_person(value: str) -> Address:
    """The author in the value of a label; the email is "" where only a name stands there."""
    text = _BLANKS.sub(" ", value[:LONGEST]).strip()
    behalf = _ON_BEHALF.search(f" {text} ")
    if behalf is not None and text[behalf.end() - 1 :].strip():
        text = text[behalf.end() - 1 :]
    match = _EMAIL.search(text)
    if match is None and _HIDDEN_AT.search(text):  # as archives write addresses
        text = _HIDDEN_AT.sub("@", text, count=1)
        match = _EMAIL.search(text)
    if match is None:
        return Address(email="", name=_name(_of_directory(text)))
    email = match.group().removeprefix("mailto:").strip(".").lower()
    before = text[: match.start()].removesuffix("mailto:")
    name = _name(before) or _name(_in_brackets(text[match.end() :]))
    return Address(email=email, name="" if "@" in name else name)


def read_introduced(text: str, table: Phrases) -> Address:
    """The author in an attribution: the address and the name before it, without words like "schrieb"."""
    flat = _BLANKS.sub(" ", text[:LONGEST]).strip()
    match = _EMAIL.search(flat)
    if match is None:
        return Address(email="")
    before = flat[: match.start()].removesuffix("mailto:").rstrip(" <[(")
    quoted = _last_quoted(before)
    name = quoted or before[_behind_digits(before) :]
    return Address(email=match.group().lower(), name=_name(_without_verbs(name, table)))


def _of_directory(text: str) -> str:
    """The name in one of Lotus Notes' or Exchange's directory, "CN=Anna Berg/OU=Sales/O=Harbour"."""
    head = text.partition("/")[0] if "/" in text[1:] and " / " not in text else text
    return head.partition("=")[2] if head[:3].lower() == "cn=" else head


def _in_brackets(text: str) -> str:
    """The name behind an address, "anna@harbour.example (Anna Berg)"."""
    behind = text.lstrip(" >]")
    return behind[1:].partition(")")[0] if behind.startswith("(") else ""


def _name(text: str) -> str:
    return text.strip(_QUOTES).replace('\\"', '"')[:200]


def _last_quoted(text: str) -> str:
    for opening, closing in (('"', '"'), ("«", "»"), ("„", "”"), ("„", "“"), ("“", "”")):
        if text.endswith(closing):
            start = text.rfind(opening, 0, len(text) - 1)
            return text[start + 1 : -1] if start >= 0 else ""
    return ""


def _behind_digits(text: str) -> int:
    """Where the text behind the last figure begins: a name has none."""
    return next((place + 1 for place in range(len(text) - 1, -1, -1) if text[place].isdigit()), 0)


def _without_verbs(text: str, table: Phrases) -> str:
    """A name without the zone, the preposition and the verb that may stand before it."""
    name = text.strip(" ,;.:)")
    first = _BEHIND_TIME.match(name)
    if first and (is_zone(first.group().strip("()")) or first.group().lower() in _HALVES):
        name = name[first.end() :].strip(" ,;.:)")
    verb = table.wrote.match(name.lower())
    name = name[verb.end() :].strip(" ,:") if verb and len(name.lower()) == len(name) else name
    words = name.split(" ")
    while len(words) > 1 and words[0].islower() and words[0] not in table.name_particles:
        words = words[1:]
    return " ".join(words)
