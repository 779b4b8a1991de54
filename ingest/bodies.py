"""Which parts of a mail are its text and which are attachments (RFC 2046, RFC 2183, RFC 2387, RFC 1847).

Walks the tree that `mime` built; docs/reading.md says what counts as an attachment. Not for finding the
author's own words in the text.
"""

from domain.mail import SIGNATURE_TYPES, Attachment
from ingest.alternatives import best, true_form, without_twins
from ingest.calendars import calendar_text
from ingest.contents import Contents, Spare
from ingest.encoded_files import EncodedFile
from ingest.encoded_words import decode_value
from ingest.filenames import clean, declared_name
from ingest.mime import Part, Structure, take_apart
from ingest.opaque import PKCS7, Envelope, open_envelope
from ingest.packets import packet_text, show
from ingest.part_text import Body, part_bytes, part_text
from ingest.part_types import (
    APPLE_RESOURCE,
    PGP_VERSION,
    RTF,
    TEXT,
    is_envelope,
    is_file,
    is_form_of_text,
    is_packet,
    is_rights_managed,
    is_wrapper,
)
from ingest.rtf import read_rtf
from ingest.tnef import open_packet

_DEEPEST = 60
_MOST_ENVELOPES = 3
_MOST_PACKETS = 20
_MOST_IN_TEXT = 500  # attachments of a mail whose texts are still searched for files


def gather(structure: Structure) -> Contents:
    """The text and the attachments of a mail."""
    return gather_into(Contents(), structure)


def gather_into(contents: Contents, structure: Structure) -> Contents:
    """The same, into contents that may ask for the attachments' bytes too."""
    _Gatherer(structure, contents).bodies(structure.root, 0, contents.bodies)
    contents.bodies = without_twins(_filled(contents.bodies))
    if not contents.bodies:
        spare = _filled([contents.spare[kind] for kind in sorted(contents.spare)])
        contents.bodies = [contents.limited(body) for body in spare[:1]]
    return contents


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
            into.extend(best([self._option(child, depth) for child in part.children]))
        elif part.content_type == "multipart/related":
            self._related(part, depth, into)
        elif part.content_type == "multipart/encrypted":
            self._contents.encrypted = True
            for child in part.children:
                self._control(child) if child.content_type == PGP_VERSION else self._attach(child)
        else:
            self._contents.signed |= part.content_type == "multipart/signed"
            for child in part.children:
                self._mixed(child, part, depth, into)

    def _mixed(self, child: Part, parent: Part, depth: int, into: list[Body]) -> None:
        if child.content_type == APPLE_RESOURCE and parent.content_type == "multipart/appledouble":
            self._contents.parts.append(child)
        elif child.is_multipart and child.disposition.value == "attachment" and declared_name(child):
            self._attach(child)  # RFC 2183 section 2.8: it is attached as a whole
        else:
            self.bodies(child, depth + 1, into)

    def _option(self, part: Part, depth: int) -> list[Body]:
        option: list[Body] = []
        if is_form_of_text(part):  # such as an invitation for calendars: no file
            self._spare(part)
            self._contents.parts.append(part)
        else:
            self.bodies(part, depth + 1, option)
        return _filled(option)

    def _related(self, part: Part, depth: int, into: list[Body]) -> None:
        root = _root_of(part)
        for child in part.children:
            stray = child.content_type in TEXT and not (is_file(child) or child.raw("content-id"))
            if child is root or child.is_multipart or stray or is_packet(child) or is_envelope(child):
                self.bodies(child, depth + 1, into)
            else:
                self._contents.attach(self._structure, child, inline=_is_shown(child))

    def _flatten(self, part: Part, into: list[Body]) -> None:
        self._contents.note("parts are nested too deep: read one after the other")
        waiting = [part]
        while waiting:
            current = waiting.pop()
            if current.is_multipart:
                waiting.extend(reversed(current.children))
            else:
                self._leaf(current, into)

    def _leaf(self, part: Part, into: list[Body]) -> None:
        kind = part.content_type
        if is_envelope(part):
            content = part_bytes(self._structure, part)
            if not self._open(content, part.type.parameter("smime-type"), into):
                self._attach(part)
        elif is_packet(part):
            self._packet(part, into)
        elif is_wrapper(part) and self._enclosed < _MOST_ENVELOPES:
            self._enter(part_bytes(self._structure, part), into)
        elif self._is_body(part, into):
            self._say(part, into)
        elif kind in SIGNATURE_TYPES:
            self._contents.signed = True
            self._control(part)
        elif kind == PGP_VERSION:
            self._contents.encrypted = True
            self._control(part)
        else:
            self._file(part)

    def _control(self, part: Part) -> None:
        """A signature, or what goes with something encrypted: a file only where it is marked as one."""
        if is_file(part):
            self._attach(part)
        else:
            self._contents.parts.append(part)

    def _file(self, part: Part) -> None:
        self._contents.encrypted |= is_rights_managed(part.content_type, declared_name(part))
        if self._spare(part) and part is self._structure.root and not is_file(part):
            self._contents.parts.append(part)
        else:
            self._attach(part)

    def _spare(self, part: Part) -> bool:
        """Keep the words of a part that is no text, for a mail without any; whether there are some."""
        spare = self._contents.spare
        if part.content_type == "text/calendar":
            kind = Spare.INVITATION
            if kind not in spare:
                read = part_text(self._structure, part, most_files=0)
                spare[kind] = Body(text=calendar_text(read.body.text))
        elif part.content_type in TEXT and not declared_name(part):
            kind = Spare.MARKED_TEXT
            if kind not in spare:
                spare[kind] = part_text(self._structure, part, most_files=0).body
        elif part.content_type in RTF:
            kind = Spare.RICH_TEXT
            if kind not in spare:
                rich = read_rtf(part_bytes(self._structure, part))
                spare[kind] = Body(text=rich.text, html=rich.html)
        else:
            return False
        return bool(spare[kind].text.strip())

    def _attach(self, part: Part) -> None:
        shown = part.disposition.value == "inline" or (
            part.disposition.value != "attachment" and bool(part.raw("content-id"))
        )
        inline = part.content_type in SIGNATURE_TYPES or (shown and part.content_type.startswith("image/"))
        self._contents.attach(self._structure, part, inline=inline)

    def _open(self, content: bytes, smime_type: str, into: list[Body]) -> bool:
        """Show opaquely signed mail as what it holds; False for what stays shut and is a file."""
        opened = open_envelope(content, smime_type)
        if opened.envelope is Envelope.SIGNED and self._enclosed < _MOST_ENVELOPES:
            self._contents.signed = True
            self._contents.note("its signature was not checked")
            self._enter(opened.content, into)
            return True
        # Nobody looks into more envelopes than that: what lies there counts as encrypted.
        self._contents.encrypted |= opened.envelope in (Envelope.ENCRYPTED, Envelope.SIGNED)
        return False

    def _enter(self, mime: bytes, into: list[Body]) -> None:
        inside = take_apart(mime)
        _Gatherer(inside, self._contents, self._enclosed + 1).bodies(inside.root, 0, into)

    def _packet(self, part: Part, into: list[Body]) -> None:
        contents = self._contents
        contents.packets += 1
        packet = None
        if contents.packets <= _MOST_PACKETS:
            packet = open_packet(part_bytes(self._structure, part))
        if packet is None:
            contents.note("its winmail.dat cannot be read")
            self._attach(part)
            return
        shown = show(packet)
        if Spare.PACKET not in contents.spare:
            contents.spare[Spare.PACKET] = packet_text(packet)
        if packet.damaged:
            contents.note("its winmail.dat is damaged: some of it may be missing")
        if packet.damaged and not shown.attachments and not contents.spare[Spare.PACKET].text.strip():
            self._attach(part)
        else:
            contents.parts.append(part)
        contents.labels.extend(shown.labels)
        contents.means |= {shown.means} - {""}
        for attachment, content in shown.attachments:
            self._enclosed_file(attachment, content, into)

    def _enclosed_file(self, attachment: Attachment, content: bytes, into: list[Body]) -> None:
        """S/MIME travels in a packet as its only file; a clear signature as the whole MIME entity."""
        if attachment.content_type == "multipart/signed" and self._enclosed < _MOST_ENVELOPES:
            self._enter(content, into)
            return
        envelope = attachment.content_type in PKCS7 or attachment.name.lower().endswith("smime.p7m")
        if envelope and self._open(content, "", into):
            return
        self._contents.encrypted |= is_rights_managed(attachment.content_type, attachment.name)
        self._contents.add(attachment, content)

    def _is_body(self, part: Part, before: list[Body]) -> bool:
        if part.disposition.value == "attachment":
            # A mail that is nothing but this text, without a name: somebody's odd way to send text.
            return part is self._structure.root and part.content_type in TEXT and not declared_name(part)
        if part.content_type.startswith("multipart/"):
            return True  # no parts were found in it: its text is all there is
        if part.content_type not in TEXT:
            return False
        # Some clients name their body; a named text behind it is a file shown inline.
        return not before or not declared_name(part)

    def _say(self, part: Part, into: list[Body]) -> None:
        contents = self._contents
        encoded = part.raw("content-transfer-encoding").strip().lower() in (b"base64", b"quoted-printable")
        if part.content_type.startswith("multipart/") and encoded and self._enclosed < _MOST_ENVELOPES:
            # Forbidden by RFC 2045 section 6.4, and done.
            head = b"Content-Type: " + part.raw("content-type") + b"\n\n"
            self._enter(head + part_bytes(self._structure, part), into)
            return
        contents.parts.append(part)
        most = max(_MOST_IN_TEXT - len(contents.attachments), 0)
        read = part_text(self._structure, part, most if contents.room else 0)
        contents.note(read.defect)
        contents.encrypted |= read.encrypted
        contents.signed |= read.signed
        for file in read.files:
            contents.add(_attached(file))
        # An empty one too: a named text behind it is a file.
        into.append(contents.limited(true_form(read.body)))


def _is_shown(part: Part) -> bool:
    """Whether a part beside the root of a multipart/related is in the text; Apple puts files there too."""
    picture = part.content_type.startswith("image/")
    if part.disposition.value == "attachment":
        return picture and bool(part.raw("content-id"))
    return picture or not declared_name(part)


def _filled(bodies: list[Body]) -> list[Body]:
    return [body for body in bodies if body.text.strip()]


def _attached(file: EncodedFile) -> Attachment:
    name = clean(decode_value(file.name)) or "attachment.bin"
    return Attachment(name=name, content_type="application/octet-stream", size=file.size)


def _root_of(part: Part) -> Part:
    """The part of a multipart/related that the others belong to (RFC 2387 section 3.2)."""
    start = part.type.raw_parameter("start").strip(b"<> \t")
    named = (each for each in part.children if start and each.raw("content-id").strip(b"<> \t") == start)
    return next(named, part.children[0])
