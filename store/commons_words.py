"""Words of the commons as the database compares them: folded text for search, names in addresses."""

import re
import secrets
import unicodedata

SLUG_LENGTH = 60
_NO_WORD = re.compile(r"[^a-z0-9]+")


def fold(text: str) -> str:
    """Text without case, accents and Markdown's escapes, for comparison."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\\", "").casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def slug_from_title(title: str) -> str:
    """The words of a title as they stand in an address; "" where it has no Latin letters."""
    slug = _NO_WORD.sub("-", fold(title)).strip("-")
    if len(slug) <= SLUG_LENGTH:
        return slug
    return slug[:SLUG_LENGTH].rpartition("-")[0] or slug[:SLUG_LENGTH]


def random_slug() -> str:
    """A name in an address that nobody can guess (96 bits)."""
    return secrets.token_hex(12)
