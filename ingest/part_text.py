"""The text of one part: from its bytes through transfer encoding, charset, flowed lines and OpenPGP's armour.

Not for choosing which parts are a mail's text; `bodies` does.
"""

import re
from dataclasses import dataclass

from ingest.armour import free, is_encrypted, is_encrypted_html
from ingest.charsets import decode
from ingest.encoded_files import EncodedFile, lift_files
from ingest.mime import Part, Structure
from ingest.transfer import decode_transfer, decode_unlabelled, unflow

# What is read of a mail's text, so that none takes a worker more than a second.
LONGEST_TEXT = 1_100_000
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
_ENRICHED_TAG = re.compile(r"<[^<>\n]{0,60}>")


@dataclass(frozen=True, kw_only=True)
class Body:
    """A run of text: `html` says how it is marked up."""

    text: str
    html: bool = False


@dataclass(frozen=True, kw_only=True)
class PartText:
    """What a text part says, and what else was found in it."""

    body: Body
    files: tuple[EncodedFile, ...] = ()  # written into the text
    encrypted: bool = False
    signed: bool = False
    defect: str = ""


def part_bytes(structure: Structure, part: Part) -> bytes:
    """What a part holds, decoded from its transfer encoding."""
    encoding = part.raw("content-transfer-encoding").decode("ascii", "replace")
    return decode_transfer(structure.body(part), encoding.partition(";")[0])


def part_text(structure: Structure, part: Part, most_files: int) -> PartText:
    """Read a part as text, with LF line ends; at most `most_files` are looked for in it."""
    content = part_bytes(structure, part)
    if not part.raw("content-transfer-encoding"):
        content = decode_unlabelled(content)
    html = part.content_type == "text/html"
    content, files = (content, []) if html else lift_files(content, most_files)
    content = content[: 4 * LONGEST_TEXT]  # no charset needs more bytes
    charset = part.type.raw_parameter("charset").decode("ascii", "replace")
    if not charset and html:
        meta = _META_CHARSET.search(content[:2_000])
        charset = meta[1].decode("ascii") if meta else ""
    decoded = decode(content, charset or None)
    defect = f"text: {decoded.defect}" if decoded.defect else ""
    text = decoded.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if html:
        return PartText(body=Body(text=text, html=True), encrypted=is_encrypted_html(text), defect=defect)
    if part.content_type == "text/plain" and part.type.parameter("format").strip().lower() == "flowed":
        text = unflow(text, delsp=part.type.parameter("delsp"))
    freed = free(text)
    return PartText(
        body=text_body(part.content_type, freed.text),
        files=tuple(files),
        encrypted=is_encrypted(text),
        signed=freed.signed,
        defect=defect,
    )


def text_body(content_type: str, text: str) -> Body:
    """A text as a body; enriched text (RFC 1896) loses its marks."""
    if content_type == "text/html":
        return Body(text=text, html=True)
    if content_type in ("text/enriched", "text/richtext"):
        return Body(text=_ENRICHED_TAG.sub("", text.replace("<<", "\x00")).replace("\x00", "<"))
    return Body(text=text)
