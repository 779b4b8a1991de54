"""What `[ingest.smtp]` and `[ingest.lmtp]` have in common: where to listen, who may send, how much.

Only options; the dialogue is in smtp_session.py.
"""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator, model_validator

from domain.endpoint import Endpoint, parse_endpoint
from domain.options import Options
from ingest.sources.smtp_security import SmtpUser, TlsMode, TlsOptions

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


class ListenerOptions(Options):
    """What every section of a server has that takes mail."""

    listen: str = Field(
        default="127.0.0.1:8025", description="host:port to listen on; port 0 takes a free one."
    )
    hostname: str = Field(
        default="", description="Our name in the SMTP dialogue; empty: this machine's name."
    )
    allowed_networks: tuple[Network, ...] = Field(
        default=PRIVATE_NETWORKS,
        validate_default=True,
        description="Networks whose hosts may send; anyone else is refused. Default: loopback and private.",
    )
    max_size: int = Field(default=50 * 1024 * 1024, ge=1024, description="Largest mail taken, in bytes.")
    max_recipients: int = Field(
        default=1000, ge=100, description="Most recipients of one mail (RFC 5321: 100 at least)."
    )
    max_sessions: int = Field(
        default=500, ge=1, description="Most connections at a time; more are told to come back."
    )
    hop_limit: int = Field(
        default=50,
        ge=5,
        description="A mail with more Received lines than this goes round in circles: refused.",
    )
    timeout: float = Field(
        default=300.0, gt=0, description="Seconds after which a silent peer is disconnected."
    )

    trusted_proxies: tuple[Network, ...] = Field(
        default=(),
        description="Load balancers that tell the real peer by the PROXY protocol; from them it is a must.",
    )
    tls: TlsOptions | None = Field(default=None, description="Certificate for encrypted connections.")
    users: tuple[SmtpUser, ...] = Field(
        default=(), description="Who may send from outside allowed_networks, by password over TLS."
    )

    @field_validator("listen")
    @classmethod
    def _listen_is_an_endpoint(cls, listen: str) -> str:
        return str(parse_endpoint(listen))

    @field_validator("hostname")
    @classmethod
    def _hostname_fits_the_dialogue(cls, hostname: str) -> str:
        if not hostname.isascii() or any(c.isspace() or not c.isprintable() for c in hostname):
            raise ValueError(f"{hostname!r} is not a host name; write for example relay.example.com")
        return hostname

    @model_validator(mode="after")
    def _security_fits_together(self) -> "ListenerOptions":
        if self.users and self.tls is None:
            raise ValueError("users need a tls section beside them: a password is only taken over TLS")
        if self.trusted_proxies and self.tls is not None and self.tls.mode is TlsMode.IMPLICIT:
            raise ValueError('trusted_proxies does not go with tls.mode = "implicit"; write "starttls"')
        return self

    @property
    def endpoint(self) -> Endpoint:
        """Where to listen."""
        return parse_endpoint(self.listen)
