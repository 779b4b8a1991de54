"""The header of a mail, decoded once and looked up by name."""

from collections.abc import Sequence, Set
from functools import cached_property

from ingest.encoded_words import decode_value
from ingest.mime import Field

# Enough for any real mail; a mail with more is cut here, but what the reader asks for by name is kept.
MOST_KEPT = 1_000
_LONGEST = 50_000
# RFC 4021 section 2.1.55, and the fields of common labelling products that hold nothing but a label.
LABEL_FIELDS = (
    *("sensitivity", "x-sensitivity", "classification", "x-classification", "x-microsoft-classification"),
    *("x-ms-exchange-organization-classification", "x-information-classification", "x-data-classification"),
    *(
        "x-security-classification",
        "x-email-classification",
        "x-gc-classification",
        "security-classification",
    ),
    *("confidentiality", "x-confidentiality", "x-security-label"),
)
_NEEDED = frozenset(
    {
        *("from", "to", "cc", "reply-to", "sender", "subject", "date", "return-path"),
        *("message-id", "in-reply-to", "references", "list-id", "list-post"),
        *("auto-submitted", "precedence", *LABEL_FIELDS, "msip_labels", "x-msip_labels"),
        *("sio-label", "x-protective-marking", "x-tituslabs-classifications-30", "x-titus-metadata-40"),
    }
)


class Header:
    """Decoded header fields in order. Values are one line of text; names are lower case.

    `likely` is the charset of the text below, which raw 8-bit values often share.
    """

    def __init__(self, fields: Sequence[Field], likely: str | None = None) -> None:
        self._values: dict[str, list[str]] = {}
        pairs: list[tuple[str, str]] = []
        for number, found in enumerate(fields):
            if number >= MOST_KEPT and (found.name not in _NEEDED or found.name in self._values):
                continue
            value = decode_value(found.raw[:_LONGEST], likely)
            self._values.setdefault(found.name, []).append(value)
            pairs.append((found.name, value))
        self.pairs = tuple(pairs)
        self.cut = len(fields) - len(pairs)

    def first(self, name: str) -> str:
        """The first value of a field, "" where there is none."""
        values = self._values.get(name)
        return values[0] if values else ""

    def filled(self, name: str) -> str:
        """The first value that is not empty: doubled fields often have one empty."""
        return next((value for value in self._values.get(name, ()) if value), "")

    def all(self, name: str) -> Sequence[str]:
        """Every value of a field, in order."""
        return self._values.get(name, ())

    @property
    def names(self) -> Set[str]:
        """The names of all fields, lower case."""
        return self._values.keys()

    @cached_property
    def name_lines(self) -> str:
        """The names of all fields, one a line: for one search over all of them."""
        return "\n".join(self._values)

    def has(self, *names: str) -> bool:
        """Whether any of these fields is there."""
        return any(name in self._values for name in names)
