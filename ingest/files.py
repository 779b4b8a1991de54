"""The files that came with a mail, whole: for pages and connectors that show more than their names.

Which attachments a mail has is read as in `parse`; nothing here is kept. Not for deciding who may see them.
"""

import re

from domain.mail import Attachment
from domain.publication import File
from ingest.bodies import gather_into
from ingest.contents import Contents, Kept
from ingest.mime import take_apart

UNKNOWN_TYPE = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")  # RFC 6838


def files_of(content: bytes) -> tuple[File | None, ...]:
    """The files of a raw mail in the order in which their names are shown; signatures are none.

    None stands for a file that is only known by name, as one that was written into the text. A mail that is
    encrypted in any part gives none.
    """
    contents = gather_into(Contents(kept={}), take_apart(content))
    kept = {} if contents.encrypted or contents.kept is None else contents.kept
    return tuple(
        _file(attachment, kept.get(place))
        for place, attachment in enumerate(contents.attachments)
        if not attachment.is_signature
    )


def _file(attachment: Attachment, kept: Kept | None) -> File | None:
    if kept is None:
        return None
    known = _MEDIA_TYPE.fullmatch(attachment.content_type) is not None
    return File(
        name=attachment.name,
        media_type=attachment.content_type if known else UNKNOWN_TYPE,
        content=kept.content,
        content_id=kept.content_id if attachment.inline else "",
    )
