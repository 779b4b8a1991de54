"""A file of people who may send from outside: a line `name:$scrypt$…` for each, `#` begins a comment.

`unchain password` writes such lines. Passwords are hashed by scrypt (RFC 7914), never kept; the file is read
anew when it has changed.
"""

import base64
import binascii
import hashlib
import hmac
import logging
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.errors import ConfigError

logger = logging.getLogger(__name__)

# 16 MB and some 50 ms for each try: dear for who guesses, bearable for who sends.
_COST = 14
_SALT = 16  # bytes
_LINE = re.compile(
    r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})"
)
_MOST_MEMORY = 128 * 1024 * 1024  # bytes; a line that asks for more would let one peer fill the memory


@dataclass(frozen=True, kw_only=True)
class HashedPassword:
    """A password's hash and how it was made."""

    cost: int  # the logarithm of scrypt's N
    block: int  # its r
    lanes: int  # its p
    salt: bytes
    digest: bytes

    def matches(self, password: bytes) -> bool:
        """Whether it is the hash of `password`; takes the same time either way."""
        return hmac.compare_digest(_scrypt(password, self), self.digest)

    def __str__(self) -> str:
        salt, digest = (
            base64.b64encode(part).decode("ascii").rstrip("=") for part in (self.salt, self.digest)
        )
        return f"$scrypt$ln={self.cost},r={self.block},p={self.lanes}${salt}${digest}"


def hash_password(password: str) -> HashedPassword:
    """The hash of a new password, with a salt of its own."""
    blank = HashedPassword(cost=_COST, block=8, lanes=1, salt=secrets.token_bytes(_SALT), digest=bytes(32))
    return HashedPassword(
        cost=_COST, block=8, lanes=1, salt=blank.salt, digest=_scrypt(password.encode(), blank)
    )


def parse_hash(written: str) -> HashedPassword:
    """The hash that `unchain password` wrote; raises ValueError with a sentence."""
    found = _LINE.fullmatch(written)
    if found is None:
        raise ValueError("has no hash behind the name; `unchain password` writes such a line")
    try:
        salt, digest = (base64.b64decode(part + "=" * (-len(part) % 4)) for part in found.group(4, 5))
    except binascii.Error:
        raise ValueError("has a hash that was cut or changed; write it anew by `unchain password`") from None
    hashed = HashedPassword(
        cost=int(found[1]), block=int(found[2]), lanes=int(found[3]), salt=salt, digest=digest
    )
    if not hashed.cost or not hashed.block or not hashed.lanes or _memory(hashed) > _MOST_MEMORY:
        raise ValueError("asks for more memory than one sign-in may take; write it by `unchain password`")
    return hashed


def parse_passwords(text: str, path: Path) -> Mapping[bytes, HashedPassword]:
    """Names and hashes of a file's text; raises ConfigError with the number of the first wrong line."""
    users: dict[bytes, HashedPassword] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        name, colon, hashed = written.partition(":")
        try:
            if not name or not colon:
                raise ValueError("is not name:hash; `unchain password` writes such a line")
            if name.encode() in users:
                raise ValueError(f"names {name} a second time")
            users[name.encode()] = parse_hash(hashed)
        except ValueError as error:
            raise ConfigError(f"{path}:{number}: {error}") from None
    return users


class PasswordFile:
    """The file's names and hashes, as they are now."""

    def __init__(self, path: Path) -> None:
        """Reads the file: raises ConfigError where it is missing or wrong."""
        self._path = path
        self._users, self._state = self._read()
        self._nobody = hash_password(secrets.token_hex())

    def matches(self, name: bytes, password: bytes) -> bool:
        """Whether they belong together; costs the same for a name that is not there. Takes some 50 ms."""
        self._read_again_if_changed()
        known = self._users.get(name)
        right = (known or next(iter(self._users.values()), self._nobody)).matches(password)
        return right and known is not None

    def __len__(self) -> int:
        return len(self._users)

    def _read(self) -> tuple[Mapping[bytes, HashedPassword], tuple[int, ...]]:
        try:
            state = _state_of(self._path)
            return parse_passwords(self._path.read_text(encoding="utf-8"), self._path), state
        except OSError as error:
            raise ConfigError(f"{self._path}: cannot be read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise ConfigError(f"{self._path}: is not UTF-8 text (byte {error.start})") from None

    def _read_again_if_changed(self) -> None:
        """A file that is wrong now changes nothing and is told once."""
        try:
            state = _state_of(self._path)
        except OSError:
            state = ()
        if state == self._state:
            return
        try:
            self._users, self._state = self._read()
        except ConfigError as error:
            self._state = state
            logger.error("%s; those who could sign in before still can", error)


def _state_of(path: Path) -> tuple[int, ...]:
    found = os.stat(path)
    return found.st_mtime_ns, found.st_size, found.st_ino


def _memory(hashed: HashedPassword) -> int:
    return 128 * hashed.block * ((1 << hashed.cost) + hashed.lanes + 2)


def _scrypt(password: bytes, like: HashedPassword) -> bytes:
    return hashlib.scrypt(
        password,
        salt=like.salt,
        n=1 << like.cost,
        r=like.block,
        p=like.lanes,
        maxmem=_memory(like) + 1024 * 1024,
        dklen=len(like.digest),
    )
