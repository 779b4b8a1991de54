"""Who a mail is from and to (RFC 5322 section 3.4), and its date: what mail-parser reads, mended.

mail-parser sees the few fields that it reads best and nothing else: given whole mails it costs four times
as much and merges the texts of attached mails. What is regular takes a quick way (`regular_fields`), what is
odd is read by `address_list` and `dates`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message as FieldList

from mailparser import MailParser  # type: ignore[import-untyped]  # it ships no types

from domain.mail import Address
from ingest import dates, regular_fields
from ingest.address_list import AddressList, address_of, read_list
from ingest.charsets import decode_unlabelled
from ingest.mime import Part

_FIELDS = ("from", "to", "cc")
# Rare, or only looked at where From tells too little: not worth the library's time.
_SPARE_FIELDS = ("reply-to", "sender", "bcc", "resent-from", "resent-to", "resent-cc", "resent-bcc")
# Of a From that is there twice, the second and all further ones.
FURTHER = "further from"
_NAMED = {FURTHER: "from"}
# Those without which nobody knows who wrote come first: there is room for so much only.
_READ = ("date", *_FIELDS[:1], *_SPARE_FIELDS[:2], *_FIELDS[1:], *_SPARE_FIELDS[2:], FURTHER)
_JOINED = frozenset({FURTHER, "to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc"})
# mail-parser takes about 80 microseconds an address: beyond this a mail would hold a worker.
_LONGEST_FOR_LIBRARY = 2_000
_LONGEST = 300_000  # of all fields together
_MOST_FIELDS = 100
# Addresses with or without a name, as the RFC wants them: nothing that a library could take for another.
_ATOMS = r"[\w!#$%&*+/?^`{|}~-]{1,64}(?:\.[\w!#$%&*+/?^`{|}~-]{1,64}){0,20}"
_ITEM = (
    r"\s{0,9}(?:\"[^\"\\<>@]{0,200}\"\s{1,9}|[^\x00-\x20\"(),:;<>@\[\]\\=][^\x00-\x1f\"(),:;<>@\[\]\\=]{0,200})?"
    rf"<{_ATOMS}@[\w.-]{{1,255}}\w>\s{{0,9}}|\s{{0,9}}{_ATOMS}@[\w.-]{{1,255}}\w\s{{0,9}}"
)
_PLAIN = re.compile(rf"(?:{_ITEM})(?:,(?:{_ITEM}))*", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class People:
    """The addresses of a mail by field, and its date."""

    by_field: dict[str, tuple[Address, ...]] = field(default_factory=dict)
    unread: dict[str, tuple[str, ...]] = field(default_factory=dict)  # who has no address that can be read
    date: datetime | None = None
    defects: tuple[str, ...] = ()

    def of(self, name: str) -> tuple[Address, ...]:
        """The addresses in a field, each once."""
        return self.by_field.get(name, ())

    @property
    def strays(self) -> tuple[str, ...]:
        """The fields in which somebody is named whose address cannot be read."""
        return tuple(dict.fromkeys(_NAMED.get(name, name) for name in self.unread if name != "sender"))


def read_people(root: Part, likely: str | None = None) -> People:
    """The people and the date of a mail, from its undecoded header; `likely` is the charset of its text."""
    values, cut = _values(root, likely)
    date = dates.read(values["date"])
    lists = {name: _own(values[name], name) for name in values if values[name] and name != "date"}
    fields = FieldList()
    for name in (*(name for name, read in lists.items() if read is None), *(() if date else ("date",))):
        if values[name] and len(values[name]) <= _LONGEST_FOR_LIBRARY:
            fields[name] = values[name]
    parsed = _guarded(fields) if fields else None
    by_field: dict[str, tuple[Address, ...]] = {}
    unread: dict[str, tuple[str, ...]] = {}
    for name, own in lists.items():
        read = own if own is not None else _library(parsed, name, values[name])
        by_field[name] = _unique(read.addresses)
        if read.unread or name in cut:
            unread[name] = (*read.unread, *(["…"] if name in cut else []))
    if date is None and parsed is not None and isinstance(parsed.date, datetime):
        date = parsed.date if parsed.date.tzinfo else parsed.date.replace(tzinfo=UTC)
    return People(by_field=by_field, unread=unread, date=date, defects=_defects(unread))


def read_leniently(value: str) -> list[Address]:
    """Whatever in a value can be meant as an address, also `name address` and `user at host`. Linear."""
    return read_list(value).addresses


def _values(root: Part, likely: str | None) -> tuple[dict[str, str], frozenset[str]]:
    """All occurrences of a recipient field as one, of others the first that is filled; and which were cut."""
    found: dict[str, list[bytes]] = {}
    for each in root.fields:
        if each.raw and each.name in _READ:
            found.setdefault(each.name, []).append(each.raw)
    found[FURTHER] = found.get("from", [])[1:]
    values = dict.fromkeys(_READ, "")
    cut: set[str] = set()
    room = _LONGEST
    for name in _READ:
        if not found.get(name):
            continue
        joined = b", ".join(found[name][: _MOST_FIELDS if name in _JOINED else 1])
        values[name] = decode_unlabelled(joined[:room], likely).replace("\n", " ").replace("\r", " ")
        if len(joined) > room or (name in _JOINED and len(found[name]) > _MOST_FIELDS):
            cut.add(name)
        room = max(0, room - len(joined))
    return values, frozenset(cut)


def _own(value: str, name: str) -> AddressList | None:
    """A list read without the library: it is regular, or odd; None where the library reads it best."""
    pairs = regular_fields.read_addresses(value)
    if pairs is not None and not any("=?" in email for _, email in pairs):
        return AddressList(addresses=[address_of(email, display) for display, email in pairs])
    plain = name in _FIELDS and len(value) <= _LONGEST_FOR_LIBRARY and _PLAIN.fullmatch(value) is not None
    return None if plain else read_list(value)


def _guarded(fields: FieldList) -> MailParser | None:
    """mail-parser's reading; any error of it on odd mail only means that it could not read the mail."""
    try:
        return MailParser(fields)
    except Exception:  # noqa: BLE001 - a library over hostile bytes; the lenient reading stands in for it
        return None


def _library(parsed: MailParser | None, name: str, value: str) -> AddressList:
    if parsed is None:
        return read_list(value)
    pairs: Iterable[tuple[str, str]] = {"from": parsed.from_, "to": parsed.to, "cc": parsed.cc}[name]
    return AddressList(addresses=[address_of(email, display) for display, email in pairs])


def _unique(found: Iterable[Address]) -> tuple[Address, ...]:
    """Each address once, with a name where one of them has one."""
    unique: dict[str, Address] = {}
    for address in found:
        if address.email and not (address.email in unique and unique[address.email].name):
            unique[address.email] = address
    return tuple(unique.values())


def _defects(unread: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(f"somebody in {_NAMED.get(name, name)} cannot be read as an address" for name in unread)
