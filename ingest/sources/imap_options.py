"""The `[[ingest.imap]]` sections: mailboxes to read mail from.

Only options; reading is in imap.py.
"""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, model_validator

from domain.options import Options, Port, Secret


class ImapSecurity(StrEnum):
    """How the connection is encrypted."""

    TLS = "tls"  # from the first byte (RFC 8314)
    STARTTLS = "starttls"
    NONE = "none"  # only on one's own machine


class AfterTaking(StrEnum):
    """What becomes of a mail in the mailbox once it is stored here."""

    KEEP = "keep"
    MOVE = "move"
    DELETE = "delete"


class FirstLook(StrEnum):
    """What is taken from a folder that is seen for the first time."""

    ALL = "all"
    NEW = "new"  # only what comes from now on


class ImapOptions(Options):
    """One of `[[ingest.imap]]`."""

    host: str = Field(min_length=1, description="Name of the IMAP server.")
    port: Port = Field(default=993, description="993 for tls, 143 for starttls and none.")
    security: ImapSecurity = Field(default=ImapSecurity.TLS, description="tls, starttls or none.")
    authority: Path | None = Field(
        default=None, description="PEM file with certificates to trust besides the system's."
    )
    user: str = Field(min_length=1, description="Name to sign in with.")
    secret: Secret = Field(description='The password by reference, for example { env = "IMAP_PASSWORD" }.')
    folder: str = Field(default="INBOX", min_length=1, description="Folder to read.")
    first_look: FirstLook = Field(
        default=FirstLook.ALL,
        description="all: take what is there already. new: only what comes from now on.",
    )
    after: AfterTaking = Field(
        default=AfterTaking.KEEP, description="What becomes of a mail there once it is stored here."
    )
    move_to: str = Field(default="", description='Folder for after = "move"; made where it is missing.')
    poll_seconds: float = Field(
        default=300.0, gt=0, description="How often to look; a server with IDLE also tells at once."
    )
    max_size: int = Field(
        default=50 * 1024 * 1024, ge=1024, description="Larger mails are left where they are, in bytes."
    )

    @model_validator(mode="after")
    def _move_has_a_target(self) -> "ImapOptions":
        if (self.after is AfterTaking.MOVE) != bool(self.move_to):
            raise ValueError('after = "move" and move_to belong together; name the folder or leave both out')
        if self.move_to and self.move_to == self.folder:
            raise ValueError(f"move_to is the folder that is read, {self.folder}; name another")
        return self

    @property
    def label(self) -> str:
        """Which mailbox it is, for messages and as a key: stable as long as it is the same folder."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"
