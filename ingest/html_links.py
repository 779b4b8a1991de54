"""Decides what is shown of a link: its words, and its target where the words do not tell it.

Unwraps the targets that mail gateways rewrite. Fetches nothing.
"""

import re
from urllib.parse import parse_qs, unquote, urlsplit

MAX_TARGET = 200  # longer ones are redirects of trackers
MAX_WRAPPED = 4_000  # what is unwrapped
MAX_PARAMETERS = 50
MAX_WORDS = 500  # of a link; a longer one is a whole text

_WEB = ("http://", "https://")
# Hosts whose links wrap another one, and the parameter that holds it.
_WRAPPERS = {
    "safelinks.protection.outlook.com": "url",
    "statics.teams.cdn.office.net": "url",
    "www.google.com": "q",
    "urlsand.esvalabs.com": "u",
    "deref-gmx.net": "redirectUrl",
    "deref-web.de": "redirectUrl",
    "deref-mail.com": "redirectUrl",
    "linkprotect.cudasvc.com": "a",
    "protect-links.mimecast.com": "url",
}
_URLDEFENSE = re.compile(r"https?://urldefense\.(?:com|us)/v3/__(https?:/+[^\s]+?)__;")
_SHOWN_TARGET = re.compile(r"[ ]<https?://[^<> ]{1,250}>")


def shown_target(words: str, href: str) -> str:
    """The target to put behind a link's words; "" where they say it already or it says nothing."""
    target = unwrapped(href) if href.startswith(_WEB) else ""
    if not words or not target or len(target) > MAX_TARGET or len(words) > MAX_WORDS:
        return ""
    bare = _bare(target)
    shown = _bare(words.rstrip("…. /"))
    said = bare in shown or ("." in shown and shown in bare)
    return "" if said else target


def unwrapped(href: str) -> str:
    """The web address that a link of a gateway stands for; others as they are."""
    if len(href) > MAX_WRAPPED:
        return href
    if "urldefense" in href:
        match = _URLDEFENSE.match(href)
        return match[1] if match is not None else href
    return _parameter(href) if "?" in href else href


def _parameter(href: str) -> str:
    try:
        parts = urlsplit(href)
        host = parts.hostname or ""
        known = next((known for known in _WRAPPERS if host == known or host.endswith("." + known)), None)
        if known is None or (known == "www.google.com" and parts.path != "/url"):
            return href
        inner = parse_qs(parts.query, max_num_fields=MAX_PARAMETERS).get(_WRAPPERS[known], [""])[0]
    except ValueError:  # a bracket in the host that closes nothing, or too many parameters
        return href
    return inner if inner.startswith(_WEB) else href


def without_targets(line: str) -> str:
    """A line without the targets that were put behind the words of its links."""
    return _SHOWN_TARGET.sub("", line)


def _bare(address: str) -> str:
    bare = (unquote(address) if "%" in address else address).lower().strip().rstrip("/")
    return bare.removeprefix("http://").removeprefix("https://").removeprefix("www.")
