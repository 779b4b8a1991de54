"""Sensitivity labels that a sender or a mail system put on a mail; `classify` says what they mean."""

import re

from ingest.fields import Header

_MSIP_NAME = re.compile(r"MSIP_Label_[0-9a-fA-F-]{36}_Name\s*=\s*([^;]{1,100})")
# RFC 4021 section 2.1.55, and the fields of common labelling products.
_FIELDS = (
    "sensitivity",
    "x-sensitivity",
    "x-classification",
    "classification",
    "x-microsoft-classification",
    "x-ms-exchange-organization-classification",
    "x-titus-metadata-40",
    "x-protective-marking",
    "x-information-classification",
)
_LONGEST = 200


def labels(header: Header) -> tuple[str, ...]:
    """The labels found, lower case, each once; `normal` is none."""
    found = [value.strip().lower()[:_LONGEST] for name in _FIELDS for value in header.all(name)]
    for value in (*header.all("msip_labels"), *header.all("x-msip_labels")):
        found.extend(name.strip().lower() for name in _MSIP_NAME.findall(value[:10_000]))
    return tuple(dict.fromkeys(label for label in found if label not in ("", "normal", "none")))
