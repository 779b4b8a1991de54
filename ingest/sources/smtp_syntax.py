"""The pure parts of an SMTP dialogue: paths, line ends, dots, hops and reply codes (RFC 5321, RFC 2034).

Opens no socket and keeps no state.
"""

import re
from ipaddress import IPv4Address, IPv6Address

END_OF_MAIL = b"\r\n.\r\n"

_DOMAIN = r"(?:\[[^\[\]\s<>]+\]|[^\s<>()\[\],;:\\\"@]+)"
_LOCAL = r"(?:\"(?:[^\"\\\r\n]|\\[^\r\n])*\"|[^\s<>()\[\],;:\\\"@]+)"
_MAILBOX = rf"{_LOCAL}(?:@{_DOMAIN})?"
# With the source route of old (RFC 5321 4.1.1.3: accepted and ignored), and bare as sloppy clients write it.
_PATH = re.compile(
    rf"<(?:@[^:<>\s]+:)?(?P<box>{_MAILBOX})?>(?P<rest>\s.*)?$|(?P<bare>{_MAILBOX})(?P<more>\s.*)?$"
)
_MAX_PATH = 320  # 64 for the local part, 255 for the domain (RFC 5321 4.5.3.1)
_UNWANTED = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # controls; bytes that are not UTF-8
_LONE_RETURN_AND_DOT = re.compile(rb"\r(?!\n)\.(?=[\r\n])")
_HOP = re.compile(rb"^received[ \t]*:", re.IGNORECASE | re.MULTILINE)
_REPLY = re.compile(r"([245]\d\d)([ -])(?![245]\.\d{1,3}\.\d{1,3}\b)")

_SAFE_NAME = re.compile(r"[A-Za-z0-9.:_\[\]-]{1,255}")

_ENHANCED = {
    "221": "2.0.0",
    "250": "2.0.0",
    "252": "2.5.0",
    "421": "4.3.2",
    "451": "4.3.0",
    "452": "4.3.1",
    "454": "4.7.0",
    "500": "5.5.2",
    "501": "5.5.4",
    "502": "5.5.1",
    "503": "5.5.1",
    "504": "5.5.4",
    "530": "5.7.0",
    "535": "5.7.8",
    "538": "5.7.11",
    "550": "5.7.1",
    "552": "5.3.4",
    "553": "5.1.3",
    "554": "5.0.0",
    "555": "5.5.4",
}


def parse_path(text: str) -> tuple[str | None, str | None]:
    """The mailbox of a path and what follows it; "<>" for the null path, None where it is malformed."""
    found = None if _UNWANTED.search(text) else _PATH.match(text.strip())
    if found is None:
        return None, None
    box = found["box"] or found["bare"] or "<>"
    parameters = (found["rest"] or found["more"] or "").strip()
    if len(box) > _MAX_PATH or not parameters.isascii():
        return None, None
    return box, parameters


def needs_utf8(argument: str) -> bool:
    """Whether a command's argument has characters beyond ASCII."""
    return not argument.isascii()


def undo_dot_stuffing(received: bytes) -> bytes:
    """The mail as it was before transfer: `received` begins with DATA's own line end and has the end mark."""
    return received[: -len(END_OF_MAIL) + 2].replace(b"\r\n.", b"\r\n")[2:]


def has_smuggling_line_ends(received: bytes) -> bool:
    """Whether a server behind us could see the mail end where we do not: bare LF, or CR around a dot."""
    line_ends = received.count(b"\r\n")
    if received.count(b"\n") != line_ends:
        return True
    return received.count(b"\r") != line_ends and _LONE_RETURN_AND_DOT.search(received) is not None


def count_hops(content: bytes) -> int:
    """How many Received lines the header has."""
    header = content[: content.find(b"\r\n\r\n") + 2 or None]
    return len(_HOP.findall(header))


def peer_name(greeting: str, address: IPv4Address | IPv6Address | None, name: str = "") -> str:
    """How a trace header names a peer (RFC 5321 4.4): its greeting, its address and that one's name."""
    literal = f"IPv6:{address}" if isinstance(address, IPv6Address) else str(address or "unknown")
    looked_up = f"{name} " if _SAFE_NAME.fullmatch(name) else ""
    return f"{greeting if _SAFE_NAME.fullmatch(greeting) else 'unknown'} ({looked_up}[{literal}])"


def with_enhanced_code(reply: str) -> str:
    """The reply with an enhanced status code behind the basic one, unless it has one or takes none."""
    found = _REPLY.match(reply)
    code = found and _ENHANCED.get(found[1])
    if not found or not code:
        return reply
    return f"{found[1]}{found[2]}{code} {reply[4:]}"
