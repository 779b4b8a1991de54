"""Sensitivity labels that a sender or a mail system put on a mail; the router says which of them restrict."""

import binascii
import re

from ingest.fields import LABEL_FIELDS, Header

_MSIP = re.compile(r"MSIP_Label_([0-9a-fA-F-]{36})_(\w{1,40})\s*=\s*([^;]{0,100})")
# Fields that hold the label among other things: RFC 7444, the Australian standard, and two products.
_INSIDE = {
    "sio-label": re.compile(r'\bmarking\s*=\s*"?([^";]{1,100})', re.IGNORECASE),
    "x-protective-marking": re.compile(r"\b(?:SEC|CAVEAT|DLM)\s*=\s*([^,;]{1,100})", re.IGNORECASE),
    "x-tituslabs-classifications-30": re.compile(r"classification\w*\s*=\s*([^;]{1,100})", re.IGNORECASE),
    "bjdocumentsecuritylabel": re.compile(r"classification is ([^.;]{1,100})", re.IGNORECASE),
}
_TITUS = "x-titus-metadata-40"
_TITUS_VALUE = re.compile(
    r'"n":\s?"\w{0,40}classification\w{0,40}",\s?"vals":\s?\[\{"value":\s?"([^"]{1,100})', re.I
)
_LONGEST = 200
_READ = 10_000


def labels(header: Header) -> tuple[str, ...]:
    """The labels found, lower case, each once; `normal` is none."""
    found = [value for name in LABEL_FIELDS for value in header.all(name)]
    for name, pattern in _INSIDE.items():
        # Where the label cannot be found the whole field stands for it, so that it is not overlooked.
        found.extend(each for value in header.all(name) for each in pattern.findall(value[:_READ]) or [value])
    for value in (*header.all("msip_labels"), *header.all("x-msip_labels")):
        found.extend(_msip(value[:_READ]))
    found.extend(each for value in header.all(_TITUS) for each in _titus(value[:_READ]))
    cleaned = (label.strip(" \"'").lower()[:_LONGEST] for label in found)
    return tuple(dict.fromkeys(label for label in cleaned if label not in ("", "normal", "none")))


def _msip(value: str) -> list[str]:
    """The names of Microsoft's labels that are on; one without a name goes by its number."""
    properties: dict[str, dict[str, str]] = {}
    for number, key, content in _MSIP.findall(value):
        properties.setdefault(number, {})[key.lower()] = content.strip()
    return [
        each.get("name") or f"label {number}"
        for number, each in properties.items()
        if each.get("enabled", "true").lower() != "false"
    ]


def _titus(value: str) -> list[str]:
    try:
        text = binascii.a2b_base64(value.replace(" ", "")).decode("utf-8", "replace")
    except ValueError:
        text = value
    return _TITUS_VALUE.findall(text) or [value]
