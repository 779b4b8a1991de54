"""IP networks as they stand in the config, and whom we treat as one peer.

Opens no connection and knows nothing of mail.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated

from pydantic import BeforeValidator

Address = IPv4Address | IPv6Address

# Loopback, private and link-local ranges (RFC 1918, RFC 4193, RFC 3927, RFC 4291): a relay in a company.
PRIVATE_NETWORKS = (
    "127.0.0.0/8",
    "::1/128",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
)

_LOWER_HALF = (1 << 64) - 1


def parse_network(written: object) -> IPv4Network | IPv6Network:
    """A network as people write it; raises ValueError with a sentence that says what is wrong."""
    try:
        return ip_network(str(written))
    except ValueError:
        pass
    try:
        meant = ip_network(str(written), strict=False)
    except ValueError:
        raise ValueError(f"{str(written)!r} is not a network; write for example 10.0.0.0/8") from None
    raise ValueError(f"{str(written)!r} names one host in a network; write {meant}")


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(parse_network)]


def parse_address(written: str) -> Address | None:
    """The address of a socket or proxy, IPv4 where it is one in an IPv6 socket; None where it is none."""
    try:
        address = ip_address(written.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def is_within(address: Address | None, networks: tuple[Network, ...]) -> bool:
    """Whether the address is in one of the networks; an unknown one never is."""
    return address is not None and any(address in network for network in networks)


def neighbourhood(address: Address | None) -> int:
    """A number for all addresses that one peer has at hand: of IPv6 a /64, since a host may choose in it."""
    if address is None:
        return -1
    return int(address) & ~_LOWER_HALF if isinstance(address, IPv6Address) else int(address)
