"""OpenPGP inside the text of a mail (RFC 9580 sections 6.2 and 7): signed text is freed of its armour,
encrypted text is recognised. No signature is checked and nothing is decrypted."""

import re
from dataclasses import dataclass

_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_END_SIGNATURE = "-----END PGP SIGNATURE-----"
_ENCRYPTED = re.compile(r"^-----BEGIN PGP MESSAGE-----[ \t]*$", re.MULTILINE)
_DASHED = re.compile(r"^- ", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Freed:
    """A text without the armour around it."""

    text: str
    signed: bool = False


def is_encrypted(text: str) -> bool:
    """Whether a text carries an encrypted message of its own, not a quoted one."""
    return "-----BEGIN PGP MESSAGE-----" in text and _ENCRYPTED.search(text) is not None


def free(text: str) -> Freed:
    """The text that was signed, with what stands before and behind the armour."""
    start = 0 if text.startswith(_SIGNED) else text.find("\n" + _SIGNED) + 1
    if not text.startswith(_SIGNED, start):
        return Freed(text=text)
    header_end = text.find("\n\n", start)
    end = text.find("\n" + _SIGNATURE, start)
    if header_end == -1 or end < header_end:
        return Freed(text=text)
    close = text.find(_END_SIGNATURE, end)
    behind = text[close + len(_END_SIGNATURE) :] if close != -1 else ""
    inside = _DASHED.sub("", text[header_end + 2 : end])
    return Freed(text=text[:start] + inside + behind, signed=True)
