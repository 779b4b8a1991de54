"""What an S/MIME envelope holds (RFC 8551): the text of opaquely signed mail, or something encrypted.

Reads just enough of BER to find the content. No signature is checked and nothing is decrypted.
"""

from dataclasses import dataclass
from enum import StrEnum

from ingest.transfer import decode_base64

PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_PKCS7_OID = bytes.fromhex("2a864886f70d0107")
_SIGNED = _PKCS7_OID + b"\x02"
_AUTH_ENVELOPED = bytes.fromhex("2a864886f70d0109100117")  # RFC 5083
_SEQUENCE, _OCTETS, _CONSTRUCTED_OCTETS, _CONTEXT_0 = 0x30, 0x04, 0x24, 0xA0
_DEEPEST = 12
_MOST_PIECES = 100_000


class Envelope(StrEnum):
    """What kind of envelope a part is."""

    SIGNED = "signed"
    ENCRYPTED = "encrypted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An envelope and, where it is only signed, the MIME entity inside."""

    envelope: Envelope
    content: bytes = b""


@dataclass(frozen=True, kw_only=True)
class _Element:
    """A BER element: its tag, where its value begins and ends, and where the next element begins."""

    tag: int
    start: int
    end: int
    next: int


class _Broken(Exception):
    """The bytes are no BER."""


def open_envelope(content: bytes, smime_type: str) -> Opened:
    """Look into a PKCS #7 part; `smime_type` is that parameter's value, "" where it is missing."""
    if content.lstrip()[:2] == b"MI":  # a sender forgot to say that it is base64
        content = decode_base64(content)
    try:
        signed = _signed_content(content)
    except _Broken:
        signed = None
    if signed is not None:
        return Opened(envelope=Envelope.SIGNED, content=signed)
    named = smime_type.strip().lower()
    unnamed = not named and (_PKCS7_OID in content[:40] or _AUTH_ENVELOPED in content[:40])
    if named in ("enveloped-data", "authenveloped-data", "encrypted-data") or unnamed:
        return Opened(envelope=Envelope.ENCRYPTED)
    return Opened(envelope=Envelope.UNKNOWN)


def _signed_content(ber: bytes) -> bytes | None:
    """The content of SignedData (RFC 5652 section 5.1); None where it is something else or detached."""
    info = _expect(ber, 0, _SEQUENCE)
    kind = _element(ber, info.start)
    if ber[kind.start : kind.end] != _SIGNED:
        return None
    signed = _expect(ber, _expect(ber, kind.next, _CONTEXT_0).start, _SEQUENCE)
    version = _element(ber, signed.start)
    algorithms = _element(ber, version.next)
    enclosed = _expect(ber, algorithms.next, _SEQUENCE)
    inner = _element(ber, enclosed.start)
    if inner.next >= enclosed.end:
        return None
    octets = _element(ber, _expect(ber, inner.next, _CONTEXT_0).start)
    if octets.tag == _OCTETS:
        return ber[octets.start : octets.end]
    if octets.tag != _CONSTRUCTED_OCTETS:
        return None
    pieces: list[bytes] = []
    position = octets.start
    while position < octets.end and len(pieces) < _MOST_PIECES:
        piece = _element(ber, position)
        pieces.append(ber[piece.start : piece.end])
        position = piece.next
    return b"".join(pieces)


def _expect(ber: bytes, position: int, tag: int) -> _Element:
    found = _element(ber, position)
    if found.tag != tag:
        raise _Broken
    return found


def _element(ber: bytes, position: int, depth: int = 0) -> _Element:
    """Read one element; the end of one without a length (X.690 section 8.1.3.6) is found by reading on."""
    if position + 2 > len(ber) or depth > _DEEPEST:
        raise _Broken
    tag, length = ber[position], ber[position + 1]
    start = position + 2
    if length == 0x80:
        end = _end_of_contents(ber, start, depth)
        return _Element(tag=tag, start=start, end=end, next=end + 2)
    if length > 0x80:
        size = length - 0x80
        length = int.from_bytes(ber[start : start + size], "big")
        start += size
    # A cut mail still shows what came through.
    end = min(start + length, len(ber))
    return _Element(tag=tag, start=start, end=end, next=end)


def _end_of_contents(ber: bytes, position: int, depth: int) -> int:
    for _ in range(_MOST_PIECES):
        if ber[position : position + 2] in (b"\x00\x00", b""):
            return position
        following = _element(ber, position, depth + 1).next
        if following <= position:
            break
        position = following
    raise _Broken
