"""Signs the mails that we write ourselves by DKIM (RFC 6376, RFC 8301, RFC 8463); mails of others never.

A signature covers no Received line, so ours may go on top of it afterwards.
"""

import base64
import binascii
import logging
import re
from pathlib import Path

import dkim  # type: ignore[import-untyped]
from dkim.crypto import UnparsableKeyError, parse_pem_private_key  # type: ignore[import-untyped]

from connectors.dkim_options import DkimAlgorithm, DkimOptions
from domain.errors import ConfigError

logger = logging.getLogger(__name__)

SMALLEST_RSA = 1024  # bits; verifiers take no smaller one (RFC 8301 section 3.2)
_LARGEST_KEY = 64 * 1024  # bytes of a key file
# What says who wrote to whom about what, and what a mail program acts on. Each is named once more than it
# stands in the mail, so that nobody can add another one below the signature's eyes (RFC 6376 section 8.15).
_SIGNED = (
    *("From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References"),
    *("Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"),  # the last two by RFC 8058 section 3.1
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
)
_PROBE = b"From: probe@example.com\r\nSubject: probe\r\n\r\nprobe\r\n"
_PKCS8_ED25519 = bytes.fromhex("302e020100300506032b657004220420")  # RFC 8410 section 7; the seed follows
_RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")  # RFC 3279 section 2.3.1
_TXT_STRING = 255  # bytes of one string in a TXT record (RFC 1035 section 3.3.14)


class DkimSigner:
    """Signs with one key."""

    def __init__(self, options: DkimOptions) -> None:
        """Reads the key and tries it; raises ConfigError with a sentence where it cannot sign."""
        self._options = options
        try:
            written = _read(options.key)
            rsa = options.algorithm is DkimAlgorithm.RSA
            self._key = written if rsa else _ed25519_seed(written)
            self.record = _rsa_record(written) if rsa else _ed25519_record(self._key)
            self._try_out()
        except OSError as error:
            raise ConfigError(
                f"outbound.dkim.key: {options.key} cannot be read: {error.strerror or error}"
            ) from None
        except (ValueError, IndexError, UnparsableKeyError, dkim.DKIMException) as error:
            reason = (
                str(error)
                if isinstance(error, _Unfit)
                else f"it holds no private key for {options.algorithm}"
            )
            raise ConfigError(f"outbound.dkim.key: {options.key} cannot be used: {reason}") from None

    def sign(self, content: bytes) -> bytes:
        """The mail with a DKIM-Signature in front, its lines ended by CR LF as SMTP will send them.

        A mail that cannot be signed comes back as it is: one without a signature is better than none.
        """
        content = re.sub(rb"(?<!\r)\n", b"\r\n", content)
        try:
            return self._signature(content) + content
        except dkim.DKIMException as error:
            logger.error("a mail of ours goes without a signature: %s", error)
            return content

    def zone_line(self) -> str:
        """The DNS record to publish, as a line of a zone file."""
        pieces = [self.record[at : at + _TXT_STRING] for at in range(0, len(self.record), _TXT_STRING)]
        return f"{self._options.record_name}. IN TXT ( " + " ".join(f'"{piece}"' for piece in pieces) + " )"

    def _signature(self, content: bytes) -> bytes:
        head = content.partition(b"\r\n\r\n")[0]
        present = [line.partition(b":")[0].strip().lower() for line in head.split(b"\r\n")]
        names = [name for name in _SIGNED for _ in range(present.count(name.lower().encode()) + 1)]
        signature: bytes = dkim.sign(
            content,
            self._options.selector.encode(),
            self._options.domain.encode(),
            self._key,
            canonicalize=(b"relaxed", b"relaxed"),
            signature_algorithm=self._options.algorithm.value.encode(),
            include_headers=names,
        )
        return signature

    def _try_out(self) -> None:
        """A key may be read and yet be damaged: its halves must fit together."""
        answer = self.record.encode()
        if not dkim.verify(self._signature(_PROBE) + _PROBE, dnsfunc=lambda name, timeout=5: answer):
            raise _Unfit("its public and private halves do not fit together")


class _Unfit(ValueError):
    """A key that we can say something about."""


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        written = file.read(_LARGEST_KEY).replace(b"\r\n", b"\n")
    if b"ENCRYPTED" in written:
        raise _Unfit("it is protected by a passphrase; write it without one, readable for the service only")
    if b"PUBLIC KEY" in written:
        raise _Unfit("it is the public key; name the file with the private one")
    return written


def _rsa_record(written: bytes) -> str:
    """The TXT record (RFC 6376 section 3.6.1) for a private key in PEM, PKCS #1 or #8."""
    key = parse_pem_private_key(written)
    modulus, exponent = key["modulus"], key["publicExponent"]
    if modulus.bit_length() < SMALLEST_RSA:
        raise _Unfit(f"it has {modulus.bit_length()} bits; make one with 2048")
    numbers = _der(0x30, _der_integer(modulus) + _der_integer(exponent))
    public = _der(0x30, _RSA_ENCRYPTION + _der(0x03, b"\0" + numbers))
    return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def _ed25519_seed(written: bytes) -> bytes:
    """The base64 of the 32 bytes that dkimpy wants, out of that or of PKCS #8 as openssl writes it."""
    lines = [line for line in written.splitlines() if not line.startswith(b"-----")]
    try:
        raw = base64.b64decode(b"".join(lines), validate=True)
    except binascii.Error:
        raise _Unfit("it is neither PEM nor base64") from None
    seed = raw.removeprefix(_PKCS8_ED25519)
    if len(seed) != 32:
        raise _Unfit("it holds no Ed25519 key; `openssl genpkey -algorithm ed25519` makes one")
    return base64.b64encode(seed)


def _ed25519_record(seed: bytes) -> str:
    from nacl.signing import SigningKey  # noqa: PLC0415 — its library is loaded only where it is used

    public = bytes(SigningKey(base64.b64decode(seed)).verify_key)
    return f"v=DKIM1; k=ed25519; p={base64.b64encode(public).decode()}"


def _der_integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    """A value in DER (X.690 section 8.1)."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
