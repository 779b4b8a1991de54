"""The `[[ingest.imap]]` sections: mailboxes to read mail from.

Only options; reading is in imap.py.
"""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from domain.endpoint import Endpoint
from domain.options import Options, Port, Secret
from ingest.sources.oauth2 import Oauth2Options


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
    secret: Secret | None = Field(
        default=None, description='The password by reference, for example { env = "IMAP_PASSWORD" }.'
    )
    oauth2: Oauth2Options | None = Field(
        default=None, description="Signing in by OAuth2 instead, as Microsoft 365 and Google ask for."
    )
    folder: str | tuple[str, ...] = Field(
        default="INBOX",
        description="Folder to read, or several; * stands for any letters, % for any but the separator.",
    )
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
        if self.move_to and self.move_to in self.folders:
            raise ValueError(f"move_to is a folder that is read, {self.move_to}; name another")
        return self

    @model_validator(mode="after")
    def _signs_in_by_one_means(self) -> "ImapOptions":
        if (self.secret is None) == (self.oauth2 is None):
            raise ValueError("a mailbox needs either secret, its password, or oauth2")
        if self.oauth2 is not None and self.security is ImapSecurity.NONE and not self._endpoint.is_loopback:
            raise ValueError('a token only goes over an encrypted connection; write security = "tls"')
        return self

    @field_validator("folder")
    @classmethod
    def _names_a_folder(cls, folder: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if not folder or not all(folder):
            raise ValueError('folder is empty; write for example folder = "INBOX"')
        return folder

    @property
    def _endpoint(self) -> Endpoint:
        return Endpoint(host=self.host, port=self.port)

    @property
    def folders(self) -> tuple[str, ...]:
        """The names and patterns of the folders to read, each once."""
        return (self.folder,) if isinstance(self.folder, str) else tuple(dict.fromkeys(self.folder))

    def of(self, folder: str) -> "ImapOptions":
        """The same for one of its folders only."""
        return self.model_copy(update={"folder": folder})

    @property
    def label(self) -> str:
        """Which mailbox it is, for messages and as a key: stable as long as it is the same folder."""
        return f"{self.user}@{self.host}:{self.port}/{', '.join(self.folders)}"
