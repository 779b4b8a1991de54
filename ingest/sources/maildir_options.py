"""The `[[ingest.maildir]]` sections: Maildirs on this machine to take mail from as it comes.

Only options; watching is in maildir_watch.py.
"""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from domain.options import Options
from ingest.sources.imap_options import AfterTaking


class MaildirOptions(Options):
    """One of `[[ingest.maildir]]`."""

    path: Path = Field(description="The Maildir: the folder with new, cur and tmp in it.")
    after: AfterTaking = Field(
        default=AfterTaking.KEEP, description="What becomes of a mail there once it is stored here."
    )
    move_to: Path | None = Field(
        default=None,
        description='Maildir for after = "move", on the same file system; made where it is missing.',
    )
    poll_seconds: float = Field(
        default=10.0,
        gt=0,
        le=3600,
        description="How often to look besides; some file systems do not tell of changes.",
    )
    max_size: int = Field(
        default=50 * 1024 * 1024, ge=1024, description="Larger mails are left where they are, in bytes."
    )

    @model_validator(mode="after")
    def _move_has_a_target(self) -> Self:
        if (self.after is AfterTaking.MOVE) != (self.move_to is not None):
            raise ValueError('after = "move" and move_to belong together; name the Maildir or leave both out')
        if self.move_to == self.path:
            raise ValueError(f"move_to is the Maildir that is read, {self.path}; name another")
        return self
