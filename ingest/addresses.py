"""Who a mail is from and to (RFC 5322 section 3.4), and its date: what mail-parser reads, mended.

mail-parser sees the few fields that it reads best and nothing else: given whole mails it costs four times
as much and merges the texts of attached mails. What it gives up on is read leniently here, item by item.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message as FieldList

from mailparser import MailParser  # type: ignore[import-untyped]  # it ships no types

from domain.mail import Address
from ingest import regular_fields
from ingest.charsets import decode_unlabelled, scalar
from ingest.encoded_words import decode_text
from ingest.mime import Part

_FIELDS = ("from", "to", "cc")
# Rare, or only looked at where From tells too little: not worth the library's time.
_SPARE_FIELDS = ("reply-to", "sender", "bcc")
# mail-parser takes about 80 microseconds an address: beyond this a mail would hold a worker.
_LONGEST_FOR_LIBRARY = 2_000
_LONGEST = 500_000
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)|<[^<>]*>|[,;]|[^",;()<>]+|.', re.DOTALL)
_AT = re.compile(r"^(\S+) (?:at|AT|\(at\)) (\S+\.\S+)$")
_HIDDEN = re.compile(r"[\w.+-]+ at [\w.-]+\.\w+ {1,2}\([^()\\,:;<>\"]*\)", re.ASCII)
# Looser than the RFC: what other systems took for an address; but no list, group or route.
_EMAIL = re.compile(r'(?:"[^"]*"|[^\s<>(),:;"]+)@[^\s<>(),:;"@]+')
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class People:
    """The addresses of a mail by field, and its date where mail-parser could read it."""

    by_field: dict[str, tuple[Address, ...]] = field(default_factory=dict)
    date: datetime | None = None
    defects: tuple[str, ...] = ()

    def of(self, name: str) -> tuple[Address, ...]:
        """The addresses in a field, each once."""
        return self.by_field.get(name, ())


def read_people(root: Part) -> People:
    """The people and the date of a mail, from its undecoded header."""
    values = {name: _values(root, name) for name in (*_FIELDS, "date")}
    regular = {name: _regular(values[name]) for name in _FIELDS}
    date = regular_fields.read_date(values["date"])
    fields = FieldList()
    for name, value in values.items():
        done = date if name == "date" else regular[name]
        if done is None and value and len(value) <= _LONGEST_FOR_LIBRARY:
            fields[name] = value
    parsed = _guarded(fields) if fields else None
    defects: list[str] = []
    by_field: dict[str, tuple[Address, ...]] = {}
    for name in _FIELDS:
        if values[name]:
            found = regular[name]
            by_field[name] = _addresses(parsed, name, values[name]) if found is None else found
            if not by_field[name] and not _is_empty_group(values[name]):
                defects.append(f"no address can be read in {name}")
    for name in _SPARE_FIELDS:
        by_field[name] = _unique(read_leniently(_values(root, name)))
    if date is None and parsed is not None and isinstance(parsed.date, datetime):
        date = parsed.date if parsed.date.tzinfo else parsed.date.replace(tzinfo=UTC)
    return People(by_field=by_field, date=date, defects=tuple(defects))


def read_leniently(value: str) -> list[Address]:
    """Whatever in a value can be meant as an address, also `name address` and `user at host`. Linear."""
    found: list[Address] = []
    item: list[str] = []
    for match in _PIECE.finditer(value[:_LONGEST]):
        piece = match.group()
        if piece in ",;":
            found.extend(_item(item))
            item = []
        else:
            item.append(piece)
    found.extend(_item(item))
    return found


def _values(root: Part, name: str) -> str:
    """All occurrences of a recipient field as one; of the others the first that is not empty."""
    raws = [found.raw for found in root.fields if found.name == name and found.raw]
    if not raws:
        return ""
    joined = b", ".join(raws[:100]) if name in ("to", "cc", "bcc") else raws[0]
    return decode_unlabelled(joined[:_LONGEST]).replace("\n", " ").replace("\r", " ")


def _regular(value: str) -> tuple[Address, ...] | None:
    """The addresses of a value that needs no closer look; None for one that does."""
    if len(value) > _LONGEST_FOR_LIBRARY:
        return None
    if _HIDDEN.fullmatch(value) is not None:  # as archives on the web write all of theirs
        return _unique(read_leniently(value))
    pairs = regular_fields.read_addresses(value)
    return None if pairs is None else _unique(_address(email, name) for name, email in pairs)


def _guarded(fields: FieldList) -> MailParser | None:
    """mail-parser's reading; any error of it on odd mail only means that it could not read the mail."""
    try:
        return MailParser(fields)
    except Exception:  # noqa: BLE001 - a library over hostile bytes; the lenient reading stands in for it
        return None


def _addresses(parsed: MailParser | None, name: str, value: str) -> tuple[Address, ...]:
    pairs: Iterable[tuple[str, str]] = ()
    unread: list[str] = [value]
    if parsed is not None and len(value) <= _LONGEST_FOR_LIBRARY:
        pairs = {"from": parsed.from_, "to": parsed.to, "cc": parsed.cc}[name]
        defects = [defect for defect in parsed.address_header_defects if defect["header"] == name]
        unread = [str(defect["raw"]) for defect in defects if not defect["recovered"]]
        if not pairs and not unread:
            unread = [value]
    found = [_address(email, display) for display, email in pairs]
    for item in unread:
        found.extend(read_leniently(item))
    return _unique(found)


def _is_empty_group(value: str) -> bool:
    """Whether it is a group without members, such as undisclosed-recipients (RFC 5322 section 3.4)."""
    return "@" not in value and value.rstrip(" \t;,").endswith(":")


def _unique(found: Iterable[Address]) -> tuple[Address, ...]:
    """Each address once, with a name where one of them has one."""
    unique: dict[str, Address] = {}
    for address in found:
        if address.email and not (address.email in unique and unique[address.email].name):
            unique[address.email] = address
    return tuple(unique.values())


def _item(pieces: list[str]) -> list[Address]:
    angles = [piece[1:-1] for piece in pieces if piece.startswith("<") and piece.endswith(">")]
    comments = [piece[1:-1] for piece in pieces if piece.startswith("(") and piece.endswith(")")]
    words = "".join(piece for piece in pieces if piece[:1] not in "<(").strip()
    for angle in reversed(angles):
        email = _as_email(angle)
        if email:
            return [_address(email, words or " ".join(comments))]
    email = _as_email(words)
    if email:
        return [_address(email, " ".join(comments))]
    # "Name name@host" without brackets: the last word that has an @.
    tokens = words.replace('"', " ").split()
    for number in range(len(tokens) - 1, -1, -1):
        email = _as_email(tokens[number].strip("[]'"))
        if email:
            return [_address(email, " ".join(tokens[:number]))]
    return []


def _as_email(text: str) -> str:
    squeezed = _BLANKS.sub(" ", text.strip()).removeprefix("mailto:").strip("'")
    hidden = _AT.match(squeezed)
    if hidden is not None:
        squeezed = f"{hidden.group(1)}@{hidden.group(2)}"
    return squeezed if len(squeezed) <= 320 and _EMAIL.fullmatch(squeezed) else ""


def _address(email: str, name: str) -> Address:
    display = _BLANKS.sub(" ", decode_text(name)).strip()
    if display.startswith('"'):
        display = display.strip('"').replace('\\"', '"').replace("\\\\", "\\")
    display = display.strip().strip("'").strip()
    lowered = scalar(email).strip().lower()
    return Address(email=lowered, name="" if display.lower() == lowered else scalar(display)[:200])
