"""Which addresses may be linked as those of web pages (RFC 3986); other people's are never trusted to be."""

from urllib.parse import urlsplit

LONGEST = 2_000  # characters; browsers and services take no longer ones


def is_web_address(url: str) -> bool:
    """Whether a page may link it: absolute, http or https, with a host, and nothing that cannot be seen."""
    if len(url) > LONGEST or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
