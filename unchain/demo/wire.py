"""Puts a written letter on the wire: header fields, MIME parts, encodings (RFC 5322, 2045, 2047, 2231)."""

import base64
import quopri
from dataclasses import dataclass
from email.header import Header
from email.utils import encode_rfc2231, format_datetime, formataddr

from unchain.demo import attachments
from unchain.demo.clients.layout import token
from unchain.demo.clients.letter import Body, Letter, Mailbox, Written
from unchain.demo.script import AttachmentScript


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A mail as header fields and body bytes; what broken.py damages."""

    fields: tuple[tuple[str, bytes], ...]
    body: bytes

    def render(self) -> bytes:
        """The mail's bytes."""
        head = b"".join(name.encode("ascii") + b": " + value + b"\r\n" for name, value in self.fields)
        return head + b"\r\n" + self.body


def sheet(written: Written, further: tuple[tuple[str, str], ...]) -> Sheet:
    """The mail of a letter; `further` are the script's own header fields."""
    letter, body = written.letter, written.body
    content_type, encoding, content = _content(letter, body)
    fields = [
        ("From", _mailboxes((letter.sender,), "From", body.charset)),
        ("To", _mailboxes(letter.to, "To", body.charset)),
        *([("Cc", _mailboxes(letter.cc, "Cc", body.charset))] if letter.cc else []),
        ("Subject", _words(letter.subject, "Subject", body.charset)),
        ("Date", format_datetime(letter.sent_at).encode("ascii")),
        *([("Message-ID", f"<{written.message_id}>".encode())] if written.message_id else []),
        *_threading(written),
        *((name, _words(value, name, body.charset)) for name, value in (*body.headers, *further)),
        ("MIME-Version", b"1.0"),
        ("Content-Type", content_type.encode("ascii")),
        *([("Content-Transfer-Encoding", encoding.encode("ascii"))] if encoding else []),
    ]
    return Sheet(fields=tuple(fields), body=content)


def _threading(written: Written) -> list[tuple[str, bytes]]:
    parent = written.letter.parent
    if parent is None or not written.references:
        return []
    answered = parent.message_id or written.references[-1]
    references = "\r\n ".join(f"<{one}>" for one in written.references)
    return [("In-Reply-To", f"<{answered}>".encode()), ("References", references.encode())]


def _content(letter: Letter, body: Body) -> tuple[str, str, bytes]:
    """Content-Type, Content-Transfer-Encoding ("" for multiparts) and the bytes."""
    plain = _text_part(body, body.text, f"plain; charset={_charset(body)}{body.text_parameters}")
    if body.html is not None:
        page = f"<html><head></head><body>{body.html}</body></html>"
        html = _text_part(body, page, f"html; charset={_charset(body)}")
        main = _multipart(
            "alternative", letter.seed + "a", [_joined(plain), _joined(html), *body.extra_parts]
        )
    elif body.extra_parts:
        report = any(b"delivery-status" in part for part in body.extra_parts)
        subtype = "report; report-type=delivery-status" if report else "alternative"
        main = _multipart(subtype, letter.seed + "a", [_joined(plain), *body.extra_parts])
    else:
        main = plain
    if not letter.attachments:
        return main
    files = [_attachment(one, odd=index % 2 == 1) for index, one in enumerate(letter.attachments)]
    return _multipart("mixed", letter.seed + "m", [_joined(main), *files])


def _charset(body: Body) -> str:
    """The charset that the client declares: its own, or UTF-8 where that does not suffice."""
    try:
        (body.text + (body.html or "")).encode(body.charset)
    except UnicodeEncodeError:
        return "utf-8"
    return body.charset


def _text_part(body: Body, text: str, subtype: str) -> tuple[str, str, bytes]:
    raw = (text.rstrip("\n") + "\n").encode(_charset(body))
    return f"text/{subtype}", body.encoding, encode(raw, body.encoding)


def encode(raw: bytes, encoding: str) -> bytes:
    """LF text bytes in a Content-Transfer-Encoding, CRLF."""
    match encoding:
        case "quoted-printable":
            return quopri.encodestring(raw).replace(b"\n", b"\r\n")
        case "base64":
            return base64.encodebytes(raw.replace(b"\n", b"\r\n")).replace(b"\n", b"\r\n")
        case _:
            return raw.replace(b"\n", b"\r\n")


def _joined(part: tuple[str, str, bytes]) -> bytes:
    content_type, encoding, content = part
    head = f"Content-Type: {content_type}\r\n"
    if encoding:
        head += f"Content-Transfer-Encoding: {encoding}\r\n"
    return head.encode("ascii") + b"\r\n" + content


def _multipart(subtype: str, seed: str, parts: list[bytes]) -> tuple[str, str, bytes]:
    boundary = f"=_{token(seed, 24)}"
    mark = b"--" + boundary.encode("ascii")
    content = b"".join(mark + b"\r\n" + part.rstrip(b"\r\n") + b"\r\n" for part in parts) + mark + b"--\r\n"
    return f'multipart/{subtype};\r\n boundary="{boundary}"', "", content


def _attachment(attachment: AttachmentScript, *, odd: bool) -> bytes:
    kind = attachments.content_type(attachment)
    content = base64.encodebytes(attachments.make(attachment)).replace(b"\n", b"\r\n")
    name = attachment.name
    if name.isascii():
        named, shown = f'; filename="{name}"', f'; name="{name}"'
    elif odd:  # Outlook's way: an encoded word where RFC 2047 forbids it
        word = Header(name, "utf-8", maxlinelen=400).encode()
        named, shown = f'; filename="{word}"', f'; name="{word}"'
    else:
        named, shown = f";\r\n filename*={encode_rfc2231(name, 'utf-8')}", ""
    head = (
        f"Content-Type: {kind}{shown}\r\nContent-Disposition: attachment{named}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + content


def _words(value: str, name: str, charset: str) -> bytes:
    """A header value, folded, with encoded words where it is not ASCII (RFC 2047)."""
    if value.isascii():
        return Header(value, "us-ascii", header_name=name).encode(linesep="\r\n").encode("ascii")
    try:
        value.encode("iso-8859-1")
        wanted = "utf-8" if charset == "utf-8" else "iso-8859-1"
    except UnicodeEncodeError:
        wanted = "utf-8"
    return Header(value, wanted, header_name=name).encode(linesep="\r\n").encode("ascii")


def _mailboxes(mailboxes: tuple[Mailbox, ...], name: str, charset: str) -> bytes:
    wanted = "utf-8" if charset == "utf-8" else "iso-8859-1"
    return ",\r\n ".join(formataddr((one.name, one.email), wanted) for one in mailboxes).encode("ascii")
