"""The `[ingest.smtp]` section: a listener, and where mail goes on to.

Only options; the server is in smtp.py.
"""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from domain.endpoint import Endpoint, TlsPolicy, parse_endpoint
from domain.options import Secret
from ingest.sources.listener_options import ListenerOptions
from ingest.sources.oauth2 import Oauth2Options


class SmtpMode(StrEnum):
    """What becomes of an accepted mail besides being read."""

    RELAY = "relay"  # the original goes on to the next hop
    JOURNAL = "journal"  # we get copies; nothing goes on


class SmtpOptions(ListenerOptions):
    """The `[ingest.smtp]` section."""

    mode: SmtpMode = Field(
        default=SmtpMode.RELAY,
        description="relay: mail goes on to next_hop. journal: we get copies and nothing goes on.",
    )
    next_hop: str | tuple[str, ...] = Field(
        description="host:port of the mail server that gets what we send; of several, the first to answer.",
    )
    next_hop_tls: TlsPolicy = Field(
        default=TlsPolicy.OPPORTUNISTIC,
        description="opportunistic: encrypted where next_hop offers it. required: always. "
        "implicit: always, from the first byte, as on port 465. none: never.",
    )
    next_hop_authority: Path | None = Field(
        default=None, description="PEM file with certificates to trust besides the system's, for next_hop."
    )
    next_hop_user: str = Field(default="", description="Name to sign in with at next_hop, where it asks.")
    next_hop_password: Secret | None = Field(
        default=None, description='Its password by reference, for example { env = "NEXT_HOP_PASSWORD" }.'
    )
    next_hop_oauth2: Oauth2Options | None = Field(
        default=None, description="Signing in at next_hop by OAuth2 instead of a password."
    )
    processes: int = Field(
        default=1,
        ge=1,
        le=64,
        description="How many processes take mail on this port, and on the LMTP port; more use more cores.",
    )

    @model_validator(mode="after")
    def _several_share_a_known_port(self) -> "SmtpOptions":
        if self.processes > 1 and self.endpoint.port == 0:
            raise ValueError("several processes need a port that they can share; port 0 gives each its own")
        return self

    @field_validator("next_hop")
    @classmethod
    def _next_hop_is_an_endpoint(cls, next_hop: str | tuple[str, ...]) -> tuple[str, ...]:
        hops = (next_hop,) if isinstance(next_hop, str) else next_hop
        if not hops:
            raise ValueError('next_hop is empty; write for example next_hop = "mail.example.com:25"')
        return tuple(str(parse_endpoint(hop)) for hop in hops)

    @model_validator(mode="after")
    def _password_stays_secret(self) -> "SmtpOptions":
        proofs = sum(proof is not None for proof in (self.next_hop_password, self.next_hop_oauth2))
        if proofs != bool(self.next_hop_user):
            raise ValueError(
                "next_hop_user belongs together with one of next_hop_password and next_hop_oauth2; "
                "write both or neither"
            )
        far = [str(hop) for hop in self.next_hops if not hop.is_loopback]
        if self.next_hop_user and far and not self.next_hop_tls.is_certain:
            raise ValueError(
                f"the password for {far[0]} only goes over TLS to a server whose certificate is right; "
                'write next_hop_tls = "required"'
            )
        return self

    @property
    def next_hops(self) -> tuple[Endpoint, ...]:
        """Where the originals, in relay mode, and our own mails go on to, in order of preference."""
        hops = (self.next_hop,) if isinstance(self.next_hop, str) else self.next_hop
        return tuple(parse_endpoint(hop) for hop in hops)
