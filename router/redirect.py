"""The mails that Unchain writes into a chain: redirect, suggestion, recall. Composes bytes, sends nothing.

Each goes to one person, stays in the chain (RFC 5322 section 3.6.4) and says that a machine wrote it
(RFC 3834). The same arguments always give the same bytes.
"""

import hashlib
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import EmailPolicy
from urllib.parse import quote

from domain.mail import Address, Message, Thread
from domain.organisation import Organisation
from domain.space import Space
from router.letter_text import LANGUAGES, write

_ID = re.compile(r"[!-;=?-~]{1,250}")  # what stands between < and >; longer or odder ones are left out
_REFERENCES_LIMIT = 20  # the first and the last ones; RFC 5537 section 3.4.4 trims likewise
_SUBJECT_LIMIT = 200
_ANSWERED = re.compile(r"^(?:re\s?(?:\[\d+\])?\s?:\s*)+", re.IGNORECASE)  # "Re:", French "RE :", "Re[2]:"
_UNTITLED = {"en": "(no subject)", "fr": "(sans objet)"}


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What every mail of ours needs to know."""

    organisation: Organisation
    to: Address  # one person, from redirect_recipients
    thread: Thread
    message_id: str  # the new mail's own, made by the caller so that repeating makes no second mail
    sent_at: datetime  # aware
    language: str  # from choose_language
    unsubscribe_url: str | None = None  # opt-out in one click (RFC 8058)


@dataclass(frozen=True, kw_only=True)
class Home:
    """A space where the thread lives now, and its address there."""

    space: Space
    url: str


def choose_language(preferred: str | None, thread_language: str, organisation: Organisation) -> str:
    """The person's if known, else the thread's if configured, else the organisation's first."""
    configured = [language for language in organisation.languages if language in LANGUAGES]
    if preferred in LANGUAGES:
        return preferred
    if thread_language in configured:
        return thread_language
    return configured[0] if configured else LANGUAGES[0]


def compose_redirect(letter: Letter, homes: Sequence[Home]) -> bytes:
    """The one mail that tells a person where the chain lives now; the first home is the main one."""
    links = tuple(_ascii_url(home.url) for home in homes)
    places = [_place(home.space) | {"url": url} for home, url in zip(homes, links, strict=True)]
    words = _words(letter, homes[0].space) | {"homes": places}
    return _compose(letter, "redirect", words, links)


def compose_suggestion(letter: Letter, space: Space, *, decide_url: str | None) -> bytes:
    """The mail that asks a thread's starter whether it may move; `decide_url` offers the same choice."""
    url = _ascii_url(decide_url) if decide_url else ""
    return _compose(letter, "suggestion", _words(letter, space) | {"url": url}, (url,) if url else ())


def compose_recall(letter: Letter, space: Space) -> bytes:
    """The mail that tells a participant that the page was withdrawn."""
    return _compose(letter, "recall", _words(letter, space), ())


def _words(letter: Letter, space: Space) -> dict[str, object]:
    return _place(space) | {
        "name": _greeting_name(letter.to.name),
        "organisation": _line(letter.organisation.name),
        "subject": textwrap.shorten(_subject(letter), 100, placeholder=" …"),
    }


def _place(space: Space) -> dict[str, object]:
    audience, _, group = space.audience.partition(":")
    return {"title": _line(space.title or space.name), "audience": audience, "group": _line(group)}


def _compose(letter: Letter, mail: str, words: Mapping[str, object], links: tuple[str, ...]) -> bytes:
    text = write(mail, letter.language, words, links)
    composed = EmailMessage(policy=_POLICY)
    for name, value in _headers(letter).items():
        composed[name] = value
    composed.set_content(text.plain, cte="quoted-printable")
    composed.add_alternative(text.html, subtype="html", cte="quoted-printable")
    composed["Content-Language"] = letter.language  # only now: the library moves it into the first part
    digest = hashlib.sha256(letter.message_id.encode()).hexdigest()
    composed.set_boundary(f"=_unchain_{digest[:32]}")  # not random, so that the bytes are the same each time
    return composed.as_bytes()


def _headers(letter: Letter) -> dict[str, object]:
    own = letter.organisation.own_address
    headers: dict[str, object] = {
        "From": HeaderAddress(display_name=f"{_line(letter.organisation.name)} (Unchain)", addr_spec=own),
        "To": HeaderAddress(display_name=_line(letter.to.name), addr_spec=letter.to.email),
        "Subject": f"Re: {_subject(letter)}",
        "Date": letter.sent_at,
        "Message-ID": _bracketed(letter.message_id),
        "Auto-Submitted": "auto-replied",  # RFC 3834 section 5
        "X-Auto-Response-Suppress": "OOF, AutoReply, DR, RN, NRN",  # Exchange does not heed Auto-Submitted
    }
    chain = _references(letter.thread)
    if chain:
        headers["In-Reply-To"] = chain[-1]
        headers["References"] = " ".join(chain)
    unsubscribe = f"<mailto:{own}?subject=STOP>"
    if letter.unsubscribe_url:
        url = _ascii_url(letter.unsubscribe_url)
        unsubscribe = f"<{url}>, {unsubscribe}"
        if url.startswith("https://"):  # RFC 8058 section 3.1 asks for HTTPS
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    headers["List-Unsubscribe"] = unsubscribe
    return headers


def _references(thread: Thread) -> list[str]:
    """The ids of the chain up to its latest mail, each once and in brackets."""
    identified = [
        joined.message for joined in thread.messages if _ID.fullmatch(joined.message.message_id or "")
    ]
    if not identified:
        return []
    latest = max(identified, key=_date)
    chain = [known for known in latest.references if _ID.fullmatch(known) and known != latest.message_id]
    chain = [*dict.fromkeys(chain), latest.message_id or ""]
    if len(chain) > _REFERENCES_LIMIT:
        chain = [chain[0], *chain[1 - _REFERENCES_LIMIT :]]
    return [f"<{known}>" for known in chain]


def _date(message: Message) -> datetime:
    return message.date


def _bracketed(message_id: str) -> str:
    bare = message_id.strip().removeprefix("<").removesuffix(">")
    if not _ID.fullmatch(bare) or "@" not in bare:
        raise ValueError(f"{message_id!r} cannot be the Message-ID of a mail")
    return f"<{bare}>"


def _subject(letter: Letter) -> str:
    subject = _ANSWERED.sub("", _line(letter.thread.subject))
    return subject[:_SUBJECT_LIMIT] or _UNTITLED[letter.language]


def _line(text: str) -> str:
    """A text of strangers on one line, without control characters: it goes into headers."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _greeting_name(name: str) -> str:
    """The name to greet with; none where it looks like an address or a "Surname, First name"."""
    plain = _line(name)
    return "" if any(character in plain for character in "@,<>/:") or len(plain) > 60 else plain


def _ascii_url(url: str) -> str:
    return quote(url, safe="%/:=&?~#+!$,;'@()*[]-._")


_WHOLE = frozenset({"message-id", "in-reply-to", "references", "list-unsubscribe"})


class _ChainPolicy(EmailPolicy):
    """Folds what the library folds wrongly: it encodes long ids and loses blanks of long subjects."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """The header as bytes with CRLF."""
        if name.lower() in _WHOLE:
            return (f"{name}: " + "\r\n ".join(str(value).split()) + "\r\n").encode("ascii")
        if name.lower() == "subject":
            folded = Header(str(value), "ascii" if value.isascii() else "utf-8", 76, header_name=name)
            return f"{name}: {folded.encode(linesep=self.linesep)}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _ChainPolicy(linesep="\r\n")
