"""A host and port, as people write them in the config: `mail.example.com:25`, `[::1]:8025`.

Resolves no names and opens no socket.
"""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address


class TlsPolicy(StrEnum):
    """How a connection that we open is encrypted: by STARTTLS (RFC 3207), or from its first byte."""

    NONE = "none"  # never
    OPPORTUNISTIC = "opportunistic"  # where the server offers it, whoever it is; else in clear (RFC 7435)
    REQUIRED = "required"  # always, and the certificate must be right
    IMPLICIT = "implicit"  # the same from the first byte, as on port 465 (RFC 8314 section 3.3)

    @property
    def is_certain(self) -> bool:
        """Whether nobody but the right server can read what is said."""
        return self in (TlsPolicy.REQUIRED, TlsPolicy.IMPLICIT)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where something listens."""

    host: str  # name or address, without brackets
    port: int  # 0 to 65535

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine itself, so that nobody else can listen in."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_endpoint(text: str) -> Endpoint:
    """Read `host:port`; raises ValueError with a sentence that names what is wrong."""
    host, colon, port = text.strip().rpartition(":")
    if not colon or not host:
        raise ValueError(f"{text!r} is not host:port; write for example mail.example.com:25")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f"{text!r}: put the IPv6 address in brackets, for example [::1]:25")
    if any(character.isspace() or character in "/@<>" for character in host) or not host:
        raise ValueError(f"{text!r}: {host!r} is not a host name or address")
    if not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError(f"{text!r}: {port!r} is not a port; it is a number from 0 to 65535")
    return Endpoint(host=host, port=int(port))
