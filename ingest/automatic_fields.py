"""Header fields by which machines, lists and people's clients are known.

RFC 3834 (Auto-Submitted), RFC 2369 and 2919 (lists), RFC 5436 (notifications), and what vendors write. The
names are in automatic_marks.toml.
"""

import re

from ingest.automatic_phrases import marks, one_of
from ingest.fields import Header

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_NO = frozenset({"", "no", "none", "false", "0", "mirror", "off"})


def keyword(value: str) -> str:
    """The keyword of a field without comments and parameters, lower case (RFC 3834 section 5)."""
    return _COMMENT.sub(" ", value[:2_000]).partition(";")[0].partition("(")[0].strip().strip("\"'").lower()


def auto_submitted(header: Header) -> str:
    """The keyword of Auto-Submitted, of several the first that is not "no"; "" where there is none."""
    found = [keyword(value) for value in header.all("auto-submitted")]
    return next((each for each in found if each not in ("", "no")), next(iter(found), ""))


def answers_by_itself(header: Header) -> bool:
    """Whether a field tells that a program answered for somebody."""
    if _is_on(header, "auto_reply") or header.first("x-apple-action").strip().lower() == "vacation":
        return True
    precedences = (keyword(header.first("precedence")), keyword(header.first("x-precedence")))
    if any(each.replace("-", "_") in ("auto_reply", "autoreply") for each in precedences):
        return True
    if "autoresponder" in header.first("x-post-messageclass").lower():
        return True
    if any(value.strip().lower() == "autoresponder" for value in header.all("delivered-to")):
        return True
    return header.has("x-ms-exchange-inbox-rules-loop") and "all" in suppressed(header)


def is_generated(header: Header) -> bool:
    """Whether a field tells that a program wrote the mail."""
    return _is_on(header, "generated")


def is_robots(header: Header) -> bool:
    """Whether a field is one that ticket systems, build servers, monitoring and the like write."""
    if _is_on(header, "robot") or "calendarmessage" in header.first("content-class").lower():
        return True
    if one_of("values", "program").match(header.first("x-mailer").strip()) is not None:
        return True
    script = header.first("x-php-originating-script")
    written = header.first("user-agent") + header.first("x-mailer")
    return (
        bool(script)
        and one_of("values", "webmail").search(f"{script} {written}") is None
        and not is_written(header)
    )


def is_transactional(header: Header) -> bool:
    """Whether a sending service counts complaints about it, and no client of a person wrote it."""
    return bool(header.names & marks("fields", "transactional")) and not is_written(header)


def is_mailing(header: Header) -> bool:
    """Whether a field is one that programs for newsletters write."""
    return _named(header, "mailing") != []


def is_discussion(header: Header) -> bool:
    """Whether it came over a list where people write (RFC 2369 section 3.4: an address to post to)."""
    if header.names & marks("fields", "discussion") or "mailto:" in header.first("list-post").lower():
        return True
    return any(value.lower().startswith("mailing list") for value in header.all("delivered-to"))


def can_be_unsubscribed(header: Header) -> bool:
    """RFC 2369 section 3.2."""
    return header.has("list-unsubscribe", "list-unsubscribe-post")


def is_written(header: Header) -> bool:
    """Whether a client of a person has left its marks, or the mail is in a conversation."""
    return header.has("references", "in-reply-to", "list-id") or is_typed(header)


def is_typed(header: Header) -> bool:
    """Whether a client of a person has left its marks; mere answering is none."""
    return bool(header.names & marks("fields", "client")) or _client_is_named(header)


def _client_is_named(header: Header) -> bool:
    mailer = header.first("x-mailer")
    return (
        bool(mailer)
        and one_of("values", "program").search(mailer) is None
        and one_of("values", "library").search(mailer) is None
    )


def suppressed(header: Header) -> frozenset[str]:
    """What X-Auto-Response-Suppress asks for, lower case."""
    return frozenset(
        word.strip().lower() for word in header.first("x-auto-response-suppress")[:500].split(",")
    )


def precedence(header: Header) -> str:
    """The keyword of Precedence."""
    return keyword(header.first("precedence"))


def _is_on(header: Header, sort: str) -> bool:
    """Whether a field whose name is of this sort says more than no."""
    return any(keyword(header.first(name)) not in _NO for name in _named(header, sort))


def _named(header: Header, sort: str) -> list[str]:
    """The names of this sort in a header: one search over all of them."""
    return one_of("fields", sort).findall(header.name_lines)
