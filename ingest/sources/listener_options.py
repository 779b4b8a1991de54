"""What `[ingest.smtp]` and `[ingest.lmtp]` have in common: where to listen, who may send, how much.

Only options; the dialogue is in smtp_session.py.
"""

from pathlib import Path

from pydantic import Field, field_validator, model_validator

from domain.endpoint import Endpoint, parse_endpoint
from domain.options import Options
from ingest.sources.networks import PRIVATE_NETWORKS, Network
from ingest.sources.smtp_limits import RateLimitOptions
from ingest.sources.smtp_security import SmtpUser, TlsMode, TlsOptions


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
    max_sessions_per_peer: int = Field(
        default=50, ge=1, description="Most connections at a time of one peer that is not exempt from limits."
    )
    rate_limit: RateLimitOptions = Field(
        default=RateLimitOptions(), description="How much one peer may send, and guess, in a while."
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
    xclient_from: tuple[Network, ...] = Field(
        default=(), description="Mail servers in front that tell the real peer by XCLIENT; they need not."
    )
    tls: TlsOptions | None = Field(default=None, description="Certificate for encrypted connections.")
    users: tuple[SmtpUser, ...] = Field(
        default=(), description="Who may send from outside allowed_networks, by password over TLS."
    )
    password_file: Path | None = Field(
        default=None, description="More of them: a file with a line of `unchain password` for each."
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
        if (self.users or self.password_file) and self.tls is None:
            raise ValueError("users need a tls section beside them: a password is only taken over TLS")
        if self.trusted_proxies and self.tls is not None and self.tls.mode is TlsMode.IMPLICIT:
            raise ValueError('trusted_proxies does not go with tls.mode = "implicit"; write "starttls"')
        return self

    @property
    def endpoint(self) -> Endpoint:
        """Where to listen."""
        return parse_endpoint(self.listen)

    @property
    def exempt_networks(self) -> tuple[Network, ...]:
        """Whom no limits apply to; those who speak for others are told apart by whom they speak for."""
        exempt = self.rate_limit.exempt
        return (self.allowed_networks if exempt is None else exempt) + self.xclient_from
