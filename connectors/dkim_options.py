"""The `[outbound.dkim]` section: by which key our own mails are signed (RFC 6376).

Only options, which cost nothing to import; signing is in dkim_signing.py.
"""

import re
from enum import StrEnum
from pathlib import Path

from pydantic import Field, field_validator

from domain.options import Options

_LABELS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_-]{1,63}){0,20}")


class DkimAlgorithm(StrEnum):
    """How mails are signed."""

    RSA = "rsa-sha256"  # what every verifier knows
    ED25519 = "ed25519-sha256"  # RFC 8463; many verifiers do not know it yet


class DkimOptions(Options):
    """`[outbound.dkim]`: signing the mails that Unchain writes itself."""

    domain: str = Field(description="Domain that signs: that of Unchain's own address, or one above it.")
    selector: str = Field(description="Names the key among those of the domain, for example unchain2026.")
    key: Path = Field(description="File with the private key: PEM, or bare base64 for Ed25519.")
    algorithm: DkimAlgorithm = Field(
        default=DkimAlgorithm.RSA, description="rsa-sha256, which every verifier knows, or ed25519-sha256."
    )

    @field_validator("domain", "selector")
    @classmethod
    def _fits_into_dns(cls, name: str) -> str:
        if not _LABELS.fullmatch(name):
            raise ValueError(f"{name!r} is not a name in the DNS; write for example example.com")
        return name.lower()

    @property
    def record_name(self) -> str:
        """Where verifiers look for the public key."""
        return f"{self.selector}._domainkey.{self.domain}"

    def covers(self, address: str) -> bool:
        """Whether a signature counts for a From address (DMARC's relaxed alignment, RFC 7489 3.1.1)."""
        domain = address.rpartition("@")[2].lower()
        return domain == self.domain or domain.endswith(f".{self.domain}")
