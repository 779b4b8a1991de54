"""Which parts of a mail are its text and which are attachments (RFC 2046, RFC 2183, RFC 2387, RFC 1847).

Walks the tree that `mime` built. Not for finding the author's own words in the text.
"""

import re
from dataclasses import dataclass, field

from domain.mail import Attachment
from ingest.armour import free, is_encrypted
from ingest.charsets import decode
from ingest.filenames import file_name, has_name
from ingest.mime import Part, Structure, take_apart
from ingest.opaque import PKCS7, Envelope, open_envelope
from ingest.transfer import decode_transfer, unflow

_TEXT = frozenset(
    {"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown"}
)
_SIGNATURES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
_ENRICHED_TAG = re.compile(r"<[^<>\n]{0,60}>")
_SEE_HTML = re.compile(r"\b(html|browser|navigateur)\b", re.IGNORECASE)
_DEEPEST = 60
_MOST_ENVELOPES = 3
# What is read of a mail's text, so that none takes a worker more than a second.
LONGEST_TEXT = 1_100_000
# A plain alternative shorter than this may be a mere pointer to the HTML beside it.
_STUB = 300


@dataclass(frozen=True, kw_only=True)
class Body:
    """A run of text: `html` says how it is marked up."""

    text: str
    html: bool = False


@dataclass(kw_only=True)
class Contents:
    """What a mail holds, while it is gathered."""

    bodies: list[Body] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)  # all leaves, in order
    encrypted: bool = False
    signed: bool = False
    room: int = LONGEST_TEXT  # characters of text that may still be added
    defects: list[str] = field(default_factory=list)


def gather(structure: Structure) -> Contents:
    """The text and the attachments of a mail."""
    contents = Contents()
    _Gatherer(structure, contents).bodies(structure.root, 0, contents.bodies)
    return contents


def part_bytes(structure: Structure, part: Part) -> bytes:
    """What a part holds, decoded from its transfer encoding."""
    encoding = part.raw("content-transfer-encoding").decode("ascii", "replace")
    return decode_transfer(structure.body(part), encoding.partition(";")[0])


class _Gatherer:
    def __init__(self, structure: Structure, contents: Contents, enclosed: int = 0) -> None:
        self._structure = structure
        self._contents = contents
        self._enclosed = enclosed  # how many envelopes it lies in

    def bodies(self, part: Part, depth: int, into: list[Body]) -> None:
        """Add a part's text to `into`, and all else that it holds to the attachments."""
        if depth > _DEEPEST:
            self._flatten(part, into)
        elif not part.is_multipart:
            self._leaf(part, into)
        elif part.content_type == "multipart/alternative":
            into.extend(self._best([self._option(child, depth) for child in part.children]))
        elif part.content_type == "multipart/encrypted":
            self._contents.encrypted = True
            for child in part.children:
                self._attach(child, inline=False)
        else:
            if part.content_type == "multipart/signed":
                self._contents.signed = True
            related = part.content_type == "multipart/related"
            for number, child in enumerate(part.children):
                if related and number and not child.is_multipart:
                    self._attach(child, inline=True)
                else:
                    self.bodies(child, depth + 1, into)

    def _option(self, part: Part, depth: int) -> list[Body]:
        option: list[Body] = []
        if part.is_multipart or part.content_type in _TEXT or has_name(part):
            self.bodies(part, depth + 1, option)
        else:  # another form of the text, such as an invitation for calendars: no file
            self._contents.parts.append(part)
        return option

    def _flatten(self, part: Part, into: list[Body]) -> None:
        if "nested too deep" not in " ".join(self._contents.defects):
            self._contents.defects.append("parts are nested too deep: read one after the other")
        waiting = [part]
        while waiting:
            current = waiting.pop()
            if current.is_multipart:
                waiting.extend(reversed(current.children))
            else:
                self._leaf(current, into)

    def _leaf(self, part: Part, into: list[Body]) -> None:
        if part.content_type in PKCS7 and self._enclosed < _MOST_ENVELOPES:
            self._envelope(part, into)
        elif self._is_body(part, into):
            text = self._text(part)
            if text.strip():
                into.append(text_body(part.content_type, self._limited(text)))
        elif part.content_type in _SIGNATURES:
            self._contents.signed = True
            self._contents.parts.append(part)
        else:
            inline = part.disposition.value == "inline" and part.content_type.startswith("image/")
            self._attach(part, inline=inline)

    def _limited(self, text: str) -> str:
        """Nobody wrote a longer text by hand; the raw mail keeps it whole."""
        kept = text[: self._contents.room]
        self._contents.room -= len(kept)
        if len(kept) < len(text):
            self._contents.defects.append(f"its text is longer than {LONGEST_TEXT:,} characters")
        return kept

    def _envelope(self, part: Part, into: list[Body]) -> None:
        """Opaquely signed mail is shown as what it holds; encrypted mail stays shut."""
        opened = open_envelope(part_bytes(self._structure, part), part.type.parameter("smime-type"))
        if opened.envelope is Envelope.SIGNED:
            self._contents.signed = True
            self._contents.defects.append("its signature was not checked")
            inside = take_apart(opened.content)
            _Gatherer(inside, self._contents, self._enclosed + 1).bodies(inside.root, 0, into)
            return
        self._contents.encrypted |= opened.envelope is Envelope.ENCRYPTED
        self._attach(part, inline=False)

    def _is_body(self, part: Part, before: list[Body]) -> bool:
        if part.disposition.value == "attachment":
            return False
        if part.content_type.startswith("multipart/"):
            return True  # no parts were found in it: its text is all there is
        if part.content_type not in _TEXT:
            return False
        # Some clients name their body; a named text behind it is a file shown inline.
        return not before or not has_name(part)

    def _text(self, part: Part) -> str:
        self._contents.parts.append(part)
        content = part_bytes(self._structure, part)[: 4 * LONGEST_TEXT]  # no charset needs more bytes
        charset = part.type.raw_parameter("charset").decode("ascii", "replace")
        if not charset and part.content_type == "text/html":
            meta = _META_CHARSET.search(content[:2_000])
            charset = meta[1].decode("ascii") if meta else ""
        decoded = decode(content, charset or None)
        if decoded.defect:
            self._contents.defects.append(f"text: {decoded.defect}")
        text = decoded.text
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if part.content_type == "text/plain" and part.type.parameter("format").strip().lower() == "flowed":
            text = unflow(text, delsp=part.type.parameter("delsp"))
        self._contents.encrypted |= is_encrypted(text)
        freed = free(text)
        self._contents.signed |= freed.signed
        return freed.text

    def _attach(self, part: Part, *, inline: bool) -> None:
        waiting = [part]
        while waiting:
            current = waiting.pop()
            if current.is_multipart:
                waiting.extend(reversed(current.children))
                continue
            self._contents.parts.append(current)
            content = part_bytes(self._structure, current)
            attachment = Attachment(
                name=file_name(current, content),
                content_type=current.content_type,
                size=len(content),
                inline=inline,
            )
            self._contents.attachments.append(attachment)

    @staticmethod
    def _best(options: list[list[Body]]) -> list[Body]:
        """The plain alternative unless it is empty or only points to the HTML."""
        filled = [option for option in options if option]
        plain = next((option for option in filled if not option[0].html), None)
        html = next((option for option in reversed(filled) if option[0].html), None)
        if plain is None or html is None:
            return plain or html or []
        return html if _is_stub(plain, html) else plain


def text_body(content_type: str, text: str) -> Body:
    """A text as a body; enriched text (RFC 1896) loses its marks."""
    if content_type == "text/html":
        return Body(text=text, html=True)
    if content_type in ("text/enriched", "text/richtext"):
        return Body(text=_ENRICHED_TAG.sub("", text.replace("<<", "\x00")).replace("\x00", "<"))
    return Body(text=text)


def _is_stub(plain: list[Body], html: list[Body]) -> bool:
    text = "\n".join(body.text for body in plain).strip()
    if len(text) >= _STUB:
        return False
    markup = sum(len(body.text) for body in html)
    return markup > 20 * (len(text) + 50) and (len(text) < 20 or _SEE_HTML.search(text) is not None)
