"""What a mail holds, while it is gathered: text, attachments, and what they say about the mail."""

from dataclasses import dataclass, field
from enum import IntEnum

from domain.mail import Attachment
from ingest.filenames import file_name
from ingest.mime import Part, Structure
from ingest.part_text import LONGEST_TEXT, Body, part_bytes

MOST_ATTACHMENTS = 5_000


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The bytes of an attachment, for those who want more of it than its name."""

    content: bytes
    content_id: str  # RFC 2392, without angle brackets; "" where it has none


class Spare(IntEnum):
    """Where text comes from in a mail that has no text part; the first that is there is taken."""

    MARKED_TEXT = 0  # marked as an attachment, but without a name
    PACKET = 1  # winmail.dat
    INVITATION = 2
    RICH_TEXT = 3


@dataclass(kw_only=True)
class Contents:
    """What a mail holds, while it is gathered."""

    bodies: list[Body] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)  # all leaves, in order
    encrypted: bool = False
    signed: bool = False
    labels: list[str] = field(default_factory=list)  # of sensitivity, from inside a winmail.dat
    means: set[str] = field(default_factory=set)  # MIME types that a winmail.dat stands for
    spare: dict[Spare, Body] = field(default_factory=dict)  # the first of each kind, even if it is empty
    packets: int = 0  # how many winmail.dat were opened
    room: int = LONGEST_TEXT  # characters of text that may still be added
    defects: list[str] = field(default_factory=list)
    kept: dict[int, Kept] | None = None  # by place among the attachments; None: nobody asks for bytes

    def note(self, defect: str) -> None:
        """Remember what is wrong, once."""
        if defect and defect not in self.defects:
            self.defects.append(defect)

    def limited(self, body: Body) -> Body:
        """A body cut to the room that is left: nobody wrote more by hand; the raw mail keeps it whole."""
        kept = body.text[: self.room]
        self.room -= len(kept)
        if len(kept) < len(body.text):
            self.note(f"its text is longer than {LONGEST_TEXT:,} characters")
            return Body(text=kept, html=body.html)
        return body

    def attach(self, structure: Structure, part: Part, *, inline: bool) -> None:
        """Add a part, or all parts of a multipart, to the attachments."""
        waiting = [part]
        while waiting:
            current = waiting.pop()
            if current.is_multipart:
                waiting.extend(reversed(current.children))
                continue
            self.parts.append(current)
            content = part_bytes(structure, current)
            self.add(
                Attachment(
                    name=file_name(current, content),
                    content_type=current.content_type,
                    size=len(content),
                    inline=inline,
                ),
                content,
                current.raw("content-id").decode("ascii", "replace").strip(" \t<>"),
            )

    def add(self, attachment: Attachment, content: bytes | None = None, content_id: str = "") -> None:
        """Add one; nobody sends more than MOST_ATTACHMENTS."""
        if len(self.attachments) < MOST_ATTACHMENTS:
            if self.kept is not None and content is not None:
                self.kept[len(self.attachments)] = Kept(content=content, content_id=content_id)
            self.attachments.append(attachment)
        else:
            self.note(f"it has more than {MOST_ATTACHMENTS:,} attachments")
