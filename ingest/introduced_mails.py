"""Who wrote a mail, when and about what, as a header or an attribution in another mail tells.

Takes what header_blocks.py, groupware_headers.py and attributions.py found; decides nothing about the text.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from domain.mail import Address, Forwarded
from ingest.attributions import Attribution
from ingest.header_blocks import HeaderBlock
from ingest.phrases import Phrases
from ingest.text_lines import TextLines, stripped_rule
from ingest.written_dates import Order, read_written
from ingest.written_people import read_introduced, read_person

LONGEST_SUBJECT = 1_000
_ENGLISH = ("from", "sent")
_LABEL_END = re.compile(r"[ :*|]")
_FROM = (" from", " von", " de", " da", " от", " od", " fra", " från", " van")


def introduced_mail(
    introduction: Attribution | HeaderBlock, lines: TextLines, table: Phrases, latest: datetime
) -> Forwarded:
    """The mail that an introduction tells of; `latest` is the date of the mail that the text is in."""
    told = lines.plain[introduction.start : introduction.end]
    if isinstance(introduction, HeaderBlock):
        roles = introduction.roles
        order = Order.UNKNOWN if _is_english(told, table) else Order.DAY_FIRST
        return Forwarded(
            sender=read_person(roles.get("from", "")) if roles else _named_in(told[0], table),
            date=read_written(roles.get("sent", ""), latest=latest, order=order),
            subject=roles.get("subject", "").strip(" *_")[:LONGEST_SUBJECT],
        )
    text = " ".join(told)
    order = Order.UNKNOWN if text.lower().startswith("on ") else Order.DAY_FIRST
    return Forwarded(sender=read_introduced(text, table), date=read_written(text, latest=latest, order=order))


def _named_in(separator: str, table: Phrases) -> Address:
    """The author whom a separator names, "----- Forwarded message from Anna Berg <…> -----"."""
    bare = stripped_rule(separator)
    lower = bare.lower()
    phrase = next((found for found in table.forwarded_starts if lower.startswith(found)), "")
    return read_person(bare[len(phrase) :]) if phrase.endswith(_FROM) else Address(email="")


def _is_english(lines: Sequence[str], table: Phrases) -> bool:
    """Whether a header's labels are English, as Gmail's are but for the first, or there are none."""
    labels = [_LABEL_END.split(line.strip("* _"), maxsplit=1)[0].lower() for line in lines]
    if any(label in _ENGLISH for label in labels) or not any(label in table.headers for label in labels):
        return True
    return "subject" in labels and not any(table.headers.get(label) == "from" for label in labels)
