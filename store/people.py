"""People: what they chose, the key that signs links and forms, and the links by which they opt out.

Signing in is in people_sign_in.py.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from store.listed import listed
from store.people_tables import PersonRow, SigningKey

_OPTED_OUT = select(PersonRow.email).where(
    col(PersonRow.email).in_(listed("emails")), col(PersonRow.opted_out_at).is_not(None)
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """An internal person whom Unchain has met."""

    email: str
    name: str  # display name, "" where none is known
    language: str  # "" = the organisation's default
    opted_out: bool

    @property
    def label(self) -> str:
        """What to show of this person: the name or the words of the local part, never the whole address."""
        return self.name or re.sub(r"[._-]+", " ", self.email.partition("@")[0]).title()


def person(session: Session, email: str) -> Person:
    """What is known of an address; one never met has chosen nothing."""
    row = session.get(PersonRow, email.lower())
    if row is None:
        return Person(email=email.lower(), name="", language="", opted_out=False)
    return Person(
        email=row.email, name=row.name, language=row.language, opted_out=row.opted_out_at is not None
    )


def meet(session: Session, email: str, *, name: str = "", at: datetime) -> None:
    """Remember a person; a name fills an empty one and never replaces one."""
    row = _row(session, email, at=at)
    if name and not row.name:
        row.name = name
        session.add(row)


def opted_out(session: Session, emails: Iterable[str]) -> frozenset[str]:
    """Which of these addresses (answered in lower case) keep their chains in the mail."""
    wanted = {"emails": sorted({email.lower() for email in emails})}
    return frozenset(session.exec(_OPTED_OUT, params=wanted).all())


def opt_out(session: Session, email: str, *, at: datetime) -> None:
    """Keep all of this person's chains in the mail from now on."""
    row = _row(session, email, at=at)
    row.opted_out_at = row.opted_out_at or at
    session.add(row)


def opt_in(session: Session, email: str, *, at: datetime) -> None:
    """Take an opt-out back."""
    row = _row(session, email, at=at)
    row.opted_out_at = None
    session.add(row)


def choose_language(session: Session, email: str, language: str, *, at: datetime) -> None:
    """Remember the language of this person's pages and mails; "" is the organisation's default."""
    row = _row(session, email, at=at)
    row.language = language
    session.add(row)


def opt_out_token(session: Session, email: str, *, at: datetime) -> str:
    """A signed token that stands for the address in an opt-out link and does not show it."""
    handle = _row(session, email, at=at).handle
    return f"{handle}.{_sign(signing_key(session, 'opt-out', at=at), handle)}"


def email_of_opt_out_token(session: Session, token: str) -> str | None:
    """The address that a token stands for; None where it is not one of ours."""
    handle, _, signature = token.partition(".")
    key = session.get(SigningKey, "opt-out")
    if key is None or not hmac.compare_digest(_sign(key.secret, handle).encode(), signature.encode()):
        return None
    return session.exec(select(PersonRow.email).where(PersonRow.handle == handle)).first()


def signing_key(session: Session, purpose: str, *, at: datetime) -> bytes:
    """The random key for a purpose (32 bytes), made when it is first asked for in a write transaction."""
    key = session.get(SigningKey, purpose)
    if key is None:
        key = SigningKey(purpose=purpose, secret=secrets.token_bytes(32), made_at=at)
        session.add(key)
        session.flush()
    return key.secret


def _row(session: Session, email: str, *, at: datetime) -> PersonRow:
    row = session.get(PersonRow, email.lower())
    if row is None:
        row = PersonRow(email=email.lower(), handle=secrets.token_urlsafe(16), met_at=at)
        session.add(row)
        session.flush()
    return row


def _sign(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:40]
