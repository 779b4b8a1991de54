"""OpenPGP inside the text of a mail (RFC 9580 sections 6.2 and 7): signed text is freed of its armour,
encrypted text is recognised. No signature is checked and nothing is decrypted."""

import re
from dataclasses import dataclass

_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_END_SIGNATURE = "-----END PGP SIGNATURE-----"
_BEGIN = "-----BEGIN PGP MESSAGE"
_ENCRYPTED = re.compile(
    r"^[ \t\xa0]{0,3}-----BEGIN PGP MESSAGE(?:, PART [0-9/]{1,20})?-----[ \t\xa0]*$", re.MULTILINE
)
_ENCRYPTED_HTML = re.compile(
    r"(?:^|>|&nbsp;)[ \t\xa0]*-----BEGIN PGP MESSAGE(?:, PART [0-9/]{1,20})?-----[ \t\xa0]*(?:$|<|&nbsp;)",
    re.MULTILINE,
)
_DASHED = re.compile(r"^- ", re.MULTILINE)
_ARMOUR_HEADER = re.compile(r"[A-Z][A-Za-z]{2,20}: ")
_MOST_HEADERS = 20


@dataclass(frozen=True, kw_only=True)
class Freed:
    """A text without the armour around it."""

    text: str
    signed: bool = False


def is_encrypted(text: str) -> bool:
    """Whether a text carries an encrypted message of its own, not a quoted one."""
    return _BEGIN in text and _ENCRYPTED.search(text) is not None


def is_encrypted_html(html: str) -> bool:
    """Whether an HTML body carries an encrypted message, on a line or in an element of its own."""
    return _BEGIN in html and _ENCRYPTED_HTML.search(html) is not None


def free(text: str) -> Freed:
    """The text that was signed, with what stands before and behind the armour."""
    start = 0 if text.startswith(_SIGNED) else text.find("\n" + _SIGNED) + 1
    if not text.startswith(_SIGNED, start):
        return Freed(text=text)
    end = text.find("\n" + _SIGNATURE, start)
    if end == -1:
        return Freed(text=text)
    close = text.find(_END_SIGNATURE, end)
    behind = text[close + len(_END_SIGNATURE) :] if close != -1 else ""
    inside = _DASHED.sub("", text[_behind_header(text, start, end) : end])
    return Freed(text=text[:start] + inside + behind, signed=True)


def _behind_header(text: str, start: int, end: int) -> int:
    """Where the signed text begins: behind the fields of the armour and the blank line that ends them."""
    position = text.find("\n", start) + 1
    for _ in range(_MOST_HEADERS):
        following = text.find("\n", position, end)
        if following == -1:
            break
        line = text[position:following]
        if not line.strip():
            return following + 1
        if _ARMOUR_HEADER.match(line) is None:
            break
        position = following + 1
    return min(position, end)
