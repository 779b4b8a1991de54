"""What every archive offers: its mails in a fixed order, how far it has been read, what it left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from domain.mail import RawMail


@dataclass(frozen=True, kw_only=True)
class ArchivedMail:
    """A mail from an archive."""

    raw: RawMail
    name: str  # file name relative to the folder, or "mbox-name#number" counted from 1
    end: int  # bytes read so far, this mail included: where an import goes on


class Archive(Protocol):
    """An opened archive. Iterating reads it from `start` on and may be done more than once."""

    form: str  # "mbox", "maildir", "eml folder", "eml"
    defects: list[str]  # sentences on what could not be read, known when the iteration has ended

    @property
    def total_bytes(self) -> int:
        """How much there is to read, for showing progress; an estimate where it is compressed."""

    def __iter__(self) -> Iterator[ArchivedMail]:
        """The mails in a fixed order. Raises SourceError where the archive breaks off."""
