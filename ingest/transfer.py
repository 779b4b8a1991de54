"""From a part's bytes in the mail to what they hold: transfer encodings (RFC 2045 section 6) and flowed text
(RFC 3676). Never raises; broken encodings give what can be had."""

import binascii
import re

_BASE64_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n"
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/ \t]*[= \t]*")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_PADDED_BREAK = re.compile(rb"=[ \t]{1,1000}\n")
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_BASE64_START = re.compile(rb"\s{0,20}[A-Za-z0-9+/]{60,}={0,2}\s")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\n]*\n", re.MULTILINE)


def decode_transfer(body: bytes, encoding: str) -> bytes:
    """The bytes that a part holds."""
    name = _COMMENT.sub("", encoding).strip(" \t\"'").lower().replace("_", "-").replace(" ", "-")
    if name in ("base64", "base-64", "x-base64"):
        return _base64(body)
    if name in ("quoted-printable", "quotedprintable", "quoted-printeable", "qp"):
        # RFC 2045 section 6.7 (3): blanks that some mail system put behind a soft line break are none.
        return binascii.a2b_qp(_PADDED_BREAK.sub(b"=\n", body))
    if name in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return _uuencode(body)
    return body


def decode_unlabelled(text: bytes) -> bytes:
    """A text's bytes where nothing tells their encoding: what can only be base64 of words is decoded."""
    if _BASE64_START.match(text) is None or text.translate(None, _BASE64_BYTES):
        return text
    lines = text.split()
    if any(len(line) != len(lines[0]) for line in lines[:-1]) or len(lines[-1]) > len(lines[0]):
        return text
    decoded = decode_base64(text)
    try:
        words = decoded.decode("utf-8")
    except UnicodeDecodeError:
        return text
    return decoded if _CONTROL.search(words) is None else text


def unflow(text: str, *, delsp: str) -> str:
    """Join the soft line breaks of format=flowed (RFC 3676 section 4); `delsp` is that parameter's value."""
    cut = 1 if delsp.strip().lower() == "yes" else 0
    out: list[str] = []
    open_depth: int | None = None  # quote depth of a paragraph that goes on
    for line in text.split("\n"):
        stripped = line.lstrip(">")
        depth = len(line) - len(stripped)
        content = stripped.removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        if open_depth == depth and content != "-- ":
            out.append(content[: len(content) - cut] if flows else content)
        else:
            if out:
                out.append("\n")
            quote = ">" * depth + (" " if depth and content else "")
            out.append(quote + (content[: len(content) - cut] if flows else content))
        open_depth = depth if flows else None
    return "".join(out)


def decode_base64(text: bytes) -> bytes:
    """What can be decoded of a base64 text (RFC 2045 section 6.8); rubbish is skipped, padding ends it."""
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        pass
    kept = _NOT_BASE64.sub(b"", text.partition(b"=")[0])
    if len(kept) % 4 == 1:  # a lone last character holds no byte
        kept = kept[:-1]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def _base64(body: bytes) -> bytes:
    if not body.translate(None, _BASE64_BYTES):
        return decode_base64(body)
    if not any(map(_BASE64_LINE.fullmatch, (line.strip() for line in body.split(b"\n") if line.strip()))):
        return body  # it only says that it is encoded
    body, rest = _split_base64(body)
    decoded = decode_base64(body)
    return decoded + b"\n" + rest if rest else decoded


def _split_base64(body: bytes) -> tuple[bytes, bytes]:
    """Lists add their footer behind the encoded text as it is: the lines that cannot be base64 are plain."""
    lines = body.strip().split(b"\n")
    for number, line in enumerate(lines):
        if number and line.strip() and _BASE64_LINE.fullmatch(line.strip()) is None:
            return b"\n".join(lines[:number]), b"\n".join(lines[number:])
    return body, b""


def _uuencode(body: bytes) -> bytes:
    match = _UU_BEGIN.search(body)
    out: list[bytes] = []
    for line in body[match.end() if match else 0 :].split(b"\n"):
        if line.strip() == b"end":
            break
        if not line:
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            count = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                continue
    return b"".join(out)
