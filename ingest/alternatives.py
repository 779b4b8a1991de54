"""Chooses which form of a mail's text to read where it has several (RFC 2046 section 5.1.4).

Plain text costs least and holds no surprises. HTML is read where the plain form only points to it, or where
only the HTML tells whose words are whose.
"""

import re
from collections.abc import Sequence
from html import unescape

from ingest.html_text import html_lines
from ingest.part_text import Body

STUB = 300  # characters of a plain form that may be a mere pointer to the HTML
LONG_STUB = 800  # of one that says that HTML cannot be shown
SHORTEST_TEXT = 20
FEW_WORDS = 5
MOST_COMPARED = 3
MAX_WEIGHED = 60_000  # characters of HTML that are read in order to choose

_POINTER = re.compile(
    r"\b(?:html|mime|browser\w{0,7}|navigateur|navegador|online[- ]?version|web ?version|webversie"
    r"|version en ligne|przegl[aą]dar\w{1,4}|браузер\w{0,3}|webbl[aä]sare\w{0,2}|nettleser\w{0,3}"
    r"|selai\w{1,5})\b",
    re.IGNORECASE,
)
_NO_HTML = re.compile(
    r"(?:n't|\bnot\b|\bne\b|\bnicht\b|\bkein\b|\bno\b|\bniet\b|\bnon\b)[^.!?]{0,80}\bhtml\b"
    r"|\bhtml\b[^.!?]{0,80}(?:n't|\bnot\b|\bpas\b|\bnicht\b)",
    re.IGNORECASE,
)
# What clients put around or above the earlier mail in HTML.
_QUOTING = re.compile(
    r"<blockquote|divrplyfwdmsg|mail-editor-reference|(?:gmail|yahoo|protonmail|ik_mail)_quote|zmail_extra"
    r"|__quoted_text__|name=\"?quote\b|border-top:\s?solid",
    re.IGNORECASE,
)
_WRITTEN_AS_HTML = re.compile(
    r"\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,20})?<(?:!doctype html|html|head|body)\b", re.I
)
_WORD = re.compile(r"\w+")
_TARGET = re.compile(r"<[^<>\s]{1,2000}>")
_NO_LETTERS = re.compile(r"[\W_]+")
_TAG = re.compile(r"<[a-zA-Z/!?]")


def best(options: Sequence[list[Body]]) -> list[Body]:
    """The alternative to read: the plain one, unless the HTML says more or tells whose words they are."""
    filled = [option for option in options if option]
    plain = next((option for option in filled if not option[0].html), None)
    html = next((option for option in reversed(filled) if option[0].html), None)
    if plain is None or html is None:
        return html or _told_apart(filled)
    text = "\n".join(body.text for body in plain).strip()
    return html if _only_points(text, html) or _hides_quotes(text, html) else plain


def _told_apart(options: Sequence[list[Body]]) -> list[Body]:
    """Plain texts that are called alternatives but say different things are all kept."""
    kept: list[Body] = []
    for body in (body for option in options for body in option):
        if not any(_say_the_same(known, body) for known in kept[-MOST_COMPARED:]):
            kept.append(body)
    return kept


def without_twins(bodies: Sequence[Body]) -> list[Body]:
    """Texts one after the other; of two that are the plain and the HTML form of the same, one is left."""
    kept: list[Body] = []
    for body in bodies:
        if kept and kept[-1].html != body.html and _say_the_same(kept[-1], body):
            kept[-1:] = best([[kept[-1]], [body]])
        else:
            kept.append(body)
    return kept


def _say_the_same(one: Body, other: Body) -> bool:
    first, second = sorted((_words(one), _words(other)), key=len)
    if len(first) < FEW_WORDS:
        return bool(first) and first == second
    known = set(second)
    return 2 * len(first) > len(second) and sum(word in known for word in first) > 0.9 * len(first)


def _words(body: Body) -> list[str]:
    text = body.text[:MAX_WEIGHED]
    return _WORD.findall("\n".join(html_lines(text)[0]) if body.html else text)


def true_form(body: Body) -> Body:
    """A body as what it is: some programs label HTML as plain text, or plain text as HTML."""
    if not body.html:
        written = _WRITTEN_AS_HTML.match(body.text) is not None and "</" in body.text
        return Body(text=body.text, html=True) if written else body
    if "\n" in body.text.strip() and _TAG.search(body.text) is None:
        return Body(text=unescape(body.text))
    return body


def _only_points(text: str, html: list[Body]) -> bool:
    """Whether a plain form says little else than that there is an HTML form."""
    pointing = len(text) < STUB and (len(text) < SHORTEST_TEXT or _POINTER.search(text) is not None)
    pointing = pointing or (len(text) < LONG_STUB and _NO_HTML.search(text) is not None)
    return pointing and _length(html) > _letters(text)


def _hides_quotes(text: str, html: list[Body]) -> bool:
    """Whether quotes show only in the HTML, which then must not say less."""
    if text.startswith(">") or "\n>" in text or "\n >" in text or len(html) > 1:
        return False
    written = html[0].text
    if len(written) > MAX_WEIGHED or _QUOTING.search(written) is None:
        return False
    return 10 * _length(html) > 8 * _letters(text)


def _length(html: list[Body]) -> int:
    """How many letters some HTML shows."""
    return sum(_letters("\n".join(html_lines(body.text[:MAX_WEIGHED])[0])) for body in html)


def _letters(text: str) -> int:
    """How many letters and digits a text has, the targets of its links left out: HTML shows fewer of them."""
    return len(_NO_LETTERS.sub("", _TARGET.sub("", text)))
