"""Makes the small real files that the demo's people attach: csv, txt, pdf, png and ics."""

import struct
import zlib

from unchain.demo.script import AttachmentScript

_TYPES = {
    "csv": "text/csv",
    "txt": "text/plain",
    "pdf": "application/pdf",
    "png": "image/png",
    "ics": "text/calendar",
}


def content_type(attachment: AttachmentScript) -> str:
    """The media type of an attachment, by its ending. Raises KeyError for an ending we do not make."""
    return _TYPES[attachment.name.rpartition(".")[2]]


def make(attachment: AttachmentScript) -> bytes:
    """The bytes of the file."""
    match attachment.name.rpartition(".")[2]:
        case "png":
            return _bar_chart(attachment.values)
        case "pdf":
            return _pdf(attachment.text.strip("\n").split("\n"))
        case _:
            return attachment.text.strip("\n").encode("utf-8") + b"\n"


def _bar_chart(values: tuple[float, ...], width: int = 240, height: int = 120) -> bytes:
    """A PNG (8-bit RGB) with one bar for each value."""
    top = max(values)
    slot = width // len(values)
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # no filter
        for x in range(width):
            value = values[min(x // slot, len(values) - 1)]
            inside = slot // 6 < x % slot < slot - slot // 6 and height - y <= value / top * (height - 8)
            rows += b"\x2e\x5e\x4e" if inside else b"\xf7\xf5\xf0"
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _pdf(lines: list[str]) -> bytes:
    """A PDF 1.4 of one page with the lines in Helvetica."""
    shown = (line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines)
    text = "BT /F1 11 Tf 14 TL 56 780 Td " + " ".join(f"({line}) Tj T*" for line in shown) + " ET"
    stream = text.encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        b"/Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return bytes(
        out
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, out.index(b"xref\n"))
    )
