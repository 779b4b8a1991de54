"""What an XCLIENT command says of the real client (Postfix's XCLIENT_README): pure reading.

Who may say it and what follows is in smtp_peer.py.
"""

import re
from dataclasses import dataclass

from ingest.sources.networks import Address, parse_address

ATTRIBUTES = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT")
UNKNOWN = ("[UNAVAILABLE]", "[TEMPUNAVAIL]")
_ADDRESSES = ("ADDR", "DESTADDR")
_PORTS = ("PORT", "DESTPORT")
_PROTOCOLS = ("SMTP", "ESMTP", "LMTP")
_MOST = 255  # characters of a value, as Postfix has it
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-Fa-f]{2})*")  # RFC 3461 section 4, in any case
_OCTET = re.compile(r"\+([0-9A-Fa-f]{2})")


@dataclass(frozen=True, kw_only=True)
class ToldClient:
    """A client as a proxy tells of it; "" or None where the proxy does not know or say."""

    address: Address | None = None
    changes_address: bool = False  # whether ADDR was said at all, "unknown" included
    name: str = ""  # of its address, by DNS
    greeting: str = ""  # what it said in EHLO or HELO
    protocol: str = ""
    login: str = ""  # whom it has signed in as


def parse_xclient(argument: str) -> ToldClient:
    """The client that the command's argument tells of; raises ValueError with a sentence."""
    told: dict[str, str] = {}
    for word in argument.split():
        attribute, equals, xtext = word.partition("=")
        attribute = attribute.upper()
        if attribute not in ATTRIBUTES or not equals:
            raise ValueError("Syntax: XCLIENT attribute=value ...")
        told[attribute] = _value(attribute, xtext)
    if not told:
        raise ValueError("Syntax: XCLIENT attribute=value ...")
    return ToldClient(
        address=_address(told.get("ADDR", "")),
        changes_address="ADDR" in told,
        name=told.get("NAME", ""),
        greeting=told.get("HELO", ""),
        protocol=told.get("PROTO", "").upper(),
        login=told.get("LOGIN", ""),
    )


def _value(attribute: str, xtext: str) -> str:
    """The decoded value, "" for one that is not known; raises ValueError for what cannot be one."""
    if not _XTEXT.fullmatch(xtext):
        raise ValueError(f"Bad {attribute} syntax")
    value = (
        _OCTET.sub(lambda found: chr(int(found[1], 16)), xtext).encode("latin-1").decode("utf-8", "replace")
    )
    if value.upper() in UNKNOWN:
        return ""
    right = value.isprintable() and 0 < len(value) <= _MOST
    if attribute in _ADDRESSES:
        right = _address(value) is not None
    elif attribute in _PORTS:
        right = value.isascii() and value.isdigit() and int(value[:6]) <= 65535
    elif attribute == "PROTO":
        right = value.upper() in _PROTOCOLS
    if not right:
        raise ValueError(f"Bad {attribute} value")
    return value


def _address(value: str) -> Address | None:
    return parse_address(value[5:] if value[:5].upper() == "IPV6:" else value)
