"""What an HTTP status means for a publication, once for all connectors; and sentences without secrets."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from domain.errors import ConnectorError, Refused, Transient, Uncertain

EXCERPT = 200  # characters of a service's own words that are shown
_NOT_NOW = frozenset({408, 421, 423, 425, 429, 503})  # answered before anything was done
_TELLING = ("error_description", "message", "error", "detail", "title", "errors", "errcode", "reason")

_YEARS = 10**9  # seconds
_FEW_WORDS = re.compile(rb"[A-Za-z][\w .,:'-]{0,99}")

Lost = Callable[[str], ConnectorError]


def harmless(sentence: str) -> ConnectorError:
    """A call that may be repeated failed on the way."""
    return Transient(sentence)


def unknown(sentence: str) -> ConnectorError:
    """A call that must not be repeated failed on the way: it may have been done."""
    return Uncertain(f"{sentence}; it may have been posted all the same: look before it is repeated")


def error_of(status: int, sentence: str, *, wait: float | None, lost: Lost) -> ConnectorError:
    """What a status other than success means; `lost` makes the error for "nobody knows"."""
    if status in _NOT_NOW:
        return Transient(sentence, retry_after=wait)
    if status >= 500:
        return lost(sentence)
    return Refused(sentence)


def retry_after(headers: Mapping[str, str], body: bytes, now: datetime) -> float | None:
    """Seconds to wait: Retry-After (RFC 9110) as seconds or date, when a spent budget is renewed, or
    `retry_after_ms` (Matrix)."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit() and len(said) < 10:
        return float(said)
    if said:
        try:
            at = parsedate_to_datetime(said)
        except ValueError:
            return None
        return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())
    renewed = _budget_renewed(headers, now)
    if renewed is not None:
        return renewed
    value = _object(body).get("retry_after_ms")
    return value / 1000 if isinstance(value, int | float) and 0 <= value < 1e12 else None


def _budget_renewed(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until more may be asked: X-RateLimit-Reset (Mastodon, a date) or RateLimit-Reset (Bluesky).

    As a number it is the seconds themselves or, where that would be years, seconds since 1970.
    """
    for prefix in ("X-RateLimit", "RateLimit"):
        said = headers.get(f"{prefix}-Reset", "").strip()
        if not said or headers.get(f"{prefix}-Remaining", "0").strip() != "0":
            continue
        if said.isascii() and said.isdigit() and len(said) < 12:
            seconds = float(said)
            return max(0.0, seconds - now.timestamp()) if seconds > _YEARS else seconds
        try:
            at = datetime.fromisoformat(said)
        except ValueError:
            continue
        return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())
    return None


def reason_in(body: bytes) -> str:
    """The service's own short reason, in JSON or a few words, on one line; "" where it gives none."""
    if _FEW_WORDS.fullmatch(body.strip()[: EXCERPT + 1]):
        return body.strip().decode()
    found = _object(body)
    for name in _TELLING:
        value = found.get(name)
        if isinstance(value, dict):
            value = next((value[key] for key in _TELLING if key in value), None)
        if isinstance(value, list) and value:
            value = value[0].get("message") if isinstance(value[0], dict) else value[0]
        if isinstance(value, str) and value.strip():
            line = " ".join(value[: 2 * EXCERPT].split())
            return line if len(line) <= EXCERPT else line[: EXCERPT - 2] + " …"
    return ""


def without_secrets(sentence: str, secrets: list[str]) -> str:
    """The sentence with each secret, as it is or percent-encoded, blotted out."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for form in {secret, quote(secret), quote(secret, safe="")}:
            sentence = sentence.replace(form, "…")
    return sentence


def _object(body: bytes) -> dict[str, object]:
    if body.lstrip()[:1] != b"{":
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
