"""Signing in by a link sent by mail: single-use tokens, sessions, and how often may be asked.

Tokens and cookies are kept as hashes only: who reads the database cannot sign in with what stands there.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func
from sqlmodel import Session, col, select

from store.people_tables import SignInToken, WebSession

TOKEN_LIFE = timedelta(minutes=15)
SESSION_LIFE = timedelta(days=30)
ASKS_PER_PERSON = 3  # within TOKEN_LIFE: enough for a lost mail, too few to flood a mailbox
ASKS_PER_CLIENT = 300  # within TOKEN_LIFE: a whole company may stand behind one proxy's address


def ask(session: Session, email: str, *, client: str, at: datetime) -> str | None:
    """A new token for an address, or None where it or the client has asked too often of late."""
    hashed_client = _digest(client)
    session.execute(delete(SignInToken).where(col(SignInToken.expires_at) < at - TOKEN_LIFE))
    since = at - TOKEN_LIFE
    if _asks(session, col(SignInToken.email) == email.lower(), since) >= ASKS_PER_PERSON:
        return None
    if _asks(session, col(SignInToken.client) == hashed_client, since) >= ASKS_PER_CLIENT:
        return None
    token = secrets.token_urlsafe(32)
    session.add(
        SignInToken(
            digest=_digest(token),
            email=email.lower(),
            client=hashed_client,
            asked_at=at,
            expires_at=at + TOKEN_LIFE,
        )
    )
    return token


def is_usable(session: Session, token: str, *, at: datetime) -> bool:
    """Whether a token could be redeemed now."""
    row = session.get(SignInToken, _digest(token))
    return row is not None and row.used_at is None and at < row.expires_at


def redeem(session: Session, token: str, *, at: datetime) -> tuple[str, str] | None:
    """Use a token up: its address and the cookie of a new session; None where it is spent or unknown."""
    row = session.get(SignInToken, _digest(token))
    if row is None or row.used_at is not None or at >= row.expires_at:
        return None
    row.used_at = at
    session.add(row)
    return row.email, begin(session, row.email, at=at)


def begin(session: Session, email: str, *, at: datetime) -> str:
    """Begin a session of a person and answer the value of its cookie."""
    session.execute(delete(WebSession).where(col(WebSession.expires_at) < at))
    cookie = secrets.token_urlsafe(32)
    session.add(
        WebSession(digest=_digest(cookie), email=email.lower(), begun_at=at, expires_at=at + SESSION_LIFE)
    )
    return cookie


def signed_in(session: Session, cookie: str, *, at: datetime) -> str | None:
    """The address whose session a cookie stands for, or None."""
    row = session.get(WebSession, _digest(cookie))
    return None if row is None or at >= row.expires_at else row.email


def end(session: Session, cookie: str) -> None:
    """End a session."""
    session.execute(delete(WebSession).where(col(WebSession.digest) == _digest(cookie)))


def _asks(session: Session, who: ColumnElement[bool], since: datetime) -> int:
    query = select(func.count()).select_from(SignInToken).where(who, col(SignInToken.asked_at) > since)
    return int(session.exec(query).one())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
